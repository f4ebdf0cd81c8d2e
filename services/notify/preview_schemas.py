"""Shapes of the preview that quarantines asks for."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from shared.fields import Texts

DECISIONS = ("declared", "changed", "lifted", "cancelled")


class WouldBe(Schema):
    """Of a quarantine as a decision would make it, what its message says."""

    class Meta:
        unknown = EXCLUDE

    quarantine_id = fields.String(load_default=None, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    starts_on = fields.Date(required=True)
    reopens_on = fields.Date(load_default=None, allow_none=True)
    branches = fields.List(fields.Dict(), required=True)
    announce = fields.Boolean(load_default=False)
    reason = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True), load_default=dict)


class Again(Schema):
    """Loans that would move to that day, not for the first time, and their readers' cards, place by place."""

    class Meta:
        unknown = EXCLUDE

    now = fields.Date(required=True, allow_none=True)
    loans = Texts(required=True)
    cards = Texts(required=True)

    @validates_schema
    def pairs(self, data: dict[str, Any], **_: Any) -> None:
        if len(data["loans"]) != len(data["cards"]):
            raise ValidationError("Name a card for each loan.", "cards")


class OtherDay(Schema):
    """Another day that would move for the readers with these cards; `id` is none for the cards themselves."""

    class Meta:
        unknown = EXCLUDE

    service = fields.String(required=True)
    kind = fields.String(required=True)
    id = fields.String(load_default=None, allow_none=True)
    now = fields.Date(required=True, allow_none=True)
    cards = Texts(required=True)


class PreviewAsked(Schema):
    """`cards`: readers with a book that would move for the first time.

    `was_due`, `now_due`: the day most books leave, and the one they come to; none: until the library opens.
    """

    quarantine = fields.Nested(WouldBe, required=True)
    decision = fields.String(load_default="declare")
    cards = Texts(required=True)
    again = fields.List(fields.Nested(Again), load_default=list)
    dates = fields.List(fields.Nested(OtherDay), load_default=list)
    was_due = fields.Date(load_default=None, allow_none=True)
    now_due = fields.Date(load_default=None, allow_none=True)


class Sample(Schema):
    language = fields.String()
    subject = fields.String()
    body = fields.String()


class Previewed(Schema):
    """Counts, and `samples`: the message in each language about a book that moves as most do.

    `announcements`: beside the notices, to readers whose books stay, where they are to be told.
    """

    notices = fields.Integer()
    announcements = fields.Integer()
    households = fields.Integer()
    by_language = fields.Dict(keys=fields.String(), values=fields.Integer())
    by_channel = fields.Dict(keys=fields.String(), values=fields.Integer())
    unreachable = fields.Integer()
    no_guardian = fields.Integer()
    already_told = fields.Integer()
    samples = fields.List(fields.Nested(Sample))
