"""A library with the quizzes service alone, in this process, and what tests ask of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from shared import tables
from shared.auth import Principal, issue
from shared.calendar import open_days
from shared.events import Event
from shared.events.contracts import problems_of
from shared.handlers import dispatch
from shared.runs import Runner
from shared.settings import secret_of
from shared.system import System

WEEKDAYS = "Mo-Fr 09:00-18:00"


@dataclass
class House:
    system: System
    clock: Path
    events_seen: int = 0
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client(self.system.wsgi(), use_cookies=False)
        self.context = self.system.contexts["quizzes"]
        self.database = self.context.database

    def later(self, **by: float) -> None:
        """Moves the clock on."""
        before = float(self.clock.read_text()) if self.clock.exists() else 0.0
        self.clock.write_text(str(before + timedelta(**by).total_seconds()))

    def token(self, kind: str = "staff", **others: Any) -> dict[str, str]:
        roles = others.pop("roles", {})
        principal = Principal(others.pop("subject", f"{kind}:1"), kind, "Айгүл", roles=roles, **others)
        token = issue(secret_of(self.system.settings), principal, timedelta(hours=1000))
        return {"Authorization": f"Bearer {token}", "Accept-Language": "en"}

    def staff(self, role: str, branches: Any = "all") -> dict[str, str]:
        return self.token(roles={role: branches})

    def reader(self, card: str) -> dict[str, str]:
        return self.token("reader", subject=f"reader:{card}", card_number=card)

    def guest(self, key: str = "") -> dict[str, str]:
        return {"X-Guest-Key": key or uuid.uuid4().hex, "Accept-Language": "en"}

    def call(self, method: str, path: str, as_: dict[str, str] | None = None, **sent: Any) -> TestResponse:
        headers = {**({"Accept-Language": "en"} if as_ is None else as_), **sent.pop("headers", {})}
        return self.client.open(f"/api/v1/quizzes{path}", method=method, headers=headers, **sent)

    def ask(
        self, method: str, path: str, as_: dict[str, str] | None = None, status: int | None = None, **sent: Any
    ) -> Any:
        """The JSON answered; the status must be as given, else a success."""
        answer = self.call(method, path, as_, **sent)
        assert answer.status_code == status if status else answer.status_code < 300, answer.text
        return answer.json if answer.data else None

    def hear(self, kind: str, data: dict[str, Any]) -> Event:
        assert problems_of(kind, data) == {}
        event = Event(str(uuid.uuid4()), kind, "/services/other", "", datetime.now(UTC), data)
        self.hear_again(event)
        return event

    def hear_again(self, *events: Event) -> None:
        with self.database.transaction() as session:
            dispatch(session, self.context.service.handlers, list(events))

    def branch(self, branch_id: str, version: int = 1, time_zone: str = "Asia/Almaty") -> None:
        days = open_days(WEEKDAYS, date(2025, 1, 1), date(2029, 1, 1), country=None).to_json()
        data = {"branch_id": branch_id, "version": version, "parent_id": None, "path": [branch_id]}
        names = {"kk": branch_id, "ru": branch_id, "en": branch_id}
        more = {"name": names, "time_zone": time_zone, "opening_hours": WEEKDAYS, "open_days": days}
        self.hear("branch.changed.v1", data | more)

    def registered(self, card: str, version: int = 1, given_name: str = "Әлия", **others: Any) -> dict[str, Any]:
        data = {
            "reader_id": str(uuid.uuid5(uuid.NAMESPACE_OID, card)),
            "version": version,
            "card_number": card,
            "household": f"card:{card}",
            "family_name": "Қасымова",
            "given_name": given_name,
            "language": "kk",
            "birth_date": "2015-05-01",
            "kind": "child",
            "blocked": False,
        } | others
        self.hear("reader.registered.v1", data)
        return data

    def work(self) -> None:
        runner = Runner(self.database, self.context.service.runs)
        while runner.advance_one():
            pass

    def tick(self) -> None:
        """What comes back by the clock, once each."""
        for tick in self.context.service.ticks:
            while tick.work(self.context):
                pass

    def told(self, *kinds: str) -> list[dict[str, Any]]:
        """Data of the events of those types since the last look, each checked against its contract."""
        with self.database.reading() as session:
            chosen = select(tables.outbox).where(tables.outbox.c.id > self.events_seen).order_by(tables.outbox.c.id)
            rows = session.execute(chosen).all()
        for row in rows:
            assert problems_of(row.type, row.data) == {}, row
            self.events_seen = row.id
        return [row.data for row in rows if row.type in kinds or not kinds]

    def rows(self, model: Any, **having: Any) -> list[Any]:
        with self.database.reading() as session:
            return list(session.scalars(select(model).filter_by(**having)))
