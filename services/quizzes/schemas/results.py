"""Shapes of results: statistics, leaderboard, grading again, marking."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.quizzes.schemas.common import SHORT
from shared.web import PageQuery, page_of


class ScoreBand(Schema):
    """How many attempts earned from `lowest` (included) to `highest` per cent; 100 belongs to the last."""

    lowest = fields.Integer(data_key="from")
    highest = fields.Integer(data_key="to")
    count = fields.Integer()


class Figures(Schema):
    """`counting`: graded attempts that count, one a taker; `mean_percent` none without any."""

    counting = fields.Integer()
    mean_percent = fields.Float(allow_none=True)
    passed = fields.Integer()


class OfLanguage(Schema):
    facility = fields.Float()
    n = fields.Integer()


class Distractor(Schema):
    text = fields.Dict()
    right = fields.Boolean()
    count = fields.Integer()
    share = fields.Float()


class StatisticsOfItem(Schema):
    """Over first attempts. `facility`: mean share of the points, 0 to 1; `discrimination`: correlation with the rest
    of the attempt, -1 to 1; `flags`: too_easy, too_hard, weak_discrimination, negative_discrimination,
    harder_in_kk, harder_in_ru, harder_in_en, distractor_unused, distractor_better."""

    id = fields.String()
    text = fields.Dict()
    n = fields.Integer()
    facility = fields.Float(allow_none=True)
    discrimination = fields.Float(allow_none=True)
    by_language = fields.Dict(keys=fields.String(), values=fields.Nested(OfLanguage))
    flags = fields.List(fields.String())
    distractors = fields.List(fields.Nested(Distractor))


class Statistics(Figures):
    """`finished`: handed in, whether all is marked or not."""

    attempts = fields.Integer()
    finished = fields.Integer()
    distribution = fields.List(fields.Nested(ScoreBand))
    by_language = fields.Dict(keys=fields.String(), values=fields.Nested(Figures))
    items = fields.List(fields.Nested(StatisticsOfItem))


class NumbersQuery(Schema):
    """Both days included."""

    since = fields.Date(required=True)
    until = fields.Date(required=True)


class Attempted(Schema):
    """Attempts in one language; `guests`: those begun without a card."""

    language = fields.String()
    begun = fields.Integer()
    handed_in = fields.Integer()
    passed = fields.Integer()
    guests = fields.Integer()


class Numbers(Schema):
    by_language = fields.List(fields.Nested(Attempted))


class Place(Schema):
    place = fields.Integer()
    nickname = fields.String()
    points = fields.Float()
    of = fields.Float()
    percent = fields.Float()


class Leaderboard(Schema):
    items = fields.List(fields.Nested(Place))


class Reason(Schema):
    reason = fields.String(required=True, validate=validate.Length(min=1, max=1000))


class ReasonIfAny(Schema):
    """Without one, the reason of what it belongs to."""

    reason = fields.String(allow_none=True, load_default=None, validate=validate.Length(min=1, max=1000))


class Withdrawn(Schema):
    withdrawn = fields.Integer()


class Regrade(Schema):
    """`state` of the run; `changed`: results that are another now, `better` and `worse` of them; `undeserved`: valid
    certificates of those who have not passed any more, `undeserved_codes` the first hundred of them."""

    id = fields.String()
    reason = fields.String()
    asked_by = fields.String()
    asked_at = fields.AwareDateTime()
    state = fields.String()
    done = fields.Integer()
    total = fields.Integer()
    failed = fields.Integer()
    changed = fields.Integer()
    better = fields.Integer()
    worse = fields.Integer()
    undeserved = fields.Integer()
    undeserved_codes = fields.List(fields.String())


class Regrades(Schema):
    items = fields.List(fields.Nested(Regrade))


class MarkingQuery(PageQuery):
    quiz_id = fields.UUID()


class NamedQuiz(Schema):
    id = fields.String()
    title = fields.Dict()


class Waiting(Schema):
    """An open answer; nobody's name goes with it."""

    attempt_id = fields.String()
    item_id = fields.String()
    quiz = fields.Nested(NamedQuiz)
    text = fields.Dict()
    answer = fields.String()
    of = fields.Float()
    language = fields.String()
    given_at = fields.AwareDateTime()


WaitingPage = page_of(Waiting)


class GivenMark(Schema):
    attempt_id = fields.UUID(required=True)
    item_id = fields.UUID(required=True)
    points = fields.Decimal(required=True, places=2, validate=validate.Range(min=0, max=1000))
    comment = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=1000))


class Marked(Schema):
    attempt_id = fields.String(attribute="id")
    state = fields.String()
    to_be_marked = fields.Integer()
    points = fields.Float()
    of = fields.Float()
    percent = fields.Float()


class SchoolClass(Schema):
    """`code`: what the pupils type; `teacher_link`: the token of the teacher's page, /class/{token}."""

    id = fields.String(dump_only=True)
    name = fields.String(required=True, validate=validate.Length(min=1, max=100))
    school = fields.String(load_default="", validate=SHORT)
    code = fields.String(dump_only=True)
    quiz_id = fields.UUID(allow_none=True, load_default=None)
    teacher_link = fields.String(dump_only=True, attribute="link")
    created_at = fields.AwareDateTime(dump_only=True)
    ended_at = fields.AwareDateTime(dump_only=True)


SchoolClassPage = page_of(SchoolClass)


class NamedClass(Schema):
    """Neither its code nor its teacher's link: for naming it."""

    id = fields.String()
    name = fields.String()
    school = fields.String()


class NamedClasses(Schema):
    items = fields.List(fields.Nested(NamedClass))


class SchoolClassQuery(PageQuery):
    search = fields.String(validate=validate.Length(min=1, max=200))


class Pupil(Schema):
    name = fields.String()
    quiz = fields.Dict()
    state = fields.String()
    points = fields.Float()
    of = fields.Float()


class TeachersView(Schema):
    """`code` none once it is switched off."""

    name = fields.String()
    school = fields.String()
    code = fields.String(allow_none=True)
    quiz = fields.Nested(NamedQuiz, allow_none=True)
    pupils = fields.List(fields.Nested(Pupil))
