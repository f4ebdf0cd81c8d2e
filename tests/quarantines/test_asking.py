"""Preview and reconciliation as asked of the other services, which are small real services here."""

from typing import Any

import pytest
from flask import Flask, Response, jsonify, request

from services.quarantines.asking import usual_days
from services.quarantines.steps import ACTING
from shared import auth
from shared.events.contracts import problems_of
from shared.settings import secret_of
from tests.quarantines.library import BASE, Library, declaration, errors_of

LOANS = {
    "loans": 4812,
    "readers": 1650,
    "cards": ["1", "2"],
    "again": [{"was": "2026-02-10", "now": "2026-02-16", "loans": ["l3"], "cards": ["3"]}],
    "by_branch": [{"branch_id": "root", "loans": 4812, "readers": 1650}],
    "returns": [{"branch_id": "root", "day": "2026-02-16", "before": 0, "after": 40}],
    "overdue_frozen": 7,
    "no_date": 0,
    "never_open": [],
}
CARDS = {"cards": 12, "changes": [{"was": "2026-02-05", "now": "2026-02-16", "cards": ["4"]}]}
NOTICES = {
    "notices": 1500,
    "announcements": 0,
    "households": 1450,
    "by_language": {"kk": 900, "ru": 590, "en": 10},
    "by_channel": {"email": 1400, "sms": 100},
    "unreachable": 31,
    "no_guardian": 18,
    "already_told": 0,
    "samples": [{"language": "kk", "subject": "Мерзім ұзартылды", "body": "Сәлем, Айгүл!"}],
}
PREVIEWS = {"loans": "loans", "accounts": "readers", "quizzes": "quizzes/deadlines", "notify": "notices"}
QUIZZES = {
    "deadlines": 2,
    "readers": 40,
    "changes": [{"id": "q1", "was": "2026-02-03", "now": None, "cards": ["5"]}],
}


class Peer:
    """A service of its own behind WSGI that keeps what it was asked."""

    def __init__(self, library: Library, name: str) -> None:
        self.app = Flask(name)
        self.asked: list[Any] = []
        self.tokens: list[auth.Principal] = []
        self.secret = secret_of(library.settings)
        library.connect(name, self.app)

    def answers(self, path: str, answer: Any, status: int = 200) -> None:
        def view() -> Response:
            self.tokens.append(auth.verify(self.secret, request.headers["Authorization"].removeprefix("Bearer ")))
            self.asked.append(request.get_json() if request.method == "POST" else request.args.to_dict())
            said = answer(self.asked[-1]) if callable(answer) else answer
            response = jsonify(said)
            response.status_code = status
            return response

        self.app.add_url_rule(path, path, view, methods=["GET", "POST"])


@pytest.fixture
def library(library: Library) -> Library:
    library.branch("root")
    library.branch("north", "root")
    return library


def previewers(library: Library, **statuses: int) -> dict[str, Peer]:
    peers = {}
    for name, answer in (("loans", LOANS), ("accounts", CARDS), ("quizzes", QUIZZES), ("notify", NOTICES)):
        peers[name] = Peer(library, name)
        peers[name].answers(f"/api/v1/{PREVIEWS[name]}/preview", answer, statuses.get(name, 200))
    return peers


