"""What the service can do; each takes a session and never commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from services.notify import calls, links, outcomes, preferences, queries, release, taken_back, telling, writing
from services.notify.models import Delivery, Link, Notice, Outcome, Suppression
from services.notify.taken_back import TAKEN_BACK, WRONG_NUMBER
from shared import clock, outbox
from shared.auth import READER, Principal
from shared.problems import Problem, invalid, not_found

RESULTS: Mapping[str, Sequence[str]] = {
    "call": ("reached", "no_answer", "wrong_number", "refused", TAKEN_BACK),
    "letter": ("handed_over", "refused", TAKEN_BACK),
    "slip": ("handed_over", "refused", TAKEN_BACK),
    "chat": ("reached", "handed_over", "no_answer", "refused", TAKEN_BACK),
    "visit": ("reached", "no_answer", "refused", TAKEN_BACK),
}
TOLD = frozenset({"reached", "handed_over"})
NOT_ANY_MORE = "This notice was replaced or withdrawn: look for the newest one."


def notice_for(
    session: Session, notice_id: str, who: Principal, *, lock: bool = False, roles: Sequence[str] = ("librarian",)
) -> Notice:
    """The notice, when `who` may see it, staff for one of the roles. Raises a 404 problem otherwise."""
    notice = session.scalars(queries.visible_to(who, *roles, lock=lock).where(Notice.id == notice_id)).first()
    if notice is None:
        raise not_found()
    return notice


def open_notice(session: Session, notice_id: str, who: Principal) -> Notice:
    """The notice to read. When its own reader opens it, they have been told."""
    notice = notice_for(session, notice_id, who, lock=who.kind == READER)
    if who.kind != READER or notice.opened_at is not None:
        return notice
    notice.opened_at = clock.now()
    if notice.told_at is None:
        _count_as_told(session, notice, notice.opened_at)
    if notice.state == "failed":
        _now_sent(session, notice, "inbox")
    return notice


def _count_as_told(session: Session, notice: Notice, at: datetime) -> None:
    notice.told_at = at
    if notice.claimed_at is None:
        notice.claimed_at = clock.now()
        session.flush()
        telling.count_as_told(session, [notice.id])


def _now_sent(session: Session, notice: Notice, channel: str) -> None:
    notice.state = "sent"
    session.flush()
    outcomes.stop_chains(session, [notice.id])
    outcomes.say_sent(session, [notice], {notice.id: channel})
    outcomes.report(session, [notice])


def record_outcome(session: Session, notice_id: str, data: Mapping[str, Any], who: Principal) -> Notice:
    """What came of a call, a letter or a slip; reached and handed over mean told, taken_back undoes the last one.

    Pressed twice is once. Raises 404, 409, 422 problems.
    """
    notice = notice_for(session, notice_id, who, lock=True)
    way, result, at = data["way"], data["result"], data["at"] or clock.now()
    if result not in RESULTS[way]:
        raise invalid(
            "result", "For this way of telling, the result is one of: {choices}.", choices=", ".join(RESULTS[way])
        )
    if at > clock.now():
        raise invalid("at", "This is in the future.")
    if notice.state in ("replaced", "withdrawn"):
        raise Problem(409, NOT_ANY_MORE)
    if taken_back.said_just_now(session, notice.id, way, result, who.subject):
        return notice
    if result == TAKEN_BACK:
        taken_back.take_back(session, notice, way, who.subject)
    session.add(Outcome(notice_id=notice.id, way=way, result=result, at=at, by=who.subject, note=data["note"]))
    _have_effect(session, notice, way, result, at)
    return notice


def _have_effect(session: Session, notice: Notice, way: str, result: str, at: datetime) -> None:
    if result == TAKEN_BACK:
        return
    if result == "wrong_number":
        _suppress_number(session, notice)
    calls.after_outcome(session, notice, way, result)
    if result in TOLD and notice.state != "sent":
        _count_as_told(session, notice, at)
        _now_sent(session, notice, way)


def _suppress_number(session: Session, notice: Notice) -> None:
    to = writing.recipients(session, writing.families(session, [notice.addressee])).get(notice.addressee)
    if to and (phone := to.contacts.get("sms")):
        outcomes.suppress(session, [("sms", phone, WRONG_NUMBER)])


def retry(session: Session, notice_id: str, who: Principal, roles: Sequence[str] = ("librarian",)) -> Notice:
    """Sends a failed notice again to the contacts on record now, or a waiting one at once. Raises 404, 409 problems."""
    notice = notice_for(session, notice_id, who, lock=True, roles=roles)
    if notice.state == "sent":
        raise Problem(409, "This notice has been sent already.")
    if notice.state in ("replaced", "withdrawn") or _overtaken(session, notice):
        raise Problem(409, NOT_ANY_MORE)
    if notice.state == "failed":
        _begin_anew(session, notice)
    else:
        _hurry(session, notice)
    session.flush()
    outbox.mark_written(session)
    outcomes.report(session, [notice])
    return notice


def _overtaken(session: Session, notice: Notice) -> bool:
    newer = select(Notice.id).where(
        Notice.addressee == notice.addressee,
        Notice.quarantine_id == notice.quarantine_id,
        Notice.created_at > notice.created_at,
        Notice.state.not_in(("replaced", "withdrawn")),
    )
    return notice.quarantine_id is not None and session.execute(newer.limit(1)).first() is not None


def _begin_anew(session: Session, notice: Notice) -> None:
    """The whole chain again; whoever asks for it clears the addresses that bounced before."""
    to = writing.recipients(session, writing.families(session, [notice.addressee])).get(notice.addressee)
    chain = to.channels() if to else []
    if not chain:
        raise Problem(409, "No address is on record. Add one to the card, or record a call or a letter.")
    session.execute(delete(Suppression).where(tuple_(Suppression.channel, Suppression.address).in_(chain)))
    known = {each.channel: each for each in _outside(session, notice)}
    for row in release.deliveries(notice.id, chain, clock.now(), notice.lane)[1:]:
        delivery = known.get(row["channel"])
        if delivery is None:
            session.add(Delivery(**row))
            continue
        for name in ("place", "address", "state", "tries", "next_try_at"):
            setattr(delivery, name, row[name])
    notice.state = "queued"


def _hurry(session: Session, notice: Notice) -> None:
    for delivery in _outside(session, notice):
        if delivery.state == "queued":
            delivery.next_try_at = clock.now()


def _outside(session: Session, notice: Notice) -> Sequence[Delivery]:
    return session.scalars(select(Delivery).where(Delivery.notice_id == notice.id, Delivery.place > 0)).all()


def switch_link_off(session: Session, notice_id: str, who: Principal) -> None:
    """The private link in that notice opens nothing any more. Raises a 404 problem."""
    links.switch_off_of(session, notice_for(session, notice_id, who).id)


def mailing_of(session: Session, token: str) -> dict[str, Any]:
    """What a leaving address is about. Raises a 404 problem."""
    link, notice = _mailing(session, token)
    return preferences.mailing(session, link.addressee, notice.kind) | {"language": notice.language}


def unsubscribe(session: Session, token: str) -> None:
    """No more notices of that kind to that person; only kinds nobody needs may be left. Raises a 404 problem."""
    link, notice = _mailing(session, token)
    if not preferences.leave(session, link.addressee, notice.kind):
        raise Problem(404, links.OFF)


def subscribe_again(session: Session, token: str) -> None:
    """Takes that back. Raises a 404 problem."""
    link, notice = _mailing(session, token)
    preferences.come_back(session, link.addressee, notice.kind)


def _mailing(session: Session, token: str) -> tuple[Link, Notice]:
    link = links.find_to_leave(session, token)
    return link, session.get_one(Notice, link.notice_id)
