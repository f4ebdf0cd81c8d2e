"""Rounds of decisions under fire, then quiet, then the verdict."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pika

from demo.library import generate
from tests.faults.house import House
from tests.faults.verdict import Verdict, judged, kept_waiting
from tests.support.eventually import eventually
from tests.whole import judge

BRANCHES = 6
HOURS = "Mo-Sa 09:00-18:00"
PAUSE = (0.3, 2.5)
SETTLING = 600.0


@dataclass
class Campaign:
    """`kills` faults over a library of `loans` loans; the same `seed` takes the same decisions."""

    house: House
    kills: int
    loans: int
    seed: int = 1
    strikes: list[str] = field(default_factory=list)
    agreed: dict[str, date | None] = field(default_factory=dict)

    def run(self, files: Path) -> Verdict:
        self._fill(files)
        quiet = threading.Event()
        fire = threading.Thread(target=self._fire, args=(quiet,), name="fire")
        fire.start()
        chance = Random(self.seed)
        quarantines: list[str] = []
        try:
            while fire.is_alive():
                quarantines.append(self._one_life(chance))
        finally:
            quiet.set()
            fire.join()
        self._settle(quarantines)
        return judged(self.house, self.imported, self.decided, quarantines, self.agreed)

    def _fill(self, folder: Path) -> None:
        files = generate(
            folder, _today(), readers=max(50, self.loans // 3), loans=self.loans, branches=BRANCHES, seed=3
        )
        names = [line.split(",")[0] for line in files.branches.read_text(encoding="utf-8").splitlines()[1:]]
        for branch_id in names:
            body = {"id": branch_id, "name": {"kk": branch_id}, "opening_hours": HOURS, "time_zone": "Asia/Almaty"}
            assert self.house.call("POST", "/branches", body)[0] == 201
        for noun, path in (("readers", files.readers), ("loans", files.loans)):
            status, report = self.house.call("POST", f"/{noun}/import", raw=path.read_bytes())
            assert (status, report["rejected"]) == (200, []), report
        self.branches = names
        self.imported = judge.Imported.read(files.loans, files.readers)
        self.decided = judge.Decided(dict.fromkeys(names, HOURS))

    def _fire(self, quiet: threading.Event) -> None:
        chance = Random(self.seed + 1)
        while len(self.strikes) < self.kills and not quiet.wait(chance.uniform(*PAUSE)):
            self.strikes.append(self.house.strike(chance))
            if len(self.strikes) % 10 == 5:
                self._poison()

    def _poison(self) -> None:
        """Two messages that no service can take: no event at all, and an event that says nothing."""
        empty = b'{"id":"%s","source":"/x","type":"branch.changed.v1","time":"2026-01-01T00:00:00+00:00","data":{}}'
        connection = pika.BlockingConnection(pika.URLParameters(self.house.rabbits[-1].url))
        with connection, connection.channel() as channel:
            for body in (b"\xff not an event", empty % str(_uuid(len(self.strikes))).encode()):
                channel.basic_publish("events", "branch.changed.v1", body)

    # ------------------------------------------------------------------ one quarantine

    def _one_life(self, chance: Random) -> str:
        starts_on = _today() + timedelta(days=chance.randint(-5, 5))
        ends_on = starts_on + timedelta(days=chance.randint(3, 25))
        scope = chance.sample(self.branches, chance.randint(1, len(self.branches)))
        body = {"branch_ids": scope, "starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()}
        usual: dict[str, Any] = {"returns_per_day": None, "include_overdue": True, "announce": False}
        reason = {"kk": "Карантин", "ru": "Карантин", "en": "Quarantine"}
        grace = chance.randint(0, 2)
        status, made = self.house.call("POST", "/quarantines", body | usual | {"grace_days": grace, "reason": reason})
        assert status == 201, made
        entered = {"starts_on": starts_on, "ends_on": ends_on, "grace_days": grace}
        self.decided.closures[made["id"]] = (frozenset(scope), entered)
        for _ in range(chance.randint(0, 2)):
            self._change(made["id"], chance, entered)
        if chance.random() < 0.6:
            status, answer = self.house.call("POST", f"/quarantines/{made['id']}/cancel", {})
            assert status in (200, 409), answer
            del self.decided.closures[made["id"]]
        else:
            self._wait_for_books(made["id"], chance)
        self._desk(chance)
        return str(made["id"])

    def _change(self, quarantine_id: str, chance: Random, entered: dict[str, Any]) -> None:
        entered["ends_on"] = entered["starts_on"] + timedelta(days=chance.randint(3, 40))
        body = {"ends_on": entered["ends_on"].isoformat()}
        status, answer = self.house.call("PATCH", f"/quarantines/{quarantine_id}", body)
        assert status == 200, answer

    def _wait_for_books(self, quarantine_id: str, chance: Random) -> None:
        """Sometimes a decision is let through to its end, so that corrections have somebody to correct."""
        if chance.random() < 0.5:
            self._wait_for(quarantine_id)

    def _wait_for(self, quarantine_id: str) -> None:
        eventually(lambda: self._done(quarantine_id), SETTLING, lambda: self.house.get(f"/quarantines/{quarantine_id}"))

    def _done(self, quarantine_id: str) -> bool:
        progress = self.house.get(f"/quarantines/{quarantine_id}")["progress"]
        return all(step["state"] == "done" for step in progress)

    def _desk(self, chance: Random) -> None:
        """A book goes out and one comes back while runs are under way."""
        number = len(self.imported.loans)
        card = chance.choice(sorted(self.imported.readers))
        due_on = _today() + timedelta(days=chance.randint(1, 20))
        row = {"loan_id": f"desk-{number}", "card_number": card, "title": "Абай жолы", "branch_id": self.branches[0]}
        row |= {"lent_on": _today().isoformat(), "due_on": due_on.isoformat()}
        status, lent = self.house.call("POST", "/loans", row)
        if status == 201:
            self.agreed[row["loan_id"]] = date.fromisoformat(lent["due_on"]) if lent["due_on"] else None
            self.imported.loans[row["loan_id"]] = row | {"status": "on_loan", "isbn": ""}

    def _settle(self, quarantines: list[str]) -> None:
        """Waits until every decision has been carried out, everything is sent and nothing is kept for later."""
        for quarantine_id in quarantines:
            self._wait_for(quarantine_id)
        eventually(lambda: kept_waiting(self.house) == 0, SETTLING, lambda: kept_waiting(self.house))
        queued = "SELECT count(*) FROM notify.deliveries WHERE state IN ('queued', 'sending')"
        eventually(lambda: self.house.rows(queued)[0][0] == 0, SETTLING)


def _today() -> date:
    return datetime.now(ZoneInfo("Asia/Almaty")).date()


def _uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"
