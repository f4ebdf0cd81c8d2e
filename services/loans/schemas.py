"""Shapes of the HTTP API of loans."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, pre_load, validate, validates_schema

from services.loans.models import STATUSES
from services.loans.works import clean_isbn
from shared.events.contracts import LANGUAGES
from shared.web import PageQuery, page_of

MOST_DAYS = 366
MOST_CARDS = 50
A_TEXT = validate.Length(min=1, max=500)
AN_ID = validate.Regexp(r"^[^\x00-\x1f\x7f]{1,100}$", error="Use 1 to 100 characters on one line.")


def https_link(value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme != "https" or not parts.hostname or len(value) > 500:
        raise ValidationError("Use a link that starts with https://.")


class Trimmed(Schema):
    """Texts come without the spaces around them; an empty optional text is none."""

    @pre_load
    def trim(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: value.strip() if isinstance(value, str) else value for name, value in data.items()}


class Isbn(fields.String):
    """Kept without dashes and spaces; its check digit must be right."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        isbn = clean_isbn(super()._deserialize(value, attr, data, **kwargs))
        if isbn is None:
            raise ValidationError("Not an ISBN: check its digits.")
        return isbn


class WorkChange(Trimmed):
    title = fields.String(validate=A_TEXT)
    author = fields.String(allow_none=True, validate=validate.Length(max=300))
    language = fields.String(allow_none=True, validate=validate.OneOf(LANGUAGES))
    isbns = fields.List(Isbn(), validate=validate.Length(max=50))
    read_online = fields.String(allow_none=True, validate=https_link)


class NewWork(WorkChange):
    title = fields.String(required=True, validate=A_TEXT)


class Work(Schema):
    id = fields.String()
    version = fields.Integer()
    title = fields.String()
    author = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    isbns = fields.List(fields.String())
    read_online = fields.String(allow_none=True)


class WorkQuery(PageQuery):
    q = fields.String(metadata={"description": "part of the title or the author, as people type it"})


WorkPage = page_of(Work)


class CheckOut(Trimmed):
    """A book is named by its work, its ISBN or its title; a date by itself or by the number of days."""

    loan_id = fields.String(validate=AN_ID)
    card_number = fields.String(required=True, validate=AN_ID)
    branch_id = fields.String(required=True)
    work_id = fields.UUID()
    title = fields.String(validate=A_TEXT)
    author = fields.String(allow_none=True, validate=validate.Length(max=300))
    isbn = Isbn(allow_none=True)
    lent_on = fields.Date()
    due_on = fields.Date()
    days = fields.Integer(validate=validate.Range(min=1, max=MOST_DAYS))

    @validates_schema
    def says_one_date_and_a_book(self, data: dict[str, Any], **_: Any) -> None:
        if "due_on" in data and "days" in data:
            raise ValidationError("Name the due date or the number of days, not both.", "days")
        if not any(data.get(name) for name in ("work_id", "title", "isbn")):
            raise ValidationError("Name the book by its title, work_id or isbn.", "title")


class Return(Schema):
    dropped_on = fields.Date(allow_none=True)
    rests_until = fields.Date(allow_none=True)


class Reason(Schema):
    kk = fields.String(allow_none=True)
    ru = fields.String(allow_none=True)
    en = fields.String(allow_none=True)


class Change(Schema):
    """Once the date in force moved. `why`: lent, renewed, imported or the reason of the run that moved it."""

    at = fields.AwareDateTime()
    was = fields.Date(allow_none=True, data_key="from")
    now = fields.Date(allow_none=True, data_key="to")
    why = fields.String()
    quarantine_id = fields.String(allow_none=True)
    version = fields.Integer(allow_none=True)