def test_a_preview_asks_all_and_writes_nothing(library):
    peers = previewers(library)
    before = len(library.events())
    answer = library.post(f"{BASE}/preview", declaration(branch_ids=["north"], returns_per_day=40))
    assert answer.status_code == 200
    assert answer.json["missing_parts"] == []
    assert answer.json["not_connected"] == ["holds", "contests", "programme"]
    numbers = {name: value for name, value in LOANS.items() if name not in ("cards", "again")}
    expected = numbers | NOTICES | {"cards": 12, "deadlines": 2}
    assert {name: answer.json[name] for name in expected} == expected
    asked = peers["loans"].asked[0]
    assert asked["decision"] == "declare"
    assert problems_of("quarantine.declared.v1", asked["quarantine"]) == {}
    assert [each["branch_id"] for each in asked["quarantine"]["branches"]] == ["north"]
    assert peers["accounts"].asked == peers["quizzes"].asked == [asked]
    other_days = [
        {"service": "accounts", "kind": "card", **CARDS["changes"][0]},
        {"service": "quizzes", "kind": "quiz", **QUIZZES["changes"][0]},
    ]
    told = {"cards": ["1", "2"], "again": LOANS["again"], "dates": other_days}
    told |= {"was_due": None, "now_due": "2026-02-16"}
    assert peers["notify"].asked == [asked | told]
    assert {each.tokens[0].kind for each in peers.values()} == {"service"}
    assert library.get(BASE).json["items"] == []
    assert len(library.events()) == before


def test_the_usual_days_are_those_most_books_leave_and_come_to():
    days = [("02-10", 5, 0), ("02-11", 9, 0), ("02-16", 0, 12), ("02-17", 1, 3)]
    returns = [{"branch_id": "root", "day": f"2026-{day}", "before": was, "after": now} for day, was, now in days]
    declared = {"starts_on": "2026-02-02", "reopens_on": "2026-02-15", "state": "declared"}
    assert usual_days(returns, declared) == ("2026-02-11", "2026-02-16")
    assert usual_days(returns[:2], declared | {"reopens_on": None}) == ("2026-02-11", None)
    assert usual_days(returns[2:], declared) == (None, "2026-02-16")
    assert usual_days([], declared) == ("2026-02-02", "2026-02-15")
    assert usual_days([], declared | {"state": "cancelled"}) == ("2026-02-15", "2026-02-02")


def test_what_is_previewed_is_what_is_done(library):
    peers = previewers(library)
    library.post(f"{BASE}/preview", declaration(grace_days=2))
    quarantine = library.declared(grace_days=2)
    one = f"{BASE}/{quarantine['id']}"
    for decision, body in (
        ("change", {"ends_on": "2026-02-20", "grace_days": 3}),
        ("lift", {"reopens_on": "2026-02-12"}),
        ("cancel", {}),
    ):
        assert library.post(f"{one}/preview", {"decision": decision, **body}).status_code == 200
        done = library.patch(one, body) if decision == "change" else library.post(f"{one}/{decision}", body)
        assert done.status_code == 200
    asked = [each["quarantine"] for each in peers["loans"].asked]
    said = library.events("quarantine.")
    assert [each["decision"] for each in peers["loans"].asked] == ["declare", "change", "lift", "cancel"]
    for before, after in zip(asked, said, strict=True):
        ours = {"type", "decided_at", *(["quarantine_id"] if after["version"] == 1 else [])}
        assert {k: v for k, v in before.items() if k not in ours} == {k: v for k, v in after.items() if k not in ours}


