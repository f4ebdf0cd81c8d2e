"""Shapes of the HTTP API of quarantines."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from zoneinfo import available_timezones

import orjson
from marshmallow import INCLUDE, Schema, ValidationError, fields, post_load, validate

from shared import clock
from shared.calendar import BadOpeningHours, check_opening_hours
from shared.problems import say
from shared.web import PageQuery, page_of

CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
PHONE = re.compile(r"(?=.{5,40}$)\+?[(]?\d[\d ()-]*\d")
LONGEST_NOTE = 1000
LARGEST_DRAFT = 60_000
STATES = ("declared", "changed", "lifted", "cancelled")
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


class ReportQuery(Schema):
    """Both days included."""

    since = fields.Date(required=True)
    until = fields.Date(required=True)


class Named(Schema):
    id = fields.String()
    name = fields.Nested(Texts)


class Attempted(Schema):
    """Attempts at quizzes in one language, as the quizzes service counts them."""

    language = fields.String()
    begun = fields.Integer()
    handed_in = fields.Integer()
    passed = fields.Integer()
    guests = fields.Integer()


class Report(Schema):
    """The closures that touch a period, the newest first, and the names of all branches.

    `attempts`: none while the quizzes service does not answer.
    """

    closures = fields.List(fields.Nested(Quarantine))
    branches = fields.List(fields.Nested(Named))
    attempts = fields.List(fields.Nested(Attempted), allow_none=True)


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


BranchPage = page_of(Branch)
QuarantinePage = page_of(Quarantine)
DraftPage = page_of(Draft)
ActPage = page_of(DecidedOnOne)
