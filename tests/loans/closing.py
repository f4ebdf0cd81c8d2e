"""Closures as quarantines tells of them, handed to the loans service; its runs advanced to their end."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from services.loans import days, models
from services.loans.handlers import HANDLERS
from services.loans.runs import RUNS
from shared import clock
from shared.calendar import open_days
from shared.events import Event
from shared.events.contracts import problems_of
from shared.handlers import dispatch
from shared.runs import Runner
from shared.tables import runs
from tests.loans.library import ZONE, Library
from tests.oracle import Shutdown

HOURS = "Mo-Sa 09:00-18:00"


def feb(day: int) -> date:
    return date(2026, 2, day)


def set_today(file: Path, day: date) -> None:
    """Sets the clock to noon of that day; `file` is the fixture `today`."""
    file.write_text("0")
    noon = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)
    file.write_text(str((noon - clock.now()).total_seconds()))


def with_settings(library: Library, **changes: Any) -> None:
    library.database.settings = replace(library.database.settings, **changes)


def weekly(hours: str = HOURS) -> dict[str, Any]:
    return open_days(hours, date(2025, 1, 1), date(2032, 12, 31)).to_json()


def event(type: str, data: Mapping[str, Any]) -> Event:
    assert not problems_of(type, data), problems_of(type, data)
    return Event(str(uuid.uuid4()), type, "/services/test", "", datetime.now(UTC), data)


@dataclass(frozen=True)
class Decided:
    """A version of a quarantine at some branches with the same hours and limit."""

    starts_on: date
    ends_on: date | None
    branches: tuple[str, ...] = ("main",)
    grace_days: int = 0
    returns_per_day: int | None = None
    include_overdue: bool = True
    hours: str = HOURS
    version: int = 1
    state: str = "declared"
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def then(self, state: str = "changed", **changes: Any) -> Decided:
        return replace(self, version=self.version + 1, state=state, **changes)

    @property
    def data(self) -> dict[str, Any]:
        branch = {"time_zone": ZONE, "open_days": weekly(self.hours), "returns_per_day": self.returns_per_day}
        return {
            "quarantine_id": self.id,
            "version": self.version,
            "state": self.state,
            "kind": "quarantine",
            "everywhere": False,
            "starts_on": self.starts_on.isoformat(),
            "ends_on": self.ends_on.isoformat() if self.ends_on else None,
            "reopens_on": (self.ends_on + timedelta(days=1)).isoformat() if self.ends_on else None,
            "grace_days": self.grace_days,
            "include_overdue": self.include_overdue,
            "reason": {"kk": "Карантин", "ru": "Карантин", "en": "Quarantine"},
            "announce": False,
            "branches": [{"branch_id": branch_id} | branch for branch_id in self.branches],
            "decided_at": "2026-01-31T09:00:00+00:00",
            "decided_by": "staff:1",
        }

    @property
    def event(self) -> Event:
        return event(f"quarantine.{self.state}.v1", self.data)

    def shutdown(self, **changes: Any) -> Shutdown:
        """The same for the oracle."""
        return Shutdown(
            self.id,
            self.starts_on,
            self.ends_on,
            self.grace_days,
            self.include_overdue,
            cancelled=self.state == "cancelled",
            returns_per_day=self.returns_per_day,
            opening_hours=self.hours,
            **changes,
        )


def hear(library: Library, *events: Event) -> None:
    """Hands events to the service's handlers in one transaction, as the consumer does."""
    with library.database.transaction() as session:
        dispatch(session, HANDLERS, events)


def runner(library: Library) -> Runner:
    return Runner(library.database, RUNS)


def finish_runs(library: Library) -> None:
    while runner(library).advance_one():
        pass


def decide(library: Library, *decisions: Decided) -> None:
    """Hears each decision and finishes its run before the next."""
    for decision in decisions:
        hear(library, decision.event)
        finish_runs(library)


def put_out(library: Library, card: str, due: date, branch: str = "main", **given: Any) -> str:
    """A loan that is out, as if lent two weeks before it is due; returns its id."""
    loan_id = given.pop("id", None) or f"L-{uuid.uuid4().hex[:10]}"
    row = {
        "id": loan_id,
        "version": 1,
        "card_number": card,
        "branch_id": branch,
        "title": f"Book {loan_id}",
        "lent_on": due - timedelta(days=14),
        "anchored_on": due - timedelta(days=14),
        "original_due_on": due,
        "due_on": due,
        "status": "on_loan",
        "renewals": 0,
    }
    with library.database.transaction() as session:
        session.execute(insert(models.Loan).values(row | given))
    return loan_id


def due(library: Library, loan_id: str) -> date | None:
    with library.database.reading() as session:
        return session.get_one(models.Loan, loan_id).due_on


def all_due(library: Library) -> dict[str, date | None]:
    with library.database.reading() as session:
        return {row.id: row.due_on for row in session.execute(select(models.Loan.id, models.Loan.due_on))}


def all_runs(library: Library) -> dict[str, Any]:
    """Key -> row of each run."""
    with library.database.reading() as session:
        return {row.key: row for row in session.execute(select(runs))}


def run_of(library: Library, decision: Decided, suffix: str = "") -> Any:
    return all_runs(library)[f"{decision.id}:{decision.version}{suffix}"]


def told(library: Library, decision: Decided | None = None) -> list[dict[str, Any]]:
    """The readers' events, of one version if given."""
    found = library.events("loans.due_dates_changed.v1")
    mine = (decision.id, decision.version) if decision else None
    return [each for each in found if mine is None or (each["quarantine_id"], each["version"]) == mine]


def moves_told(events: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str | None, str | None]]:
    return {line["loan_id"]: (line["from"], line["to"]) for each in events for line in each["changes"]}


def branch_event(version: int, hours: str = HOURS) -> Event:
    data = {
        "branch_id": "main",
        "version": version,
        "name": {"kk": "Кітапхана"},
        "parent_id": None,
        "path": ["main"],
        "time_zone": ZONE,
        "opening_hours": hours,
        "open_days": weekly(hours),
    }
    return event("branch.changed.v1", data)


def reader_event(card: str, version: int, **given: Any) -> Event:
    data = {
        "reader_id": f"reader of {card}",
        "version": version,
        "card_number": card,
        "household": f"card:{card}",
        "family_name": "Әуезова",
        "given_name": "Айгүл",
        "language": "kk",
        "birth_date": None,
        "kind": "adult",
        "blocked": False,
    }
    return event("reader.changed.v1", data | given)


def begin_days(library: Library) -> None:
    days.begin_days(library.context)
    finish_runs(library)
