"""What quarantines asks before a decision and after it."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError, fields
from sqlalchemy.orm import Session

from services.loans import reconciliation
from services.loans.preview import preview
from shared.auth import SERVICE, may_call
from shared.events.contracts import problems_of
from shared.fields import Texts
from shared.web import PageQuery, read_cursor, reading

decisions = Blueprint("loan decisions", __name__, url_prefix="/api/v1/loans", description="For the other services")


def would_be_event(value: Any) -> None:
    if problems := problems_of("quarantine.declared.v1", value):
        raise ValidationError(problems)


class WouldBe(Schema):
    """`quarantine`: the data of the event that the decision would send. `decision`: declare, change, lift, cancel."""

    quarantine = fields.Raw(required=True, validate=would_be_event)
    decision = fields.String(load_default="declare")


class AtBranch(Schema):
    branch_id = fields.String(required=True)
    loans = fields.Integer(required=True)
    readers = fields.Integer(required=True)


class Returns(Schema):
    """How many loans are due at a branch on a day, before the decision and after it."""

    branch_id = fields.String(required=True)
    day = fields.String(required=True)
    before = fields.Integer(required=True)
    after = fields.Integer(required=True)


class Again(Schema):
    """Loans that had moved or were renewed before, and their readers' cards, place by place."""

    was = fields.Date(required=True, allow_none=True)
    now = fields.Date(required=True, allow_none=True)
    loans = Texts(required=True)
    cards = Texts(required=True)


class Preview(Schema):
    """`cards`: readers of whose books one would move for the first time; the other loans that would are in `again`."""

    loans = fields.Integer(required=True)
    readers = fields.Integer(required=True)
    cards = Texts(required=True)
    again = fields.List(fields.Nested(Again), required=True)
    by_branch = fields.List(fields.Nested(AtBranch), required=True)
    returns = fields.List(fields.Nested(Returns), required=True)
    overdue_frozen = fields.Integer(required=True)
    no_date = fields.Integer(required=True)
    nearer = fields.Integer(required=True)
    due_within_three_days = fields.Integer(required=True)
    already_past = fields.Integer(required=True)
    loans_back = fields.Integer(required=True)
    never_open = fields.List(fields.String(), required=True)


class ReconciliationQuery(PageQuery):
    quarantine_id = fields.UUID(required=True)


class LoanDue(Schema):
    loan_id = fields.String(required=True)
    due_on = fields.Date(required=True, allow_none=True)


class CardMoved(Schema):
    card_number = fields.String(required=True)
    loans = fields.List(fields.Nested(LoanDue), required=True)


class WrongLoan(LoanDue):
    card_number = fields.String(required=True)
    branch_id = fields.String(required=True)
    expected = fields.Date(required=True, allow_none=True)


class ReconciliationPage(Schema):
    """`loans_in_scope`, `loans_right` and `wrong` are on the first page only."""

    loans_in_scope = fields.Integer()
    loans_right = fields.Integer()
    wrong = fields.List(fields.Nested(WrongLoan))
    items = fields.List(fields.Nested(CardMoved), required=True)
    next = fields.String(required=True, allow_none=True)


@decisions.post("/preview")
@may_call(SERVICE)
@reading
@decisions.arguments(WouldBe)
@decisions.response(200, Preview)
def preview_decision(session: Session, body: dict[str, Any]) -> dict[str, Any]:
    return preview(session, body["quarantine"])


@decisions.get("/reconciliation")
@may_call(SERVICE)
@reading
@decisions.arguments(ReconciliationQuery, location="query")
@decisions.response(200, ReconciliationPage)
def reconcile(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    quarantine_id = str(query["quarantine_id"])
    after = read_cursor(query.get("cursor"))
    items, following = reconciliation.cards_moved(session, quarantine_id, after[0] if after else "", query["limit"])
    page = {"items": items, "next": following}
    return page if after else reconciliation.first_page(session, quarantine_id) | page
