"""Puts digests together at release: for each person written to, the books whose day last told is not in force."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.notify import channels_of, closures, quizzes
from services.notify.channels_of import Recipient
from services.notify.digest import BookLine, Change, ClosedBranch, Digest, Offer, ReaderSection, UnmovedBook, case_of
from services.notify.lines import book_lines, date_lines
from services.notify.models import (
    Decision,
    Delivery,
    Notice,
    NoticeCard,
    NoticeLine,
    Person,
    Suppression,
    Unmoved,
)
from shared import clock
from shared.bulk import dump_rows, insert_rows
from shared.database import rows_table

ORDINARY = 1

LAST_OF_CHUNK = text("""
    SELECT max(addressee) FROM (SELECT DISTINCT addressee FROM people WHERE addressee > :after
                                 ORDER BY addressee LIMIT :size) AS chunk""")


@dataclass(frozen=True)
class Chunk:
    """Everything a chunk of digests is made of."""

    decision: Decision
    standing: closures.Closures
    closed: tuple[ClosedBranch, ...]
    books: Mapping[str, Sequence[Any]]
    dates: Mapping[str, Sequence[Any]]
    people: Mapping[str, Mapping[str, Any]]
    unmoved: Mapping[str, Sequence[Mapping[str, Any]]]
    suppressed: frozenset[tuple[str, str]]
    quizzes: tuple[quizzes.OpenQuiz, ...]
    quiz_titles: Mapping[str, Mapping[str, str | None]]
    today: date


def last_addressee(session: Session, after: str, size: int) -> str | None:
    """The addressee that ends the chunk of `size` after that one; None when there is none left."""
    return session.execute(LAST_OF_CHUNK, {"after": after, "size": size}).scalar()


def release_chunk(session: Session, quarantine_id: str, version: int, after: str, last: str) -> int:
    """Queues the digests of the addressees in (after, last]. Returns how many notices."""
    chunk = _load(session, quarantine_id, after, last)
    addressees = sorted({*chunk.books, *chunk.dates})
    prepared = [_prepare(chunk, version, addressee) for addressee in addressees]
    _save(session, [each for each in prepared if each is not None])
    return len(prepared)


def _load(session: Session, quarantine_id: str, after: str, last: str) -> Chunk:
    books = _by_addressee(session.execute(book_lines(quarantine_id, after, last)).all())
    dates = _by_addressee(session.execute(date_lines(quarantine_id, after, last)).all())
    cards = {line.card_number for each in (*books.values(), *dates.values()) for line in each}
    guardians = {name.removeprefix("card:") for name in (*books, *dates) if name.startswith("card:")}
    decision = session.get_one(Decision, quarantine_id)
    standing = closures.standing(session)
    today = _today(decision)
    return Chunk(
        decision=decision,
        standing=standing,
        closed=closures.closed_branches(standing, decision.data),
        books=books,
        dates=dates,
        people=people_of(session, sorted(cards | guardians)),
        unmoved=_unmoved(session, quarantine_id, sorted(cards)),
        suppressed=suppressed(session),
        quizzes=quizzes.open_to(session, {each["branch_id"] for each in decision.data["branches"]}, today),
        quiz_titles=quizzes.titles(
            session, {line.item_id for each in dates.values() for line in each if line.kind == "quiz"}
        ),
        today=today,
    )


def _today(decision: Decision) -> date:
    branches = decision.data["branches"]
    return clock.today(branches[0]["time_zone"] if branches else "Asia/Almaty")


def _by_addressee(rows: Sequence[Any]) -> dict[str, list[Any]]:
    return {addressee: list(lines) for addressee, lines in groupby(rows, key=lambda row: row.addressee)}


def people_of(session: Session, cards: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    source = rows_table(session, "cards", {"card": "text"})
    chosen = select(Person.__table__).where(text(f"card_number IN (SELECT card FROM {source})"))  # noqa: S608
    found = session.execute(chosen, {"cards": dump_rows(session, [{"card": card} for card in cards])})
    return {row.card_number: row._mapping for row in found}  # type: ignore[misc]


def _unmoved(session: Session, quarantine_id: str, cards: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    source = rows_table(session, "cards", {"card": "text"})
    chosen = select(Unmoved.card_number, Unmoved.books).where(
        Unmoved.quarantine_id == quarantine_id,
        text(f"card_number IN (SELECT card FROM {source})"),  # noqa: S608
    )
    found = session.execute(chosen, {"cards": dump_rows(session, [{"card": card} for card in cards])})
    return {row.card_number: row.books for row in found}


def suppressed(session: Session) -> frozenset[tuple[str, str]]:
    return frozenset((row.channel, row.address) for row in session.scalars(select(Suppression)))


def _prepare(chunk: Chunk, version: int, addressee: str) -> dict[str, Any]:
    """One notice with its rows: `{notice, cards, lines, dates, deliveries}`."""
    books, dates = chunk.books.get(addressee, []), chunk.dates.get(addressee, [])
    cards = sorted({line.card_number for line in (*books, *dates)})
    recipient = channels_of.recipient_of(addressee, [chunk.people[card] for card in cards], chunk.people)
    notice_id = str(uuid.uuid4())
    now = clock.now()
    digest = _digest(chunk, recipient, cards, books, dates)
    notice = {
        "id": notice_id,
        "kind": "correction" if digest.case in ("earlier", "put_back") else "digest",
        "lane": ORDINARY,
        "quarantine_id": chunk.decision.quarantine_id,
        "version": version,
        "addressee": addressee,
        "card_number": recipient.card_number,
        "recipient": recipient.name,
        "about": cards,
        "language": recipient.language,
        "content": {"form": "Digest", "data": digest},
        "created_at": now,
    }
    chain = recipient.channels(chunk.suppressed)
    return {
        "notice": notice | {"state": "queued" if chain else "failed"},
        "cards": cards,
        "lines": books,
        "dates": dates,
        "deliveries": deliveries(notice_id, chain, now, ORDINARY),
    }


def deliveries(notice_id: str, chain: Sequence[tuple[str, str]], now: Any, lane: int) -> list[dict[str, Any]]:
    """The in-site inbox, written at once, then the outside channels: the first is due, the others wait for it."""
    empty = {"notice_id": notice_id, "lane": lane, "tries": 0}
    inbox = {"place": 0, "channel": "inbox", "address": None, "state": "sent", "next_try_at": None, "sent_at": now}
    rows = [empty | inbox]
    for place, (channel, address) in enumerate(chain, start=1):
        due = {"state": "queued", "next_try_at": now} if place == 1 else {"state": "waiting", "next_try_at": None}
        rows.append(empty | {"place": place, "channel": channel, "address": address, "sent_at": None} | due)
    return rows


def _offers(chunk: Chunk, cards: Sequence[str]) -> tuple[Offer, ...]:
    births = [chunk.people[card]["birth_date"] for card in cards if card in chunk.people]
    return quizzes.offers(chunk.quizzes, births, chunk.today)


def _digest(
    chunk: Chunk, recipient: Recipient, cards: Sequence[str], books: Sequence[Any], dates: Sequence[Any]
) -> Digest:
    data = chunk.decision.data
    sections = tuple(_section(chunk, card, books, dates) for card in cards)
    lines = [book for section in sections for book in section.books]
    told_before = any(line.told_before for line in books)
    case = case_of(chunk.decision.state, lines, told_before)  # type: ignore[arg-type]
    return Digest(
        language=recipient.language,
        name=recipient.name,
        case=case,
        written_on=chunk.today,
        first_closed=date.fromisoformat(data["starts_on"]),
        branches=chunk.closed,
        readers=sections,
        reason=data["reason"],
        # A message that takes an earlier one back says only that.
        quizzes=() if chunk.decision.state == "cancelled" else _offers(chunk, cards),
        by_message=told_before,
    )


def _section(chunk: Chunk, card: str, books: Sequence[Any], dates: Sequence[Any]) -> ReaderSection:
    return ReaderSection(
        name=channels_of.full_name(chunk.people[card]),
        books=tuple(_book(chunk, line) for line in books if line.card_number == card),
        unmoved=tuple(
            UnmovedBook(each["title"], date.fromisoformat(each["due_on"]) if each["due_on"] else None)
            for each in chunk.unmoved.get(card, ())
        ),
        changes=tuple(
            Change(line.kind, _title(chunk, line), line.was, line.now) for line in dates if line.card_number == card
        ),
    )


def _title(chunk: Chunk, line: Any) -> Mapping[str, str | None]:
    """In every language where it is known in them: a guardian may read another one than the child."""
    return chunk.quiz_titles.get(line.item_id) or ({"kk": line.title} if line.title else {})


def _book(chunk: Chunk, line: Any) -> BookLine:
    nearer = line.was is not None and line.now is not None and line.now < line.was
    known = line.branch_id in chunk.standing.names
    return BookLine(
        title=line.title,
        author=line.author or "",
        was_due=line.was,
        now_due=line.now,
        branch_id=line.branch_id,
        was_late=line.was is not None and line.was < chunk.today,
        protected_until=chunk.standing.protected_until(line.branch_id, line.now, chunk.today)
        if nearer and known
        else None,
    )


def _save(session: Session, prepared: Sequence[Mapping[str, Any]]) -> None:
    insert_rows(session, Notice.__table__, [each["notice"] for each in prepared])  # type: ignore[arg-type]
    cards = [{"card_number": card, "notice_id": each["notice"]["id"]} for each in prepared for card in each["cards"]]
    insert_rows(session, NoticeCard.__table__, cards)  # type: ignore[arg-type]
    lines = [
        {"notice_id": each["notice"]["id"], "loan_id": line.loan_id, "card_number": line.card_number}
        | {"was": line.was, "now": line.now}
        for each in prepared
        for line in each["lines"]
    ]
    insert_rows(session, NoticeLine.__table__, lines)  # type: ignore[arg-type]
    insert_rows(session, Delivery.__table__, [row for each in prepared for row in each["deliveries"]])  # type: ignore[arg-type]
    _mark_queued(session, lines)
    _mark_dates_queued(session, prepared)


def _mark_queued(session: Session, lines: Sequence[Mapping[str, Any]]) -> None:
    source = rows_table(session, "lines", {"notice_id": "uuid", "loan_id": "text", "now": "date"})
    marked = f"""UPDATE books SET queued_by = lines.notice_id, queued_on = lines.now
                   FROM {source} WHERE books.loan_id = lines.loan_id"""  # noqa: S608
    session.execute(text(marked), {"lines": dump_rows(session, lines)})


def _mark_dates_queued(session: Session, prepared: Sequence[Mapping[str, Any]]) -> None:
    lines = [
        {"notice_id": each["notice"]["id"], "card_number": line.card_number}
        | {"service": line.service, "item_id": line.item_id, "quarantine_id": each["notice"]["quarantine_id"]}
        for each in prepared
        for line in each["dates"]
    ]
    if not lines:
        return
    names = ("card_number", "service", "item_id")
    shape = {"notice_id": "uuid", "quarantine_id": "uuid"} | dict.fromkeys(names, "text")
    same = " AND ".join(f"date_lines.{name} = lines.{name}" for name in (*names, "quarantine_id"))
    marked = (
        f"UPDATE date_lines SET queued_by = lines.notice_id FROM {rows_table(session, 'lines', shape)} WHERE {same}"  # noqa: S608
    )
    session.execute(text(marked), {"lines": dump_rows(session, lines)})
