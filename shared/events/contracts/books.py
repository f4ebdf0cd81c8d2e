"""Works, loans and their dates."""

from __future__ import annotations

from marshmallow import fields

from shared.events.contracts.common import Contract


class Work(Contract):
    work_id = fields.String(required=True)
    version = fields.Integer(required=True)
    title = fields.String(required=True)
    author = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    isbns = fields.List(fields.String(), required=True)
    read_online = fields.String(allow_none=True)


class Loan(Contract):
    loan_id = fields.String(required=True)
    version = fields.Integer(required=True)
    card_number = fields.String(required=True)
    title = fields.String(required=True)
    author = fields.String(allow_none=True)
    isbn = fields.String(allow_none=True)
    branch_id = fields.String(required=True)
    lent_on = fields.Date(required=True)
    original_due_on = fields.Date(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    status = fields.String(required=True)
    returned_on = fields.Date(allow_none=True)


class LoanReminder(Loan):
    day = fields.Date(required=True, metadata={"description": "the day the reminder is for"})


class DueDateChange(Contract):
    loan_id = fields.String(required=True)
    title = fields.String(required=True)
    author = fields.String(allow_none=True)
    branch_id = fields.String(required=True)
    was = fields.Date(required=True, allow_none=True, data_key="from")
    to = fields.Date(required=True, allow_none=True)
    loan_version = fields.Integer(
        required=True, metadata={"description": "the loan's version after the change; events come in any order"}
    )


class UnchangedLoan(Contract):
    title = fields.String(required=True)
    due_on = fields.Date(required=True, allow_none=True)


class DueDatesChanged(Contract):
    """One reader, one run, all their books that moved; `unchanged` lists the ones that did not."""

    run_id = fields.String(required=True)
    quarantine_id = fields.String(required=True)
    version = fields.Integer(required=True)
    card_number = fields.String(required=True)
    unchanged = fields.List(fields.Nested(UnchangedLoan))
    changes = fields.List(fields.Nested(DueDateChange), required=True)
