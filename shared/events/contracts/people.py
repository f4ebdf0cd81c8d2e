"""Readers, and what was told to them."""

from __future__ import annotations

from marshmallow import fields, validate

from shared.events.contracts.common import LANGUAGES, Contract


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
