"""Shapes of quizzes: their terms for staff, their face for everybody."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, missing, validate
from marshmallow.fields import Field

from services.quizzes.schemas.common import LANGUAGE, SHORT, LongTexts, ShortTexts
from shared.problems import say
from shared.web import PageQuery, page_of

WHEN = validate.OneOf(["never", "after_finish", "after_close"])
PERCENT = validate.Range(min=0, max=100)
STATES = ("draft", "published", "closed", "all")
_ISBN = re.compile(r"(97[89])?\d{9}[\dXx]")


def isbn(value: str) -> None:
    if value.strip() and not _ISBN.fullmatch(value.replace("-", "").replace(" ", "")):
        raise ValidationError(say("An ISBN has 10 or 13 digits, or is left empty."))


class Work(Schema):
    title = fields.String(required=True, validate=validate.Length(min=1, max=300))
    author = fields.String(allow_none=True, load_default=None, validate=SHORT)
    isbn = fields.String(allow_none=True, load_default=None, validate=isbn)


class Pool(Schema):
    """`draw` of these questions are asked, all without it; `points` instead of each question's own."""

    item_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(max=2000))
    draw = fields.Integer(allow_none=True, load_default=None, validate=validate.Range(min=1, max=2000))
    points = fields.Decimal(
        allow_none=True, load_default=None, as_string=True, places=2, validate=validate.Range(min=0.01, max=1000)
    )


class ExtraTime(Schema):
    """For a reader or a class: per cent of the time limit on top of it."""

    card_number = fields.String(allow_none=True, validate=SHORT)
    class_id = fields.UUID(allow_none=True)
    percent = fields.Integer(required=True, validate=validate.Range(min=1, max=400))


class Review(Schema):
    """When the right answers and the points may be seen."""

    answers = fields.String(load_default="after_finish", validate=WHEN)
    points = fields.String(load_default="after_finish", validate=WHEN)


class Band(Schema):
    from_percent = fields.Float(required=True, validate=PERCENT)
    text = fields.Nested(LongTexts, required=True)


class Quiz(Schema):
    """`closes_on`: the last day; given: agreed, answered: in force. `per_page` 0: all; `attempts_allowed` 0: any.
    `grace_minutes`: how long after the time limit anything is taken; `late_minutes`: how long after that what was
    given within the limit may still arrive, after an offline spell; then the attempt is handed in by the clock.
    `age_from`, `age_to`: advice, both included: to whom it is offered; anybody may play."""

    id = fields.String(dump_only=True)
    version = fields.Integer(dump_only=True)
    state = fields.String(dump_only=True)
    title = fields.Nested(ShortTexts, required=True)
    about = fields.Nested(LongTexts, load_default=dict)
    languages = fields.List(
        fields.String(validate=LANGUAGE), load_default=lambda: ["kk", "ru"], validate=validate.Length(min=1, max=3)
    )
    branch_id = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=40))
    works = fields.List(fields.Nested(Work), load_default=list, validate=validate.Length(max=20))
    opens_on = fields.Date(allow_none=True, load_default=None)
    closes_on = fields.Date(allow_none=True, load_default=None)
    original_closes_on = fields.Date(dump_only=True)
    why = fields.Dict(dump_only=True)
    pools = fields.List(fields.Nested(Pool), load_default=list, validate=validate.Length(max=100))
    shuffle_items = fields.Boolean(load_default=False)
    per_page = fields.Integer(load_default=1, validate=validate.Range(min=0, max=500))
    attempts_allowed = fields.Integer(load_default=0, validate=validate.Range(min=0, max=1000))
    counts = fields.String(load_default="best", validate=validate.OneOf(["best", "last", "first"]))
    time_limit_minutes = fields.Integer(allow_none=True, load_default=None, validate=validate.Range(min=1, max=10080))
    grace_minutes = fields.Integer(load_default=2, validate=validate.Range(min=0, max=1440))
    late_minutes = fields.Integer(load_default=1440, validate=validate.Range(min=0, max=1440))
    extra_time = fields.List(fields.Nested(ExtraTime), load_default=list, validate=validate.Length(max=1000))
    pass_percent = fields.Integer(allow_none=True, load_default=None, validate=PERCENT)
    review = fields.Nested(Review, load_default=lambda: {"answers": "after_finish", "points": "after_finish"})
    feedback = fields.List(fields.Nested(Band), load_default=list, validate=validate.Length(max=20))
    certificate = fields.Boolean(load_default=False)
    guests = fields.Boolean(load_default=True)
    age_from = fields.Integer(allow_none=True, load_default=None, validate=validate.Range(min=0, max=120))
    age_to = fields.Integer(allow_none=True, load_default=None, validate=validate.Range(min=0, max=120))
    leaderboard = fields.Boolean(load_default=False)
    questions = fields.Integer(dump_only=True)


class QuizChange(Quiz):
    """Only what is given changes."""

    def on_bind_field(self, field_name: str, field_obj: Field[Any]) -> None:
        field_obj.required = False
        field_obj.load_default = missing


class PublicQuiz(Schema):
    """`open`: whether it can be begun now."""

    id = fields.String()
    state = fields.String()
    open = fields.Boolean()
    title = fields.Dict()
    about = fields.Dict()
    languages = fields.List(fields.String())
    works = fields.List(fields.Nested(Work))
    opens_on = fields.Date()
    closes_on = fields.Date()
    original_closes_on = fields.Date()
    why = fields.Dict(allow_none=True)
    questions = fields.Integer()
    time_limit_minutes = fields.Integer()
    pass_percent = fields.Integer()
    certificate = fields.Boolean()
    guests = fields.Boolean()
    age_from = fields.Integer()
    age_to = fields.Integer()
    attempts_allowed = fields.Integer()
    leaderboard = fields.Boolean()


class QuizLine(PublicQuiz):
    """To staff who name a `state`: the terms too, without the pools."""

    version = fields.Integer()
    branch_id = fields.String()
    shuffle_items = fields.Boolean()
    per_page = fields.Integer()
    counts = fields.String()
    grace_minutes = fields.Integer()
    late_minutes = fields.Integer()
    extra_time = fields.List(fields.Nested(ExtraTime))
    review = fields.Nested(Review)
    feedback = fields.List(fields.Nested(Band))


QuizLinePage = page_of(QuizLine)


class QuizQuery(PageQuery):
    open = fields.Boolean(load_default=False)
    search = fields.String(load_default="", validate=SHORT)
    state = fields.String(validate=validate.OneOf(STATES), metadata={"description": "editors and librarians"})


class OfferQuery(Schema):
    isbn = fields.List(fields.String(validate=SHORT), load_default=list, validate=validate.Length(max=100))
    title = fields.List(
        fields.String(validate=validate.Length(max=400)), load_default=list, validate=validate.Length(max=100)
    )


class Matched(Schema):
    isbn = fields.String()
    title = fields.String()


class Offer(Schema):
    quiz = fields.Nested(PublicQuiz)
    matched = fields.Nested(Matched)


class Offers(Schema):
    items = fields.List(fields.Nested(Offer))
