"""Shapes of the preview that quarantines asks for."""

from __future__ import annotations

from marshmallow import Schema, fields

from shared.fields import Texts


class PreviewRequest(Schema):
    quarantine = fields.Dict(required=True)
    decision = fields.String(required=True)


class LastDayMoves(Schema):
    """A quiz whose last day would be another one, and the cards of those with an unfinished attempt at it."""

    id = fields.String()
    was = fields.Date(allow_none=True)
    now = fields.Date(allow_none=True)
    cards = Texts()


class Preview(Schema):
    """`deadlines`: published quizzes whose last day moves; `readers`: those with an unfinished attempt at one."""

    deadlines = fields.Integer()
    readers = fields.Integer()
    changes = fields.List(fields.Nested(LastDayMoves))
