"""Fields that several shapes have."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from zoneinfo import available_timezones

from marshmallow import Schema, ValidationError, fields, validate

from shared import clock
from shared.calendar import BadOpeningHours, check_opening_hours
from shared.problems import say

CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
PHONE = re.compile(r"(?=.{5,40}$)\+?[(]?\d[\d ()-]*\d")
FARTHEST = timedelta(days=3653)


def code(value: str) -> None:
    if not CODE.fullmatch(value):
        raise ValidationError(say("Use 1 to 40 small letters, digits, - or _"))


def known_time_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(say("Unknown time zone: {value}.", value=value))


def understood_hours(value: str) -> None:
    try:
        check_opening_hours(value)
    except BadOpeningHours as error:
        raise ValidationError(
            say("Opening hours not understood: {value}. Example: Mo-Fr 09:00-18:00.", value=value)
        ) from error


def phone_number(value: str) -> None:
    """As people read it aloud: spaces, dashes and brackets stay."""
    if not PHONE.fullmatch(value):
        raise ValidationError(say("Not a telephone number: {value}. Example: +7 7232 00 00 01.", value=value))


def near(value: date) -> None:
    if abs(value - clock.now().date()) > FARTHEST:
        raise ValidationError(say("The date is more than ten years away: {value}.", value=value))


def some_text(value: dict[str, Any]) -> None:
    if not any(text and text.strip() for text in value.values()):
        raise ValidationError(say("Write it in one language at least."))


class Text(fields.String):
    """PostgreSQL keeps no NUL."""

    def _deserialize(self, value: Any, *args: Any, **more: Any) -> str:
        text: str = super()._deserialize(value, *args, **more)
        if "\0" in text:
            raise self.make_error("invalid")
        return text


class Texts(Schema):
    """A text in three languages; a missing one falls back kk -> ru -> en."""

    kk = Text(allow_none=True, validate=validate.Length(max=500))
    ru = Text(allow_none=True, validate=validate.Length(max=500))
    en = Text(allow_none=True, validate=validate.Length(max=500))
