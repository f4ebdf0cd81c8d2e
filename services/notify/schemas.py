"""Shapes of the HTTP API of notify."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.notify import posts
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


class Queue(Schema):
    """`households`: families of a quarantine left to be called or written to, now or later."""

    quarantine_id = fields.String()
    households = fields.Integer()


class Queues(Schema):
    items = fields.List(fields.Nested(Queue))


class Chats(Schema):
    """Texts for the chats of classes, without names and titles, by language. `case`: ahead, now, over or undone."""

    case = fields.String()
    opens = fields.Date(allow_none=True)
    texts = fields.Dict(keys=fields.String(), values=fields.String())


class SlipDay(Schema):
    day = fields.Date(allow_none=True)
    books = fields.Integer()


class Slip(Schema):
    name = fields.String()
    language = fields.String()
    days = fields.List(fields.Nested(SlipDay))


class ClassSlips(Schema):
    school = fields.String(allow_none=True)
    school_class = fields.String(allow_none=True)
    slips = fields.List(fields.Nested(Slip))


class Slips(Schema):
    items = fields.List(fields.Nested(ClassSlips))


class Letter(Schema):
    notice_id = fields.String()
    recipient = fields.String()
    language = fields.String()
    subject = fields.String()
    body = fields.String()


LetterPage = page_of(Letter)


class NumbersQuery(Schema):
    """Both days included."""

    since = fields.Date(required=True)
    until = fields.Date(required=True)


class Counted(Schema):
    """`key`: by what it is counted, as in the field's name; `households` written to, `readers` they were told about."""

    key = fields.String(allow_none=True)
    households = fields.Integer()
    readers = fields.Integer()


class Tried(Schema):
    way = fields.String()
    result = fields.String()
    tries = fields.Integer()


class Numbers(Schema):
    by_way = fields.List(fields.Nested(Counted))
    by_language = fields.List(fields.Nested(Counted))
    by_branch = fields.List(fields.Nested(Counted))
    by_age = fields.List(fields.Nested(Counted))
    not_told = fields.Integer()
    attempts = fields.List(fields.Nested(Tried))


class PostMade(Schema):
    quarantine_id = fields.UUID(required=True)
    url = fields.String(required=True, validate=[validate.Length(max=posts.LONGEST), posts.an_address])


class Post(Schema):
    """`url`: where it can be seen; `name`: who recorded it, as they were called then."""

    id = fields.Integer()
    quarantine_id = fields.String()
    url = fields.String()
    at = fields.AwareDateTime()
    by = fields.String()
    name = fields.String()


PostPage = page_of(Post)


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


class WorkQuery(PageQuery):
    quarantine_id = fields.UUID(required=True)
    language = fields.String(validate=validate.OneOf(["kk", "ru", "en"]))
    way = fields.String(validate=validate.OneOf(["call", "letter"]))
    search = fields.String(validate=validate.Length(min=1, max=200))
    mine = fields.Boolean(load_default=False, metadata={"description": "only what the caller has taken"})


class Household(Schema):
    """A family nobody's message reaches: who to ask for, and what to say."""

    notice_id = fields.String()
    ask_for = fields.String()
    phone = fields.String(allow_none=True)
    language = fields.String()
    readers = fields.List(fields.String(), metadata={"description": "first names"})
    cards = fields.List(fields.String())
    way = fields.String(metadata={"description": "call, or letter when there is no number or nobody answered"})
    tries = fields.Integer()
    taken_until = fields.AwareDateTime(allow_none=True)
    no_guardian = fields.Boolean()
    say = fields.String()


HouseholdPage = page_of(Household)


class TakeCalls(Schema):
    quarantine_id = fields.UUID(required=True)
    language = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(["kk", "ru", "en"]))


class Households(Schema):
    items = fields.List(fields.Nested(Household))


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
