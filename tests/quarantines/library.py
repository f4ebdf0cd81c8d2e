"""A library under test: the service over HTTP, its clock, its events, and builders with defaults."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from services.quarantines.handlers import HANDLERS
from shared import auth, clock
from shared.database import Database
from shared.events import Event
from shared.events.contracts import problems_of
from shared.handlers import dispatch
from shared.service import load
from shared.settings import Settings, secret_of
from shared.system import System
from shared.tables import outbox

HOURS = "Mo-Sa 09:00-18:00"
TODAY = date(2026, 2, 2)
EVERYWHERE = {"operator": "all", "librarian": "all", "admin": "all"}
BASE = "/api/v1/quarantines"
MOMENTS = itertools.count()


class Library:
    """`post`, `patch`, `get` speak as staff with every role unless told otherwise."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.system = System.create([load("services.quarantines")], settings)
        self.system.migrate()
        self.client = Client(self.system.wsgi())
        self.set_today(TODAY)

    @property
    def database(self) -> Database:
        return self.system.contexts["quarantines"].database

    def set_today(self, day: date) -> None:
        """Noon of that day at the branches."""
        noon = datetime.fromisoformat(f"{day}T07:00:00+00:00")
        path = Path(self.settings.clock_file)
        path.write_text("0")
        path.write_text(str((noon - clock.now()).total_seconds()))

    def pass_time(self, seconds: float) -> None:
        path = Path(self.settings.clock_file)
        path.write_text(str(float(path.read_text()) + seconds))

    def token(self, roles: Mapping[str, Any] = EVERYWHERE, kind: str = "staff", name: str = "A. S.") -> str:
        who = auth.Principal("staff:1", kind, name=name, roles=roles)
        return auth.issue(secret_of(self.settings), who, timedelta(hours=1))

    def call(
        self, method: str, path: str, *, token: str | None = None, headers: Any = None, **sent: Any
    ) -> TestResponse:
        said = {"Accept-Language": "en", **(headers or {})}
        if token != "":
            said["Authorization"] = f"Bearer {token or self.token()}"
        return self.client.open(path, method=method, headers=said, **sent)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.call("POST", path, json={} if body is None else body, **options)

    def patch(self, path: str, body: Any, **options: Any) -> TestResponse:
        return self.call("PATCH", path, json=body, **options)

    def branch(self, id: str, parent_id: str | None = None, opening_hours: str = HOURS, **more: Any) -> dict[str, Any]:
        body = {"id": id, "name": {"kk": id}, "parent_id": parent_id, "opening_hours": opening_hours, **more}
        answer = self.post("/api/v1/branches", body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json)

    def declared(self, **body: Any) -> dict[str, Any]:
        answer = self.post(BASE, declaration(**body))
        assert answer.status_code == 201, answer.text
        return dict(answer.json)

    def quarantine(self, quarantine_id: str) -> dict[str, Any]:
        return dict(self.get(f"{BASE}/{quarantine_id}").json)

    def import_csv(self, text: str | bytes, **options: Any) -> TestResponse:
        data = text.encode() if isinstance(text, str) else text
        return self.call("POST", "/api/v1/branches/import", data=data, content_type="text/csv", **options)

    def events(self, type: str = "", subject: str = "") -> list[dict[str, Any]]:
        """What was said, in order, checked against the contracts."""
        with self.database.reading() as session:
            rows = session.execute(select(outbox).order_by(outbox.c.id)).all()
        for row in rows:
            assert problems_of(row.type, row.data) == {}
        chosen = [row for row in rows if row.type.startswith(type) and subject in ("", row.subject)]
        return [{"type": row.type, **row.data} for row in chosen]

    def hear(self, *reports: Mapping[str, Any]) -> None:
        """Hands step reports over as one batch."""
        with self.database.transaction() as session:
            dispatch(session, HANDLERS, [said(each) for each in reports])

    def progress(self, quarantine_id: str) -> dict[str, tuple[str, int, int, int]]:
        """Step -> (state, done, total, failed)."""
        steps = self.quarantine(quarantine_id)["progress"]
        return {step["step"]: (step["state"], step["done"], step["total"], step["failed"]) for step in steps}

    def finish(self, quarantine: Mapping[str, Any], steps: Iterable[tuple[str, str]]) -> None:
        self.hear(*(report(quarantine, service, step, state="done") for service, step in steps))

    def connect(self, service: str, app: Flask) -> None:
        self.system.contexts["quarantines"].peers.connect(service, app)


def declaration(**changes: Any) -> dict[str, Any]:
    """Mon 2 to Sun 15 Feb 2026, everywhere."""
    body = {
        "branch_ids": "all",
        "starts_on": "2026-02-02",
        "ends_on": "2026-02-15",
        "grace_days": 0,
        "returns_per_day": None,
        "include_overdue": True,
        "reason": {"kk": "Карантин", "ru": "Карантин", "en": "Quarantine"},
        "announce": False,
    }
    return {name: value for name, value in (body | changes).items() if value is not ...}


def report(
    quarantine: Mapping[str, Any],
    service: str = "loans",
    step: str = "move",
    done: int = 0,
    total: int = 0,
    failed: int = 0,
    state: str = "running",
    run_id: str = "run",
    version: int | None = None,
) -> dict[str, Any]:
    data = {
        "quarantine_id": quarantine["id"],
        "version": version or quarantine["version"],
        "run_id": run_id,
        "service": service,
        "step": step,
        "state": state,
        "done": done,
        "total": total,
        "failed": failed,
    }
    assert problems_of("step.progressed.v1", data) == {}
    return data | {"at": next(MOMENTS)}


def said(report: Mapping[str, Any]) -> Event:
    """A report as an event of the moment it was made, whenever it is handed over."""
    data = {name: value for name, value in report.items() if name != "at"}
    at = datetime(2026, 2, 2, tzinfo=UTC) + timedelta(seconds=report["at"])
    return Event(str(uuid.uuid4()), "step.progressed.v1", "/services/loans", "", at, data)


def errors_of(answer: TestResponse, status: int = 422) -> dict[str, list[str]]:
    """The fields a problem names."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    return dict(answer.json["errors"])


def with_a_tree(library: Library) -> Library:
    """root with two below, and another root."""
    library.branch("root")
    library.branch("north", "root", "Mo-Fr 09:00-18:00")
    library.branch("attic", "north")
    library.branch("other")
    return library
