"""Loans at the desk, and readers' own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from flask import Response, make_response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from services.loans import queries, renewals, schemas, use_cases
from services.loans.models import Loan
from shared.auth import READER, SERVICE, caller, may_call
from shared.problems import invalid
from shared.references import wait_until_known
from shared.web import context, etag, in_transaction, page, page_as_json, read_cursor, reading, reference_wait

loans = Blueprint("loans", __name__, url_prefix="/api/v1/loans", description="Loans and when they are due")


def after_hearing_of_its_card(view: Callable[..., Any]) -> Callable[..., Any]:
    """Waits for the card and the branch that a body names, before any transaction is opened."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        body = request.get_json(silent=True)
        if isinstance(body, dict):
            _wait(body.get("card_number"), body.get("branch_id"))
        return view(*args, **kwargs)

    return run


def _wait(card_number: Any, branch_id: Any) -> None:
    def missing() -> set[str]:
        with context().database.reading() as session:
            cards, branches = ({name.strip()} if isinstance(name, str) else set() for name in (card_number, branch_id))
            return queries.unknown_cards(session, cards) | queries.unknown_branches(session, branches)

    wait_until_known(missing, reference_wait())


@loans.get("")
@may_call("librarian", READER, SERVICE)
@reading
@loans.arguments(schemas.LoanQuery, location="query")
@loans.response(200, schemas.LoanPage)
def list_loans(session: Session, query: dict[str, Any]) -> Response:
    if query["past"]:
        return _past(session, query)
    after = read_cursor(query.get("cursor"))
    found = queries.loans(session, caller(), query, after[0] if after else None)
    items, following = page(found, query["limit"], lambda loan: [loan["id"]])
    return page_as_json(items, following)


def _past(session: Session, query: dict[str, Any]) -> Response:
    found = queries.past_loans(session, caller(), query, _lent_before(query.get("cursor")))
    items, following = page(found, query["limit"], lambda loan: [loan["lent_on"].isoformat(), loan["id"]])
    return page_as_json(items, following)


def _lent_before(cursor: str | None) -> tuple[date, str] | None:
    """Raises a 422 problem for a cursor we did not make."""
    if not (key := read_cursor(cursor, 2)):
        return None
    try:
        return date.fromisoformat(key[0]), str(key[1])
    except (TypeError, ValueError) as error:
        raise invalid("cursor", "Use the value of next from the page before.") from error


@loans.post("")
@may_call("librarian")
@after_hearing_of_its_card
@in_transaction
@loans.arguments(schemas.CheckOut)
def check_out(session: Session, data: dict[str, Any]) -> Response:
    caller().require_branches("librarian", [data["branch_id"]])
    loan = use_cases.check_out(session, data)
    response = _answer(session, loan, 201)
    response.headers["Location"] = f"/api/v1/loans/{loan.id}"
    return response


@loans.get("/<path:loan_id>")
@may_call("librarian", READER, SERVICE)
@reading
def get_loan(session: Session, loan_id: str) -> Response:
    return _answer(session, queries.loan(session, caller(), loan_id))


@loans.post("/<path:loan_id>/return")
@may_call("librarian")
@in_transaction
@loans.arguments(schemas.Return)
def give_back(session: Session, data: dict[str, Any], loan_id: str) -> Response:
    return _answer(session, use_cases.give_back(session, caller(), loan_id, data))


@loans.post("/<path:loan_id>/lost")
@may_call("librarian")
@in_transaction
def mark_lost(session: Session, loan_id: str) -> Response:
    return _answer(session, use_cases.write_off(session, caller(), loan_id, use_cases.LOST))


@loans.post("/<path:loan_id>/claimed-returned")
@may_call("librarian")
@in_transaction
def mark_claimed_returned(session: Session, loan_id: str) -> Response:
    return _answer(session, use_cases.write_off(session, caller(), loan_id, use_cases.CLAIMED))


@loans.post("/<path:loan_id>/renew")
@may_call("librarian", READER)
@in_transaction
def renew(session: Session, loan_id: str) -> Response:
    return _answer(session, renewals.renew_one(session, caller(), loan_id))


def _answer(session: Session, loan: Loan, status: int = 200) -> Response:
    response = make_response(queries.shown_loan(session, loan), status)
    response.headers["ETag"] = etag(loan.version)
    return response
