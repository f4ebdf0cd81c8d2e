"""Notices and what readers wish and see of them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.notify.use_cases import RESULTS
from shared.language import LANGUAGES
from shared.web import PageQuery, page_of

STATES = ("queued", "sent", "replaced", "withdrawn", "failed")
CHANNELS = ("inbox", "email", "sms", "telegram", "push")
KINDS = ("digest", "correction", "due_soon", "overdue", "reopening", "announcement", "code")


class Delivery(Schema):
    channel = fields.String()
    state = fields.String()
    tries = fields.Integer()
    last_error = fields.String(allow_none=True)
    sent_at = fields.AwareDateTime(allow_none=True)


class Notice(Schema):
    """`card_number`: who is written to, null for a guardian without a card; `about`: the readers it is about."""

    id = fields.String()
    card_number = fields.String(allow_none=True)
    recipient = fields.String()
    about = fields.List(fields.String())
    quarantine_id = fields.String(allow_none=True)
    version = fields.Integer(allow_none=True)
    kind = fields.String(validate=validate.OneOf(KINDS))
    language = fields.String()
    subject = fields.String(allow_none=True)
    body = fields.String(allow_none=True)
    state = fields.String(validate=validate.OneOf(STATES))
    created_at = fields.AwareDateTime()
    told_at = fields.AwareDateTime(allow_none=True)
    opened_at = fields.AwareDateTime(allow_none=True)
    deliveries = fields.List(fields.Nested(Delivery))


NoticePage = page_of(Notice)


class NoticeQuery(PageQuery):
    card_number = fields.String()
    quarantine_id = fields.UUID()
    state = fields.String(validate=validate.OneOf(STATES))
    kind = fields.String(validate=validate.OneOf(KINDS))
    language = fields.String(validate=validate.OneOf(LANGUAGES))
    channel = fields.String(validate=validate.OneOf(CHANNELS))
    search = fields.String(validate=validate.Length(min=1, max=200))


class KindWanted(Schema):
    """`off`: channels over which it is not wanted; `essential` kinds come over every channel."""

    kind = fields.String()
    essential = fields.Boolean()
    off = fields.List(fields.String())


class Preferences(Schema):
    """`channels`: those the library writes over; `to_guardian`: the messages go to the guardian."""

    to_guardian = fields.Boolean()
    channels = fields.List(fields.String())
    kinds = fields.List(fields.Nested(KindWanted))


class PreferencesWanted(Schema):
    """`off`: kind -> channels over which it is not wanted."""

    off = fields.Dict(
        keys=fields.String(validate=validate.OneOf(KINDS)),
        values=fields.List(fields.String(validate=validate.OneOf(CHANNELS))),
        required=True,
    )


class Totals(Schema):
    """The work list of a decision: families to call, to write letters to; readers with no guardian on record."""

    calls = fields.Integer()
    letters = fields.Integer()
    no_guardian = fields.Integer()
    taken = fields.Integer(metadata={"description": "calls that others have taken just now"})
    later = fields.Integer(metadata={"description": "calls to be tried again another day"})


class OfQuarantine(Schema):
    quarantine_id = fields.UUID(required=True)


class Deed(Schema):
    """`who`: the subject of a token (`staff:<id>`); `what`: way and result, or `viewed`."""

    at = fields.AwareDateTime()
    who = fields.String()
    what = fields.String()
    notice_id = fields.String(allow_none=True)
    recipient = fields.String(allow_none=True)
    note = fields.String(allow_none=True)


DeedPage = page_of(Deed)


class DeedQuery(PageQuery):
    """`search`: in the note and the name of who was written to."""

    search = fields.String(validate=validate.Length(min=1, max=200))
    who = fields.String(validate=validate.Length(min=1, max=200))
    what = fields.String(validate=validate.Length(min=1, max=60))
    since = fields.AwareDateTime()
    until = fields.AwareDateTime()


class OutcomeOfNotice(Schema):
    """`at`: when it happened, now if left out."""

    way = fields.String(required=True, validate=validate.OneOf(list(RESULTS)))
    result = fields.String(
        required=True, validate=validate.OneOf(sorted({result for results in RESULTS.values() for result in results}))
    )
    at = fields.AwareDateTime(load_default=None, allow_none=True)
    note = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=1000))


class BounceOfNotice(Schema):
    channel = fields.String(load_default="email", validate=validate.OneOf(["email", "sms", "telegram", "push"]))
    reason = fields.String(required=True, validate=validate.Length(min=1, max=300))
    complaint = fields.Boolean(load_default=False)


class ReaderOfLink(Schema):
    card_number = fields.String()
    given_name = fields.String()


class FamilyOfLink(Schema):
    notice_id = fields.String()
    addressee = fields.String()
    cards = fields.List(fields.String())
    readers = fields.List(fields.Nested(ReaderOfLink))
    quarantine_id = fields.String(allow_none=True)
    language = fields.String()
    until = fields.AwareDateTime()


class Mailing(Schema):
    """A kind of message one person gets; `may_leave`: not one that says when books are due."""

    kind = fields.String()
    language = fields.String()
    may_leave = fields.Boolean()
    left = fields.Boolean()


class Release(Schema):
    """`state`: gathering, held until `starts_at`, stopped, begun, or none for a quarantine not heard of."""

    version = fields.Integer(allow_none=True)
    state = fields.String()
    starts_at = fields.AwareDateTime()
    stopped_by = fields.String()
    stopped_at = fields.AwareDateTime()


class ReconciliationQuery(PageQuery):
    quarantine_id = fields.UUID(required=True)


class LoanTold(Schema):
    loan_id = fields.String()
    told_on = fields.String(allow_none=True)
    knows = fields.Boolean()
    state = fields.String()
    reason = fields.String(allow_none=True)


class CardTold(Schema):
    card_number = fields.String()
    loans = fields.List(fields.Nested(LoanTold))


CardToldPage = page_of(CardTold)
