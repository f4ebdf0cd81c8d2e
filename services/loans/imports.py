"""Loans from the library's own catalogue: a file read as a stream, a chunk of lines a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from services.loans import closures, queries, works
from services.loans.closures import Asked, KnownBranch
from services.loans.import_lines import OPTIONAL, REQUIRED, Row, State, changed_loan, new_loan, understood
from services.loans.models import ON_LOAN, DueDateChange, Loan, Reader
from services.loans.models import Decision as Heard
from services.loans.use_cases import event_data
from shared import bulk, clock, outbox
from shared.auth import Principal
from shared.bulk import among
from shared.csv_lines import Line, Readable, Refused, Report, import_stream
from shared.database import Database, is_down
from shared.problems import say
from shared.references import Patience, wait_until_known

TRIES = 3
AT_ONCE = 4000
AT_ONCE_ON_SQLITE = 1000
LOANS = cast(Table, Loan.__table__)
HISTORY = cast(Table, DueDateChange.__table__)
COLUMNS = State._fields
AGAIN = "ON CONFLICT (id) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "id")


def import_loans(database: Database, who: Principal, stream: Readable) -> Report:
    """Takes every line that can be taken; the same file twice changes nothing. Raises 413 and 422 problems."""
    at_once = AT_ONCE_ON_SQLITE if database.sqlite else AT_ONCE
    return import_stream(stream, REQUIRED, OPTIONAL, Import(database, who).take, at_once)


class Import:
    """One file: what must be remembered from chunk to chunk."""

    def __init__(self, database: Database, who: Principal) -> None:
        self.database = database
        self.own_branches = who.branches("librarian")
        self.patience = Patience(database.settings.reference_wait)
        self.seen: dict[str, int] = {}

    def take(self, lines: list[Line]) -> list[Refused]:
        """Saves a chunk; returns the lines refused."""
        rows, refused = self.sift(lines)
        return [*refused, *self._save(rows)]

    def sift(self, lines: Sequence[Line]) -> tuple[list[Row], list[Refused]]:
        """Every check that changes nothing."""
        read = [understood(line) for line in lines]
        refused = [each for each in read if isinstance(each, Refused)]
        rows, unfit = _parted([each for each in read if isinstance(each, Row)], self._fits_file)
        cards, branches = self._unknown("card_number", rows), self._unknown("branch_id", rows)
        rows, unknown = _parted(rows, partial(_is_known, cards, branches))
        return rows, [*refused, *unfit, *unknown]

    def _fits_file(self, row: Row) -> Refused | None:
        first = self.seen.setdefault(row.loan_id, row.number)
        if first != row.number:
            message = "This id is already in the file, in line {line}: {id}."
            return row.refused("loan_id", message, line=first, id=row.loan_id)
        if self.own_branches is not None and row.branch_id not in self.own_branches:
            return row.refused("branch_id", "You do not hold this role at: {branches}.", branches=row.branch_id)
        return None

    def _unknown(self, column: str, rows: Sequence[Row]) -> set[str]:
        """Cards or branches nobody has told us of, looked for again while the file's patience lasts."""
        named = {getattr(row, column) for row in rows}
        find = queries.unknown_cards if column == "card_number" else queries.unknown_branches

        def missing() -> set[str]:
            with self.database.reading() as session:
                return find(session, named)

        return wait_until_known(missing, self.patience.left())

    def _save(self, rows: Sequence[Row]) -> list[Refused]:
        for tries_left in reversed(range(TRIES)):
            try:
                with self.database.transaction() as session:
                    return save(session, rows) if rows else []
            except Exception as error:
                if not (is_down(error) and tries_left):
                    raise
        raise AssertionError("unreachable")


def _parted(rows: Iterable[Row], check: Any) -> tuple[list[Row], list[Refused]]:
    good, bad = [], []
    for row in rows:
        refused = check(row)
        if refused is None:
            good.append(row)
        else:
            bad.append(refused)
    return good, bad


def _is_known(unknown_cards: set[str], unknown_branches: set[str], row: Row) -> Refused | None:
    errors = {}
    if row.card_number in unknown_cards:
        message = "Unknown card: {card_number}. Import its reader first."
        errors["card_number"] = [say(message, card_number=row.card_number)]
    if row.branch_id in unknown_branches:
        errors["branch_id"] = [say("Unknown branch: {branch_id}.", branch_id=row.branch_id)]
    return Refused(row.number, errors) if errors else None


