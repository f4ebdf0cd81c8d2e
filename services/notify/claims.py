"""Claiming what is due: in one transaction it is put into words, counted as told, and made one worker's own.

A notice is replaced or withdrawn only while nobody has claimed it; both statements say so and lock its row, so
that one of them wins and never both.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, or_, select, text, true, update
from sqlalchemy.orm import Session

from services.notify import links, release
from services.notify.channels import Parcel
from services.notify.models import Delivery, Notice
from services.notify.pace import Pace, quiet_until
from services.notify.rendering import CODE, words_kept, words_sent
from services.notify.results import Failed, Result
from services.notify.telling import count_as_told
from services.notify.wording import Rendered
from shared import clock
from shared.bulk import dump_rows
from shared.database import rows_table
from shared.observability import log
from shared.retries import describe
from shared.settings import Settings, secret_of

HOLDS = timedelta(seconds=60)
UNSUBSCRIBABLE = frozenset({"announcement", "newsletter"})


@dataclass(frozen=True)
class Claimed:
    """One delivery in a worker's hands until `until`. `parcel` is None when there is nothing to send; see `result`."""

    delivery_id: int
    notice_id: str
    channel: str
    address: str
    tries: int
    until: datetime
    parcel: Parcel | None = None
    result: Result | None = None


@dataclass
class Batch:
    """One look at the queue. `looked_at`: how many were due; `postponed`: those that must wait, until when."""

    looked_at: int = 0
    claimed: list[Claimed] = field(default_factory=list)
    postponed: dict[int, datetime] = field(default_factory=dict)


def claim(session: Session, paces: Mapping[str, Pace], most: int, without: Collection[str] = ()) -> Batch:
    """Claims at most `most` deliveries that are due and may go now, in order of lane and time; `without` channels."""
    now, settings = clock.now(), session.info["settings"]
    due = _due(session, now, most, without)
    batch = Batch(looked_at=len(due))
    blocked = release.suppressed(session)
    going = []
    for row in due:
        if hopeless := _hopeless(row, blocked, now):
            batch.claimed.append(_claimed(row, now, result=hopeless))
        elif (when := _may_go(row, paces, settings, now)) > now:
            batch.postponed[row.id] = when
        else:
            going.append(row)
    _postpone(session, batch.postponed)
    _hold(session, [row.id for row in going] + [each.delivery_id for each in batch.claimed], now)
    batch.claimed += _put_into_words(session, going, now)
    return batch


def _due(session: Session, now: datetime, most: int, without: Collection[str]) -> Sequence[Row[Any]]:
    columns = (Delivery.id, Delivery.notice_id, Delivery.channel, Delivery.address, Delivery.tries, Delivery.lane)
    words = (Notice.kind, Notice.language, Notice.addressee, Notice.content, Notice.subject, Notice.body)
    due = (
        select(*columns, *words, Notice.claimed_at)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(Delivery.state.in_(("queued", "sending")), Notice.state == "queued")
        .where(or_(Delivery.next_try_at.is_(None), Delivery.next_try_at <= now))
        .where(Delivery.channel.not_in(without) if without else true())
        .order_by(Delivery.lane, Delivery.next_try_at, Delivery.id)
        .limit(most)
        .with_for_update(skip_locked=True, of=(Delivery, Notice))
    )
    return session.execute(due).all()


def _hopeless(row: Row[Any], blocked: frozenset[tuple[str, str]], now: datetime) -> Failed | None:
    if (row.channel, row.address) in blocked:
        return Failed("this address bounced or complained before")
    expires = row.content.get("expires_at")
    if expires and datetime.fromisoformat(expires) <= now:
        return Failed("expired before it could be sent")
    return None


def _may_go(row: Row[Any], paces: Mapping[str, Pace], settings: Settings, now: datetime) -> datetime:
    quiet = quiet_until(row.channel, now.astimezone(ZoneInfo(settings.time_zone)), settings.quiet_hours, row.lane)
    if quiet > now:
        return quiet
    pace = paces.get(row.channel)
    return pace.due(row.address, now) if pace else now


