"""Quarantines, what is decided on them, and drafts of it."""

from __future__ import annotations

from typing import Any

import orjson
from marshmallow import INCLUDE, Schema, ValidationError, fields, post_load, validate

from services.quarantines.schemas.fields import Text, Texts, code, near, some_text
from shared.problems import say
from shared.web import PageQuery, page_of

LONGEST_NOTE = 1000
LARGEST_DRAFT = 60_000
STATES = ("declared", "changed", "lifted", "cancelled")


class Basis(Schema):
    """The order the closure rests on."""

    document = Text(allow_none=True, validate=validate.Length(max=200))
    number = Text(allow_none=True, validate=validate.Length(max=80))
    date = fields.Date(allow_none=True)

    @post_load
    def plain(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data | ({"date": data["date"].isoformat()} if data.get("date") else {})


class Scope(fields.Field[Any]):
    """A list of branch ids, each meaning all below it too, or "all"."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if value == "all":
            return value
        if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
            raise ValidationError(say('Name at least one branch in a list, or write "all".'))
        return value


class ReturnsPerDay(fields.Field[Any]):
    """A number for every branch, {branch_id: number}, or none."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        limits = list(value.values()) if isinstance(value, dict) else [value]
        if not limits or not all(type(limit) is int and 1 <= limit <= 1_000_000 for limit in limits):
            raise ValidationError(say("Write a whole number from 1 up, or one for each branch."))
        return value


class Note(Schema):
    """`note`: why this step is taken, for the record."""

    note = Text(allow_none=True, validate=validate.Length(max=LONGEST_NOTE))


GRACE = validate.Range(min=0, max=60)


class Declaration(Note):
    branch_ids = Scope(required=True)
    starts_on = fields.Date(required=True, validate=near)
    ends_on = fields.Date(allow_none=True, load_default=None, validate=near)
    reopens_on = fields.Date(allow_none=True, load_default=None, validate=near)
    grace_days = fields.Integer(strict=True, load_default=0, validate=GRACE)
    returns_per_day = ReturnsPerDay(allow_none=True, load_default=None)
    include_overdue = fields.Boolean(load_default=True)
    reason = fields.Nested(Texts, allow_none=True, load_default=None, validate=some_text)
    announce = fields.Boolean(load_default=False)
    kind = fields.String(load_default="quarantine", validate=code)
    basis = fields.Nested(Basis, allow_none=True, load_default=None)


class Change(Note):
    ends_on = fields.Date(allow_none=True, validate=near)
    reopens_on = fields.Date(allow_none=True, validate=near)
    grace_days = fields.Integer(strict=True, validate=GRACE)
    returns_per_day = ReturnsPerDay(allow_none=True)
    reason = fields.Nested(Texts, allow_none=True, validate=some_text)
    basis = fields.Nested(Basis, allow_none=True)


class Lift(Note):
    reopens_on = fields.Date(required=True, validate=near)


DECISIONS: dict[str, type[Schema]] = {"change": Change, "lift": Lift, "cancel": Note}


class Previewed(Schema):
    """`decision`, and beside it what the deed takes."""

    class Meta:
        unknown = INCLUDE

    decision = fields.String(required=True, validate=validate.OneOf(sorted(DECISIONS)))

    @post_load
    def apart(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        decision = data.pop("decision")
        return {"decision": decision, "body": DECISIONS[decision]().load(data)}


class Step(Schema):
    service = fields.String()
    step = fields.String()
    state = fields.String()
    done = fields.Integer()
    total = fields.Integer()
    failed = fields.Integer()
    moved_at = fields.AwareDateTime()


class Quarantine(Schema):
    """`scope`: the branches this version closes; `phase`: ahead, closed, over or cancelled, today."""

    id = fields.String()
    version = fields.Integer()
    state = fields.String()
    phase = fields.String()
    kind = fields.String()
    basis = fields.Dict(allow_none=True)
    branch_ids = fields.Raw()
    scope = fields.List(fields.String())
    starts_on = fields.Date()
    ends_on = fields.Date(allow_none=True)
    reopens_on = fields.Date(allow_none=True)
    grace_days = fields.Integer()
    returns_per_day = fields.Raw(allow_none=True)
    include_overdue = fields.Boolean()
    reason = fields.Nested(Texts)
    announce = fields.Boolean()
    declared_at = fields.AwareDateTime()
    declared_by = fields.String()
    decided_at = fields.AwareDateTime()
    decided_by = fields.String()
    progress = fields.List(fields.Nested(Step))


class Decided(Schema):
    """Who did what, when and why; and what the quarantine said from then on."""

    version = fields.Integer()
    state = fields.String()
    at = fields.AwareDateTime()
    by = fields.String()
    name = fields.String()
    note = fields.String(allow_none=True)
    starts_on = fields.String()
    ends_on = fields.String(allow_none=True)
    reopens_on = fields.String(allow_none=True)
    grace_days = fields.Integer()
    branch_ids = fields.List(fields.String())


class WholeQuarantine(Quarantine):
    """`decisions_left`: what may still be done; `next_open_day`: the first on which its doors could open again."""

    decisions_left = fields.List(fields.String())
    next_open_day = fields.Date()
    history = fields.List(fields.Nested(Decided))


class DecidedOnOne(Decided):
    quarantine_id = fields.String()
    reason = fields.Nested(Texts)


class ActQuery(PageQuery):
    """`since` and `until` are moments; `until` itself is not in it. `who`: a subject (`staff:<id>`)."""

    since = fields.AwareDateTime()
    until = fields.AwareDateTime()
    who = Text()
    state = fields.String(validate=validate.OneOf(STATES))
    search = Text(load_default="", validate=validate.Length(max=200))


class QuarantineQuery(PageQuery):
    state = fields.String(validate=validate.OneOf(STATES))
    branch = Text()
    search = Text(load_default="", validate=validate.Length(max=200))


def small(value: dict[str, Any]) -> None:
    if len(orjson.dumps(value)) > LARGEST_DRAFT or "\\u0000" in orjson.dumps(value).decode():
        raise ValidationError(say("A draft may hold 60 kB of text."))


class DraftBody(Schema):
    content = fields.Dict(required=True, keys=fields.String(), validate=small)


class Draft(Schema):
    id = fields.String()
    content = fields.Dict()
    saved_at = fields.AwareDateTime()


QuarantinePage = page_of(Quarantine)
DraftPage = page_of(Draft)
ActPage = page_of(DecidedOnOne)
