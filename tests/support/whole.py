"""The whole system in one process, on either footing: apps, workers, and a client that speaks HTTP to them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import urllib3
from werkzeug.test import Client

from services.__main__ import SERVICES, SITE
from shared import auth
from shared.settings import load, secret_of
from shared.system import System
from shared.worker import Worker
from tests.support.eventually import eventually


class Answer(NamedTuple):
    status: int
    body: bytes


Send = Callable[[str, str, Mapping[str, str], bytes | None], Answer]


class Library:
    """HTTP calls in the name of staff, and waiting for what they cause. `send(method, path, headers, body)`."""

    def __init__(self, send: Send) -> None:
        self._send = send

    @classmethod
    def inside(cls, system: System) -> Library:
        """Calls straight into the apps, in the name of one who holds every role."""
        client, own = Client(system.wsgi()), every_role(secret_of(system.settings))

        def send(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
            response = client.open(path, method=method, headers={**own, **headers}, data=body)
            return Answer(response.status_code, response.get_data())

        return cls(send)

    @classmethod
    def behind(cls, address: str, pool: urllib3.PoolManager, secret: str) -> Library:
        """Calls over the network, each once, in the name of one who holds every role."""
        own = every_role(secret)

        def send(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
            response = pool.request(method, address + path, headers={**own, **headers}, body=body, timeout=60)
            return Answer(response.status, response.data)

        return cls(send)

    @classmethod
    def at(cls, address: str, accounts: Mapping[str, Mapping[str, str]]) -> Library:
        """Calls over the network, each in the name of the sample sign-in whose business it is."""
        pool = urllib3.PoolManager(retries=False)
        tokens: dict[str, str] = {}

        def token(role: str) -> str:
            if role not in tokens:
                answer = pool.request("POST", f"{address}/api/v1/tokens", json=dict(accounts[role]), timeout=30)
                assert answer.status == 201, answer.data
                tokens[role] = answer.json()["access_token"]
            return tokens[role]

        def send(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
            segment = path.removeprefix("/api/v1/").split("/")[0].split("?")[0]
            role = {"branches": "admin", "quarantines": "operator"}.get(segment, "librarian")
            mine = {"Authorization": f"Bearer {token(role)}", "Idempotency-Key": str(uuid.uuid4()), **headers}
            return until_answered(lambda: pool.request(method, address + path, headers=mine, body=body, timeout=300))

        return cls(send)

    def call(self, method: str, path: str, *, expect: int = 200, json_body: Any = None, csv_body: bytes = b"") -> Any:
        body = csv_body or (json.dumps(json_body).encode() if json_body is not None else None)
        headers = {"Content-Type": "text/csv" if csv_body else "application/json"} if body else {}
        answer = self._send(method, f"/api/v1{path}", headers, body)
        assert answer.status == expect, (method, path, answer.status, answer.body[:2000].decode())
        return json.loads(answer.body) if answer.body else None

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None, *, expect: int = 200) -> Any:
        return self.call("POST", path, json_body=body, expect=expect)

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
        report: dict[str, Any] = self.call("POST", f"/{noun}/import", csv_body=path.read_bytes())
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


def every_role(secret: str) -> dict[str, str]:
    """The header of a member of staff who may do everything, for six hours."""
    staff = auth.Principal("staff:tester", "staff", "Tester", roles=dict.fromkeys(auth.ROLES, "all"))
    return {"Authorization": f"Bearer {auth.issue(secret, staff, timedelta(hours=6))}"}


def until_answered(ask: Callable[[], urllib3.BaseHTTPResponse], seconds: float = 120) -> Answer:
    """The answer to a request that is made again while a part of the system is being started anew."""
    answers: list[Answer] = []

    def answered() -> bool:
        try:
            response = ask()
        except urllib3.exceptions.HTTPError:
            return False
        answers.append(Answer(response.status, response.data))
        return response.status not in (502, 503, 504)

    eventually(answered, seconds, lambda: answers[-1:])
    return answers[-1]


@contextmanager
def running_library(environment: Mapping[str, str]) -> Iterator[Library]:
    """The system with its workers running; stopped cleanly at the end."""
    system = System.create(SERVICES, load(environment), SITE)
    system.migrate()
    worker = Worker(list(system.contexts.values()))
    worker.start()
    try:
        yield Library.inside(system)
    finally:
        worker.stop()
        system.close()
