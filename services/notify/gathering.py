"""Gathers what a decision moved, event by event in any order, and knows when everything has been heard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.notify import people, stopping
from services.notify.models import Book, DateLine, Decision, Gathering, Move, Unmoved
from shared import clock, runs
from shared.bulk import insert_rows
from shared.events import Event

PATIENCE_WITH_OTHERS = timedelta(minutes=10)
OTHERS = ("accounts", "quizzes")
BOOK = ("loan_id", "card_number", "title", "author", "branch_id", "due_on")
"""What of a book is kept as it was heard of last."""

NEWER_BOOK = """ON CONFLICT (loan_id) DO UPDATE SET
    card_number = CASE WHEN excluded.heard > books.heard THEN excluded.card_number ELSE books.card_number END,
    title = CASE WHEN excluded.heard > books.heard THEN excluded.title ELSE books.title END,
    author = CASE WHEN excluded.heard > books.heard THEN excluded.author ELSE books.author END,
    branch_id = CASE WHEN excluded.heard > books.heard THEN excluded.branch_id ELSE books.branch_id END,
    due_on = CASE WHEN excluded.heard > books.heard THEN excluded.due_on ELSE books.due_on END,
    out = CASE WHEN excluded.heard > books.heard THEN excluded.out ELSE books.out END,
    told_on = CASE WHEN excluded.first_heard < books.first_heard AND books.told_by IS NULL
                   THEN excluded.told_on ELSE books.told_on END,
    first_heard = CASE WHEN excluded.first_heard < books.first_heard
                       THEN excluded.first_heard ELSE books.first_heard END,
    heard = CASE WHEN excluded.heard > books.heard THEN excluded.heard ELSE books.heard END"""

# A new agreement at the desk is told there and then: the day on it is the day last told.
AGREED_BOOK = """ON CONFLICT (loan_id) DO UPDATE SET
    card_number = excluded.card_number, title = excluded.title, author = excluded.author,
    branch_id = excluded.branch_id, due_on = excluded.due_on, out = excluded.out, heard = excluded.heard,
    first_heard = 0, told_on = excluded.told_on, told_by = NULL, queued_by = NULL, queued_on = NULL
    WHERE excluded.heard > books.heard"""

RETURNED_BOOK = """ON CONFLICT (loan_id) DO UPDATE SET out = excluded.out, heard = excluded.heard
    WHERE excluded.heard > books.heard"""


def on_due_dates_changed(session: Session, events: Sequence[Event]) -> None:
    people.require_known(session, {event.data["card_number"] for event in events})
    rows = list(_changes(events))
    insert_rows(session, Book.__table__, books_of(rows), then=NEWER_BOOK)  # type: ignore[arg-type]
    _insert_moves(session, rows)
    _keep_unmoved(session, events)
    _count_heard(session, events)


def _changes(events: Sequence[Event]) -> Iterable[dict[str, Any]]:
    for event in events:
        for change in event.data["changes"]:
            yield {
                "quarantine_id": event.data["quarantine_id"],
                "card_number": event.data["card_number"],
                "loan_id": change["loan_id"],
                "title": change["title"],
                "author": change.get("author"),
                "branch_id": change["branch_id"],
                "was": change["from"],
                "due_on": change["to"],
                "heard": change["loan_version"],
            }


def books_of(changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row a loan: the newest change says when it is due, the oldest what its reader was told before."""
    books: dict[str, dict[str, Any]] = {}
    for change in sorted(changes, key=lambda change: (change["loan_id"], change["heard"])):
        first = books.get(change["loan_id"])
        books[change["loan_id"]] = {
            **{name: change[name] for name in (*BOOK, "heard")},
            "first_heard": first["first_heard"] if first else change["heard"],
            "told_on": first["told_on"] if first else change["was"],
            "out": True,
        }
    return list(books.values())


