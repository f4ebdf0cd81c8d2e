"""The whole of notify without its threads: events in, runs, deliveries and requests, each when the test says so."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from services.notify.delivery import Deliverer
from services.notify.models import Book, Delivery, Notice
from shared import auth, inbox
from shared.auth import Principal
from shared.handlers import dispatch
from shared.runs import Runner
from shared.service import load
from shared.settings import load as load_settings
from shared.settings import secret_of
from shared.system import System
from shared.tables import outbox
from tests.notify import builders as make
from tests.support import library_time

SOON = (library_time.today() + timedelta(days=3)).isoformat()
AFTER = (library_time.today() + timedelta(days=20)).isoformat()
LATER = (library_time.today() + timedelta(days=30)).isoformat()


class House:
    def __init__(self, environment: dict[str, str], **settings: str) -> None:
        home = Path(environment["KITAPHANA_HOME"])
        self.clock = home / "clock"
        variables = environment | {"KITAPHANA_CLOCK_FILE": str(self.clock)} | settings
        self.settings = load_settings(variables)
        self.system = System.create([load("services.notify")], self.settings)
        self.system.migrate()
        self.context = self.system.contexts["notify"]
        self.database = self.context.database
        self.runner = Runner(self.database, self.context.service.runs)
        self.deliverer = Deliverer(self.database)
        self.mail = home / "mail" / "new"
        self.hear(make.branch())

    def close(self) -> None:
        self.deliverer.close()
        self.system.close()

    def later(self, **time: float) -> None:
        """Moves the clock on."""
        before = float(self.clock.read_text()) if self.clock.exists() else 0.0
        self.clock.write_text(str(before + timedelta(**time).total_seconds()))

    def hear(self, *events: Any) -> None:
        with self.database.transaction() as session:
            dispatch(session, self.context.service.handlers, inbox.take(session, "notify", list(events)))

    def work(self) -> None:
        while self.runner.advance_one():
            pass

    def deliver(self) -> None:
        while self.deliverer.batch():
            pass

    def declare(self, *moves: Any, quarantine_id: str = "", version: int = 1, state: str = "declared") -> str:
        """A decision that moved these books (`move(card, loan)`), heard whole and released; returns its id."""
        quarantine_id, run = quarantine_id or str(uuid.uuid4()), str(uuid.uuid4())
        events = [make.moved(quarantine_id, run, card, *changes, version=version) for card, *changes in moves]
        self.hear(make.quarantine(quarantine_id, version, state), *events)
        self.hear(make.ended(quarantine_id, run, len(events), version))
        self.hear(*make.others_ended(quarantine_id, version))
        self.work()
        return quarantine_id

    def notices(self, **having: Any) -> list[Any]:
        with self.database.reading() as session:
            return list(session.scalars(select(Notice).filter_by(**having).order_by(Notice.created_at, Notice.id)))

    def notice(self, **having: Any) -> Any:
        (one,) = self.notices(**having)
        return one

    def deliveries(self, notice_id: str) -> list[Any]:
        with self.database.reading() as session:
            found = select(Delivery).where(Delivery.notice_id == notice_id, Delivery.place > 0)
            return list(session.scalars(found.order_by(Delivery.place)))

    def delivery(self, notice_id: str) -> Any:
        (one,) = self.deliveries(notice_id)
        return one

    def book(self, loan_id: str) -> Any:
        with self.database.reading() as session:
            return session.get_one(Book, loan_id)

    def said(self, kind: str) -> list[dict[str, Any]]:
        with self.database.reading() as session:
            return list(session.scalars(select(outbox.c.data).where(outbox.c.type == kind).order_by(outbox.c.id)))

    def call(self, method: str, path: str, who: auth.Principal | None = None, **more: Any) -> TestResponse:
        headers = dict(more.pop("headers", {}))
        if who is not None:
            token = auth.issue(secret_of(self.settings), who, timedelta(hours=1))
            headers["Authorization"] = f"Bearer {token}"
        return Client(self.system.wsgi()).open(f"/api/v1{path}", method=method, headers=headers, **more)


def move(card: str, loan_id: str, was: str | None = SOON, to: str | None = AFTER, loan_version: int = 2) -> Any:
    return card, make.change(loan_id, was, to, loan_version)


def told(house: House, card: str = "A-1", loan: str = "L-1", **reader: Any) -> Any:
    """A reader one of whose books has moved; their notice, queued."""
    house.hear(make.reader(card, **reader))
    quarantine_id = house.declare(move(card, loan))
    return house.notice(quarantine_id=quarantine_id, card_number=card)


LIBRARIAN = Principal("staff:1", "staff", roles={"librarian": "all"})
COLLEAGUE = Principal("staff:2", "staff", roles={"librarian": "all"})


def listed(house: House, who: Principal) -> list[dict[str, Any]]:
    path = f"/notices/unreachable?limit=100&quarantine_id={house.quarantine_id}"
    items: list[dict[str, Any]] = house.call("GET", path, who).json["items"]
    return items