def test_a_preview_refuses_what_the_deed_refuses(library):
    previewers(library)
    assert "ends_on" in errors_of(library.post(f"{BASE}/preview", declaration(ends_on="2026-02-01")))
    one = f"{BASE}/{library.declared()['id']}"
    assert "decision" in errors_of(library.post(f"{one}/preview", {"decision": "burn"}))
    assert "decision" in errors_of(library.post(f"{one}/preview", {}))
    assert "reopens_on" in errors_of(library.post(f"{one}/preview", {"decision": "lift"}))
    assert "colour" in errors_of(library.post(f"{one}/preview", {"decision": "cancel", "colour": "red"}))
    assert "ends_on" in errors_of(library.post(f"{one}/preview", {"decision": "change", "ends_on": "soon"}))
    stale = library.post(f"{one}/preview", {"decision": "cancel"}, headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    assert (
        library.post(f"{one}/preview", {"decision": "cancel"}, token=library.token({"admin": "all"})).status_code == 403
    )


@pytest.mark.parametrize("status", [500, 503, 404])
def test_a_part_that_is_down_is_named_and_never_shown_as_0(library, status):
    previewers(library, notify=status)
    answer = library.post(f"{BASE}/preview", declaration()).json
    assert answer["missing_parts"] == ["notify"]
    assert set(answer).isdisjoint({"again", "changes", "dates"})
    assert (answer["loans"], answer["cards"]) == (4812, 12)
    assert {name: answer[name] for name in NOTICES} == dict.fromkeys(NOTICES)
    previewers(library, quizzes=status)
    answer = library.post(f"{BASE}/preview", declaration()).json
    assert (answer["missing_parts"], answer["deadlines"]) == (["quizzes"], None)
    previewers(library, loans=status)
    answer = library.post(f"{BASE}/preview", declaration()).json
    assert answer["missing_parts"] == ["loans", "notify"]
    assert (answer["loans"], answer["notices"], answer["cards"]) == (None, None, 12)


def test_with_nobody_there_a_preview_says_so(library):
    answer = library.post(f"{BASE}/preview", declaration()).json
    assert answer["missing_parts"] == ["loans", "accounts", "quizzes", "notify"]
    assert answer["loans"] is None


def in_pages(items: list[dict[str, Any]], size: int, **first: Any) -> Any:
    """Answers a sorted list page by page, as loans and notify do."""

    def answer(query: dict[str, Any]) -> dict[str, Any]:
        start = int(query.get("cursor", 0))
        following = start + size if start + size < len(items) else None
        head = first if start == 0 else {}
        return head | {"items": items[start : start + size], "next": None if following is None else str(following)}

    return answer


def reconcilers(library: Library, cards: int = 7, wrong: Any = (), **last: Any) -> tuple[Peer, Peer]:
    """Loans that moved one book of each card to 16 Feb, and notices that told it; `last` changes the last card's."""
    moved = [{"card_number": f"{n:03}", "loans": [{"loan_id": f"l{n}", "due_on": "2026-02-16"}]} for n in range(cards)]
    told = [
        {
            "card_number": f"{n:03}",
            "loans": [{"loan_id": f"l{n}", "told_on": "2026-02-16", "knows": True, "state": "told", "reason": None}],
        }
        for n in range(cards)
    ]
    told[-1]["loans"][0] |= last
    loans, notify = Peer(library, "loans"), Peer(library, "notify")
    totals = {"loans_in_scope": cards, "loans_right": cards - len(wrong), "wrong": list(wrong)}
    loans.answers("/api/v1/loans/reconciliation", in_pages(moved, 3, **totals))
    notify.answers("/api/v1/notices/reconciliation", in_pages(told, 2))
    return loans, notify


def reconciliation(library: Library, quarantine_id: str, **options: Any) -> dict[str, Any]:
    answer = library.get(f"{BASE}/{quarantine_id}/reconciliation", **options)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def test_clean_when_every_loan_is_right_and_every_reader_told(library):
    loans, notify = reconcilers(library)
    quarantine = library.declared()
    library.finish(quarantine, ACTING)
    assert reconciliation(library, quarantine["id"]) == {
        "quarantine_id": quarantine["id"],
        "version": 1,
        "clean": True,
        "all_told": True,
        "loans_in_scope": 7,
        "loans_right": 7,
        "readers_affected": 7,
        "readers_told": 7,
        "pending": 0,
        "unreachable": 0,
        "missing": [],
        "missing_count": 0,
        "unfinished": [],
    }
    assert [each.get("cursor") for each in loans.asked] == [None, "3", "6"]
    assert len(notify.asked) == 4
    assert {each["quarantine_id"] for each in loans.asked} == {quarantine["id"]}
    assert {each.kind for each in loans.tokens} == {"service"}


@pytest.mark.parametrize(
    ("last", "count", "clean"),
    [
        ({"state": "unreachable", "told_on": None}, "unreachable", True),
        ({"state": "pending"}, "pending", False),
        ({"state": "failed", "reason": "mailbox full"}, "missing_count", False),
    ],
)
def test_who_is_not_told_is_counted_once(library, last, count, clean):
    reconcilers(library, **last)
    quarantine = library.declared()
    library.finish(quarantine, ACTING)
    found = reconciliation(library, quarantine["id"])
    assert (found["clean"], found["all_told"], found["readers_told"], found[count]) == (clean, False, 6, 1)
    assert [each["card_number"] for each in found["missing"]] == (["006"] if count == "missing_count" else [])


def test_the_reason_is_said_in_the_callers_language(library):
    reconcilers(library, state="failed", reason="mailbox full")
    quarantine = library.declared()
    found = reconciliation(library, quarantine["id"], headers={"Accept-Language": "ru"})
    assert found["missing"][0]["reason"] == "Уведомление не доставлено (выдача: l6). Причина: mailbox full."


def test_a_loan_with_a_wrong_date_is_listed(library):
    bad = {"loan_id": "l9", "card_number": "999", "branch_id": "root", "due_on": None, "expected": "2026-02-16"}
    reconcilers(library, wrong=[bad])
    quarantine = library.declared()
    library.finish(quarantine, ACTING)
    found = reconciliation(library, quarantine["id"])
    assert (found["clean"], found["loans_right"], found["missing_count"], found["readers_affected"]) == (False, 6, 1, 8)
    assert found["missing"] == [
        {"card_number": "999", "reason": "Loan l9: due on –, by the rule 2026-02-16.", "loans": ["l9"]}
    ]


def test_nothing_is_clean_before_the_work_is_done(library):
    reconcilers(library)
    quarantine = library.declared()
    found = reconciliation(library, quarantine["id"])
    assert (found["clean"], found["unfinished"]) == (False, ["loans move", "notify notices"])
    library.finish(quarantine, [("loans", "move"), ("notify", "notices")])
    assert reconciliation(library, quarantine["id"])["clean"] is True
    library.patch(f"{BASE}/{quarantine['id']}", {"grace_days": 1})
    assert reconciliation(library, quarantine["id"])["clean"] is False


def test_a_decision_taken_meanwhile_leaves_nothing_clean(library):
    quarantine = library.declared()
    library.finish(quarantine, ACTING)
    loans, _ = reconcilers(library)

    def change(_: Any) -> dict[str, Any]:
        changed = library.patch(f"{BASE}/{quarantine['id']}", {"grace_days": 2}).json
        library.finish(changed, ACTING)
        return {"items": [], "next": None, "loans_in_scope": 0, "loans_right": 0, "wrong": []}

    other = Peer(library, "loans")
    other.answers("/api/v1/loans/reconciliation", change)
    found = reconciliation(library, quarantine["id"])
    assert (found["version"], found["clean"]) == (2, False)
    assert loans.asked == []


@pytest.mark.parametrize(("name", "noun"), [("loans", "loans"), ("notify", "notices")])
@pytest.mark.parametrize("status", [500, 404])
def test_without_one_of_the_two_there_is_no_verdict(library, name, noun, status):
    reconcilers(library)
    Peer(library, name).answers(f"/api/v1/{noun}/reconciliation", {}, status)
    quarantine = library.declared()
    answer = library.get(f"{BASE}/{quarantine['id']}/reconciliation")
    assert answer.status_code == 503
    assert name in answer.json["detail"]
    assert answer.headers["Retry-After"] == "5"


def test_staff_and_the_command_line_may_ask(library):
    reconcilers(library)
    path = f"{BASE}/{library.declared()['id']}/reconciliation"
    assert library.get(path, token="").status_code == 401
    assert library.get(path, token=library.token({}, kind="reader")).status_code == 403
    assert library.get(path, token=library.token({}, kind="service")).status_code == 200
    assert library.get(path, token=library.token({"librarian": ["root"]})).status_code == 200
