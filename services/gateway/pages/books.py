"""My books: the answer first, then each book with its day and why."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, open_quizzes, sessions
from services.gateway import books as shelf
from services.gateway.asking import Found
from services.gateway.pages.common import branch_views, page
from services.gateway.public_lists import public_lists
from services.gateway.words import say
from shared import clock
from shared.auth import READER, may_call

books = Blueprint("books", __name__)
LOANS = ("loans", asking.path("/loans", limit=500))
FAMILY = ("accounts", asking.path("/readers", limit=100))


@books.get("/books")
@may_call(READER)
def mine() -> Response:
    found = asking.look_up(loans=LOANS, family=FAMILY, **public_lists().one_wanted(time.monotonic()))
    names = {reader["card_number"]: reader["given_name"] for reader in found["family"].items}
    who = sessions.caller()
    return family_page(found, names, who.card_number if who else None)


def family_page(found: dict[str, Found], names: Mapping[str, str], own_card: str | None, **more: Any) -> Response:
    """The page of a family's books, also for who holds a private link."""
    lists = public_lists()
    found = lists.fill(found, time.monotonic())
    branches = branch_views(found["branches"])
    members = shelf.family(found["loans"].items, names, own_card, branches)
    out = [book for member in members for book in member.books]
    quizzes = open_quizzes.on_books(lists.quizzes.last.body)
    back = [loan for member in members for loan in member.history]
    values = {
        "renew_address": url_for("books.renew"),
        "ask_address": url_for("questions.form"),
        "by_link": False,
        "own_card": own_card,
    } | more
    return page(
        "books.html",
        found,
        members=members,
        known=found["loans"].data is not None,
        summary=shelf.summary(out),
        visits=shelf.visits(out),
        quizzes_about=quizzes.about,
        just_returned=open_quizzes.of_returned(back, quizzes, clock.today(asking.settings().time_zone)),
        closed=any(book.branch and book.branch.closed for book in out),
        **values,
    )


@books.post("/books/renew")
@may_call(READER)
def renew() -> Response:
    renew_books(request.form.get("loan_id"))
    return redirect(url_for("books.mine"), 303)


def renew_books(loan_id: str | None, *, card_numbers: Sequence[str] | None = None) -> None:
    """One book or, without an id, all; of the caller's family or, for a private link, of those cards."""
    body = {"loan_ids": [loan_id]} if loan_id else {}
    if card_numbers is not None:
        body["card_numbers"] = list(card_numbers)
    answer = asking.act("loans", asking.path("/renewals/family"), body=body, in_our_name=card_numbers is not None)
    _tell_outcomes(answer["books"])


def _tell_outcomes(outcomes: Sequence[Mapping[str, Any]]) -> None:
    renewed = sum(outcome["renewed"] for outcome in outcomes)
    if renewed:
        sessions.tell(say("Books renewed: {n}", n=renewed))
    if not outcomes:
        sessions.tell(say("There is no book to renew."), "refused")
    for outcome in outcomes:
        if not outcome["renewed"]:
            sessions.tell(outcome["message"], "refused", loan_id=outcome["loan_id"])


@books.post("/books/calendar")
@may_call(READER)
def calendar() -> str:
    """A link of their own for the calendar on the phone; shown this once."""
    link = asking.act("loans", asking.path("/calendars"))["url"]
    return render_template("calendar.html", link=link, webcal="webcal:" + link.partition(":")[2])
