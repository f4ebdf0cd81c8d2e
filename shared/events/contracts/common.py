"""What the bodies of events are made of."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields

LANGUAGES = ("kk", "ru", "en")


class Contract(Schema):
    class Meta:
        unknown = EXCLUDE


class Texts(Contract):
    kk = fields.String(allow_none=True)
    ru = fields.String(allow_none=True)
    en = fields.String(allow_none=True)
