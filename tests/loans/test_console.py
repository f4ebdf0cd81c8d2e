"""What the console asks of loans: search, files that are taken by a run, numbers; and stuck events over HTTP."""

from __future__ import annotations

import uuid
from datetime import timedelta

from shared import clock, kept
from shared.events import Event
from shared.runs import Runner
from tests.loans.library import Library, day, line, today


def found(library: Library, **query: str) -> list[str]:
    answer = library.get("/loans", **query)
    assert answer.status_code == 200, answer.text
    return [each["title"] for each in answer.json["items"]]


def test_a_loan_is_found_as_people_type_it(library: Library) -> None:
    card = library.reader("K-7")
    library.lend(card, title="Қар қызы", author="Оралхан Бөкей", isbn="978-5-17-115032-7", loan_id="L/7")
    library.lend(library.reader(), title="Ұлпан")
    for written in ("кар кызы", "БОКЕЙ қар", "9785171150327", "978-5-17-115032-7", "L/7", "K-7"):
        assert found(library, search=written) == ["Қар қызы"], written
    assert found(library, search="Абай") == []
    assert found(library, search="%") == []


def import_later(library: Library, *lines: str) -> dict:
    answer = library.import_csv(*lines, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202, answer.text
    return answer.json


def test_a_file_is_taken_by_a_run_that_one_follows(library: Library) -> None:
    card = library.reader()
    lines = [line(f"L-{n}", card) for n in range(5)]
    started = import_later(library, *lines, line("L-5", "nobody"), line("L-0", card))
    assert (started["total"], [each["line"] for each in started["rejected"]]) == (5, [7, 8])
    address = f"/loans/imports/{started['id']}"
    assert library.get(address).json["state"] == "waiting"
    runner = Runner(library.database, library.context.service.runs)
    while runner.advance_one():
        pass
    followed = library.get(address).json
    assert (followed["state"], followed["done"], followed["accepted"]) == ("done", 5, 5)
    assert len(followed["rejected"]) == 2 and len(found(library)) == 5
    other = library.token("service")
    assert library.get(address, other).status_code == 404


def test_files_brought_are_found_again(library: Library) -> None:
    started = import_later(library, line("L-1", library.reader()), line("L-2", "nobody"))
    (listed,) = library.get("/loans/imports").json["items"]
    assert (listed["id"], listed["state"], listed["total"], listed["refused"]) == (started["id"], "waiting", 1, 1)
    assert library.get("/loans/imports", library.token("service")).json["items"] == []
    admin = library.token(roles={"admin": "all"})
    assert [each["id"] for each in library.get("/loans/imports", admin).json["items"]] == [started["id"]]


def test_a_list_is_counted_without_its_pages(library: Library) -> None:
    one, other = library.reader(), library.reader()
    for card, title in ((one, "Ұлпан"), (one, "Ақбілек"), (other, "Ұлпан")):
        library.lend(card, title=title)
    assert library.get("/loans/count").json == {"loans": 3, "readers": 2}
    assert library.get("/loans/count", search="улпан").json == {"loans": 2, "readers": 2}
    elsewhere = library.token(roles={"librarian": ["other"]})
    assert library.get("/loans/count", elsewhere).json == {"loans": 0, "readers": 0}


def test_the_same_file_by_a_run_changes_nothing(library: Library) -> None:
    card = library.reader()
    library.import_csv(line("L-1", card))
    before = library.loan("L-1")
    import_later(library, line("L-1", card))
    Runner(library.database, library.context.service.runs).advance_one()
    assert library.loan("L-1") == before


def test_a_file_with_a_wrong_header_is_refused_at_once(library: Library) -> None:
    answer = library.import_csv("x", header="title,card", headers={"Prefer": "respond-async"})
    assert answer.status_code == 422
    assert not list((library.settings.home / "loan-imports").iterdir())


def test_numbers_of_a_period_by_branch(library: Library) -> None:
    library.branch("other")
    card = library.reader()
    library.lend(card)
    returned = library.lend(card, title="Ұлпан", branch_id="other")
    library.post(f"/loans/{returned['id']}/return", {})
    renewed = library.lend(card, title="Ақбілек", lent_on=day(-3).isoformat())
    assert library.post(f"/loans/{renewed['id']}/renew").status_code == 200
    answer = library.get("/loans/report", since=day(-1), until=today())
    rows = {row.pop("branch_id"): row for row in answer.json["by_branch"]}
    assert rows["main"] == {"lent": 1, "renewed": 1, "returned": 0, "extended": 0, "brought_nearer": 0}
    assert rows["other"] == {"lent": 1, "renewed": 0, "returned": 1, "extended": 0, "brought_nearer": 0}
    assert library.get("/loans/report", since=day(-9), until=day(-8)).json["by_branch"] == []


def park(library: Library) -> int:
    event = Event(
        str(uuid.uuid4()), "branch.changed.v1", "/services/quarantines", "", clock.now(), {}, body=b'{"oops": 1}'
    )
    with library.writing() as session:
        kept.park(session, event, "queue", "breaks its contract")
    with library.database.reading() as session:
        return int(kept.parked(session)[-1]["id"])


def test_stuck_events_are_shown_tried_again_and_thrown_away(library: Library) -> None:
    first, second = park(library), park(library)
    admin = library.token(roles={"admin": "all"})

    def ask(method: str, path: str, token: str | None = admin) -> tuple[int, dict]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = library.client.open(path, method=method, headers=headers, base_url="http://inside")
        return answer.status_code, answer.get_json(silent=True) or {}

    app = library.system.apps["loans"]
    library.client.application = app
    status, page = ask("GET", "/parked?limit=1")
    assert status == 200 and [each["id"] for each in page["items"]] == [first] and page["next"]
    assert [each["id"] for each in ask("GET", f"/parked?cursor={page['next']}")[1]["items"]] == [second]
    shown = ask("GET", f"/parked/{first}")[1]
    assert shown["reason"] == "breaks its contract" and "oops" in shown["body"]
    assert ask("POST", f"/parked/{first}/retry")[0] == 204
    assert ask("GET", f"/parked/{first}")[0] == 404
    assert ask("DELETE", f"/parked/{second}")[0] == 204
    assert ask("DELETE", f"/parked/{second}")[0] == 404
    assert ask("GET", "/parked", library.librarian)[0] == 403 and ask("GET", "/parked", None)[0] == 401


def test_a_book_at_rest_is_found_by_the_day_its_rest_ends(library: Library) -> None:
    loan = library.lend(library.reader())
    library.post(f"/loans/{loan['id']}/return", {"rests_until": (today() + timedelta(days=3)).isoformat()})
    assert found(library, status="returned", rests_to=day(3), rests_from=day(-30)) == ["Абай жолы"]
    assert found(library, status="returned", rests_to=day(2), rests_from=day(-30)) == []
