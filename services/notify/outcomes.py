"""What came of deliveries, recorded a batch at a time: sent, to be tried again, or handed on to the next channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from prometheus_client import Counter
from sqlalchemy import case, func, select, text, update
from sqlalchemy.orm import Session

from services.notify import progress
from services.notify.claims import Claimed
from services.notify.models import Delivery, Notice, Suppression
from services.notify.results import Failed, Next, Result, Sent, decide
from services.notify.telling import count_as_told, count_as_untold, nearer_days
from shared import clock, outbox
from shared.bulk import dump_rows, insert_rows
from shared.database import rows_table

NAMES = (Notice.id, Notice.quarantine_id, Notice.version, Notice.kind, Notice.card_number)
PLAIN = {"synchronize_session": False}
NOTICES = Counter("kitaphana_notices_total", "Deliveries by what came of them", ["channel", "state"])

# What was accepted is sent, whoever holds the claim now; anything else is said only by who holds it.
RECORDED = """
    UPDATE deliveries SET state = rows.state, tries = rows.tries, last_error = rows.error, sent_at = rows.sent_at,
           next_try_at = rows.due, claimed_until = NULL
      FROM {rows}
     WHERE deliveries.id = rows.id AND deliveries.state IN ('sending', 'queued')
       AND (rows.state = 'sent' OR deliveries.claimed_until = rows.until)"""
NEXT_CHANNEL = """
    UPDATE deliveries SET state = 'queued', next_try_at = ids.due
      FROM {ids}
     WHERE deliveries.notice_id = ids.id AND deliveries.state = 'waiting'
       AND deliveries.place = (SELECT min(d.place) FROM deliveries d
                                WHERE d.notice_id = ids.id AND d.state = 'waiting')
       AND EXISTS (SELECT 1 FROM notices n WHERE n.id = ids.id AND n.state = 'queued')
       AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.notice_id = deliveries.notice_id
                          AND d.state IN ('queued', 'sending', 'sent') AND d.place > 0)"""


def record(session: Session, came: Sequence[Claimed]) -> None:
    """Records a batch of claims with their results, and says in events what has come to an end."""
    if not came:
        return
    now = clock.now()
    nexts = [(each, decide(each.result, each.tries, now)) for each in came if each.result is not None]
    _record_deliveries(session, nexts, now)
    suppress(session, [(each.channel, each.address, why) for each in came if (why := _dead(each.result))])
    sent = _sent(session, [each.notice_id for each, _ in nexts if isinstance(each.result, Sent)], now)
    failed = hand_on(session, [each.notice_id for each, then in nexts if then.state == "failed"])
    channels = {each.notice_id: each.channel for each in came}
    errors = {each.notice_id: then.error for each, then in nexts}
    say_sent(session, sent, channels)
    say_failed(session, failed, channels, errors)
    report(session, [*sent, *failed])
    for each, then in nexts:
        NOTICES.labels(each.channel, then.state).inc()


def _dead(result: Result | None) -> str | None:
    return result.reason if isinstance(result, Failed) and result.dead_address else None


def _record_deliveries(session: Session, nexts: Iterable[tuple[Claimed, Next]], now: datetime) -> None:
    rows = [
        {
            "id": each.delivery_id,
            "state": then.state,
            "tries": then.tries,
            "error": then.error,
            "sent_at": now if then.state == "sent" else None,
            "due": then.due,
            "until": each.until,
        }
        for each, then in nexts
    ]
    moments = dict.fromkeys(("sent_at", "due", "until"), "timestamptz")
    shape = {"id": "bigint", "state": "text", "tries": "int", "error": "text"} | moments
    statement = RECORDED.format(rows=rows_table(session, "rows", shape))
    session.execute(text(statement), {"rows": dump_rows(session, rows)})


def _sent(session: Session, notice_ids: Sequence[str], now: datetime) -> Sequence[Any]:
    """The first success makes a notice told and stops its chain."""
    if not notice_ids:
        return []
    given_up = select(Notice.id).where(Notice.id.in_(notice_ids), Notice.state == "failed", Notice.told_at.is_(None))
    late = session.scalars(given_up).all()
    first = update(Notice).where(Notice.id.in_(notice_ids), Notice.state.in_(("queued", "failed")))
    moments = {name: func.coalesce(getattr(Notice, name), now) for name in ("told_at", "claimed_at")}
    sent = first.values(state="sent", **moments).returning(*NAMES)
    told = session.execute(sent, execution_options=PLAIN).all()
    stop_chains(session, [row.id for row in told])
    if late:
        count_as_told(session, late)
    return told


def stop_chains(session: Session, notice_ids: Sequence[str]) -> None:
    """What has not been tried yet is not needed any more."""
    untried = update(Delivery).where(Delivery.notice_id.in_(notice_ids), Delivery.state.in_(("waiting", "queued")))
    session.execute(untried.values(state="dropped", next_try_at=None), execution_options=PLAIN)


def hand_on(session: Session, notice_ids: Sequence[str]) -> Sequence[Any]:
    """Queues the next channel of notices whose present one failed for good; returns those that had none left.

    Of a decision's notice that has reached nobody nothing counts as told: the next decision may take it back.
    """
    if not notice_ids:
        return []
    source = rows_table(session, "ids", {"id": "uuid", "due": "timestamptz"})
    rows = [{"id": notice_id, "due": clock.now()} for notice_id in notice_ids]
    session.execute(text(NEXT_CHANNEL.format(ids=source)), {"ids": dump_rows(session, rows)})
    going = select(Delivery.id).where(
        Delivery.notice_id == Notice.id, Delivery.state.in_(("queued", "sending")), Delivery.place > 0
    )
    stuck = update(Notice).where(Notice.id.in_(notice_ids), Notice.state == "queued", ~going.exists())
    # The reader who has opened it in the inbox knows, whatever became of the mail.
    opened = Notice.opened_at.is_not(None)
    ended = stuck.values(
        state=case((opened, "sent"), else_="failed"),
        claimed_at=case((opened | Notice.quarantine_id.is_(None), Notice.claimed_at), else_=None),
    )
    found = session.execute(ended.returning(*NAMES, Notice.state), execution_options=PLAIN).all()
    if untold := [row.id for row in found if row.state == "failed" and row.quarantine_id]:
        count_as_untold(session, untold)
    return found


def say_sent(session: Session, notices: Sequence[Any], channels: Mapping[str, str]) -> None:
    """notice.sent, with the books whose day came nearer."""
    nearer = nearer_days(session, [row.id for row in notices if row.kind == "correction"])
    for row in notices:
        data = _said(row, channels[row.id]) | {"nearer": nearer.get(row.id, [])}
        outbox.add(session, "notice.sent.v1", row.id, data)


def say_failed(
    session: Session, notices: Sequence[Any], channels: Mapping[str, str], errors: Mapping[str, str | None]
) -> None:
    for row in notices:
        if row.state == "failed":
            data = _said(row, channels[row.id]) | {"error": errors.get(row.id)}
            outbox.add(session, "notice.failed.v1", row.id, data)


def _said(row: Any, channel: str) -> dict[str, Any]:
    names = ("quarantine_id", "kind", "card_number")
    return {"notice_id": row.id, "channel": channel} | {name: getattr(row, name) for name in names}


def report(session: Session, notices: Iterable[Any]) -> None:
    """How far each decision is whose numbers have just moved."""
    moved = {(row.quarantine_id, row.version) for row in notices if row.quarantine_id and row.version}
    for quarantine_id, version in sorted(moved):
        progress.report(session, quarantine_id, version)


def suppress(session: Session, dead: Sequence[tuple[str, str, str]]) -> None:
    """These (channel, address, reason) are not written to again until a person clears them."""
    now = clock.now()
    rows = [{"channel": c, "address": a, "reason": r, "at": now} for c, a, r in dict.fromkeys(dead)]
    insert_rows(session, Suppression.__table__, rows, then="ON CONFLICT DO NOTHING")  # type: ignore[arg-type]
