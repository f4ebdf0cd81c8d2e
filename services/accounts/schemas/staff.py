"""Signing in, and the people of the staff."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.accounts.schemas.readers import PIN, SHORT
from shared.auth import EVERYWHERE, ROLES
from shared.web import PageQuery, page_of

LOGIN = validate.Regexp(r"^[a-z0-9][a-z0-9._@-]{1,79}$", error="Use 2 to 80 small letters, digits or . _ - @.")
PASSWORD = validate.Length(min=10, max=200)


class StaffQuery(PageQuery):
    search = fields.String(validate=SHORT)
    disabled = fields.Boolean()


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


StaffPage = page_of(Staff)
SignInPage = page_of(SignIn)
ActPage = page_of(Act)
