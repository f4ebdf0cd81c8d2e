"""Shapes of playing."""

from __future__ import annotations

import re

from marshmallow import Schema, fields, validate

from services.quizzes.schemas.common import LANGUAGE, SHORT
from services.quizzes.schemas.quizzes import PublicQuiz
from shared.web import PageQuery, page_of

MOST_ANSWERS = 500
DEVICE = validate.Regexp(re.compile(r"[A-Za-z0-9_-]{1,40}\Z"), error="Use 1 to 40 letters, digits, - or _.")


class Begin(Schema):
    """`nickname`: guests need one; `for_card`: the child who plays, under the sign-in of their guardian."""

    language = fields.String(load_default="kk", validate=LANGUAGE)
    nickname = fields.String(allow_none=True, validate=validate.Length(max=100))
    class_code = fields.String(allow_none=True, validate=validate.Length(max=20))
    for_card = fields.String(allow_none=True, validate=SHORT)


class GivenAnswer(Schema):
    """`answer` in the identifiers of the attempt's items; `number` counts the answers of `device`, a tab; `given_at`
    in server time as the page reckons it; `language`: in which the question was read, by default the attempt's."""

    answer = fields.Raw(required=True, allow_none=True)
    device = fields.String(required=True, validate=DEVICE)
    number = fields.Integer(required=True, strict=True, validate=validate.Range(min=0, max=2**53))
    given_at = fields.AwareDateTime(required=True)
    language = fields.String(allow_none=True, load_default=None, validate=LANGUAGE)


# Made once: a shape named by its class would be made anew for every answer.
GIVEN_ANSWER = GivenAnswer()


class GivenAnswerOf(GivenAnswer):
    item_id = fields.UUID(required=True)


class GivenAnswers(Schema):
    answers = fields.List(
        fields.Nested(GivenAnswerOf), required=True, validate=validate.Length(min=1, max=MOST_ANSWERS)
    )


class KeptAnswer(Schema):
    answer = fields.Raw()
    device = fields.String()
    number = fields.Integer()
    given_at = fields.AwareDateTime()


class Saved(Schema):
    """`saved` false: a newer answer is kept, the one in `kept`."""

    saved = fields.Boolean()
    kept = fields.Nested(KeptAnswer)
    server_now = fields.AwareDateTime()


class SavedOne(Schema):
    """`problem`: why it was not taken; without it a newer one is kept. `reason`: handed_in, time_is_over, closed."""

    item_id = fields.String()
    saved = fields.Boolean()
    problem = fields.String()
    reason = fields.String()


class SavedMany(Schema):
    results = fields.List(fields.Nested(SavedOne))
    server_now = fields.AwareDateTime()


class Reviewed(Schema):
    """`right` and `feedback` only when review allows the answers, `points` and `of` when it allows points."""

    item_id = fields.String()
    item = fields.Dict()
    given = fields.Raw()
    points = fields.Float()
    of = fields.Float()
    right = fields.Raw()
    feedback = fields.Dict(allow_none=True)


class CertificateOfResult(Schema):
    """`name`: as its owner wrote it; `who`: what the public page will say unless the name may be shown;
    `may_show_name`: whether the caller may allow that, which a child may not alone."""

    allowed = fields.Boolean()
    code = fields.String()
    name = fields.String(allow_none=True)
    who = fields.String(allow_none=True)
    may_show_name = fields.Boolean()


class Result(Schema):
    """`to_be_marked`: open answers that a person still has to mark; `next`: quizzes not begun yet."""

    points = fields.Float()
    of = fields.Float()
    percent = fields.Float()
    passed = fields.Boolean(allow_none=True)
    to_be_marked = fields.Integer()
    feedback = fields.Dict(allow_none=True)
    review = fields.List(fields.Nested(Reviewed))
    certificate = fields.Nested(CertificateOfResult)
    next = fields.List(fields.Nested(PublicQuiz))


class AnswerInView(Schema):
    answer = fields.Raw()
    number = fields.Integer()
    language = fields.String()
    saved_at = fields.AwareDateTime()


class Attempt(Schema):
    """`pages`: item ids page by page; `items`: without weights, right answers and feedback."""

    id = fields.String()
    quiz = fields.Nested(PublicQuiz)
    number = fields.Integer()
    state = fields.String()
    started_at = fields.AwareDateTime()
    server_now = fields.AwareDateTime()
    ends_at = fields.AwareDateTime()
    language = fields.String()
    nickname = fields.String()
    pages = fields.List(fields.List(fields.String()))
    items = fields.List(fields.Dict())
    answers = fields.Dict(keys=fields.String(), values=fields.Nested(AnswerInView))
    answered = fields.Integer()
    result = fields.Nested(Result, allow_none=True)


class AttemptLine(Schema):
    """Points and per cent where review allows them."""

    id = fields.String()
    quiz_id = fields.String()
    quiz = fields.Nested(PublicQuiz)
    number = fields.Integer()
    state = fields.String()
    language = fields.String()
    started_at = fields.AwareDateTime()
    finished_at = fields.AwareDateTime()
    school_class = fields.String(allow_none=True)
    points = fields.Float()
    of = fields.Float()
    percent = fields.Float()
    passed = fields.Boolean(allow_none=True)


AttemptPage = page_of(AttemptLine)


class AttemptQuery(PageQuery):
    quiz_id = fields.UUID()
    card_number = fields.String(
        validate=validate.Length(max=200), metadata={"description": "librarians; readers see their own"}
    )


class NicknameQuery(PageQuery):
    quiz_id = fields.UUID(required=True)
    search = fields.String(load_default="", validate=validate.Length(max=80))
    hidden = fields.Boolean()


class Nickname(Schema):
    nickname = fields.String()
    hidden = fields.Boolean()
    attempt_id = fields.String()
    state = fields.String()
    points = fields.Float()


NicknamePage = page_of(Nickname)


class Hide(Schema):
    attempt_id = fields.UUID(required=True)
    hidden = fields.Boolean(load_default=True)
