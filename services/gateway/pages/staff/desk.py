"""The desk: one line to scan into. A card opens a reader, a book is lent, taken back or renewed; works as a form."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, sessions, words
from services.gateway.kept_forms import shown_again_as
from services.gateway.pages.common import BRANCHES, page
from services.gateway.pages.staff.acting import LIBRARIAN, Tried, branch_names, given, tried
from services.gateway.pages.staff.offers import tell_of_tests
from services.gateway.words import say
from shared import clock
from shared.auth import may_call
from shared.folding import fold
from shared.isbn import isbn_13

desk_pages = Blueprint("staff_desk", __name__, url_prefix="/staff/desk")
LEND, BACK, RENEW = "lend", "return", "renew"
MODES = (LEND, BACK, RENEW)
MOST_ALIKE = 20
LENGTHS_OF_ISBN = (10, 13)
BRANCH_COOKIE = "desk"
EMPTY: dict[str, Any] = {}
NEWS_SECONDS = 3
"""How long somebody at a desk waits for a card that was registered just now."""
A_YEAR = 365 * 24 * 3600


@desk_pages.get("")
@may_call(LIBRARIAN)
def desk() -> Response:
    return _page(request.args.get("card", ""), _mode(request.args.get("mode")))


def _mode(given_mode: str | None) -> str:
    return given_mode if given_mode in MODES else LEND


def _page(card: str, mode: str, **more: Any) -> Response:
    calls: dict[str, Any] = {"branches": BRANCHES}
    if card:
        calls["reader"] = ("accounts", asking.path("/readers", card_number=card, limit=1))
        calls["loans"] = ("loans", asking.path("/loans", card_number=card, status="on_loan", limit=200))
    found = asking.look_up(**calls)
    names = branch_names(found["branches"])
    reader = next(iter(found["reader"].items), None) if card else None
    values = {
        "card": card,
        "mode": mode,
        "reader": reader,
        "names": names,
        "branch": desk_branch(found["branches"].items),
    }
    loans = found["loans"].items if card else []
    defaults: dict[str, Any] = {"code": "", "wrong": "", "alike": [], "unknown": None, "had": None, "wrongs": {}}
    values |= {"stranger": bool(card) and reader is None and not found["reader"].away, "key": uuid.uuid4().hex}
    response = page("staff/desk/desk.html", found, loans=loans, **{**defaults, **values, **more})
    response.status_code = 422 if more.get("wrong") else response.status_code
    return response


def desk_branch(branches: Sequence[Mapping[str, Any]]) -> str:
    """The library this desk stands in: as chosen on this device, else one of the caller's own, a root first."""
    chosen = request.form.get("branch_id") or request.cookies.get(BRANCH_COOKIE, "")
    if any(each["id"] == chosen for each in branches):
        return chosen
    who = sessions.caller()
    held = who.branches(LIBRARIAN) if who else None
    mine = [each for each in branches if held is None or each["id"] in held]
    ordered = sorted(mine, key=lambda each: each["parent_id"] is not None)
    return str(ordered[0]["id"]) if ordered else ""


@desk_pages.post("/branch")
@may_call(LIBRARIAN)
def choose_branch() -> Response:
    response = redirect(url_for("staff_desk.desk", mode=_mode(request.form.get("mode"))), 303)
    response.set_cookie(BRANCH_COOKIE, given("branch_id")["branch_id"], max_age=A_YEAR, samesite="Lax", httponly=True)
    return response


def _again() -> Response:
    fields = given("code", "card", "title", "author", "key")
    unknown = fields["code"] if fields["title"] or fields["author"] else None
    # The key stays: what was done without our hearing of it is not done again.
    same = {"key": fields["key"]} if fields["key"] else {}
    return _page(fields["card"], _mode(request.form.get("mode")), code=fields["code"], unknown=unknown, **same)


@desk_pages.post("")
@may_call(LIBRARIAN)
@shown_again_as(_again)
def scan() -> Response:
    """What was scanned: a card opens its reader, anything else is a book."""
    code, card = given("code")["code"], given("card")["card"]
    mode = _mode(request.form.get("mode"))
    if not code:
        return _page(card, mode, wrong=say("Scan a card or a book."))
    reader = find_reader(code)
    if reader:
        return redirect(url_for("staff_desk.desk", card=reader["card_number"], mode=mode), 303)
    if mode == LEND:
        return _lend(card, code)
    return _with_loan(code, card, mode)


def find_reader(code: str) -> dict[str, Any] | None:
    """The reader with that card, as scanned or typed."""
    found = asking.act("accounts", asking.path("/readers", search=code, limit=2), method="GET")["items"]
    return next((each for each in found if fold(each["card_number"]) == fold(code)), None)


def sees_all() -> bool:
    """Whether a card or a book this desk does not find is nobody's, not only another library's."""
    who = sessions.caller()
    return bool(who and who.branches(LIBRARIAN) is None)


def _lend(card: str, code: str) -> Response:
    if not card and (sees_all() or not _is_number(code)):
        return _page("", LEND, code=code, wrong=say("No reader has this card. Scan the reader's card first."))
    if not card:
        return redirect(url_for("staff_desk.desk", card=code, mode=LEND), 303)
    if had := _has_it(card, code):
        return _page(card, LEND, code=code, had=had)
    book = {"isbn": code} if _is_number(code) else {"title": code}
    more = {name: value for name, value in given("title", "author").items() if value}
    body = book | more | {"card_number": card, "branch_id": _branch()}
    done = tried("loans", asking.path("/loans"), body=body, headers=_once(card, code))
    if done.done:
        return _next(lent(done.answer), card, LEND)
    if "isbn" in done.wrongs and not more.get("title"):
        return _unknown(card, code)
    return _page(card, LEND, code=code, wrong=why_not(done))


