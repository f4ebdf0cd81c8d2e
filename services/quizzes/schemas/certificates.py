"""Shapes of certificates."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.quizzes.schemas.common import LANGUAGE
from services.quizzes.schemas.results import NamedQuiz


class Wish(Schema):
    """`name`: as its owner writes it; `show_name`: whether the public page may say it, which a child may not alone
    decide."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=100))
    language = fields.String(load_default="kk", validate=LANGUAGE)
    show_name = fields.Boolean(load_default=False)


class Consent(Schema):
    show_name = fields.Boolean(required=True)


class Issued(Schema):
    """`url`: the public page that says whether it is valid."""

    code = fields.String()
    url = fields.String()


class Checked(Schema):
    """`who`: first name, of a child the age too, or a nickname; with consent the name; none where nobody knows."""

    code = fields.String()
    valid = fields.Boolean()
    withdrawn_on = fields.Date()
    quiz = fields.Nested(NamedQuiz)
    day = fields.Date()
    percent = fields.Float()
    who = fields.String(allow_none=True)
