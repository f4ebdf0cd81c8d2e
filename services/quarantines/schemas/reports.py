"""The report of a period."""

from __future__ import annotations

from marshmallow import Schema, fields

from services.quarantines.schemas.decisions import Quarantine
from services.quarantines.schemas.fields import Texts


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