def _postpone(session: Session, postponed: Mapping[int, datetime]) -> None:
    if not postponed:
        return
    rows = [{"id": id, "due": due} for id, due in postponed.items()]
    source = rows_table(session, "rows", {"id": "bigint", "due": "timestamptz"})
    later = f"""UPDATE deliveries SET state = 'queued', next_try_at = rows.due, claimed_until = NULL
                  FROM {source} WHERE deliveries.id = rows.id"""  # noqa: S608
    session.execute(text(later), {"rows": dump_rows(session, rows)})


def _hold(session: Session, ids: Sequence[int], now: datetime) -> None:
    # The claim comes back by itself: a delivery that is being sent is due again when its time is over.
    until = now + HOLDS
    mine = update(Delivery).where(Delivery.id.in_(ids))
    session.execute(mine.values(state="sending", claimed_until=until, next_try_at=until))


def _put_into_words(session: Session, rows: Sequence[Row[Any]], now: datetime) -> list[Claimed]:
    settings = session.info["settings"]
    secret = secret_of(settings)
    linked = [row for row in rows if row.kind != CODE]
    links.open_for(session, [{"id": row.notice_id, "addressee": row.addressee} for row in linked])
    kept: dict[str, Rendered] = {}
    claimed = []
    for row in rows:
        try:
            words = kept[row.notice_id] = _words(row, settings)
            claimed.append(_claimed(row, now, parcel=_parcel(row, words, settings, secret, now)))
        except Exception as error:
            # One notice that cannot be worded must not hold up the others.
            log.error("a notice cannot be put into words", notice_id=row.notice_id, error=describe(error))
            claimed.append(_claimed(row, now, result=Failed(f"cannot be put into words: {describe(error)}")))
    _keep_words(session, [(row, kept[row.notice_id]) for row in rows if row.notice_id in kept], now)
    return claimed


def _words(row: Row[Any], settings: Settings) -> Rendered:
    if row.subject is not None:
        return Rendered(row.subject, row.body, row.language)
    return words_kept(row.content, settings)


def _parcel(row: Row[Any], words: Rendered, settings: Settings, secret: str, now: datetime) -> Parcel:
    return Parcel(
        notice_id=row.notice_id,
        address=row.address,
        words=words_sent(words, row.content, row.notice_id, settings, secret),
        written_at=row.claimed_at or now,
        unsubscribe=_unsubscribe(row, settings, secret),
    )


def _unsubscribe(row: Row[Any], settings: Settings, secret: str) -> str | None:
    if row.kind not in UNSUBSCRIBABLE or not settings.base_url().startswith("https://"):
        return None
    return links.unsubscribe_address(settings, links.token_of(secret, row.notice_id))


def _keep_words(session: Session, worded: Sequence[tuple[Row[Any], Rendered]], now: datetime) -> None:
    """As sent, once; and from this moment the notice counts as told."""
    first = [(row, words) for row, words in worded if row.claimed_at is None or row.subject is None]
    if not first:
        return
    rows = [{"id": row.notice_id, "subject": words.subject, "body": words.body, "at": now} for row, words in first]
    source = rows_table(session, "rows", {"id": "uuid", "subject": "text", "body": "text", "at": "timestamptz"})
    kept = f"""UPDATE notices SET subject = rows.subject, body = rows.body, claimed_at = rows.at
                 FROM {source} WHERE notices.id = rows.id"""  # noqa: S608
    session.execute(text(kept), {"rows": dump_rows(session, rows)})
    count_as_told(session, [row.notice_id for row, _ in first])


def _claimed(row: Row[Any], now: datetime, parcel: Parcel | None = None, result: Result | None = None) -> Claimed:
    return Claimed(
        row.id, row.notice_id, row.channel, row.address, row.tries, now + HOLDS, parcel=parcel, result=result
    )
