"""A library of any size, made by SQL from a seed: a third as many readers as loans, and 20 branches."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.spine import vacuum
from shared.calendar import open_days
from shared.database import Database, dump_json
from tests.support import library_time

BRANCHES = 20
CLOSED_DAYS = 60
HOURS = "Mo-Sa 09:00-18:00"
COLUMNS = (
    "id, version, card_number, branch_id, title, author, lent_on, anchored_on, original_due_on, due_on,"
    " status, renewals"
)
WRITTEN = ("loans", "due_date_changes", "outbox", "runs", "closures", "decisions", "placements", "failed_moves")


@dataclass(frozen=True)
class Library:
    """`inside`: share of loans due inside the closure. `returns_per_day`: return slots, none for no limit."""

    loans: int
    inside: float = 0.6
    returns_per_day: int | None = None
    seed: float = 0.42

    @classmethod
    def with_slots(cls, loans: int) -> Library:
        """A limit that spreads the returns of each branch over some fifty open days."""
        return cls(loans, returns_per_day=max(6, loans * 6 // 10 // BRANCHES // 50))

    @property
    def name(self) -> str:
        return f"{self.inside:.0%} inside" + (f", {self.returns_per_day} returns a day" if self.returns_per_day else "")

    @property
    def readers(self) -> int:
        return max(1, self.loans // 3)

    @property
    def starts_on(self) -> date:
        return library_time.today() + timedelta(days=1)

    @property
    def ends_on(self) -> date:
        return self.starts_on + timedelta(days=CLOSED_DAYS - 1)

    @property
    def after(self) -> date:
        """The first day after the closure."""
        return self.ends_on + timedelta(days=1)

    @property
    def calendar(self) -> dict[str, Any]:
        since = self.starts_on - timedelta(days=366)
        return open_days(HOURS, since, self.ends_on + timedelta(days=800)).to_json()


def branch_ids() -> list[str]:
    return [f"b{n}" for n in range(1, BRANCHES + 1)]


def fill_branches(session: Session, library: Library) -> None:
    session.execute(
        text(
            "INSERT INTO branches (id, version, name, path, time_zone, open_days)"
            " SELECT 'b' || n, 1, '{}', '[]', 'Asia/Almaty', CAST(:calendar AS jsonb) FROM generate_series(1, :n) n"
        ),
        {"calendar": dump_json(library.calendar), "n": BRANCHES},
    )


def fill_loans(session: Session, library: Library) -> None:
    """Readers, and the loans once as `loans_master`; `fresh` copies them before each measurement."""
    session.execute(text("DROP TABLE IF EXISTS loans_master"))
    session.execute(text("TRUNCATE loans, readers"))
    session.execute(
        text(
            "INSERT INTO readers (card_number, version, reader_id, card_folded, surname_folded, household, blocked)"
            " SELECT 'K' || lpad(n::text, 8, '0'), 1, 'r' || n, 'k' || n, 'reader', 'card:K' || lpad(n::text, 8, '0'),"
            " false FROM generate_series(0, :readers - 1) n"
        ),
        {"readers": library.readers},
    )
    session.execute(text("SELECT setseed(:seed)"), {"seed": library.seed})
    session.execute(
        text(
            "CREATE TABLE loans_master AS SELECT 'L' || lpad(n::text, 9, '0') AS id, 1 AS version,"
            " 'K' || lpad(floor(random() * :readers)::text, 8, '0') AS card_number,"
            " 'b' || (1 + n % :branches) AS branch_id, 'Қалың орман, тентек өзен ' || n % 25 AS title,"
            " 'Қасым Қайсенов' AS author, due - 14 AS lent_on, due - 14 AS anchored_on, due AS original_due_on,"
            " due AS due_on, 'on_loan' AS status, 0 AS renewals"
            " FROM (SELECT n, CAST(:starts AS date) + CASE WHEN r < :inside THEN floor(random() * :days)::int"
            "  WHEN r < :inside + (1 - :inside) / 2 THEN -1 - floor(random() * 14)::int"
            "  ELSE :days + floor(random() * 28)::int END AS due"
            "  FROM (SELECT n, random() AS r FROM generate_series(1, :loans) n OFFSET 0) g OFFSET 0) d"
        ),
        {
            "readers": library.readers,
            "branches": BRANCHES,
            "starts": library.starts_on,
            "inside": library.inside,
            "days": CLOSED_DAYS,
            "loans": library.loans,
        },
    )


def fill_people(session: Session, library: Library) -> None:
    """The readers as notify knows them, each with an address of their own."""
    session.execute(text("TRUNCATE people"))
    session.execute(
        text(
            "INSERT INTO people (card_number, version, reader_id, addressee, household, family_name, given_name,"
            " language, email, kind, erased)"
            " SELECT card, 1, 'r' || n, 'card:' || card, 'card:' || card, 'Әуезова', 'Айгерім',"
            " (ARRAY['kk', 'ru', 'en'])[1 + n % 3], 'reader' || n || '@example.org', 'reader', false"
            " FROM (SELECT n, 'K' || lpad(n::text, 8, '0') AS card FROM generate_series(0, :readers - 1) n) r"
        ),
        {"readers": library.readers},
    )


def as_at_start(database: Database) -> None:
    """The loans as made, nothing decided and nothing moved."""
    with database.transaction() as session:
        session.execute(text(f"TRUNCATE {', '.join(WRITTEN)}"))
        session.execute(text(f"INSERT INTO loans ({COLUMNS}) SELECT {COLUMNS} FROM loans_master"))
    vacuum(database, *WRITTEN, "branches", "readers")


def closed(database: Database, library: Library) -> str:
    """The loans as at the start with the closure recorded; returns the quarantine's id."""
    as_at_start(database)
    quarantine_id = str(uuid.uuid4())
    with database.transaction() as session:
        session.execute(
            text(
                "INSERT INTO closures (quarantine_id, branch_id, starts_on, ends_on, grace_days, include_overdue,"
                " returns_per_day, open_days, shifts)"
                " SELECT CAST(:q AS uuid), id, :starts, :ends, 0, true, :limit, open_days, '{}' FROM branches"
            ),
            {
                "q": quarantine_id,
                "starts": library.starts_on,
                "ends": library.ends_on,
                "limit": library.returns_per_day,
            },
        )
    return quarantine_id
