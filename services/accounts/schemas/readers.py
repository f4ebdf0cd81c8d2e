"""Readers, their cards and their questions."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_dump, post_load, validate

from services.accounts.reader_fields import KINDS, checked
from shared.language import LANGUAGES
from shared.web import PageQuery, page_of

PIN = validate.Regexp(r"^[0-9]{4,12}$", error="Use 4 to 12 digits.")
SHORT = validate.Length(max=200)


def text(**options: Any) -> fields.String:
    return fields.String(allow_none=True, validate=SHORT, **options)


class Reader(Schema):
    """Dates are ISO 8601; phones are given back as E.164."""

    id = fields.String(dump_only=True)
    version = fields.Integer(dump_only=True)
    card_number = fields.String(required=True)
    family_name = fields.String(required=True)
    given_name = fields.String(load_default="")
    language = fields.String(load_default="kk", validate=validate.OneOf(LANGUAGES))
    birth_date = fields.Date(allow_none=True)
    email = text()
    phone = text()
    telegram = text()
    guardian_card_number = text()
    guardian_name = text()
    guardian_phone = text()
    guardian_email = text()
    guardian_language = fields.String(allow_none=True, validate=validate.OneOf(LANGUAGES))
    household = fields.String(dump_only=True)
    kind = fields.String(validate=validate.OneOf(KINDS))
    school = text()
    school_class = text()
    home_branch_id = text()
    original_card_expires_on = fields.Date(dump_only=True)
    card_expires_on = fields.Date(allow_none=True)
    blocked = fields.Boolean()

    @post_load
    def in_one_form(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The same checks as a file's."""
        cells = {name: _cell(value) for name, value in data.items()}
        found, errors = checked(cells)
        if errors:
            raise ValidationError(errors)
        return found

    @post_dump
    def no_branch(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data | {"home_branch_id": data["home_branch_id"] or None} if "home_branch_id" in data else data


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value).strip()


class ReaderChange(Reader):
    """Only what is given changes; the card number stays."""

    class Meta:
        exclude = ("card_number",)

    family_name = fields.String()
    given_name = fields.String()
    language = fields.String(validate=validate.OneOf(LANGUAGES))


class ReaderInList(Schema):
    """No contacts: a list shows the least."""

    id = fields.String()
    card_number = fields.String()
    family_name = fields.String()
    given_name = fields.String()
    language = fields.String()
    household = fields.String()
    guardian_card_number = fields.String(allow_none=True)
    home_branch_id = fields.Function(lambda reader: reader.home_branch_id or None)
    card_expires_on = fields.Date(allow_none=True)
    kind = fields.String()
    blocked = fields.Boolean()


class WholeReader(Reader):
    """`family`: the guardian and the readers who name that guardian, as far as the caller may see them."""

    family = fields.List(fields.Nested(ReaderInList), dump_only=True)
    has_pin = fields.Function(lambda row: row["pin_hash"] is not None)


MOST_NAMES = 10_000


class ReaderQuery(PageQuery):
    search = fields.String(validate=SHORT)
    card_number = fields.String()
    guardian_card_number = fields.String()
    home_branch_id = fields.String()
    language = fields.String(validate=validate.OneOf(LANGUAGES))
    kind = fields.String(validate=validate.OneOf(KINDS))
    school_class = fields.String(validate=SHORT)
    blocked = fields.Boolean()


class NamesAsked(Schema):
    card_numbers = fields.List(fields.String(), required=True, validate=validate.Length(max=MOST_NAMES))


class NameOfReader(Schema):
    card_number = fields.String()
    family_name = fields.String()
    given_name = fields.String()


class Names(Schema):
    items = fields.List(fields.Nested(NameOfReader))


class QuestionAsked(Schema):
    """`card_number`: for whom a service asks that has checked a private link; readers ask for themselves."""

    phone = text(load_default=None)
    card_number = fields.String(validate=SHORT)
    text = fields.String(required=True, validate=validate.Length(min=1, max=1000))


class Question(Schema):
    id = fields.Integer()
    at = fields.AwareDateTime()
    card_number = fields.String()
    text = fields.String()
    phone = fields.String(allow_none=True)
    done_at = fields.AwareDateTime(allow_none=True)
    done_by = fields.String(allow_none=True)


class QuestionQuery(PageQuery):
    search = fields.String(validate=SHORT)
    done = fields.Boolean()


class PinRequest(Schema):
    """`reason`: who called and how they were recognised; recorded."""

    reason = text(load_default=None)


class Pin(Schema):
    pin = fields.String()


class ImportReport(Schema):
    accepted = fields.Integer()
    rejected = fields.List(fields.Dict())


class ImportRun(ImportReport):
    id = fields.String()
    state = fields.String()
    done = fields.Integer()
    total = fields.Integer()
    failed = fields.Integer()


ReaderPage = page_of(ReaderInList)
QuestionPage = page_of(Question)
SHOWN_IN_LIST = tuple(ReaderInList().fields)


def in_list(reader: Any) -> dict[str, Any]:
    """A reader, or a row of their table, as `ReaderInList` dumps them, ready for JSON."""
    return {name: getattr(reader, name) for name in SHOWN_IN_LIST} | {"home_branch_id": reader.home_branch_id or None}
