"""The console's lists: searched, filtered, by pages and as files; stuck work, branches, letters, who did what."""

from __future__ import annotations

import re
import uuid
from html import unescape

import pytest
from flask import g

from services.gateway.pages.staff import naming
from services.gateway.pages.staff.calls import with_a_queue
from shared import clock, kept
from shared.events import Event
from shared.language import LANGUAGES
from tests.gateway.console import at_desk
from tests.gateway.desk_work import letters_of, quarantine_of, rows, send, unreachable
from tests.gateway.house import (
    ALONE,
    BLOCKED,
    DAUGHTER,
    House,
    bring,
    in_days,
    key_in,
    reader,
    text_of,
)


@pytest.mark.parametrize("written", ["Әлия", "алия", "СЕРІКОВА әл", "серикова"])
def test_readers_are_found_with_kazakh_letters_or_without(open_house: House, written: str) -> None:
    page = at_desk(open_house, "librarian").get("/staff/readers", query_string={"search": written})
    assert f"/staff/readers/{DAUGHTER}" in page.text and f"/staff/readers/{ALONE}" not in page.text


def test_every_list_opens_as_a_file_without_formulas(closed_house: House) -> None:
    bring(closed_house.library, "readers", [reader("=1+1", "+Мақсат", "-Әсел")])
    visitor = at_desk(closed_house)
    for path in (
        *("readers", "loans", "messages", "stuck", "branches", "people", "log", "questions", "report", "quarantines"),
        *(
            "imports",
            f"quarantines/{quarantine_of(closed_house)}/failed",
            "quizzes",
            "quizzes/banks",
            "quizzes/classes",
            "quizzes/marking",
        ),
        *("returns/shelf", "returns/expected", "log.csv?part=quarantines", "log.csv?part=messages"),
        f"calls/{quarantine_of(closed_house)}/all",
        *(f"quarantines/{quarantine_of(closed_house)}/{name}" for name in ("letters", "missing")),
    ):
        found = rows(visitor, f"/staff/{path}" if "?" in path else f"/staff/{path}.csv")
        assert len(found[0]) > 1, path
        assert not [cell for row in found for cell in row if cell[:1] in ("=", "+", "-", "@")], path
    assert ["'=1+1", "'+Мақсат", "'-Әсел"] in [row[:3] for row in rows(visitor, "/staff/readers.csv?search=максат")]


def test_stuck_work_is_seen_tried_again_and_thrown_away(open_house: House) -> None:
    database = open_house.system.contexts["loans"].database
    event = Event(
        str(uuid.uuid4()), "branch.changed.v1", "/services/x", "", clock.now(), {}, body=b'{"title": "\xd3\x98"}'
    )
    with database.transaction() as session:
        kept.park(session, event, "queue", "breaks its contract")
    with database.reading() as session:
        number = kept.parked(session)[-1]["id"]
    visitor = at_desk(open_house, "admin")
    page = visitor.get("/staff/stuck?service=loans&search=CONTRACT").text
    address = f"/staff/stuck/loans/{number}"
    assert address in page
    whole = visitor.get("/staff/stuck?search=contract").text
    assert "/staff/stuck/loans?search=contract" in whole and address not in whole
    assert address in visitor.get("/staff/stuck/loans?search=contract").text
    assert address not in visitor.get("/staff/stuck/loans?search=elsewhere").text
    assert "Ә" in visitor.get(address).text
    send(visitor, address, deed="discard")
    assert "Tick the box if you are sure." in text_of(visitor.get(address).text)
    assert send(visitor, address, deed="discard", sure="yes").location == "/staff/stuck"
    assert visitor.get(address).status_code == 404
    assert {visitor.get(f"/staff/stuck/nothing{rest}").status_code for rest in ("", "/1")} == {404}
    assert at_desk(open_house, "operator").get("/staff/stuck").status_code == 403


