"""What was closed in a period, with the branches by name."""

from typing import Any

import pytest

from tests.quarantines.library import BASE, Library
from tests.quarantines.test_asking import Peer


def report(library: Library, since: str, until: str, **options: Any) -> Any:
    return library.get(f"{BASE}/report", query_string={"since": since, "until": until}, **options)


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        ("2026-01-01", "2026-02-01", []),
        ("2026-01-01", "2026-02-02", ["short"]),
        ("2026-02-08", "2026-02-09", ["short"]),
        ("2026-02-09", "2026-02-09", []),
        ("2026-02-01", "2026-03-01", ["endless", "short"]),
        ("2027-02-01", "2027-03-01", ["endless"]),
    ],
)
def test_a_closure_counts_on_each_of_its_days(library, since, until, found):
    library.branch("root")
    short = library.declared(starts_on="2026-02-02", ends_on="2026-02-08")["id"]
    endless = library.declared(starts_on="2026-02-20", ends_on=None)["id"]
    undone = library.declared(starts_on="2026-02-02", ends_on=None)["id"]
    assert library.post(f"{BASE}/{undone}/cancel").status_code == 200
    names = {short: "short", endless: "endless"}
    told = report(library, since, until).json
    assert [names[each["id"]] for each in told["closures"]] == found
    assert [(each["id"], each["name"]["kk"]) for each in told["branches"]] == [("root", "root")]


def test_staff_ask_for_a_period(library):
    library.branch("root")
    assert report(library, "soon", "2026-02-01").status_code == 422
    assert report(library, "2026-02-01", "2026-02-01", token=library.token({"admin": "all"})).status_code == 403
    assert report(library, "2026-02-01", "2026-02-01", token="").status_code == 401


def test_attempts_are_asked_of_quizzes_in_the_services_own_name(library):
    row = {"language": "kk", "begun": 7, "handed_in": 6, "passed": 5, "guests": 4}
    quizzes = Peer(library, "quizzes")
    quizzes.answers("/api/v1/quizzes/report", {"by_language": [row]})
    assert report(library, "2026-02-01", "2026-02-28").json["attempts"] == [row]
    assert quizzes.asked == [{"since": "2026-02-01", "until": "2026-02-28"}]
    assert [who.kind for who in quizzes.tokens] == ["service"]


def test_a_report_without_the_attempts_says_so(library):
    assert report(library, "2026-02-01", "2026-02-28").json["attempts"] is None
    Peer(library, "quizzes").answers("/api/v1/quizzes/report", {}, 500)
    assert report(library, "2026-02-01", "2026-02-28").json["attempts"] is None