def _once(card: str, code: str) -> dict[str, str]:
    """Enter pressed twice on one page lends once; another book is another deed. A wrong card is said so soon."""
    page = given("key")["key"]
    once = {"Idempotency-Key": f"desk {uuid.uuid5(uuid.NAMESPACE_OID, f'{page} {card} {code}')}"} if page else {}
    return once | {"Prefer": f"wait={NEWS_SECONDS}"}


def _is_number(code: str) -> bool:
    return any(each.isdecimal() for each in code)


def _has_it(card: str, code: str) -> dict[str, Any] | None:
    """A book of that ISBN which the reader has already: scanned twice, or meant to be renewed. A school takes many."""
    isbn = isbn_13(code)
    if isbn is None or request.form.get("copy") == "yes":
        return None
    found = asking.look_up(
        reader=("accounts", asking.path("/readers", card_number=card, limit=1)),
        loans=("loans", asking.path("/loans", card_number=card, search=isbn, status="on_loan", limit=MOST_ALIKE)),
    )
    if any(each["kind"] == "institution" for each in found["reader"].items):
        return None
    return next((each for each in found["loans"].items if isbn_13(each["isbn"]) == isbn), None)


def _unknown(card: str, code: str) -> Response:
    """A book nobody has lent yet, or no book at all."""
    if len([each for each in code if each.isdecimal() or each in "xX"]) in LENGTHS_OF_ISBN:
        return _page(card, LEND, unknown=code)
    return _page(card, LEND, code=code, wrong=say("Neither a reader's card nor a book's ISBN: {code}", code=code))


def _branch() -> str:
    return request.form.get("branch_id", "").strip()


def why_not(done: Tried) -> str:
    if done.reason == "card_blocked":
        return say("The card is blocked: nothing is lent or renewed on it. Its page says more.")
    if done.reason == "card_expired":
        return say("The card has expired. Set a new day on the reader's page first.")
    return " ".join(done.wrongs.values()) or done.detail


def _next(message: str, card: str, mode: str) -> Response:
    sessions.tell(message)
    return redirect(url_for("staff_desk.desk", card=card or None, mode=mode), 303)


def _with_loan(code: str, card: str, mode: str) -> Response:
    loans = loans_named(code, card)
    if not loans:
        return _page(card, mode, code=code, wrong=not_found(code))
    if len(loans) > 1:
        return _page(card, mode, alike=loans)
    return _do(loans[0]["id"], card, mode)


def loans_named(code: str, card: str = "") -> Sequence[dict[str, Any]]:
    """Books on loan with that number, ISBN or title; only the reader's where there are such."""
    asked = asking.path("/loans", search=code, status="on_loan", limit=MOST_ALIKE)
    found: list[dict[str, Any]] = asking.act("loans", asked, method="GET")["items"]
    exact = [each for each in found if each["id"] == code]
    return exact or [each for each in found if each["card_number"] == card] or found


def not_found(code: str) -> str:
    """Why nothing on loan has that number: taken back a moment ago, another library's, or nobody's."""
    asked = asking.path("/loans", search=code, status="returned", limit=MOST_ALIKE)
    found = asking.look_up(loans=("loans", asked))["loans"].items
    today = clock.today(asking.settings().time_zone).isoformat()
    if back := next((each for each in found if each["returned_on"] == today), None):
        return say("Taken back already today: {title}. Card: {card}", title=back["title"], card=back["card_number"])
    if sees_all():
        return say("No book on loan was found: {code}", code=code)
    return say("No book on loan was found at your libraries: {code}", code=code)


@desk_pages.post("/book")
@may_call(LIBRARIAN)
def with_book() -> Response:
    """One book of the list on the page."""
    fields = given("loan_id", "card")
    return _do(fields["loan_id"], fields["card"], BACK if request.form.get("deed") == BACK else RENEW)


def _do(loan_id: str, card: str, mode: str) -> Response:
    done = tried("loans", asking.path(f"/loans/{loan_id}/{mode}"), body=EMPTY if mode == BACK else None)
    if not done.done:
        return _page(card, mode, wrong=why_not(done))
    following = _next(taken_back(done.answer) if mode == BACK else renewed(done.answer), card, mode)
    if mode == BACK:
        tell_of_tests(done.answer)
    return following


def lent(loan: Mapping[str, Any]) -> str:
    return say("Lent: {title}. {until}", title=loan["title"], until=until(loan))


def renewed(loan: Mapping[str, Any]) -> str:
    return say("Renewed: {title}. {until}", title=loan["title"], until=until(loan))


def taken_back(loan: Mapping[str, Any]) -> str:
    return say(
        "Taken back: {title}, as of {date}. Card: {card}",
        title=loan["title"],
        date=words.day(loan["returned_on"]),
        card=loan["card_number"],
    )


def until(loan: Mapping[str, Any]) -> str:
    """The new day and, where it is not the one agreed, why."""
    if loan["due_on"] is None:
        said = say("To be brought back when the library opens.")
    else:
        said = say("Bring back: {date}.", date=words.day(loan["due_on"]).rstrip("."))
    if loan["due_on"] == loan["original_due_on"]:
        return said
    reason = words.text(loan["reason"]).striptags()
    why = say("The agreed day was {date}; the library is closed then: {reason}.", **_agreed(loan, reason))
    return f"{said} {why}"


def _agreed(loan: Mapping[str, Any], reason: str) -> dict[str, str]:
    return {"date": words.short_day(loan["original_due_on"]), "reason": reason}
