"""Decisions of quarantines as a service hears them, where days move by the calendar rule alone: cards, last days.

Such a service keeps three tables: branches (id, version), whose rows are the lock that whoever computes or changes
days takes; decisions (quarantine_id, version, branch_ids); closures (quarantine_id, branch_id, starts_on, ends_on,
grace_days, open_days).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared import runs
from shared.calendar import ALL_DAYS, Closure, ClosureRule, OpenDays
from shared.database import is_sqlite
from shared.events import Event

NO_BRANCH = ""
"""Where what belongs to the library as a whole stands; its row in `branches` comes with the first migration."""


def lock_branches(session: Session, branch_ids: Collection[str], *, exclusive: bool) -> None:
    """Locks the branches' rows in the order of their ids; SQLite's one writer needs no row locks."""
    if is_sqlite(session) or not branch_ids:
        return
    lock = "UPDATE" if exclusive else "SHARE"
    statement = text(f"SELECT id FROM branches WHERE id IN :ids ORDER BY id FOR {lock}")  # noqa: S608
    session.execute(statement.bindparams(bindparam("ids", expanding=True)), {"ids": sorted(branch_ids)})


@dataclass(frozen=True)
class Decision:
    """A quarantine as its event tells it: one closure a branch, none when cancelled. `named`: its present scope."""

    quarantine_id: str
    version: int
    named: frozenset[str]
    closures: Mapping[str, dict[str, Any]]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Decision:
        scope = {each["branch_id"]: each["open_days"] for each in data["branches"]}
        if data["everywhere"]:
            scope[NO_BRANCH] = ALL_DAYS.to_json()
        ends_on = date.fromisoformat(data["ends_on"]) if data["ends_on"] else None
        starts_on = date.fromisoformat(data["starts_on"])
        # Lifted before its first day, a closure shuts nothing.
        stands = data["state"] != "cancelled" and (ends_on is None or ends_on >= starts_on)
        period = {"starts_on": starts_on, "ends_on": ends_on, "grace_days": data["grace_days"]}
        closures = {branch_id: period | {"open_days": days} for branch_id, days in scope.items()}
        return cls(data["quarantine_id"], data["version"], frozenset(scope), closures if stands else {})


@dataclass(frozen=True)
class Kept:
    """A service's three tables. `of_branch`, `of_decision`: further columns, taken from the event as they stand."""

    branches: type[Any]
    decisions: type[Any]
    closures: type[Any]
    of_branch: tuple[str, ...] = ()
    of_decision: tuple[str, ...] = ()

    def ever_closed(self, session: Session, decision: Decision) -> set[str]:
        """Every branch that any version so far, or this one, closes: those whose days it may move."""
        same = self.decisions.quarantine_id == decision.quarantine_id
        before = session.scalar(select(self.decisions.branch_ids).where(same))
        return {*decision.named, *(before or ())}

    def rules(
        self, session: Session, branch_ids: Collection[str], pretended: Decision | None = None
    ) -> dict[str, ClosureRule]:
        """The rule of each branch for the closures as they stand, or as they would with `pretended` decided."""
        found: dict[str, list[Closure]] = {branch_id: [] for branch_id in branch_ids}
        for row in session.scalars(select(self.closures).where(self.closures.branch_id.in_(branch_ids))):
            if pretended is None or row.quarantine_id != pretended.quarantine_id:
                found[row.branch_id].append(
                    _closure(row.quarantine_id, row.starts_on, row.ends_on, row.grace_days, row.open_days)
                )
        if pretended:
            for branch_id in set(found) & set(pretended.closures):
                found[branch_id].append(_closure(pretended.quarantine_id, **pretended.closures[branch_id]))
        return {branch_id: ClosureRule(closures) for branch_id, closures in found.items()}

    def decided(self, session: Session, event: Event, kind: str) -> None:
        """Records a decision and starts the run of that kind; an older version arriving late does nothing."""
        decision = Decision.of(event.data)
        scope = self.ever_closed(session, decision)
        self._make_known(session, event.data["branches"])
        lock_branches(session, scope, exclusive=True)
        if not self._record(session, decision, event.data):
            return
        key = f"{decision.quarantine_id}:{decision.version}"
        runs.end_older(session, kind, f"{decision.quarantine_id}:", but=key)
        ever = sorted(self.ever_closed(session, decision))
        args = {"quarantine_id": decision.quarantine_id, "version": decision.version, "branch_ids": ever}
        runs.start(session, kind, key, args)

    def _make_known(self, session: Session, named: Collection[Mapping[str, Any]]) -> None:
        """Rows to lock for branches that only the decision has named so far."""
        rows = [
            {"id": each["branch_id"], "version": 0} | {name: each[name] for name in self.of_branch}
            for each in sorted(named, key=lambda each: str(each["branch_id"]))
        ]
        if rows:
            session.execute(_insert(session, self.branches).on_conflict_do_nothing(), rows)

    def _record(self, session: Session, decision: Decision, data: Mapping[str, Any]) -> bool:
        values = {"version": decision.version, "branch_ids": sorted(self.ever_closed(session, decision))}
        values |= {name: data[name] for name in self.of_decision}
        statement = _insert(session, self.decisions).values(quarantine_id=decision.quarantine_id, **values)
        newer = statement.on_conflict_do_update(
            index_elements=["quarantine_id"], set_=values, where=self.decisions.version < decision.version
        )
        if session.execute(newer.returning(self.decisions.version)).first() is None:
            return False
        session.execute(delete(self.closures).where(self.closures.quarantine_id == decision.quarantine_id))
        rows = [
            {"quarantine_id": decision.quarantine_id, "branch_id": branch_id, **closure}
            for branch_id, closure in decision.closures.items()
        ]
        if rows:
            session.execute(insert(self.closures), rows)
        return True


def _insert(session: Session, table: type[Any]) -> Any:
    return (sqlite.insert if is_sqlite(session) else postgresql.insert)(table)


def _closure(
    quarantine_id: str, starts_on: date, ends_on: date | None, grace_days: int, open_days: Mapping[str, Any]
) -> Closure:
    return Closure(quarantine_id, starts_on, ends_on, OpenDays.from_json(open_days), grace_days)
