"""Branches and whether they are open."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.quarantines.schemas.fields import (
    Text,
    Texts,
    code,
    known_time_zone,
    phone_number,
    some_text,
    understood_hours,
)
from shared.web import page_of


class BranchBody(Schema):
    id = fields.String(required=True, validate=code)
    name = fields.Nested(Texts, required=True, validate=some_text)
    parent_id = Text(allow_none=True, load_default=None)
    time_zone = fields.String(load_default="Asia/Almaty", validate=known_time_zone)
    opening_hours = Text(required=True, validate=[validate.Length(max=400), understood_hours])
    phone = Text(allow_none=True, validate=phone_number)


class BranchChange(Schema):
    name = fields.Nested(Texts, validate=some_text)
    parent_id = Text(allow_none=True)
    time_zone = fields.String(validate=known_time_zone)
    opening_hours = Text(validate=[validate.Length(max=400), understood_hours])
    phone = Text(allow_none=True, validate=phone_number)


class Closed(Schema):
    """Closed today by a quarantine. `until`: the last closed day; `reopens_on`: the first open day; none: not known.

    `state` lifted: its end is settled; `decided_at`: when what is in force was decided.
    """

    quarantine_id = fields.String()
    kind = fields.String()
    state = fields.String()
    decided_at = fields.AwareDateTime()
    until = fields.Date(allow_none=True)
    reopens_on = fields.Date(allow_none=True)
    reason = fields.Nested(Texts)


class ClosesLater(Closed):
    """Declared ahead: open still, closed from `starts_on` on."""

    starts_on = fields.Date()


class Branch(BranchBody):
    """`ahead`: the next closure to come, also while another is on."""

    version = fields.Integer()
    closed = fields.Nested(Closed, allow_none=True)
    ahead = fields.Nested(ClosesLater, allow_none=True)


class ImportReport(Schema):
    accepted = fields.Integer()
    rejected = fields.List(fields.Dict())


BranchPage = page_of(Branch)
