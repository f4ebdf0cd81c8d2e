"""The fields of a reader as a file or a form gives them, checked and brought to one form. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from services.accounts.contacts import BadContact, email, phone
from shared import clock
from shared.language import LANGUAGES
from shared.problems import say

REQUIRED = (
    "card_number",
    "family_name",
    "given_name",
    "language",
    "birth_date",
    "email",
    "phone",
    "telegram",
    "guardian_card_number",
    "home_branch_id",
    "card_expires_on",
)
OPTIONAL = (
    "guardian_name",
    "guardian_phone",
    "guardian_email",
    "guardian_language",
    "school",
    "school_class",
    "kind",
    "blocked",
)
KINDS = ("person", "institution")
LONGEST = 200
LONGEST_CARD = 40
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_YES = {"1", "true", "yes", "иә", "да"}
_NO = {"", "0", "false", "no", "жоқ", "нет"}


class BadValue(ValueError):
    """The text is a message id; `values` fill it."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message)
        self.values = values


def _text(value: str) -> str | None:
    if len(value) > LONGEST:
        raise BadValue("Longer than maximum length {max}.", max=LONGEST)
    if not value.isprintable():
        raise BadValue("The line holds characters that are not text.")
    return value or None


def _named(value: str) -> str:
    if not (given := _text(value)):
        raise BadValue("Missing data for required field.")
    return given


def _card(value: str) -> str:
    if len(value) > LONGEST_CARD:
        raise BadValue("Longer than maximum length {max}.", max=LONGEST_CARD)
    return _named(value)


def _any_card(value: str) -> str | None:
    return _card(value) if value else None


def _language(value: str) -> str:
    return _any_language(value) or LANGUAGES[0]


def _any_language(value: str) -> str | None:
    if value and value not in LANGUAGES:
        raise BadValue("Unknown language: {value}. Use kk, ru or en.", value=value)
    return value or None


def _day(value: str) -> date | None:
    if not value:
        return None
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise BadValue("Not a date: {value}. Use YYYY-MM-DD.", value=value)


def _past_day(value: str) -> date | None:
    day = _day(value)
    if day and not date(1900, 1, 1) <= day <= clock.now().date():
        raise BadValue("Not a date of birth: {value}.", value=value)
    return day


def _contact(read: Callable[[str], str]) -> Callable[[str], str | None]:
    def contact(value: str) -> str | None:
        try:
            return read(value) if value else None
        except BadContact as error:
            raise BadValue(str(error), value=value) from error

    return contact


def _kind(value: str) -> str:
    if value and value not in KINDS:
        raise BadValue("Must be one of: {choices}.", choices=", ".join(KINDS))
    return value or KINDS[0]


def _blocked(value: str) -> bool:
    if (folded := value.casefold()) not in _YES | _NO:
        raise BadValue("Not yes or no: {value}. Use 1 or 0.", value=value)
    return folded in _YES


def _branch(value: str) -> str:
    if len(value) > LONGEST_CARD:
        raise BadValue("Longer than maximum length {max}.", max=LONGEST_CARD)
    return value


CHECKS: Mapping[str, Callable[[str], Any]] = {
    "card_number": _card,
    "family_name": _named,
    "given_name": lambda value: _text(value) or "",
    "language": _language,
    "birth_date": _past_day,
    "email": _contact(email),
    "phone": _contact(phone),
    "telegram": _text,
    "guardian_card_number": _any_card,
    "home_branch_id": _branch,
    "card_expires_on": _day,
    "guardian_name": _text,
    "guardian_phone": _contact(phone),
    "guardian_email": _contact(email),
    "guardian_language": _any_language,
    "school": _text,
    "school_class": _text,
    "kind": _kind,
    "blocked": _blocked,
}


EMPTY = {name: check("") for name, check in CHECKS.items() if name not in ("card_number", "family_name")}
"""What an empty cell means, by field."""


def checked(cells: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """(fields in one form, errors by field in the caller's language) of those cells that are given."""
    fields: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, value in cells.items():
        if not value and name in EMPTY:
            fields[name] = EMPTY[name]
            continue
        try:
            fields[name] = CHECKS[name](value)
        except BadValue as bad:
            errors[name] = [say(str(bad), **bad.values)]
    card = fields.get("card_number")
    if card is not None and fields.get("guardian_card_number") == card:
        errors["guardian_card_number"] = [say("Nobody is their own guardian.")]
    return fields, errors
