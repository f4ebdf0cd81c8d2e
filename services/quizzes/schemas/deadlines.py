"""Shapes of the preview that quarantines asks for."""

from __future__ import annotations

from marshmallow import Schema, fields


class PreviewRequest(Schema):
    quarantine = fields.Dict(required=True)
    decision = fields.String(required=True)


class Preview(Schema):
    """`deadlines`: published quizzes whose last day moves; `readers`: those with an unfinished attempt at one."""

    deadlines = fields.Integer()
    readers = fields.Integer()
