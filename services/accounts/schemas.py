"""Shapes of the HTTP API of accounts."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_dump, post_load, validate

from services.accounts.reader_fields import KINDS, checked
from shared.auth import EVERYWHERE, ROLES
from shared.language import LANGUAGES
from shared.web import PageQuery, page_of

LOGIN = validate.Regexp(r"^[a-z0-9][a-z0-9._@-]{1,79}$", error="Use 2 to 80 small letters, digits or . _ - @.")
PASSWORD = validate.Length(min=10, max=200)
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


class StaffQuery(PageQuery):
    search = fields.String(validate=SHORT)
    disabled = fields.Boolean()


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


class Credentials(Schema):
    """Card number and PIN, or login and password."""

    login = fields.String(required=True, validate=validate.Length(min=1, max=200))
    secret = fields.String(required=True, validate=validate.Length(min=1, max=200))


class SecondStep(Schema):
    """`continue_with` of the 401 that asked for the code."""

    continue_with = fields.String(required=True, validate=validate.Length(min=1, max=2000))
    code = fields.String(required=True, validate=validate.Length(min=1, max=20))


class FactorCode(Schema):
    code = fields.String(load_default="", validate=validate.Length(max=20))


class FactorState(Schema):
    set_up = fields.Boolean()


class FactorReason(Schema):
    reason = fields.String(required=True, validate=validate.Length(min=1, max=500))


class NewFactor(Schema):
    key = fields.String(metadata={"description": "base32, to be typed into an authenticator app"})
    address = fields.String(metadata={"description": "otpauth: address, to be shown as a QR code"})


class Token(Schema):
    access_token = fields.String()
    token_type = fields.String()
    expires_in = fields.Integer(metadata={"description": "seconds"})
    roles = fields.Dict(metadata={"description": 'role -> branch ids or "all"; empty for readers'})


class CodeRequest(Schema):
    card_number = fields.String(required=True, validate=validate.Length(min=1, max=200))


class CodeConfirmation(CodeRequest):
    code = fields.String(required=True, validate=validate.Length(min=1, max=20))
    pin = fields.String(required=True, validate=PIN)


class SignIn(Schema):
    id = fields.String()
    subject = fields.String()
    began_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()


class SignInQuery(PageQuery):
    subject = fields.String()


def known_roles(roles: dict[str, Any]) -> None:
    for role, held in roles.items():
        if role not in ROLES:
            raise ValidationError(f"Must be one of: {', '.join(ROLES)}.")
        listed = isinstance(held, list) and held and all(isinstance(each, str) for each in held)
        if held != EVERYWHERE and not listed:
            raise ValidationError('Give each role "all" or a list of branch ids.')


class Staff(Schema):
    """`roles`: role -> branch ids or "all", which holds for later branches too."""

    id = fields.String(dump_only=True)
    version = fields.Integer(dump_only=True)
    login = fields.String(required=True, validate=LOGIN)
    name = fields.String(required=True, validate=validate.Length(min=1, max=200))
    roles = fields.Dict(required=True, validate=known_roles)
    password = fields.String(required=True, load_only=True, validate=PASSWORD)
    disabled = fields.Boolean(dump_only=True)
    sample = fields.Boolean(dump_only=True)
    second_factor = fields.Boolean(dump_only=True, metadata={"description": "whether an app is set up"})
    changed_at = fields.AwareDateTime(dump_only=True)


class StaffChange(Schema):
    name = fields.String(validate=validate.Length(min=1, max=200))
    roles = fields.Dict(validate=known_roles)
    password = fields.String(load_only=True, validate=PASSWORD)
    disabled = fields.Boolean()


class Act(Schema):
    """`about`: id of a reader, a colleague or a sign-in; the rest of it says who that is, null once erased."""

    id = fields.Integer()
    at = fields.AwareDateTime()
    who = fields.String()
    name = fields.String()
    what = fields.String()
    about = fields.String(allow_none=True)
    about_kind = fields.String(allow_none=True, metadata={"description": "reader or staff"})
    about_name = fields.String(allow_none=True)
    about_card = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class ActQuery(PageQuery):
    """`since` and `until` are moments; `until` itself is not in it. `who`: a subject (`staff:<id>`); `what`: a deed."""

    about = fields.String()
    who = fields.String(validate=SHORT)
    what = fields.String(validate=SHORT)
    search = fields.String(validate=SHORT)
    since = fields.AwareDateTime()
    until = fields.AwareDateTime()


ReaderPage = page_of(ReaderInList)
StaffPage = page_of(Staff)
SignInPage = page_of(SignIn)
ActPage = page_of(Act)
QuestionPage = page_of(Question)
SHOWN_IN_LIST = tuple(ReaderInList().fields)


def in_list(reader: Any) -> dict[str, Any]:
    """A reader, or a row of their table, as `ReaderInList` dumps them, ready for JSON."""
    return {name: getattr(reader, name) for name in SHOWN_IN_LIST} | {"home_branch_id": reader.home_branch_id or None}
