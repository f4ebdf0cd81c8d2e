"""Preview and reconciliation as asked of the other services, which are small real services here."""

import pytest

from services.quarantines.asking import usual_days
from shared.events.contracts import problems_of
from tests.quarantines.library import BASE, Library, declaration, errors_of
from tests.quarantines.peers import Peer

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