def test_stuck_work_goes_on_by_pages_and_into_a_file_whole(open_house: House) -> None:
    database = open_house.system.contexts["quizzes"].database
    with database.transaction() as session:
        for number in range(30):
            said = Event(str(uuid.uuid4()), f"branch.lost{number}.v1", "/services/x", "", clock.now(), {}, body=b"{}")
            kept.park(session, said, "queue", "паровоз" if number % 2 else "пароход")
    visitor = at_desk(open_house, "admin")
    page = visitor.get("/staff/stuck?service=quizzes").text
    assert page.count("/staff/stuck/quizzes/") == 25
    older = re.search(r'href="([^"]+)" rel="next"', page)
    assert older and visitor.get(unescape(older[1])).text.count("/staff/stuck/quizzes/") == 5
    part = visitor.get("/staff/stuck/quizzes").text
    assert "Show all" in part and "service=quizzes" in part
    assert visitor.get("/staff/stuck?service=quizzes&search=ПАРОВОЗ").text.count("/staff/stuck/quizzes/") == 15
    assert len(rows(visitor, "/staff/stuck.csv?service=quizzes&search=паровоз")) == 16
    with database.transaction() as session:
        for each in kept.parked(session, limit=100):
            kept.discard(session, each["id"])


def test_the_queue_of_an_undone_closure_is_found_while_somebody_is_left_in_it() -> None:
    quarantines = [{"id": "a", "state": "declared"}, {"id": "b", "state": "cancelled"}, {"id": "c", "state": "lifted"}]
    assert [each["id"] for each in with_a_queue(quarantines, {"b": 2, "c": 1})] == ["b", "c"]
    assert [each["id"] for each in with_a_queue(quarantines, {"b": 0})] == ["a", "c"]


def test_branches_are_filtered_and_come_by_pages_in_the_order_of_the_tree(quiz_house: House) -> None:
    many = f"t{uuid.uuid4().hex[:5]}"
    quiz_house.library.branch(many)
    for number in range(30):
        quiz_house.library.branch(f"{many}-{number:02}", parent_id=many)
    shut = quiz_house.library.declare(branch_ids=[f"{many}-03"], starts_on=in_days(0), ends_on=in_days(3))
    quiz_house.library.wait_until_done(shut["id"])
    visitor = at_desk(quiz_house, "admin")

    def shown(page: str) -> list[str]:
        return re.findall(r'href="/staff/branches/([^"]+)"', page)[1:]

    page = visitor.get("/staff/branches").text
    older = re.search(r'href="([^"]+)" rel="next"', page)
    assert len(shown(page)) == 25 and older
    rest = shown(visitor.get(unescape(older[1])).text)
    assert not set(rest) & set(shown(page)) and f"{many}-29" in rest
    assert page.index(f'"/staff/branches/{many}"') < page.index(f'"/staff/branches/{many}-00"')
    usual = visitor.get(f"/staff/branches?state=usual&search={many}").text
    assert len(shown(usual)) == 25 and "rel=" in usual
    assert f"{many}-03" not in {*shown(usual)}
    assert shown(visitor.get(f"/staff/branches?state=closed&search={many}").text) == [f"{many}-03"]
    assert [row[0] for row in rows(visitor, f"/staff/branches.csv?state=closed&search={many}")[1:]] == [f"{many}-03"]
    quiz_house.library.post(f"/quarantines/{shut['id']}/cancel", {})


