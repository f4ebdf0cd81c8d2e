"""Numbers of a period for the report: who was told, over which way, in which language, of which age. No names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from services.notify.calls import FOR_EVERYBODY
from services.notify.models import Delivery, Notice, NoticeCard, Outcome, Person
from services.notify.sight import own_notices, own_readers
from services.notify.taken_back import TAKEN_BACK
from services.notify.use_cases import TOLD
from shared import clock
from shared.auth import Principal

AGES = ((7, "0-6"), (11, "7-10"), (15, "11-14"), (18, "15-17"), (30, "18-29"))
OLDEST = "30+"
ENDED = ("sent", "failed")


ROLES = ("librarian", "operator")


def numbers(session: Session, who: Principal, since: date, until: date) -> dict[str, Any]:
    """Of the caller's branches, as loans counts for the same report. `until` is the last day counted."""
    zone = ZoneInfo(session.info["settings"].time_zone)
    first, after = (datetime.combine(day, time(), zone) for day in (since, until + timedelta(days=1)))
    mine = own_notices(who, *ROLES)
    told = and_(Notice.kind.in_(FOR_EVERYBODY), Notice.told_at >= first, Notice.told_at < after, mine)
    made = and_(Notice.kind.in_(FOR_EVERYBODY), Notice.created_at >= first, Notice.created_at < after, mine)
    readers = own_readers(who, *ROLES)
    told = told if readers is None else and_(told, readers)
    not_told = select(func.count(func.distinct(Notice.addressee))).where(made, Notice.state == "failed")
    return {
        "by_way": _counted(session, told, _way()),
        "by_language": _counted(session, told, Notice.language),
        "by_branch": _counted(session, told, Person.home_branch_id),
        "by_age": _counted(session, told, _age(clock.today(zone.key))),
        "not_told": session.scalar(not_told) or 0,
        "attempts": _attempts(session, mine, first, after),
    }


def _counted(session: Session, told: ColumnElement[bool], by: Any) -> list[dict[str, Any]]:
    key = by.label("key")
    counted = (
        select(key, func.count(func.distinct(Notice.addressee)), func.count(func.distinct(NoticeCard.card_number)))
        .select_from(Notice)
        .outerjoin(NoticeCard, NoticeCard.notice_id == Notice.id)
        .outerjoin(Person, Person.card_number == NoticeCard.card_number)
        .where(told)
        .group_by(key)
        .order_by(key)
    )
    names = ("key", "households", "readers")
    return [dict(zip(names, row, strict=True)) for row in session.execute(counted)]


def _way() -> Any:
    """The channel that took it, else what staff did, else the inbox where it was opened."""
    channel = (
        select(Delivery.channel)
        .where(Delivery.notice_id == Notice.id, Delivery.state == "sent", Delivery.place > 0)
        .order_by(Delivery.place)
        .limit(1)
        .scalar_subquery()
    )
    hand = (
        select(Outcome.way)
        .where(Outcome.notice_id == Notice.id, Outcome.result.in_(sorted(TOLD)))
        .order_by(Outcome.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(channel, hand, literal("inbox"))


def _followed_by() -> Any:
    """The next result of the same way: one that was taken back is no try."""
    return func.lead(Outcome.result).over(partition_by=(Outcome.notice_id, Outcome.way), order_by=Outcome.id)


def _age(today: date) -> Any:
    born = Person.birth_date
    younger = [(born > _years_before(today, years), name) for years, name in AGES]
    return case((or_(born.is_(None), Person.card_number.is_(None)), None), *younger, else_=OLDEST)


def _years_before(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=min(day.day, 28 if day.month == 2 else day.day))


def _attempts(session: Session, mine: ColumnElement[bool], first: datetime, after: datetime) -> list[dict[str, Any]]:
    """Tries by way and what came of them: deliveries that have ended, and what staff recorded."""
    sent = (
        select(Delivery.channel, Delivery.state, func.sum(Delivery.tries))
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(Delivery.place > 0, Delivery.state.in_(ENDED), Notice.created_at >= first, Notice.created_at < after)
        .where(mine)
        .group_by(Delivery.channel, Delivery.state)
    )
    tries = (
        select(Outcome.way, Outcome.result, Outcome.at, _followed_by().label("then"))
        .join(Notice, Notice.id == Outcome.notice_id)
        .where(mine)
        .subquery()
    )
    meant = (tries.c.result != TAKEN_BACK, tries.c.then.is_distinct_from(TAKEN_BACK))
    by_hand = (
        select(tries.c.way, tries.c.result, func.count())
        .where(tries.c.at >= first, tries.c.at < after, *meant)
        .group_by(tries.c.way, tries.c.result)
    )
    rows = [*session.execute(sent), *session.execute(by_hand)]
    names = ("way", "result", "tries")
    found: list[Mapping[str, Any]] = [dict(zip(names, row, strict=True)) for row in rows]
    return sorted(map(dict, found), key=lambda row: (row["way"], row["result"]))
