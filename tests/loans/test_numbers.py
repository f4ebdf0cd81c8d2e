"""Whose numbers of a period are told to whom."""

from __future__ import annotations

from typing import Any

import pytest

from tests.loans.library import Library, day, today


@pytest.mark.parametrize(
    ("roles", "seen"),
    [
        ({"librarian": "all"}, ["main", "other"]),
        ({"operator": "all"}, ["main", "other"]),
        ({"operator": ["other"]}, ["other"]),
        ({"operator": ["other"], "librarian": ["main"]}, ["main", "other"]),
        ({"librarian": ["main"]}, ["main"]),
        ({"operator": ["nowhere"]}, []),
    ],
)
def test_librarians_and_operators_are_told_the_numbers_of_their_branches(
    library: Library, roles: dict[str, Any], seen: list[str]
) -> None:
    library.branch("other")
    card = library.reader()
    for branch in ("main", "other"):
        library.lend(card, title=branch, branch_id=branch)
    answer = library.get("/loans/report", library.token(roles=roles), since=day(-1), until=today())
    assert [row["branch_id"] for row in answer.json["by_branch"]] == seen
    assert (
        library.get("/loans/report", library.token(roles={"admin": "all"}), since=day(-1), until=today()).status_code
        == 403
    )