def save(session: Session, rows: Sequence[Row]) -> list[Refused]:
    """One chunk: branches locked, then the loans it names, then every date decided and written at once."""
    branches = closures.lock_branches(session, {row.branch_id for row in rows})
    known = _known_loans(session, [row.loan_id for row in rows])
    had = _dates_they_had(session, rows, known)
    wanted: list[State] = []
    refused: list[Refused] = []
    for row in rows:
        state = _wanted(row, known.get(row.loan_id), had, branches)
        if isinstance(state, Refused):
            refused.append(state)
        elif state is not known.get(row.loan_id):
            wanted.append(state)
    if wanted:
        _write(session, _with_works(session, _decided(session, wanted, known)), known)
    return refused


def _known_loans(session: Session, loan_ids: Sequence[str]) -> dict[str, State]:
    columns = [getattr(Loan, name) for name in COLUMNS]
    chosen = select(*columns).where(among(session, Loan.id, loan_ids)).order_by(Loan.id).with_for_update()
    return {row.id: State(*row) for row in session.execute(chosen)}


def _dates_they_had(session: Session, rows: Sequence[Row], known: Mapping[str, State]) -> dict[str, set[date | None]]:
    """Loan id -> every date it had by this system, for loans whose date in the file is not the present one."""
    doubtful = [row.loan_id for row in rows if (old := known.get(row.loan_id)) and row.due_on != old.due_on]
    had: dict[str, set[date | None]] = {}
    if doubtful:
        chosen = select(DueDateChange.loan_id, DueDateChange.was, DueDateChange.now)
        for loan_id, was, now in session.execute(chosen.where(among(session, DueDateChange.loan_id, doubtful))):
            had.setdefault(loan_id, set()).update((was, now))
    return had


def _wanted(
    row: Row, old: State | None, had: Mapping[str, set[date | None]], branches: Mapping[str, KnownBranch]
) -> State | Refused:
    today = branches[row.branch_id].today
    return changed_loan(row, old, had.get(row.loan_id, set()), today) if old else new_loan(row, today)


def _decided(session: Session, wanted: Sequence[State], known: Mapping[str, State]) -> list[State]:
    """The loans with their dates in force; those that follow from what they followed from before keep theirs."""
    cards = {state.card_number for state in wanted}
    chosen = select(Reader.card_number, Reader.household).where(among(session, Reader.card_number, cards))
    households = dict(session.execute(chosen).all())
    open_questions = [state for state in wanted if state.status == ON_LOAN and not _alike(state, known.get(state.id))]
    asked = [
        Asked(
            state.branch_id,
            state.original_due_on,
            state.anchored_on,
            closures.household_of(state.card_number, households.get(state.card_number)),
        )
        for state in open_questions
    ]
    decisions = closures.decide(session, asked) if asked else []
    answers = {state.id: decision for state, decision in zip(open_questions, decisions, strict=True)}
    return [
        state._replace(due_on=answers[state.id].due_on, moved_by=answers[state.id].quarantine_id)
        if state.id in answers
        else state
        for state in wanted
    ]


def _alike(state: State, old: State | None) -> bool:
    return old is not None and state.decided_alike(old)


def _with_works(session: Session, states: Sequence[State]) -> list[State]:
    books = [state.book for state in states]
    found = works.find_or_make(session, books)
    return [state._replace(work_id=found[book]) for state, book in zip(states, books, strict=True)]


def _write(session: Session, states: Sequence[State], known: Mapping[str, State]) -> None:
    rows = [state._asdict() for state in sorted(states, key=lambda state: state.id)]
    bulk.insert_rows(session, LOANS, rows, AGAIN)
    bulk.insert_rows(session, HISTORY, _history(session, states, known))
    for state in states:
        if (old := known.get(state.id)) and (event := _event(state, old)):
            outbox.add(session, event, state.id, event_data(state))


def _history(session: Session, states: Sequence[State], known: Mapping[str, State]) -> list[dict[str, Any]]:
    """A line of history for each loan whose date in force is not the one it had, or was lent until."""
    quarantines = {state.moved_by for state in states if state.moved_by}
    chosen = select(Heard.quarantine_id, Heard.version).where(Heard.quarantine_id.in_(quarantines))
    versions = dict(session.execute(chosen).all())
    return [
        {
            "loan_id": state.id,
            "at": clock.now(),
            "was": was,
            "now": state.due_on,
            "why": "imported",
            "quarantine_id": state.moved_by,
            "version": versions.get(state.moved_by or ""),
        }
        for state in states
        if (was := _was(state, known.get(state.id))) != state.due_on
    ]


def _was(state: State, old: State | None) -> date | None:
    return old.due_on if old else state.original_due_on


def _event(state: State, old: State) -> str | None:
    """What an import tells of a loan known before: the others must not go on with what is no longer so."""
    if state.status != old.status and state.status != ON_LOAN:
        return "loan.returned.v1" if state.status == "returned" else "loan.lost.v1"
    return "loan.renewed.v1" if state.status == ON_LOAN and state.due_on != old.due_on else None
