"""Reads for lists and pages: who may see which notice, and how it is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from services.notify import rendering
from services.notify.models import Delivery, Notice, NoticeCard, Person
from services.notify.rendering import CODE
from services.notify.sight import own_notices
from shared.auth import READER, Principal
from shared.folding import fold, sql_folded

# A reader sees what holds; what was replaced or withdrawn names days that are not true.
FOR_READERS = ("queued", "sent", "failed")


def visible_to(who: Principal, *roles: str, lock: bool = False) -> Select[Notice]:
    """The notices a caller may see: staff those of the branches where they hold one of the roles; a reader what is
    written to them.

    A child whose guardian has no card of their own sees the guardian's notices about the child: the family has no
    other way in.
    """
    chosen = select(Notice)
    if lock:
        chosen = chosen.with_for_update()
    if who.kind != READER:
        return chosen.where(own_notices(who, *roles))
    about = select(NoticeCard.notice_id).where(NoticeCard.card_number == who.card_number)
    own = or_(Notice.addressee == f"card:{who.card_number}", and_(Notice.card_number.is_(None), Notice.id.in_(about)))
    return chosen.where(own, Notice.state.in_(FOR_READERS), Notice.kind != CODE)


def notices(
    session: Session, who: Principal, query: Mapping[str, Any], after: Sequence[Any] | None
) -> Sequence[Notice]:
    """One more than a page, newest first; `after` is (created_at, id) of the last one seen."""
    chosen = visible_to(who, "librarian")
    if card := query.get("card_number"):
        chosen = chosen.where(Notice.id.in_(_about(card)))
    for name in ("quarantine_id", "state", "kind"):
        if query.get(name):
            chosen = chosen.where(getattr(Notice, name) == str(query[name]))
    if query.get("language"):
        chosen = chosen.where(Notice.language == query["language"])
    if query.get("channel"):
        chosen = chosen.where(Notice.id.in_(select(Delivery.notice_id).where(Delivery.channel == query["channel"])))
    if query.get("search"):
        chosen = chosen.where(named(query["search"]))
    if after:
        at, last = after
        older = or_(Notice.created_at < at, and_(Notice.created_at == at, Notice.id < last))
        chosen = chosen.where(older)
    newest = chosen.order_by(Notice.created_at.desc(), Notice.id.desc())
    return session.scalars(newest.limit(query["limit"] + 1)).all()


def named(search: str) -> ColumnElement[bool]:
    """By a card, by the name of who is written to or of a reader it is about, or by its subject."""
    words = [each for each in fold(search).split() if each]
    names = sql_folded(Person.given_name + " " + Person.family_name)
    cards = select(Person.card_number).where(*(names.contains(word, autoescape=True) for word in words))
    about = select(NoticeCard.notice_id).where(NoticeCard.card_number.in_(cards))
    texts = (Notice.recipient, func.coalesce(Notice.subject, ""))
    said = [and_(*(sql_folded(each).contains(word, autoescape=True) for word in words)) for each in texts]
    return or_(Notice.id.in_(_about(search.strip())), Notice.id.in_(about), *said)


def _about(card: str) -> Any:
    to = select(Notice.id).where(Notice.addressee == f"card:{card}")
    return select(NoticeCard.notice_id).where(NoticeCard.card_number == card).union(to)


def shown(session: Session, found: Sequence[Notice]) -> list[dict[str, Any]]:
    """Notices as the API shows them, each with its deliveries in order of trial."""
    by_notice: dict[str, list[Delivery]] = defaultdict(list)
    ids = [notice.id for notice in found]
    for delivery in session.scalars(select(Delivery).where(Delivery.notice_id.in_(ids)).order_by(Delivery.place)):
        by_notice[delivery.notice_id].append(delivery)
    return [_shown(session, notice, by_notice[notice.id]) for notice in found]


def _shown(session: Session, notice: Notice, deliveries: Sequence[Delivery]) -> dict[str, Any]:
    plain = ("id", "card_number", "recipient", "about", "quarantine_id", "version", "kind", "language")
    times = ("state", "created_at", "told_at", "opened_at")
    subject, body = _words(session, notice)
    return {name: getattr(notice, name) for name in (*plain, *times)} | {
        "subject": subject,
        "body": body,
        "deliveries": deliveries,
    }


def _words(session: Session, notice: Notice) -> tuple[str | None, str | None]:
    """As sent; before that, as it would be. Nothing for somebody whose data have been erased."""
    if notice.subject is not None or not notice.content:
        return notice.subject, notice.body
    words = rendering.words_kept(notice.content, session.info["settings"])
    return words.subject, words.body
