"""Every variable, its bad values in one clear line, and the exit status of the command line."""

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from shared.settings import SettingError, Settings, load

ROOT = Path(__file__).parents[2]
BAD = {
    "PORT": ["x", "-1", "70000", "1.5"],
    "KITAPHANA_FOOTING": ["cloud", "Real"],
    "KITAPHANA_PEERS": ["{", "[]", "7", '"x"'],
    "KITAPHANA_PRODUCTION": ["maybe", "2"],
    "KITAPHANA_THREADS": ["0", "many"],
    "KITAPHANA_TOKEN_HOURS": ["nan", "inf", "-1", "long"],
    "KITAPHANA_BATCH_MESSAGES": ["0", "-5"],
    "KITAPHANA_QUIET_HOURS": ["22-8", "25:00-08:00", "night"],
    "KITAPHANA_DATABASE_URL": ["mysql://x", "postgresql://x"],
    "KITAPHANA_BROKER_URL": ["redis://x"],
    "KITAPHANA_INSIDE_NETWORKS": ["10.0.0.0/64", "home", "10.0.0.1/8"],
    "KITAPHANA_SMTP_URL": ["http://x"],
}


@pytest.mark.parametrize(("variable", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_bad_value_is_one_line_that_names_the_variable(variable, value):
    with pytest.raises(SettingError) as raised:
        load({variable: value})
    assert variable in str(raised.value)
    assert "expected" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_every_variable_is_read():
    good = {int: "7", float: "1.5"}
    special = {
        "home": "/srv",
        "footing": "real",
        "database_url": "postgresql+psycopg://h/d",
        "broker_url": "amqp://h",
        "peers": '{"loans": "http://l"}',
        "smtp_url": "smtp://h",
        "public_url": "https://h",
        "inside_networks": "192.0.2.0/24",
        "quiet_hours": "22:00-08:00",
    }
    plain = Settings()
    variables = {}
    for each in fields(Settings):
        name = "PORT" if each.name == "port" else f"KITAPHANA_{each.name.upper()}"
        kind = type(getattr(plain, each.name))
        other = {True: "no", False: "yes"}.get(getattr(plain, each.name)) if kind is bool else good.get(kind)
        variables[name] = special.get(each.name) or other or "some text"
    loaded = load(variables)
    unchanged = [each.name for each in fields(Settings) if getattr(loaded, each.name) == getattr(plain, each.name)]
    assert unchanged == []


def test_empty_means_the_default():
    assert load({"PORT": "", "KITAPHANA_THREADS": ""}) == Settings()


def test_every_setting_says_what_it_means():
    assert all(each.metadata["meaning"] for each in fields(Settings))


def test_the_real_footing_needs_its_addresses():
    with pytest.raises(SettingError, match="KITAPHANA_DATABASE_URL"):
        load({"KITAPHANA_FOOTING": "real"})


def run(tmp_path: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.support.sample", *arguments]
    environment = {"PATH": "/usr/bin:/bin", "KITAPHANA_HOME": str(tmp_path), **variables}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "variables", "status", "says"),
    [
        (["nonsense"], {}, 2, "No such command"),
        (["work", "nobody"], {}, 2, "is not"),
        (["parked", "show", "sample_service", "x"], {}, 2, "not a valid integer"),
        (["migrate"], {"PORT": "x"}, 1, "PORT='x' cannot be used"),
        (["check"], {}, 1, "run 'kitaphana migrate'"),
        (["migrate"], {}, 0, ""),
        (
            ["all"],
            {
                "KITAPHANA_FOOTING": "real",
                "KITAPHANA_DATABASE_URL": "postgresql+psycopg://h/d",
                "KITAPHANA_BROKER_URL": "amqp://h",
            },
            1,
            "embedded",
        ),
    ],
)
def test_errors_are_clear_lines_and_the_status_says_whose_they_are(tmp_path, arguments, variables, status, says):
    ended = run(tmp_path, *arguments, **variables)
    assert ended.returncode == status, ended.stderr
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr


def test_parked_events_and_replay_from_the_command_line(tmp_path):
    from shared import kept
    from shared.events import Event, decode
    from shared.events.documents import EXAMPLES
    from tests.support.sample import Sample

    assert run(tmp_path, "migrate").returncode == 0
    assert run(tmp_path, "check").returncode == 0
    sample = Sample.create({"KITAPHANA_HOME": str(tmp_path)})
    event: Event = decode((EXAMPLES / "reader.erased.v1.json").read_bytes())
    with sample.context.database.transaction() as session:
        kept.park(session, event, "queue", "cannot work")
        kept.park(session, event, "queue", "cannot work either")
    listed = run(tmp_path, "parked", "list").stdout.splitlines()
    assert [line.split()[:3] for line in listed] == [["sample_service", n, "reader.erased.v1"] for n in ("1", "2")]
    assert "cannot work" in listed[0]
    assert '"body"' in run(tmp_path, "parked", "show", "sample_service", "1").stdout
    assert run(tmp_path, "parked", "retry", "sample_service", "1").returncode == 0
    assert run(tmp_path, "parked", "discard", "sample_service", "2").returncode == 0
    gone = run(tmp_path, "parked", "discard", "sample_service", "2")
    assert (gone.returncode, gone.stderr) == (1, "kitaphana: sample_service has no parked event 2\n")
    sample.tell("card 1")
    assert "sample_service: 0 events" in run(tmp_path, "outbox", "replay").stdout
    sample.system.close()


def test_production_behind_tls_says_how_many_proxies_are_believed():
    served = {"KITAPHANA_PRODUCTION": "yes", "KITAPHANA_PUBLIC_URL": "https://kitap.example"}
    with pytest.raises(SettingError, match="KITAPHANA_TRUST_PROXIES"):
        load(served)
    assert load(served | {"KITAPHANA_TRUST_PROXIES": "1"}).trust_proxies == 1
    assert load(served | {"KITAPHANA_PRODUCTION": "no"}).trust_proxies == 0
