"""Who may call which route: one table, agreed in a file, and asked cell by cell.

The table is written anew by `python -m tests.test_who_may_call`; its difference is what a review looks at.
"""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.routing import AnyConverter, Rule
from werkzeug.test import Client

from services.__main__ import SERVICES
from shared import auth
from shared.settings import Settings, secret_of
from shared.system import System

EXPECTED = Path(__file__).parent / "who_may_call.txt"
CALLERS = (auth.ANYONE, auth.READER, *auth.ROLES, auth.SERVICE)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    made = System.create(SERVICES, Settings(home=tmp_path_factory.mktemp("who"), reference_wait=0))
    made.migrate()
    yield made
    made.close()


def routes(system: System) -> list[tuple[str, str, Rule, tuple[str, ...]]]:
    found = []
    for service, app in system.apps.items():
        for rule in app.url_map.iter_rules():
            who = vars(app.view_functions[rule.endpoint])["may_call"]
            found += [(service, method, rule, who) for method in METHODS if method in (rule.methods or ())]
    return sorted(found, key=lambda each: (each[0], each[2].rule, each[1]))


def table(system: System) -> str:
    lines = [
        f"{service:<12} {method:<6} {rule.rule:<60} {' '.join(sorted(who))}"
        for service, method, rule, who in routes(system)
    ]
    return "\n".join(lines) + "\n"


def token(system: System, caller: str) -> dict[str, str]:
    if caller == auth.ANYONE:
        return {}
    kind = caller if caller in (auth.READER, auth.SERVICE) else auth.STAFF
    roles = {caller: "all"} if caller in auth.ROLES else {}
    card = "nobody's card" if kind == auth.READER else None
    who = auth.Principal(f"{kind}:{uuid.UUID(int=1)}", kind, roles=roles, card_number=card)
    return {"Authorization": f"Bearer {auth.issue(secret_of(system.settings), who, timedelta(hours=1))}"}


def address(rule: Rule) -> str:
    """The route's path with something harmless in place of each argument."""
    kinds = {"UUIDConverter": str(uuid.UUID(int=9)), "IntegerConverter": "999"}
    values = {
        name: min(convert.items)
        if isinstance(convert, AnyConverter)
        else kinds.get(type(convert).__name__, "none-such")
        for name, convert in rule._converters.items()
    }
    path = rule.rule
    for name, value in values.items():
        start = path.index("<")
        end = path.index(">")
        assert name in path[start:end]
        path = path[:start] + value + path[end + 1 :]
    return path


def expected(caller: str, who: tuple[str, ...]) -> set[int]:
    if auth.ANYONE in who:
        return set()
    if caller == auth.ANYONE:
        return {401}
    mine = {caller} | ({auth.STAFF} if caller in auth.ROLES else set())
    return set() if mine & set(who) else {403}


def test_the_table_is_the_one_agreed(system: System):
    assert table(system) == EXPECTED.read_text(), "look at the difference, then run python -m tests.test_who_may_call"


@pytest.mark.parametrize("caller", CALLERS)
def test_every_cell_of_the_table(system: System, caller: str):
    headers, wrong = token(system, caller), []
    for service, method, rule, who in routes(system):
        answer = Client(system.apps[service]).open(
            address(rule), method=method, headers=headers, data=b"{}", content_type="application/json"
        )
        refusals = expected(caller, who)
        ended = answer.status_code
        answer.close()
        allowed = ended not in (401, 403) or (ended == 401 and auth.ANYONE in who)
        if ended not in refusals if refusals else not allowed:
            wrong.append(f"{method} {rule.rule} by {caller}: {ended}")
        if ended == 500:
            wrong.append(f"{method} {rule.rule} by {caller}: 500")
    assert wrong == []


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        made = System.create(SERVICES, Settings(home=Path(folder)))
        EXPECTED.write_text(table(made))
        made.close()
