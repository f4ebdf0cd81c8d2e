"""No page asks the services more than three times, on a site that is new and on one that has been asked before.

A file to download is no page: the one with all that is kept about a reader takes as many calls as there is to fetch.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from services.gateway.declaring import STEPS
from services.gateway.pages.staff.change import CHOICES
from shared import clock, kept
from shared.events import Event
from tests.gateway import quizzing
from tests.gateway.console import PASSWORD, answer_all, colleague, start
from tests.gateway.desk_work import brought
from tests.gateway.house import GUARDIAN, READER_COLUMNS, Counted, House, Visitor, calls_of, new_site
from tests.gateway.test_quiz_pages import begin, play_all

MOST = 3
ENDLESS = "quarantine.stream"
Values = Mapping[str, Any]


def addresses(site: Any, values: Values) -> Iterator[str]:
    """Every address that is read from this site, with these values in it; `endpoint.name` goes before `name`."""
    build = site.url_map.bind("localhost").build
    for rule in site.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint in (ENDLESS, "asset"):
            continue
        names = sorted(rule.arguments)
        if all(f"{rule.endpoint}.{name}" in values or name in values for name in names):
            choices = [values.get(f"{rule.endpoint}.{name}", values.get(name)) for name in names]
            for chosen in product(*choices):
                yield build(rule.endpoint, dict(zip(names, chosen, strict=True)), method="GET")


def too_many(visitor: Visitor, counted: Mapping[str, Counted], paths: list[str]) -> dict[str, Any]:
    """Address -> its calls if too many, or its status if it is no page of this visitor's."""
    found: dict[str, Any] = {}
    for path in sorted([*paths, *paths]):
        before = calls_of(counted)
        answer = visitor.get(path, buffered=True)
        calls = calls_of(counted) - before
        if answer.status_code not in (200, 302, 303):
            found[path] = answer.status
        elif answer.mimetype == "text/html" and calls > MOST:
            found[path] = calls
    return found


def signed_in(site: Any, login: str, secret: str) -> Visitor:
    visitor = Visitor(site, "en")
    assert visitor.send("/sign-in", "/sign-in", login=login, secret=secret).status_code == 303
    return visitor


def at_work(site: Any, house: House) -> Visitor:
    return signed_in(site, colleague(house), PASSWORD)


def test_a_readers_pages(closed_house: House) -> None:
    site, counted = new_site(closed_house)
    reader = signed_in(site, GUARDIAN, closed_house.pins[GUARDIAN])
    notices = re.findall(r'href="/notices/([0-9a-f-]{36})"', reader.get("/notices").text)
    token = closed_house.private_link().removeprefix("/l/")
    values = {"notice_id": notices[:1], "links.open_link.token": [token], "mailings.ask_to_leave.token": [token]}
    values |= {"languages.choose.code": ["en"]}
    paths = [path for path in addresses(site, values) if not path.startswith("/staff")]
    assert {"/books", f"/l/{token}", f"/notices/{notices[0]}"} <= {*paths}
    assert too_many(reader, counted, paths) == {}


def test_the_file_of_ones_own_data_asks_each_list_to_its_end(closed_house: House) -> None:
    site, counted = new_site(closed_house)
    reader = signed_in(site, GUARDIAN, closed_house.pins[GUARDIAN])
    before = calls_of(counted)
    answer = reader.send("/privacy", "/privacy/export")
    assert answer.mimetype == "application/json"
    assert calls_of(counted) - before == 6, "reader, loans, calendars, notices, wishes, attempts: each of one page"


def parked(house: House) -> int:
    said = Event(str(uuid.uuid4()), "branch.changed.v1", "/services/x", "", clock.now(), {}, body=b"{}")
    database = house.system.contexts["loans"].database
    with database.transaction() as session:
        kept.park(session, said, "queue", "breaks its contract")
    with database.reading() as session:
        return int(kept.parked(session)[-1]["id"])


