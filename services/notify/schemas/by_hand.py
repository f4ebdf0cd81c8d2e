"""What staff do by hand: calls, letters, slips, posts, and the numbers of it all."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.notify import posts
from shared.web import PageQuery, page_of


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
