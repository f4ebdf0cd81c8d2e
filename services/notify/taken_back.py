"""A result of a call or a letter that was recorded by mistake: on record with what took it back, and without effect."""

from __future__ import annotations

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from services.notify import calls, outcomes, telling, writing
from services.notify.models import Delivery, Notice, Outcome, Suppression
from shared import clock
from shared.problems import Problem

TAKEN_BACK = "taken_back"
WRONG_NUMBER = "wrong number"
"""Why a number is not used: the reason it is suppressed for."""


def take_back(session: Session, notice: Notice, way: str, by: str) -> None:
    """Undoes the last result of that way. Raises a 409 problem where there is none, or its reader knows otherwise."""
    last = session.scalars(_said(notice.id, way).order_by(Outcome.id.desc()).limit(1)).first()
    if last is None or last.result == TAKEN_BACK:
        raise Problem(409, "There is no result to take back.")
    if notice.told_at is not None:
        _take_back_told(session, notice, way)
    if last.result == "wrong_number":
        _use_number_again(session, notice)
    calls.put_back(session, notice, last, by)


def said_just_now(session: Session, notice_id: str, way: str, result: str, by: str) -> bool:
    """Whether the newest result of that way is the same, a moment old and of the same person, who pressed twice."""
    last = session.scalars(_said(notice_id, way).order_by(Outcome.id.desc()).limit(1)).first()
    same = last is not None and (last.result, last.by) == (result, by)
    return bool(same and last and clock.now() - last.at < calls.PRESSED_TWICE)


def _said(notice_id: str, way: str) -> Select[Outcome]:
    return select(Outcome).where(Outcome.notice_id == notice_id, Outcome.way == way)


def _take_back_told(session: Session, notice: Notice, way: str) -> None:
    sent = select(Delivery.id).where(Delivery.notice_id == notice.id, Delivery.state == "sent", Delivery.place > 0)
    if notice.opened_at is not None or session.scalar(sent.limit(1)):
        raise Problem(409, "The reader knows it in another way too: nothing is taken back.")
    notice.state, notice.told_at, notice.claimed_at = "failed", None, None
    session.flush()
    telling.count_as_untold(session, [notice.id])
    outcomes.say_failed(session, [notice], {notice.id: way}, {notice.id: "recorded by mistake"})
    outcomes.report(session, [notice])


def _use_number_again(session: Session, notice: Notice) -> None:
    to = writing.recipients(session, writing.families(session, [notice.addressee])).get(notice.addressee)
    if to and (phone := to.contacts.get("sms")):
        mine = (Suppression.channel == "sms", Suppression.address == phone, Suppression.reason == WRONG_NUMBER)
        session.execute(delete(Suppression).where(*mine))
