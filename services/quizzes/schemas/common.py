"""Fields that several shapes share."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.quizzes.items import tidy
from shared.language import LANGUAGES

LANGUAGE = validate.OneOf(LANGUAGES)
SHORT = validate.Length(max=200)
LONG = validate.Length(max=4000)


class Texts(Schema):
    """One text in up to three languages; empty ones are left out."""

    @post_load
    def without_empty(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {language: tidy(text) for language, text in data.items() if text and tidy(text)}


class ShortTexts(Texts):
    kk = fields.String(allow_none=True, validate=SHORT)
    ru = fields.String(allow_none=True, validate=SHORT)
    en = fields.String(allow_none=True, validate=SHORT)


class LongTexts(Texts):
    kk = fields.String(allow_none=True, validate=LONG)
    ru = fields.String(allow_none=True, validate=LONG)
    en = fields.String(allow_none=True, validate=LONG)


class Fault(Schema):
    """`place`: a field path, a line or an XML path; `message` in the caller's language."""

    place = fields.String()
    message = fields.String()


class Faults(Schema):
    faults = fields.List(fields.Nested(Fault))
