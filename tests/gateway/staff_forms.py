"""The forms of the console: for each that keeps what was typed, where it stands; for the others, why they need not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from tests.gateway import quizzing
from tests.gateway.console import answer_all, colleague, start
from tests.gateway.desk_work import letters_of, unreachable
from tests.gateway.house import ALONE, GUARDIAN, House, Visitor
from tests.gateway.test_quiz_pages import begin, play_all
from tests.support.eventually import eventually

NOTHING_TYPED = "only buttons"
A_CONFIRMATION = "a box or a number that confirms a deed is given anew"
NEVER_KEPT = "a code for one sign-in is never kept"
KEPT_ELSEWHERE = "what it sends lies in the draft"
A_SCRIPTS_OWN = "a script looks something up while the form stands"
WITHOUT_A_FORM = {
    "declare.throw_away": NOTHING_TYPED,
    "declare.deed": KEPT_ELSEWHERE,
    "practice.press": NOTHING_TYPED,
    "quarantine.again": NOTHING_TYPED,
    "quarantine.messages": NOTHING_TYPED,
    "second_factor.begin": NEVER_KEPT,
    "second_factor.confirm": NEVER_KEPT,
    "staff_classes.new_link": NOTHING_TYPED,
    "staff_classes.switch_off": NOTHING_TYPED,
    "staff_desk.choose_branch": "one choice out of a list, of the device and not of the work",
    "staff_desk.with_book": NOTHING_TYPED,
    "staff_imports.refused_at_once": NOTHING_TYPED,
    "staff_items.check": A_SCRIPTS_OWN,
    "staff_loans.do": NOTHING_TYPED,
    "staff_messages.retry": NOTHING_TYPED,
    "staff_papers.take_post_back": NOTHING_TYPED,
    "staff_people.access": NOTHING_TYPED,
    "staff_people.end_sign_in": NOTHING_TYPED,
    "staff_questions.tick_off": NOTHING_TYPED,
    "staff_quiz_results.hide_nickname": NOTHING_TYPED,
    "staff_quiz_results.withdraw_undeserved": NOTHING_TYPED,
    "staff_quizzes.turn": NOTHING_TYPED,
    "staff_readers.block": NOTHING_TYPED,
    "staff_readers.erase": A_CONFIRMATION,
    "staff_stuck.decide": A_CONFIRMATION,
}

Where = tuple[str, str]
"""The page a form stands on, and the path it goes to."""


def _calls(house: House, desk: Visitor) -> str:
    quarantine = unreachable(house)
    queue = f"/staff/calls/{quarantine}"
    assert desk.send(queue, f"{queue}/take", language="").status_code == 303
    return queue


def _record(house: House, desk: Visitor) -> Where:
    queue = _calls(house, desk)
    found = re.search(rf'action="({queue}/[0-9a-f-]{{36}})"', desk.get(queue).text)
    assert found
    return queue, found[1]


def _failed(house: House, desk: Visitor) -> Where:
    """A message that reached nobody, of a reader who has an address by now."""
    asked = f"/notices/failed?quarantine_id={unreachable(house)}"
    (notice,) = house.library.get(asked)["items"]
    house.library.call("PATCH", f"/readers/{notice['about'][0]}", json_body={"email": "inkar@example.org"})
    eventually(lambda: house.library.get(asked)["items"][0]["has_address"], 30)
    page = f"/staff/quarantines/{asked.rpartition('=')[2]}/failed"
    return page, f"{page}/again"


def _messages(house: House, desk: Visitor) -> Where:
    page = f"/staff/messages/{house.library.get('/notices')['items'][0]['id']}"
    return page, f"{page}/outcome"


def _person(house: House, desk: Visitor) -> str:
    login = colleague(house, "librarian", branches=["ortalyq"])
    found = next(each for each in house.library.get(f"/staff?search={login}")["items"] if each["login"] == login)
    return f"/staff/people/{found['id']}"


def to_be_marked(house: House, desk: Visitor) -> Where:
    quiz_id = quizzing.published(house, [quizzing.OPEN], "to be read")
    reader = house.signed_in(ALONE)
    hand_in = play_all(reader, begin(house, quiz_id, reader, nickname=""))
    reader.send(hand_in, hand_in)
    return f"/staff/quizzes/marking?quiz_id={quiz_id}", "/staff/quizzes/marking"


def _quiz(house: House, desk: Visitor) -> str:
    return f"/staff/quizzes/{quizzing.published(house, quizzing.EVERY_KIND, 'kept')}"


def _bank(house: House, desk: Visitor) -> str:
    quizzing.draft(house, [quizzing.SINGLE], "to choose for")
    return f"/staff/quizzes/banks/{quizzing.bank(house, [quizzing.SINGLE, quizzing.TRUE], 'kept')[0]}"


def _item(house: House, desk: Visitor) -> Where:
    at = f"/staff/quizzes/items/{quizzing.bank(house, [quizzing.MULTIPLE], 'kept')[1][0]}"
    return at, at


def _same(page: str) -> Where:
    return page, page.partition("?")[0]


def _quarantine(house: House, desk: Visitor) -> str:
    return f"/staff/quarantines/{house.library.get('/quarantines')['items'][0]['id']}"


def _drafted(step: str) -> Callable[[House, Visitor], Where]:
    def place(house: House, desk: Visitor) -> Where:
        base = start(desk)
        answer_all(desk, base)
        return _same(f"{base}/{step}")

    return place


def _practised(house: House, desk: Visitor) -> Where:
    answer_all(desk, "/staff/practice")
    return _same("/staff/practice/why")


def _at(page: str) -> Callable[[House, Visitor], Where]:
    return lambda house, desk: _same(page)


def _letters(house: House, desk: Visitor) -> Where:
    return _same(letters_of(house, 3))


Find = Callable[[House, Visitor], Where]
PLACES: Mapping[str, list[Find]] = {
    "change.answer": [
        lambda h, d: _same(f"{_quarantine(h, d)}/change/day"),
        lambda h, d: _same(f"{_quarantine(h, d)}/change/undo"),
    ],
    "declare.answer": [_drafted(step) for step in ("where", "when", "why", "back", "whom")],
    "failed.again": [_failed],
    "practice.answer": [_practised],
    "staff_branches.add": [_at("/staff/branches/new")],
    "staff_branches.change": [_at("/staff/branches/ablaketka")],
    "staff_calls.record": [_record],
    "staff_calls.take": [lambda h, d: (page := _calls(h, d), f"{page}/take")],
    "staff_classes.make_class": [_at("/staff/quizzes/classes")],
    "staff_desk.scan": [_at(f"/staff/desk?card={GUARDIAN}&mode=renew")],
    "staff_imports.bring": [lambda h, d: ("/staff/imports?kind=loans", "/staff/imports/loans")],
    "staff_items.change": [_item],
    "staff_items.change_bank": [lambda h, d: _same(_bank(h, d))],
    "staff_items.make": [_at(f"/staff/quizzes/items/new?kind={each['kind']}") for each in quizzing.EVERY_KIND],
    "staff_items.make_bank": [_at("/staff/quizzes/banks")],
    "staff_letters.posted": [_letters],
    "staff_messages.record": [_messages],
    "staff_papers.record_post": [lambda h, d: _same(f"{_quarantine(h, d)}/social")],
    "staff_people.add": [_at("/staff/people/new")],
    "staff_people.change": [lambda h, d: _same(_person(h, d))],
    "staff_people.second_factor": [lambda h, d: (page := _person(h, d), f"{page}/second-factor")],
    "staff_quiz_desk.enter_paper": [lambda h, d: _same(f"{_quiz(h, d)}/paper")],
    "staff_quiz_desk.mark": [to_be_marked],
    "staff_quiz_files.read": [_at("/staff/quizzes/import")],
    "staff_quiz_results.regrade": [lambda h, d: (f"{(page := _quiz(h, d))}/statistics", f"{page}/regrade")],
    "staff_quiz_results.withdraw": [_at("/staff/quizzes/certificates")],
    "staff_quizzes.add_questions": [lambda h, d: (_bank(h, d), "/staff/quizzes/questions")],
    "staff_quizzes.change": [lambda h, d: _same(_quiz(h, d))],
    "staff_quizzes.change_questions": [lambda h, d: _same(f"{_quiz(h, d)}/questions")],
    "staff_quizzes.make": [_at("/staff/quizzes/new")],
    "staff_readers.change": [_at(f"/staff/readers/{GUARDIAN}/edit")],
    "staff_readers.issue_pin": [_at(f"/staff/readers/{ALONE}/pin")],
    "staff_readers.register": [_at("/staff/readers/new")],
    "staff_returns.empty_the_box": [_at("/staff/returns")],
}
