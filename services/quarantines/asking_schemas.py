"""Shapes of what is asked of the other services: the preview and the reconciliation."""

from __future__ import annotations

from marshmallow import Schema, fields


class Sample(Schema):
    """The message about a book that moves as most do."""

    language = fields.String()
    subject = fields.String()
    body = fields.String()


class Preview(Schema):
    """A part that did not answer is named in `missing_parts`, and its numbers are none, never 0."""

    loans = fields.Integer(allow_none=True)
    readers = fields.Integer(allow_none=True)
    by_branch = fields.List(fields.Dict(), allow_none=True)
    returns = fields.List(fields.Dict(), allow_none=True)
    overdue_frozen = fields.Integer(allow_none=True)
    no_date = fields.Integer(allow_none=True)
    never_open = fields.List(fields.String(), allow_none=True)
    nearer = fields.Integer(allow_none=True)
    due_within_three_days = fields.Integer(allow_none=True)
    already_past = fields.Integer(allow_none=True)
    loans_back = fields.Integer(allow_none=True)
    cards = fields.Integer(allow_none=True)
    deadlines = fields.Integer(allow_none=True, metadata={"description": "quizzes whose last day moves"})
    households = fields.Integer(allow_none=True)
    notices = fields.Integer(allow_none=True)
    announcements = fields.Integer(
        allow_none=True, metadata={"description": "beside the notices, to readers whose books stay"}
    )
    by_language = fields.Dict(allow_none=True)
    by_channel = fields.Dict(allow_none=True)
    unreachable = fields.Integer(allow_none=True)
    no_guardian = fields.Integer(allow_none=True)
    already_told = fields.Integer(allow_none=True)
    samples = fields.List(fields.Nested(Sample), allow_none=True)
    not_connected = fields.List(fields.String())
    missing_parts = fields.List(fields.String())


class Choices(Schema):
    """What may still be done and needs no further answer, by the version it was counted on; none: not possible now.

    `lift`: for `reopens_on`, the next open day.
    """

    version = fields.Integer()
    reopens_on = fields.Date()
    lift = fields.Nested(Preview, allow_none=True)
    cancel = fields.Nested(Preview, allow_none=True)


class Missing(Schema):
    card_number = fields.String()
    reason = fields.String()
    loans = fields.List(fields.String())


class Reconciliation(Schema):
    """`missing` lists the first of `missing_count`; `unfinished`: steps of this version that are under way."""

    quarantine_id = fields.String()
    version = fields.Integer()
    clean = fields.Boolean()
    all_told = fields.Boolean()
    loans_in_scope = fields.Integer()
    loans_right = fields.Integer()
    readers_affected = fields.Integer()
    readers_told = fields.Integer()
    pending = fields.Integer()
    unreachable = fields.Integer()
    missing = fields.List(fields.Nested(Missing))
    missing_count = fields.Integer()
    unfinished = fields.List(fields.String())
