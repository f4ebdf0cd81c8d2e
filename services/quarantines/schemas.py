"""Shapes of the HTTP API of quarantines."""

from __future__ import annotations

from zoneinfo import available_timezones

from marshmallow import Schema, ValidationError, fields, validate

from shared.calendar import BadOpeningHours, check_opening_hours
from shared.web import page_of

CODE = validate.Regexp(r"^[a-z0-9][a-z0-9_-]{0,39}$", error="Use 1 to 40 small letters, digits, - or _")


def known_time_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError("Unknown time zone; use a name like Asia/Almaty")


def understood_hours(value: str) -> None:
    try:
        check_opening_hours(value)
    except BadOpeningHours as error:
        raise ValidationError(str(error)) from error


class Texts(Schema):
    """A text in three languages; a missing one falls back kk -> ru -> en."""

    kk = fields.String(allow_none=True, validate=validate.Length(max=500))
    ru = fields.String(allow_none=True, validate=validate.Length(max=500))
    en = fields.String(allow_none=True, validate=validate.Length(max=500))


class Branch(Schema):
    id = fields.String(required=True, validate=CODE)
    name = fields.Nested(Texts, required=True)
    parent_id = fields.String(allow_none=True, load_default=None)
    time_zone = fields.String(load_default="Asia/Almaty", validate=known_time_zone)
    opening_hours = fields.String(required=True, validate=[validate.Length(max=400), understood_hours])


BranchPage = page_of(Branch)
