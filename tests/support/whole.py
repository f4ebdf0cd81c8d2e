"""The whole system in one process, on either footing: apps, workers, and a client that speaks HTTP to them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from werkzeug.test import Client

from services.__main__ import SERVICES, SITE
from shared import auth
from shared.settings import load, secret_of
from shared.system import System
from shared.worker import Worker
from tests.support.eventually import eventually


class Library:
    """HTTP calls in the name of staff with every role, and waiting for what they cause."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.client = Client(system.wsgi())
        roles = dict.fromkeys(auth.ROLES, "all")
        staff = auth.Principal("staff:tester", "staff", "Tester", roles=roles)
        self.headers = {"Authorization": f"Bearer {auth.issue(secret_of(system.settings), staff, timedelta(hours=6))}"}

    def call(self, method: str, path: str, *, expect: int = 200, **options: Any) -> Any:
        headers = self.headers | options.pop("headers", {})
        response = self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)
        assert response.status_code == expect, (method, path, response.status_code, response.text[:2000])
        return response.get_json() if response.mimetype.endswith("json") else response.text

    def get(self, path: str, **options: Any) -> Any:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, *, expect: int = 200, **options: Any) -> Any:
        return self.call("POST", path, json=body, expect=expect, **options)

    def items(self, path: str) -> Iterator[dict[str, Any]]:
        """Everything of a list, page by page."""
        cursor, mark = "", "&" if "?" in path else "?"
        while cursor is not None:
            page = self.get(f"{path}{mark}limit=500" + (f"&cursor={cursor}" if cursor else ""))
            yield from page["items"]
            cursor = page["next"]

    def branch(self, branch_id: str, hours: str = "Mo-Sa 09:00-18:00", parent_id: str | None = None) -> None:
        name = {"kk": f"{branch_id} кітапханасы", "ru": f"Библиотека {branch_id}", "en": f"{branch_id} library"}
        body = {"id": branch_id, "name": name, "parent_id": parent_id, "opening_hours": hours}
        self.post("/branches", body | {"time_zone": "Asia/Almaty"}, expect=201)

    def import_file(self, noun: str, path: Path) -> dict[str, Any]:
        body = path.read_bytes()
        report: dict[str, Any] = self.call("POST", f"/{noun}/import", data=body, content_type="text/csv")
        return report

    def import_rows(self, noun: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
        body = text.getvalue().encode()
        report: dict[str, Any] = self.call("POST", f"/{noun}/import", data=body, content_type="text/csv")
        return report

    def declare(self, **body: Any) -> dict[str, Any]:
        usual: dict[str, Any] = {"branch_ids": "all", "ends_on": None, "grace_days": 0, "returns_per_day": None}
        usual |= {"include_overdue": True, "announce": False, "reason": {"kk": "Карантин", "ru": "Карантин"}}
        made: dict[str, Any] = self.post("/quarantines", usual | body, expect=201)
        return made

    def wait_until_done(self, quarantine_id: str, seconds: float = 120) -> dict[str, Any]:
        """Until every step of the present version is done and nothing is pending. Returns the reconciliation."""
        seen: dict[str, Any] = {}

        def done() -> bool:
            seen.update(self.get(f"/quarantines/{quarantine_id}"))
            return bool(seen["progress"]) and all(step["state"] == "done" for step in seen["progress"])

        eventually(done, seconds, lambda: json.dumps(seen.get("progress")))

        def settled() -> bool:
            seen.update(self.get(f"/quarantines/{quarantine_id}/reconciliation"))
            return not seen["pending"]

        eventually(settled, seconds, lambda: json.dumps({k: v for k, v in seen.items() if k != "progress"})[:2000])
        return seen


@contextmanager
def running_library(environment: Mapping[str, str]) -> Iterator[Library]:
    """The system with its workers running; stopped cleanly at the end."""
    system = System.create(SERVICES, load(environment), SITE)
    system.migrate()
    worker = Worker(list(system.contexts.values()))
    worker.start()
    try:
        yield Library(system)
    finally:
        worker.stop()
        system.close()
