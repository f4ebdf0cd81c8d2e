"""Online tests."""

from __future__ import annotations

from marshmallow import fields, validate

from shared.events.contracts.common import LANGUAGES, Contract, Texts


class WorkOfQuiz(Contract):
    """A book a quiz is tied to, as staff named it."""

    title = fields.String(required=True)
    author = fields.String(allow_none=True)
    isbn = fields.String(allow_none=True)


class Quiz(Contract):
    """The whole public quiz as it stands after this version; no items, no answers.

    `closes_on`: the last day in force, none while nobody knows it or where there is none; `original_closes_on`: as
    agreed; `why`: of a day that moved.
    """

    quiz_id = fields.String(required=True)
    version = fields.Integer(required=True)
    title = fields.Nested(Texts, required=True)
    about = fields.Nested(Texts)
    works = fields.List(fields.Nested(WorkOfQuiz), required=True)
    opens_on = fields.Date(required=True, allow_none=True)
    closes_on = fields.Date(required=True, allow_none=True)
    original_closes_on = fields.Date(allow_none=True)
    why = fields.Nested(Texts, allow_none=True)
    languages = fields.List(fields.String(validate=validate.OneOf(LANGUAGES)), required=True)
    branch_id = fields.String(required=True, allow_none=True)
    guests = fields.Boolean(required=True)
    questions = fields.Integer()
    time_limit_minutes = fields.Integer(allow_none=True)
    attempts_allowed = fields.Integer()
    pass_percent = fields.Integer(allow_none=True)
    certificate = fields.Boolean()
    age_from = fields.Integer(allow_none=True)
    age_to = fields.Integer(allow_none=True)


class AttemptGraded(Contract):
    """`card_number`: none for guests. Sent again when a mark or a regrade changes the result."""

    attempt_id = fields.String(required=True)
    quiz_id = fields.String(required=True)
    card_number = fields.String(required=True, allow_none=True)
    percent = fields.Float(required=True)
    passed = fields.Boolean(required=True, allow_none=True)
    at = fields.AwareDateTime(required=True)
