import json
import os
import stat
from dataclasses import replace

import pytest
from click.testing import CliRunner
from werkzeug.test import Client

from services.__main__ import SERVICES, main, prepare
from shared.auth import ROLES
from shared.service import CannotStart
from shared.settings import load
from shared.system import System


def sign_in(system, account):
    return Client(system.wsgi()).post("/api/v1/tokens", json=account)


def test_a_first_start_makes_a_sign_in_for_each_role(system, settings):
    prepare(system)
    path = settings.home / "demo-accounts.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    accounts = json.loads(path.read_text())
    assert set(accounts) == set(ROLES)
    for role, account in accounts.items():
        assert sign_in(system, account).json["roles"] == {role: "all"}


def test_a_second_start_leaves_them_alone(system, settings):
    prepare(system)
    before = (settings.home / "demo-accounts.json").read_text()
    prepare(system)
    assert (settings.home / "demo-accounts.json").read_text() == before


def test_production_makes_none_and_refuses_those_there_are(system, settings):
    context = system.contexts["accounts"]
    strict = System(settings, {"accounts": replace(context, settings=replace(settings, production=True))}, {})
    prepare(strict)
    assert not (settings.home / "demo-accounts.json").exists()
    prepare(system)
    with pytest.raises(CannotStart, match="sample sign-ins are left: admin, editor, jury, librarian, operator"):
        prepare(strict)


@pytest.fixture
def _umask_as_before():
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_umask_as_before")
class TestCommand:
    def run(self, home, *arguments, **environment):
        settings = {"KITAPHANA_HOME": str(home), "KITAPHANA_FOOTING": "embedded", **environment}
        return CliRunner(env=settings).invoke(main, arguments)

    def test_production_says_why_it_does_not_start(self, tmp_path):
        assert self.run(tmp_path, "migrate").exit_code == 0
        refused = self.run(tmp_path, "migrate", KITAPHANA_PRODUCTION="yes")
        assert refused.exit_code == 1
        assert len(refused.stderr.strip().splitlines()) == 1
        assert "sample sign-ins are left" in refused.stderr
        assert self.run(tmp_path, "accounts", "remove-samples").output == "5 removed\n"
        assert self.run(tmp_path, "migrate", KITAPHANA_PRODUCTION="yes").exit_code == 0

    def test_nobody_else_on_the_machine_reads_what_is_kept(self, tmp_path):
        assert self.run(tmp_path / "new", "migrate").exit_code == 0
        kept = [tmp_path / "new", *(tmp_path / "new").rglob("*")]
        assert any(path.name == "accounts.sqlite3" for path in kept)
        assert {path.name: oct(path.stat().st_mode) for path in kept if path.stat().st_mode & 0o077} == {}

    def test_whoever_is_signed_in_with_a_sample_is_out_when_it_is_removed(self, tmp_path):
        self.run(tmp_path, "migrate")
        account = json.loads((tmp_path / "demo-accounts.json").read_text())["admin"]
        settings = load({"KITAPHANA_HOME": str(tmp_path)})
        running = System.create(SERVICES, settings)
        bearer = {"Authorization": f"Bearer {sign_in(running, account).json['access_token']}"}
        asked = [Client(running.wsgi()).get("/api/v1/staff", headers=bearer).status_code]
        self.run(tmp_path, "accounts", "remove-samples")
        running.close()
        again = System.create(SERVICES, settings)
        asked.append(Client(again.wsgi()).get("/api/v1/staff", headers=bearer).status_code)
        again.close()
        assert asked == [200, 401]

    def test_a_sign_in_is_created(self, tmp_path):
        self.run(tmp_path, "migrate")
        created = self.run(tmp_path, "accounts", "create", "dana", "--name", "Дана", "--role", "librarian")
        assert created.exit_code == 0, created.output
        assert created.output.startswith("dana may sign in; password: ")
        again = self.run(tmp_path, "accounts", "create", "dana", "--name", "Дана", "--role", "librarian")
        assert (again.exit_code, "login already" in again.stderr) == (1, True)

    @pytest.mark.parametrize("wrong", [["D", "--role", "admin"], ["dana", "--role", "king"], ["dana"]])
    def test_wrong_usage_is_said(self, tmp_path, wrong):
        self.run(tmp_path, "migrate")
        refused = self.run(tmp_path, "accounts", "create", "--name", "Дана", *wrong)
        assert refused.exit_code == 2

    def test_an_unknown_branch_is_named(self, tmp_path):
        self.run(tmp_path, "migrate")
        refused = self.run(tmp_path, "accounts", "create", "dana", "--name", "Дана", "--role", "librarian:nowhere")
        assert (refused.exit_code, "nowhere" in refused.stderr) == (1, True)
