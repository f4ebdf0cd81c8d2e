"""Long work: the last days that a decision moves, then a line for each reader in the middle of such a quiz."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from services.quizzes import closing, published
from services.quizzes.deadlines import Move, moves, reasons
from services.quizzes.models import DRAFT, OPEN, Attempt, Quiz, QuizDateChange, Reader
from shared import clock, outbox
from shared.database import is_sqlite
from shared.heard_decisions import lock_branches
from shared.language import text_in
from shared.runs import Run

DEADLINES = "deadlines"
MOVED = "quizzes.dates_changed.v1"
READERS_AT_ONCE_ON_SQLITE = 500


class DeadlineRun:
    """First the quizzes (`cursor.quiz`), counted in `done`; then the readers (`cursor.card`), counted in `events`."""

    step = "deadlines"

    def chunk_size(self, session: Session) -> int:
        return READERS_AT_ONCE_ON_SQLITE if is_sqlite(session) else int(session.info["settings"].chunk_readers)

    def advance(self, session: Session, run: Run, size: int) -> None:
        if "card" in run.cursor:
            return self._tell(session, run, size)
        lock_branches(session, run.args["branch_ids"], exclusive=False)
        found = moves(session, run.args["branch_ids"])
        if not run.cursor:
            run.total, run.failed = found.deadlines + found.without_a_day, found.without_a_day
        chunk = [move for move in found.moves if move.quiz_id > run.cursor.get("quiz", "")][:size]
        _move(session, run, chunk)
        run.done += sum(move.state != DRAFT for move in chunk)
        run.cursor = {"quiz": chunk[-1].quiz_id} if len(chunk) == size else {"card": ""}

    def skip(self, session: Session, run: Run, error: str) -> None:
        run.failed += 1
        if "card" in run.cursor:
            guilty = _cards(session, run, run.cursor["card"], 1)
            run.cursor = {"card": guilty[0]} if guilty else run.cursor
            return None if guilty else run.finish()
        found = moves(session, run.args["branch_ids"]).moves
        rest = [move.quiz_id for move in found if move.quiz_id > run.cursor.get("quiz", "")]
        run.cursor = {"quiz": rest[0]} if rest else {"card": ""}

    def _tell(self, session: Session, run: Run, size: int) -> None:
        cards = _cards(session, run, run.cursor["card"], size)
        for card, changes in _lines(session, run, cards).items():
            named = {name: run.args[name] for name in ("quarantine_id", "version")}
            outbox.add(session, MOVED, card, {"run_id": run.id, "card_number": card, "changes": changes} | named)
            run.events += 1
        run.cursor = {"card": cards[-1] if cards else run.cursor["card"]}
        if len(cards) < size:
            run.finish()


def _move(session: Session, run: Run, chunk: Sequence[Move]) -> None:
    if not chunk:
        return
    now_by_id = {move.quiz_id: move.now for move in chunk}
    why = reasons(session, now_by_id.values())
    quizzes = select(Quiz).where(Quiz.id.in_(now_by_id)).order_by(Quiz.id)
    for quiz in session.scalars(quizzes if is_sqlite(session) else quizzes.with_for_update()):
        now = now_by_id[quiz.id]
        quiz.closes_on, quiz.why = now.day, why.get(now.because_of or "")
        closing.set_moments(quiz, closing.zone_of(session, quiz.branch_id))
        published.follow_calendar(quiz)
        published.tell(session, published.next_version(quiz))
    moved_at = clock.now()
    decision = {name: run.args[name] for name in ("quarantine_id", "version")}
    history = [
        {"quiz_id": move.quiz_id, "at": moved_at, "was": move.was, "now": move.now.day, **decision} for move in chunk
    ]
    session.execute(insert(QuizDateChange), history)


def _moved_by(run: Run) -> Any:
    return select(QuizDateChange.quiz_id).where(
        QuizDateChange.quarantine_id == run.args["quarantine_id"], QuizDateChange.version == run.args["version"]
    )


def _cards(session: Session, run: Run, after: str, size: int) -> list[str]:
    """The next readers with an unfinished attempt at a quiz that this version moved."""
    unfinished = (
        select(Attempt.card_number)
        .distinct()
        .where(Attempt.state == OPEN, Attempt.card_number > after, Attempt.quiz_id.in_(_moved_by(run)))
    )
    return [card for card in session.scalars(unfinished.order_by(Attempt.card_number).limit(size)) if card]


def _lines(session: Session, run: Run, cards: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Card -> what moved for its reader, titles in the reader's language."""
    if not cards:
        return {}
    changes = _changes(session, run)
    mine = (Attempt.state == OPEN, Attempt.card_number >= cards[0], Attempt.card_number <= cards[-1])
    chosen = (
        select(Attempt.card_number, Attempt.quiz_id, func.coalesce(Reader.language, "kk").label("language"))
        .distinct()
        .outerjoin(Reader, Reader.card_number == Attempt.card_number)
        .where(*mine, Attempt.quiz_id.in_(list(changes)))
        .order_by(Attempt.card_number, Attempt.quiz_id)
    )
    lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in session.execute(chosen):
        title, days = changes[row.quiz_id]
        named = {"id": row.quiz_id, "kind": "quiz", "title": text_in(title, row.language)[0]}
        lines[str(row.card_number)].append(named | days)
    return lines


def _changes(session: Session, run: Run) -> dict[str, tuple[Mapping[str, str | None], dict[str, str | None]]]:
    """Quiz -> its title and the days `from` and `to`."""
    moved = (
        select(QuizDateChange.quiz_id, QuizDateChange.was, QuizDateChange.now, Quiz.title)
        .join(Quiz, Quiz.id == QuizDateChange.quiz_id)
        .where(QuizDateChange.quiz_id.in_(_moved_by(run)))
        .where(QuizDateChange.quarantine_id == run.args["quarantine_id"], QuizDateChange.version == run.args["version"])
    )
    return {row.quiz_id: (row.title, {"from": _iso(row.was), "to": _iso(row.now)}) for row in session.execute(moved)}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