def test_the_consoles_pages(closed_house: House) -> None:
    site, counted = new_site(closed_house)
    desk = at_work(site, closed_house)
    ask, number = closed_house.library.get, parked(closed_house)
    draft = start(desk)
    answer_all(desk, draft)
    readers = f"{','.join(READER_COLUMNS)}\nC-1,Мақсат,Ә,xx,,,,,,ortalyq,,\n"
    run = str(brought(desk, "readers", readers.encode()).location)
    values = {
        "quarantine_id": [ask("/quarantines")["items"][0]["id"]],
        "notice_id": [ask("/notices")["items"][0]["id"]],
        "staff_id": [ask("/staff")["items"][0]["id"]],
        "draft_id": [draft.rsplit("/", 1)[1]],
        "run_id": [run.rsplit("/", 1)[1]],
        "step": STEPS,
        "choice": CHOICES,
        "branch_id": ["ortalyq"],
        "loan_id": ["L1"],
        "card": [GUARDIAN],
        "service": ["loans"],
        "number": [number],
        "staff_papers.social_picture.kind": ["png"],
        "staff_imports.follow.kind": ["readers"],
        "staff_imports.refused.kind": ["readers"],
    }
    paths = [path for path in addresses(site, values) if path.startswith("/staff")]
    assert {f"{draft}/check", "/staff/report", f"/staff/stuck/loans/{number}"} <= {*paths}
    assert too_many(desk, counted, paths) == {}
    stuck = f"/staff/stuck/loans/{number}"
    assert desk.send(stuck, stuck, deed="discard", sure="yes").status_code == 303


def test_the_pages_of_numbers_before_a_decision(closed_house: House) -> None:
    site, counted = new_site(closed_house)
    desk = at_work(site, closed_house)
    quarantine = closed_house.library.get("/quarantines")["items"][0]
    change = f"/staff/quarantines/{quarantine['id']}/change/open"
    key = re.search(r'name="csrf" value="([^"]+)"', desk.get(change).text)
    later = str(quarantine["reopens_on"])
    assert key
    for fields in ({"reopens_on": later, "version": "1"}, {"reopens_on": later, "version": "9"}, {"reopens_on": "x"}):
        before = calls_of(counted)
        answer = desk.post(change, data={"csrf": key[1], "end": "known", **fields})
        assert answer.status_code in (200, 412, 422)
        assert calls_of(counted) - before <= MOST
        assert ("Сәлем" in answer.text or "Құрметті" in answer.text) == (answer.status_code == 200)


def test_the_pages_of_quizzes(quiz_house: House) -> None:
    site, counted = new_site(quiz_house)
    desk, guest = at_work(site, quiz_house), Visitor(site, "en")
    bank_id, item_ids = quizzing.bank(quiz_house, [quizzing.SINGLE], "counted")
    quiz_id = quizzing.published(quiz_house, quizzing.CLOSED_KINDS, "counted", leaderboard=True)
    classes = "/staff/quizzes/classes"
    one_class = str(desk.send(classes, classes, name="5 «В»", school="№ 1", quiz_id=quiz_id).location)
    path = begin(quiz_house, quiz_id, guest)
    hand_in = play_all(guest, path)
    under_way = {"attempt_id": [path.split("/")[2]], "quizzes.one.quiz_id": [quiz_id]}
    played = [each for each in addresses(site, under_way) if each.startswith(("/play", "/quizzes"))]
    assert too_many(guest, counted, played) == {}
    result = str(guest.send(hand_in, hand_in).location)
    fields = {"name": "Алия", "language": "kk", "show_name": ""}
    to = result.replace("/result", "/certificate")
    look = guest.send(result, to, **fields).text
    assert guest.post(to, data=quizzing.fields_in(look, 'class="steps"')).status_code == 303
    certificate = guest.get(result).text
    values = {
        "quizzes.check.code": re.findall(r"/c/([\w-]+)", certificate)[:1],
        "quizzes.teachers_view.token": re.findall(r'href="/class/([^"]+)"', desk.get(one_class).text)[:1],
        "quiz_id": [quiz_id],
        "bank_id": [bank_id],
        "item_id": item_ids,
        "class_id": [one_class.rsplit("/", 1)[1]],
        "ending": ["csv"],
    }
    paths = [each for each in addresses(site, under_way | values) if each.startswith(("/play", "/quizzes", "/c"))]
    assert {result, f"/c/{values['quizzes.check.code'][0]}"} <= {*paths}
    assert too_many(guest, counted, paths) == {}
    desks = [each for each in addresses(site, values) if each.startswith("/staff/quizzes")]
    assert f"/staff/quizzes/{quiz_id}/statistics" in desks
    assert too_many(desk, counted, desks) == {}
