"""Shapes of answers given on paper."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.quizzes.schemas.common import LANGUAGE, SHORT


class Sheet(Schema):
    """Every question of the quiz; answers are entered in the identifiers given here."""

    items = fields.List(fields.Dict())


class Paper(Schema):
    """`card_number` of a reader, else a `nickname`. `class_id`: whose teacher sees the sheet; `written_on`: a day on
    which the quiz was open, by default today."""

    card_number = fields.String(allow_none=True, load_default=None, validate=SHORT)
    nickname = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=100))
    class_id = fields.UUID(allow_none=True, load_default=None)
    written_on = fields.Date(allow_none=True, load_default=None)
    language = fields.String(load_default="kk", validate=LANGUAGE)
    answers = fields.Dict(keys=fields.UUID(), values=fields.Raw(allow_none=True), required=True)


class Graded(Schema):
    """`points` and `percent` none while an open answer is to be marked."""

    id = fields.String()
    state = fields.String()
    to_be_marked = fields.Integer()
    points = fields.Float(allow_none=True)
    of = fields.Float()
    percent = fields.Float(allow_none=True)
    passed = fields.Boolean(allow_none=True)
