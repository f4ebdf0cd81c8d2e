"""The system as `make real` runs it, on nodes of its own: every role a process, each started again when it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import urllib3

from deploy.nodes import Child, PostgresNode, RabbitNode
from deploy.real import SEGMENTS, Plan, WebRole, roles
from shared import auth
from tests.support.eventually import eventually

AGAIN = (502, 503, 504)


class House:
    """`start()`, talk to it with `call`, break it with `strike`, `stop()`. Roles that end are started again."""

    def __init__(self, folder: Path, brokers: int = 1) -> None:
        self.folder = folder
        self.postgres = PostgresNode(folder / "postgresql")
        first = RabbitNode(folder / "rabbitmq-1", name="kitaphana1")
        others = [RabbitNode(folder / f"rabbitmq-{n}", f"kitaphana{n}", beside=first) for n in range(2, brokers + 1)]
        self.rabbits = [first, *others]
        self.secret = uuid.uuid4().hex
        self.roles: list[Child] = []
        self.resting = threading.Event()
        self._http = urllib3.PoolManager(retries=False)
        self._watch = threading.Thread(target=self._keep_running, name="keeper", daemon=True)
        self._ended = threading.Event()

    # ------------------------------------------------------------------ life

    def start(self) -> None:
        self.postgres.start()
        self.rabbits[0].epmd.start()
        for rabbit in self.rabbits:
            rabbit.start()
        for rabbit in self.rabbits[1:]:
            rabbit.join(self.rabbits[0])
        plan = Plan(self.folder, 0, variables=self.variables())
        subprocess.run([sys.executable, "-m", "services", "migrate"], env=os.environ | plan.variables, check=True)
        self.roles = list(roles(plan))
        for role in self.roles:
            role.spawn()
        for role in self.roles:
            role.start()
        self._watch.start()

    def variables(self) -> dict[str, str]:
        return {
            "KITAPHANA_FOOTING": "real",
            "KITAPHANA_HOME": str(self.folder),
            "KITAPHANA_DATABASE_URL": self.postgres.url,
            "KITAPHANA_BROKER_URL": self.rabbits[-1].url,
            "KITAPHANA_SECRET": self.secret,
            "KITAPHANA_NOTICE_HOLD": "0",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }

    def stop(self) -> None:
        self._ended.set()
        self._watch.join()
        for child in [*self.roles, *reversed(self.rabbits), self.rabbits[0].epmd, self.postgres]:
            child.stop()

    def _keep_running(self) -> None:
        while not self._ended.wait(0.1):
            for role in self.roles:
                if not role.running and not self._ended.is_set():
                    role.spawn()

    # ------------------------------------------------------------------ faults

    def strike(self, chance: Random) -> str:
        """One fault, chosen by chance; returns its name once it has been done."""
        return str(
            chance.choices(
                [self._kill_role, self._restart_broker, self._restart_database, self._replay], weights=[20, 1, 1, 2]
            )[0](chance)
        )

    def _kill_role(self, chance: Random) -> str:
        role = chance.choice([role for role in self.roles if role.running] or self.roles)
        role.kill()
        return f"killed {role.name}"

    def _restart_broker(self, chance: Random) -> str:
        rabbit = chance.choice(self.rabbits)
        rabbit.settle()
        rabbit.kill()
        rabbit.start()
        return f"restarted {rabbit.name}"

    def _restart_database(self, _chance: Random) -> str:
        self.postgres.kill()
        self.postgres.start()
        return "restarted the database"

    def _replay(self, chance: Random) -> str:
        """Old events once more, late and in another order than they came."""
        service = chance.choice(["accounts", "quarantines", "loans"])
        with self.sql() as connection:
            connection.execute(
                f"UPDATE {service}.outbox SET sent_at = NULL WHERE id IN "
                f"(SELECT id FROM {service}.outbox WHERE sent_at IS NOT NULL ORDER BY random() LIMIT 200)"
            )
        return f"replayed {service}"

    # ------------------------------------------------------------------ talking

    def sql(self) -> psycopg.Connection[Any]:
        found: list[psycopg.Connection[Any]] = []

        def connected() -> bool:
            try:
                found.append(psycopg.connect(self.postgres.url.replace("+psycopg", ""), autocommit=True))
            except psycopg.OperationalError:
                return False
            return True

        eventually(connected, 60)
        return found[0]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.sql() as connection:
            return connection.execute(query).fetchall()

    def call(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, seconds: float = 180) -> Any:
        """One request, made again with the same Idempotency-Key until it is answered. Returns (status, JSON)."""
        headers = self.headers() | {"Idempotency-Key": str(uuid.uuid4())}
        headers["Content-Type"] = "text/csv" if raw is not None else "application/json"
        sent = raw if raw is not None else json.dumps(body).encode() if body is not None else None
        answers: list[tuple[int, Any]] = []

        def answered() -> bool:
            try:
                answer = self._http.request(
                    method, self.url(path), body=sent, headers=headers, timeout=urllib3.Timeout(connect=2, read=60)
                )
            except urllib3.exceptions.HTTPError:
                return False
            if answer.status in AGAIN:
                return False
            answers.append((answer.status, json.loads(answer.data) if answer.data else None))
            return True

        eventually(answered, seconds, lambda: f"{method} {path}")
        return answers[0]

    def get(self, path: str) -> Any:
        status, body = self.call("GET", path)
        assert status == 200, (path, status, body)
        return body

    def items(self, path: str) -> Any:
        cursor, mark = "", "&" if "?" in path else "?"
        while cursor is not None:
            page = self.get(f"{path}{mark}limit=500" + (f"&cursor={cursor}" if cursor else ""))
            yield from page["items"]
            cursor = page["next"]

    def url(self, path: str) -> str:
        segment = path.lstrip("/").split("/")[0].split("?")[0]
        service = next(name for name, segments in SEGMENTS.items() if segment in segments)
        role = next(role for role in self.roles if role.name == f"{service}-web")
        assert isinstance(role, WebRole)
        return f"{role.url}/api/v1{path}"

    def headers(self) -> Mapping[str, str]:
        staff = auth.Principal("staff:tester", "staff", "Tester", roles=dict.fromkeys(auth.ROLES, "all"))
        return {"Authorization": f"Bearer {auth.issue(self.secret, staff, timedelta(hours=2))}"}
