"""My books: the answer first, then each book with its day and why; and, on a page of their own, those had before."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, redirect, request, url_for
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
ON_A_PAGE = 500
MOST_PAST = 50
FAMILY = ("accounts", asking.path("/readers", limit=100))


@books.get("/books")
@may_call(READER)
def mine() -> Response:
    wanted = public_lists().one_wanted(time.monotonic())
    found = asking.look_up(loans=shown_loans(), family=FAMILY, **wanted)
    return family_page(found, names_in(found), _own_card())


def shown_loans(**whose: Any) -> tuple[str, str]:
    """The call for what is out or has just come back; what was brought back long ago never crowds it out."""
    given = {"out_since": _today() - open_quizzes.JUST_RETURNED, "cursor": request.args.get("cursor")}
    return "loans", asking.path("/loans", limit=ON_A_PAGE, **given, **whose)


def _today() -> date:
    return clock.today(asking.settings().time_zone)


def names_in(found: Mapping[str, Found]) -> dict[str, str]:
    return {reader["card_number"]: reader["given_name"] for reader in found["family"].items}


def _own_card() -> str | None:
    who = sessions.caller()
    return who.card_number if who else None


@books.get("/books/past")
@may_call(READER)
def past() -> Response:
    """What the family had before: the newest fifty, then the ones before them."""
    lists, now = public_lists(), time.monotonic()
    loans = ("loans", asking.path("/loans", past="true", limit=MOST_PAST, cursor=request.args.get("cursor")))
    found = asking.look_up(loans=loans, family=FAMILY, **lists.stale_quizzes(now))
    found = lists.without_quizzes(found, now)
    names, items = names_in(found), found["loans"].items
    return page(
        "past.html",
        found,
        known=found["loans"].data is not None,
        members=[
            (card, names.get(card, ""), [loan for loan in items if loan["card_number"] == card])
            for card in shelf.cards_in_order(items, {}, _own_card())
        ],
        older=(found["loans"].data or {}).get("next"),
        own_card=_own_card(),
        quizzes_about=open_quizzes.on_books(lists.quizzes.last.body).about,
    )


def family_page(found: dict[str, Found], names: Mapping[str, str], own_card: str | None, **more: Any) -> Response:
    """The page of a family's books, also for who holds a private link."""
    lists = public_lists()
    found = lists.fill(found, time.monotonic())
    branches = branch_views(found["branches"])
    out_of_house, back = shelf.out_and_back(found["loans"].items)
    members = shelf.family(out_of_house, names, own_card, branches)
    out = [book for member in members for book in member.books]
    quizzes = open_quizzes.on_books(lists.quizzes.last.body)
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
        places=shelf.places(out),
        more=(found["loans"].data or {}).get("next"),
        quizzes_about=quizzes.about,
        just_returned=open_quizzes.of_returned(back, quizzes, _today()),
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
    if len(outcomes) > 1 and renewed < len(outcomes):
        sentence = say("Not renewed: {n}. The reason stands beside each book.", n=len(outcomes) - renewed)
        sessions.tell(sentence, "refused")