class Loan(Schema):
    """`due_on` empty: no need to return until the library reopens. `reason`: of the quarantine that moved it."""

    id = fields.String()
    version = fields.Integer()
    card_number = fields.String()
    title = fields.String()
    author = fields.String(allow_none=True)
    isbn = fields.String(allow_none=True)
    work_id = fields.String(allow_none=True)
    read_online = fields.String(allow_none=True)
    branch_id = fields.String()
    lent_on = fields.Date()
    original_due_on = fields.Date()
    due_on = fields.Date(allow_none=True)
    protected_until = fields.Date(allow_none=True)
    status = fields.String()
    renewals = fields.Integer()
    returned_on = fields.Date(allow_none=True)
    rests_until = fields.Date(allow_none=True)
    quarantine_id = fields.String(allow_none=True)
    reason = fields.Nested(Reason, allow_none=True)
    changes = fields.List(fields.Nested(Change))


LoanPage = page_of(Loan)


class LoanFilter(Schema):
    """`rests_from`, `rests_to`: returned books whose rest ends then ("may go back on the shelf").

    `card_numbers`, named as often as there are cards: those of a family.
    """

    card_number = fields.String()
    card_numbers = fields.List(fields.String(), validate=validate.Length(max=MOST_CARDS))
    branch_id = fields.String()
    status = fields.String(validate=validate.OneOf(STATUSES))
    due_from = fields.Date()
    due_to = fields.Date()
    rests_from = fields.Date()
    rests_to = fields.Date()
    out_since = fields.Date(metadata={"description": "loans that are out, or were returned that day or later"})
    quarantine_id = fields.UUID(metadata={"description": "loans that any version of this quarantine moved"})
    search = fields.String(validate=validate.Length(min=1, max=200))


class LoanQuery(LoanFilter, PageQuery):
    past = fields.Boolean(
        load_default=False, metadata={"description": "only loans that are over, the newest first, instead of by id"}
    )


class LoanCount(Schema):
    """How many loans a list holds on all its pages, and of how many readers."""

    loans = fields.Integer()
    readers = fields.Integer()


class ImportRefused(Schema):
    line = fields.Integer()
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


class ImportReport(Schema):
    accepted = fields.Integer()
    rejected = fields.List(fields.Nested(ImportRefused))


class ImportRun(ImportReport):
    """An import that goes on by itself; `rejected` grows while it does."""

    id = fields.String()
    state = fields.String()
    done = fields.Integer()
    total = fields.Integer()
    failed = fields.Integer()


class ReportQuery(Schema):
    """Both days included."""

    since = fields.Date(required=True)
    until = fields.Date(required=True)


class BranchNumbers(Schema):
    branch_id = fields.String()
    lent = fields.Integer()
    renewed = fields.Integer()
    returned = fields.Integer()
    extended = fields.Integer(metadata={"description": "loans a closure moved to a later day"})
    brought_nearer = fields.Integer(metadata={"description": "loans a change of a closure moved to an earlier day"})


class Report(Schema):
    by_branch = fields.List(fields.Nested(BranchNumbers))


class PublicRenewal(Trimmed):
    card_number = fields.String(required=True, validate=AN_ID)
    surname = fields.String(required=True, validate=validate.Length(min=1, max=100))


class FamilyRenewal(Schema):
    """`loan_ids`: only these; all when not given. `card_numbers`: whose, asked by a service that checked a link."""

    loan_ids = fields.List(fields.String(validate=AN_ID), validate=validate.Length(min=1, max=MOST_CARDS))
    card_numbers = fields.List(fields.String(validate=AN_ID), validate=validate.Length(max=MOST_CARDS))


class RenewalOutcome(Schema):
    renewed = fields.Boolean()
    due_on = fields.Date(allow_none=True)
    reason = fields.String(allow_none=True)
    message = fields.String()


class PublicRenewalAnswer(Schema):
    renewed = fields.Integer()
    not_renewed = fields.Integer()
    message = fields.String()
    books = fields.List(fields.Nested(RenewalOutcome))


class OwnRenewalOutcome(RenewalOutcome):
    loan_id = fields.String()


class FamilyRenewalAnswer(PublicRenewalAnswer):
    books = fields.List(fields.Nested(OwnRenewalOutcome))


class Calendar(Schema):
    id = fields.String()
    created_at = fields.AwareDateTime()


class NewCalendar(Calendar):
    """`url` is shown this once: only a hash of its secret is kept."""

    url = fields.String()


class Calendars(Schema):
    items = fields.List(fields.Nested(Calendar))
