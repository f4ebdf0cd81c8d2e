"""What the desk says of a book just taken back: that there is an online test on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for

from services.gateway import asking, sessions
from services.gateway.asking import Refused
from services.gateway.words import named, say

LONGEST_TITLE = 400
MOST_TESTS = 3


def tell_of_tests(loan: Mapping[str, Any]) -> None:
    """One line for each open test on this book; none while quizzes do not answer, for the book is back all the same."""
    asked = asking.path("/quizzes/offers", title=loan["title"][:LONGEST_TITLE], isbn=loan.get("isbn"))
    try:
        offers = asking.look_up(offers=("quizzes", asked))["offers"].items
    except Refused:
        return
    for offer in offers[:MOST_TESTS]:
        quiz = offer["quiz"]
        address = url_for("quizzes.one", quiz_id=quiz["id"])
        sessions.tell(say("Online test for this book:"), link=address, link_text=named(quiz["title"]))