def test_letters_are_found_taken_along_and_ticked_off_together(closed_house: House) -> None:
    path = letters_of(closed_house, 27)
    visitor = at_desk(closed_house, "librarian")
    page = visitor.get(path).text
    older = re.search(r'href="([^"]+)" rel="next"', page)
    assert page.count('name="notice"') == 25 and older
    second = unescape(older[1])
    other = visitor.get(second).text
    ticked = re.findall(r'name="notice" value="([^"]+)"', other)
    assert len(ticked) == 2
    assert visitor.get(f"{path}?search=хатова05").text.count('name="notice"') == 1
    file = rows(visitor, f"{path}.csv")
    assert len(file) == 28 and file[0][0] == "To whom" and any("Құрметті Дана Хатова05!" in row[3] for row in file)
    data = {"csrf": key_in(other), "notice": ticked}
    done = visitor.post(path, data=data, headers={"Referer": f"http://localhost{second}"})
    assert done.location == second
    assert "Recorded as posted: 2" in text_of(visitor.get(path).text)
    assert "Told:" in text_of(visitor.get(f"/staff/messages/{ticked[0]}").text)
    assert len(rows(visitor, f"{path}.csv")) == 26
    visitor.post(path, data={"csrf": key_in(other)})
    assert "Tick the letters first." in text_of(visitor.get(path).text)
    assert visitor.post(path, data={"csrf": key_in(other), "notice": "x"}).status_code == 422
    assert visitor.post(path, data=data, headers={"Referer": "http://localhost/staff?x=1"}).location == path


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_did_what_is_told_in_every_language(closed_house: House, language: str) -> None:
    visitor = at_desk(closed_house, "admin", language=language)
    words = {"kk": "карантин жариялады", "ru": "объявлен карантин", "en": "declared a quarantine"}
    first = {"kk": "алғашқы іске қосу", "ru": "первый запуск", "en": "the first start"}
    assert words[language] in text_of(visitor.get("/staff/log?part=quarantines").text)
    assert visitor.get("/staff/log?part=messages&since=2020-01-01").status_code == 200
    assert first[language] in naming_in(closed_house, language)


def naming_in(house: House, language: str) -> str:
    with house.app._front.test_request_context():
        g.language = language
        return naming.program("first start")


def test_who_did_what_leads_to_whom_it_is_about(closed_house: House) -> None:
    clerk = at_desk(closed_house, "librarian")
    me = closed_house.library.get("/staff?limit=500")["items"]
    send(clerk, f"/staff/readers/{BLOCKED}/pin", reason="knew the street")
    visitor = at_desk(closed_house, "admin", "librarian")
    page = visitor.get("/staff/log?search=тилеубердинова").text
    assert (
        f'href="/staff/readers/{BLOCKED}"' in page
        and f"Тілеубердинова Гүлжамал, {BLOCKED}" in page
        and "issued a PIN" in page
    )
    assert not re.search(r">[0-9a-f]{8}-[0-9a-f-]{27}<", visitor.get("/staff/log").text)
    only = rows(visitor, "/staff/log.csv?deed=issued a PIN&search=street")
    assert [row[2:] for row in only[1:]] == [["issued a PIN", f"Тілеубердинова Гүлжамал, {BLOCKED}", "knew the street"]]
    assert re.search(r'href="/staff/people/[0-9a-f-]{36}"', visitor.get("/staff/log?deed=added staff").text)
    quarantines = visitor.get("/staff/log?part=quarantines&search=тұмау&deed=declared").text
    (flu,) = closed_house.library.get("/quarantines?search=Тұмауға")["items"]
    assert f"/staff/quarantines/{flu['id']}" in quarantines
    assert "Nothing was found." in text_of(visitor.get("/staff/log?part=quarantines&search=zzzz").text)
    assert "Nothing was found." in text_of(visitor.get(f"/staff/log?part=quarantines&who=staff:{me[0]['id']}").text)
    queue = f"/staff/calls/{unreachable(closed_house)}"
    send(clerk, queue, f"{queue}/take")
    address = re.search(rf'action="{queue}/([0-9a-f-]+)"', clerk.get(queue).text)
    assert address
    send(clerk, queue, f"{queue}/{address[1]}", result="no_answer", name="Іңкәр")
    messages = visitor.get(
        "/staff/log", query_string={"part": "messages", "search": "инкар", "deed": "call: no_answer"}
    )
    assert f'href="/staff/messages/{address[1]}">Іңкәр Үсенова</a>' in messages.text
    seen = text_of(visitor.get("/staff/log?part=messages&deed=viewed").text)
    assert "saw phone numbers of the call queue" in seen and "call: no answer" not in seen.split("Note")[-1]
