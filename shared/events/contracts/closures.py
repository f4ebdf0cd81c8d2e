"""Branches, quarantines, and what they move elsewhere."""

from __future__ import annotations

from marshmallow import fields, validate

from shared.events.contracts.common import Contract, Texts


class OpenDays(Contract):
    """Opening days kept with a decision: first day and one bit a day (see shared/calendar)."""

    first = fields.Date(required=True)
    count = fields.Integer(required=True)
    open = fields.String(required=True, metadata={"description": "hexadecimal; the lowest bit is the first day"})


class BranchOfQuarantine(Contract):
    branch_id = fields.String(required=True)
    time_zone = fields.String(required=True)
    open_days = fields.Nested(OpenDays, required=True)
    returns_per_day = fields.Integer(allow_none=True)


class Basis(Contract):
    """The order a closure rests on."""

    document = fields.String(allow_none=True)
    number = fields.String(allow_none=True)
    date = fields.Date(allow_none=True)


class Quarantine(Contract):
    """The whole quarantine as it stands after this version, so that any one event suffices."""

    quarantine_id = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["declared", "changed", "lifted", "cancelled"]))
    kind = fields.String(required=True)
    basis = fields.Nested(Basis, allow_none=True)
    everywhere = fields.Boolean(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, allow_none=True)
    reopens_on = fields.Date(required=True, allow_none=True)
    grace_days = fields.Integer(required=True)
    include_overdue = fields.Boolean(required=True)
    reason = fields.Nested(Texts, required=True)
    announce = fields.Boolean(required=True)
    branches = fields.List(fields.Nested(BranchOfQuarantine), required=True)
    decided_at = fields.AwareDateTime(required=True)
    decided_by = fields.String(required=True)


class Branch(Contract):
    branch_id = fields.String(required=True)
    version = fields.Integer(required=True)
    name = fields.Nested(Texts, required=True)
    parent_id = fields.String(required=True, allow_none=True)
    path = fields.List(fields.String(), required=True, metadata={"description": "the root first, itself last"})
    time_zone = fields.String(required=True)
    opening_hours = fields.String(required=True)
    phone = fields.String(allow_none=True)
    open_days = fields.Nested(OpenDays, required=True)


class DateChange(Contract):
    id = fields.String(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    was = fields.Date(required=True, allow_none=True, data_key="from")
    to = fields.Date(required=True, allow_none=True)


class DatesChanged(Contract):
    """What other services moved for one reader, in the shape of the loans' event."""

    run_id = fields.String(required=True)
    quarantine_id = fields.String(required=True)
    version = fields.Integer(required=True)
    card_number = fields.String(required=True)
    changes = fields.List(fields.Nested(DateChange), required=True)


class StepProgressed(Contract):
    quarantine_id = fields.String(required=True)
    version = fields.Integer(required=True)
    run_id = fields.String(required=True)
    service = fields.String(required=True)
    step = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["waiting", "running", "done", "stuck"]))
    done = fields.Integer(required=True)
    total = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    events = fields.Integer(metadata={"description": "with done: how many reader events the run wrote"})