def _insert_moves(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    moves = sorted({(row["quarantine_id"], row["card_number"], row["loan_id"]) for row in rows})
    named = [dict(zip(("quarantine_id", "card_number", "loan_id"), move, strict=True)) for move in moves]
    insert_rows(session, Move.__table__, named, then="ON CONFLICT DO NOTHING")  # type: ignore[arg-type]


def _keep_unmoved(session: Session, events: Sequence[Event]) -> None:
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for event in events:
        data = event.data
        if data.get("unchanged") is not None:
            row = {"quarantine_id": data["quarantine_id"], "card_number": data["card_number"]}
            newest[tuple(row.values())] = row | {"version": data["version"], "books": data["unchanged"]}
    insert_rows(
        session,
        Unmoved.__table__,  # type: ignore[arg-type]
        [row for _key, row in sorted(newest.items()) if row["books"]],
        then="ON CONFLICT (quarantine_id, card_number) DO UPDATE SET version = excluded.version, "
        "books = excluded.books WHERE excluded.version >= unmoved.version",
    )


def _count_heard(session: Session, events: Sequence[Event]) -> None:
    counts: Counter[tuple[str, str, int, str]] = Counter()
    for event in events:
        service = event.source.rsplit("/", 1)[-1]
        counts[(event.data["run_id"], event.data["quarantine_id"], event.data["version"], service)] += 1
    rows = [
        {"run_id": run_id, "quarantine_id": quarantine_id, "version": version, "service": service, "heard": heard}
        for (run_id, quarantine_id, version, service), heard in sorted(counts.items())
    ]
    added = "ON CONFLICT (run_id) DO UPDATE SET heard = gatherings.heard + excluded.heard"
    insert_rows(session, Gathering.__table__, rows, then=added)  # type: ignore[arg-type]


def on_loan_agreed(session: Session, events: Sequence[Event]) -> None:
    """loan.checked_out, loan.renewed: the reader was told the day at the desk or on the page."""
    _take_loans(session, events, AGREED_BOOK)


def on_loan_ended(session: Session, events: Sequence[Event]) -> None:
    """loan.returned, loan.lost: nothing more is told about it."""
    _take_loans(session, events, RETURNED_BOOK)


def _take_loans(session: Session, events: Sequence[Event], then: str) -> None:
    newest: dict[str, dict[str, Any]] = {}
    for event in sorted(events, key=lambda event: (event.data["loan_id"], event.data["version"])):
        loan = event.data
        row: dict[str, Any] = {name: loan.get(name) for name in BOOK}
        row |= {"heard": loan["version"], "first_heard": 0, "told_on": loan["due_on"]}
        newest[loan["loan_id"]] = row | {"out": loan["status"] == "on_loan"}
    insert_rows(session, Book.__table__, list(newest.values()), then=then)  # type: ignore[arg-type]


def on_dates_changed(session: Session, events: Sequence[Event]) -> None:
    """What another service moved: a line each, the newest version of the decision wins."""
    people.require_known(session, {event.data["card_number"] for event in events})
    lines: dict[tuple[str, ...], dict[str, Any]] = {}
    for event in sorted(events, key=lambda event: event.data["version"]):
        for change in event.data["changes"]:
            line = {
                "quarantine_id": event.data["quarantine_id"],
                "card_number": event.data["card_number"],
                "service": event.source.rsplit("/", 1)[-1],
                "item_id": change["id"],
            }
            day = {"day": change["to"], "told_on": change["from"]}
            kind = {"version": event.data["version"], "kind": change["kind"], "title": change["title"]}
            first = lines.get(tuple(line.values()), day)
            lines[tuple(line.values())] = line | kind | day | {"told_on": first["told_on"]}
    insert_rows(
        session,
        DateLine.__table__,  # type: ignore[arg-type]
        [line for _key, line in sorted(lines.items())],
        then="ON CONFLICT (quarantine_id, card_number, service, item_id) DO UPDATE SET day = excluded.day, "
        "version = excluded.version WHERE excluded.version >= date_lines.version",
    )
    _count_heard(session, events)


def on_step_progressed(session: Session, event: Event) -> None:
    """The end of another service's run says how many of its events there are to hear.

    A run that was tried again ends once more, with more events: what it moved then is released as well.
    """
    data = event.data
    if data["state"] != "done" or data["service"] not in ("loans", *OTHERS):
        return
    row = {name: data[name] for name in ("run_id", "quarantine_id", "version", "service")}
    row |= {"heard": 0, "expected": data.get("events", 0), "ended_at": event.time}
    ended = (
        "ON CONFLICT (run_id) DO UPDATE SET expected = excluded.expected, ended_at = excluded.ended_at,"
        " released_at = CASE WHEN gatherings.expected IS NULL THEN gatherings.released_at END"
        " WHERE gatherings.expected IS NULL OR excluded.expected > gatherings.expected"
    )
    insert_rows(session, Gathering.__table__, [row], then=ended)  # type: ignore[arg-type]


def release_complete(session: Session) -> int:
    """Starts a release for each decision of which everything has been heard. Returns how many."""
    waiting = select(Gathering).where(Gathering.released_at.is_(None), Gathering.expected.is_not(None))
    by_decision: dict[str, list[Gathering]] = {}
    for gathering in session.scalars(waiting.where(Gathering.heard >= Gathering.expected)):
        by_decision.setdefault(gathering.quarantine_id, []).append(gathering)
    return sum(_release(session, quarantine_id, complete) for quarantine_id, complete in sorted(by_decision.items()))


def _release(session: Session, quarantine_id: str, complete: Sequence[Gathering]) -> bool:
    decision = session.get(Decision, quarantine_id, with_for_update=True)
    if decision is None:
        return False
    settle([each for each in complete if each.version < decision.version])
    present = [each for each in complete if each.version == decision.version]
    loans_ended = _loans_ended(session, quarantine_id, decision.version)
    if not present or loans_ended is None or not _others_heard(session, decision, loans_ended):
        return False
    settle(present)
    hold = timedelta(minutes=session.info["settings"].notice_hold)
    args = {"quarantine_id": quarantine_id, "version": decision.version}
    first = min(present, key=lambda each: each.run_id)
    key = f"{quarantine_id}:{decision.version}:{first.run_id}:{first.expected}"
    begins_at = stopping.begins_at(session, decision, loans_ended + hold)
    runs.start(session, "release", key, args, next_at=begins_at)
    return True


def settle(gatherings: Iterable[Gathering]) -> None:
    for gathering in gatherings:
        gathering.released_at = clock.now()


def _loans_ended(session: Session, quarantine_id: str, version: int) -> datetime | None:
    """When the last complete run of loans for that version ended; notices always wait for loans."""
    complete = select(Gathering.ended_at).where(
        Gathering.quarantine_id == quarantine_id,
        Gathering.version == version,
        Gathering.service == "loans",
        Gathering.heard >= Gathering.expected,
    )
    return max((ended for ended in session.scalars(complete) if ended), default=None)


def _others_heard(session: Session, decision: Decision, loans_ended: datetime) -> bool:
    """Whether the other services are complete, or have been waited for long enough."""
    heard = select(Gathering.service).where(
        Gathering.quarantine_id == decision.quarantine_id,
        Gathering.version == decision.version,
        Gathering.heard >= Gathering.expected,
    )
    complete = set(session.scalars(heard))
    return set(OTHERS) <= complete or clock.now() >= loans_ended + PATIENCE_WITH_OTHERS


def forget_overtaken(session: Session, quarantine_id: str, version: int) -> None:
    """Runs of older versions release nothing any more."""
    older = update(Gathering).where(Gathering.quarantine_id == quarantine_id, Gathering.version < version)
    session.execute(older.where(Gathering.released_at.is_(None)).values(released_at=clock.now()))
