"""One marshmallow contract per event type. Emitters may say nothing else; consumers ignore what they do not know."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

LANGUAGES = ("kk", "ru", "en")


class Contract(Schema):
    class Meta:
        unknown = EXCLUDE


class Texts(Contract):
    kk = fields.String(allow_none=True)
    ru = fields.String(allow_none=True)
    en = fields.String(allow_none=True)


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


class Guardian(Contract):
    """Who answers for a child: a card holder (`card_number`) or a contact on the child's card."""

    card_number = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)


class Reader(Contract):
    reader_id = fields.String(required=True)
    version = fields.Integer(required=True)
    card_number = fields.String(required=True)
    household = fields.String(required=True, metadata={"description": "same for a guardian and their children"})
    family_name = fields.String(required=True)
    given_name = fields.String(required=True)
    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES))
    birth_date = fields.Date(required=True, allow_none=True)
    email = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    telegram = fields.String(allow_none=True)
    kind = fields.String(required=True)
    school = fields.String(allow_none=True)
    school_class = fields.String(allow_none=True)
    home_branch_id = fields.String(allow_none=True)
    card_expires_on = fields.Date(allow_none=True)
    blocked = fields.Boolean(required=True)
    guardian = fields.Nested(Guardian, allow_none=True)


class ReaderErased(Contract):
    reader_id = fields.String(required=True)
    version = fields.Integer(required=True)
    card_number = fields.String(required=True)


class Work(Contract):
    work_id = fields.String(required=True)
    version = fields.Integer(required=True)
    title = fields.String(required=True)
    author = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    isbns = fields.List(fields.String(), required=True)
    read_online = fields.String(allow_none=True)


class Loan(Contract):
    loan_id = fields.String(required=True)
    version = fields.Integer(required=True)
    card_number = fields.String(required=True)
    title = fields.String(required=True)
    author = fields.String(allow_none=True)
    isbn = fields.String(allow_none=True)
    branch_id = fields.String(required=True)
    lent_on = fields.Date(required=True)
    original_due_on = fields.Date(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    status = fields.String(required=True)
    returned_on = fields.Date(allow_none=True)


class LoanReminder(Loan):
    day = fields.Date(required=True, metadata={"description": "the day the reminder is for"})


class DueDateChange(Contract):
    loan_id = fields.String(required=True)
    title = fields.String(required=True)
    author = fields.String(allow_none=True)
    branch_id = fields.String(required=True)
    was = fields.Date(required=True, allow_none=True, data_key="from")
    to = fields.Date(required=True, allow_none=True)
    loan_version = fields.Integer(
        required=True, metadata={"description": "the loan's version after the change; events come in any order"}
    )


class UnchangedLoan(Contract):
    title = fields.String(required=True)
    due_on = fields.Date(required=True, allow_none=True)


class DueDatesChanged(Contract):
    """One reader, one run, all their books that moved; `unchanged` lists the ones that did not."""

    run_id = fields.String(required=True)
    quarantine_id = fields.String(required=True)
    version = fields.Integer(required=True)
    card_number = fields.String(required=True)
    unchanged = fields.List(fields.Nested(UnchangedLoan))
    changes = fields.List(fields.Nested(DueDateChange), required=True)


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


class NearerDay(Contract):
    """A book whose day a correction brought nearer: it stays protected for a while after `sent_on`."""

    loan_id = fields.String(required=True)
    sent_on = fields.Date(required=True)


class NoticeOutcome(Contract):
    notice_id = fields.String(required=True)
    quarantine_id = fields.String(allow_none=True)
    kind = fields.String(required=True)
    card_number = fields.String(allow_none=True)
    channel = fields.String(required=True)
    error = fields.String(allow_none=True)
    nearer = fields.List(fields.Nested(NearerDay))


class AnnouncementPosted(Contract):
    """Somebody has posted about a closure by hand, and where it can be seen."""

    announcement_id = fields.String(required=True)
    quarantine_id = fields.String(required=True)
    url = fields.String(required=True)
    posted_at = fields.AwareDateTime(required=True)
    posted_by = fields.String(required=True)


class CodeRequested(Contract):
    """A one-time code to be sent to a contact on record. Carried encrypted: logs and outboxes never hold it."""

    card_number = fields.String(required=True)
    sealed_code = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)


class SessionEnded(Contract):
    """A sign-in ended before its time; its token is refused from now on."""

    session_id = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)


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


CONTRACTS: dict[str, type[Contract]] = {
    "quarantine.declared.v1": Quarantine,
    "quarantine.changed.v1": Quarantine,
    "quarantine.lifted.v1": Quarantine,
    "quarantine.cancelled.v1": Quarantine,
    "branch.changed.v1": Branch,
    "reader.registered.v1": Reader,
    "reader.changed.v1": Reader,
    "reader.erased.v1": ReaderErased,
    "reader.code_requested.v1": CodeRequested,
    "session.ended.v1": SessionEnded,
    "work.changed.v1": Work,
    "loan.checked_out.v1": Loan,
    "loan.renewed.v1": Loan,
    "loan.returned.v1": Loan,
    "loan.lost.v1": Loan,
    "loan.due_soon.v1": LoanReminder,
    "loan.overdue.v1": LoanReminder,
    "loans.due_dates_changed.v1": DueDatesChanged,
    "accounts.dates_changed.v1": DatesChanged,
    "quiz.published.v1": Quiz,
    "quiz.closed.v1": Quiz,
    "attempt.graded.v1": AttemptGraded,
    "quizzes.dates_changed.v1": DatesChanged,
    "step.progressed.v1": StepProgressed,
    "notice.sent.v1": NoticeOutcome,
    "notice.failed.v1": NoticeOutcome,
    "announcement.posted.v1": AnnouncementPosted,
}

_INSTANCES: dict[str, Contract] = {}


def contract_of(type: str) -> Contract:
    """The contract of an event type. Raises KeyError for a type that is not known."""
    if type not in _INSTANCES:
        _INSTANCES[type] = CONTRACTS[type]()
    return _INSTANCES[type]


def problems_of(type: str, data: Any) -> dict[str, Any]:
    """What is wrong with `data` as an event of that type; empty when nothing is."""
    return dict(contract_of(type).validate(data))
