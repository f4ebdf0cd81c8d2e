"""One loans service with branches, readers and closures as their events leave them, asked over HTTP in process."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.test import Client, TestResponse

from services.loans import models
from shared.auth import Principal, issue
from shared.calendar import OpenDays
from shared.folding import fold
from shared.service import load
from shared.settings import Settings, secret_of
from shared.system import System
from shared.tables import idempotency, outbox, rate_limits, runs
from tests.support import library_time

ZONE = "Asia/Almaty"
LIBRARIAN = Principal("staff:1", "staff", roles={"librarian": "all"})
HEADER = "loan_id,card_number,title,isbn,branch_id,lent_on,due_on,status,author"


def today() -> date:
    return library_time.today()


def day(n: int) -> date:
    """The day `n` days from today."""
    return today() + timedelta(days=n)


EVERY_DAY = OpenDays.every_day(date(2020, 1, 1), date(2035, 12, 31))


@dataclass
class Library:
    settings: Settings
    system: System = field(init=False)

    def __post_init__(self) -> None:
        self.system = System.create([load("services.loans")], self.settings)
        self.system.migrate()
        self.context = self.system.contexts["loans"]
        self.database = self.context.database
        self.client = Client(self.system.wsgi())
        self.librarian = self.token(roles={"librarian": "all"})

    def empty(self) -> None:
        """As if nothing had ever happened: a database of PostgreSQL serves all tests of a module."""
        tables = [*reversed(models.Base.metadata.sorted_tables), outbox, idempotency, rate_limits, runs]
        with self.writing() as session:
            for table in tables:
                session.execute(delete(table))

    def token(self, kind: str = "staff", **given: Any) -> str:
        principal = Principal(f"{kind}:1", kind, **given)
        return issue(secret_of(self.settings), principal, timedelta(days=30))

    def reader_token(self, card: str) -> str:
        return self.token("reader", card_number=card, language="en")

    def ask(self, method: str, path: str, token: str | None = "librarian", **options: Any) -> TestResponse:
        headers = {"Accept-Language": "en", **options.pop("headers", {})}
        if token:
            headers["Authorization"] = f"Bearer {self.librarian if token == 'librarian' else token}"
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)

    def get(self, path: str, token: str | None = "librarian", **query: Any) -> TestResponse:
        return self.ask("GET", path, token, query_string={name: str(value) for name, value in query.items()})

    def post(self, path: str, body: Any = None, token: str | None = "librarian", **options: Any) -> TestResponse:
        return self.ask("POST", path, token, json=body, **options)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self.database.transaction() as session:
            yield session

    def branch(self, branch_id: str, open_days: OpenDays = EVERY_DAY) -> None:
        with self.writing() as session:
            session.add(
                models.Branch(
                    id=branch_id,
                    version=1,
                    name={"kk": f"Кітапхана {branch_id}", "en": f"Library {branch_id}"},
                    path=[branch_id],
                    time_zone=ZONE,
                    open_days=open_days.to_json(),
                )
            )

    def reader(self, card: str | None = None, surname: str = "Әуезова", **given: Any) -> str:
        card = card or f"K-{uuid.uuid4().hex[:8]}"
        row = {
            "card_number": card,
            "version": 1,
            "reader_id": str(uuid.uuid4()),
            "card_folded": fold(card),
            "surname_folded": fold(surname),
            "household": f"card:{card}",
            "guardian_card_number": None,
            "blocked": False,
            "card_expires_on": None,
        }
        with self.writing() as session:
            session.add(models.Reader(**row | given))
        return card

    def closed(self, first: date, last: date | None, branch_id: str = "main", **given: Any) -> str:
        quarantine_id = str(uuid.uuid4())
        reason = {"kk": "Карантин", "ru": "Карантин", "en": "Quarantine"}
        decision = {"quarantine_id": quarantine_id, "version": 1, "state": "declared", "branch_ids": [branch_id]}
        closure = {
            "quarantine_id": quarantine_id,
            "branch_id": branch_id,
            "starts_on": first,
            "ends_on": last,
            "grace_days": 0,
            "include_overdue": True,
            "returns_per_day": None,
            "open_days": EVERY_DAY.to_json(),
            "shifts": {},
            "first_return_day": None,
        }
        with self.writing() as session:
            session.add(models.Decision(**decision, data={"reason": reason}))
            session.add(models.Closure(**closure | given))
        return quarantine_id

    def lend(self, card: str, **given: Any) -> dict[str, Any]:
        body = {"card_number": card, "branch_id": "main", "title": "Абай жолы", "author": "Мұхтар Әуезов"}
        answer = self.post("/loans", body | given)
        assert answer.status_code == 201, answer.text
        return answer.json

    def loan(self, loan_id: str) -> dict[str, Any]:
        answer = self.get(f"/loans/{loan_id}")
        assert answer.status_code == 200, answer.text
        return answer.json

    def change(self, loan_id: str, **values: Any) -> None:
        with self.writing() as session:
            loan = session.get_one(models.Loan, loan_id)
            for name, value in values.items():
                setattr(loan, name, value)

    def import_csv(self, *lines: str, header: str = HEADER, **options: Any) -> TestResponse:
        return self.import_bytes("\n".join([header, *lines]).encode(), **options)

    def import_bytes(self, body: bytes, token: str | None = "librarian", **options: Any) -> TestResponse:
        return self.ask("POST", "/loans/import", token, data=body, content_type="text/csv", **options)

    def events(self, *types: str) -> list[dict[str, Any]]:
        with self.database.reading() as session:
            chosen = select(outbox.c.type, outbox.c.data).order_by(outbox.c.id)
            return [row.data | {"type": row.type} for row in session.execute(chosen) if not types or row.type in types]

    def close(self) -> None:
        self.system.close()


def line(loan_id: str, card: str, /, **given: Any) -> str:
    """A line of an import, in the order of HEADER."""
    cells = {
        "loan_id": loan_id,
        "card_number": card,
        "title": "Абай жолы",
        "isbn": "",
        "branch_id": "main",
        "lent_on": day(-5).isoformat(),
        "due_on": day(9).isoformat(),
        "status": "on_loan",
        "author": "Мұхтар Әуезов",
    }
    return ",".join(str(value) for value in (cells | given).values())


def rejected(answer: TestResponse) -> dict[int, list[str]]:
    """Line number -> the columns that are wrong."""
    return {each["line"]: list(each["errors"]) for each in answer.json["rejected"]}


def state(library: Library) -> tuple[list, list]:
    """All loans as the API shows them, and all events."""
    return library.get("/loans", limit=500).json["items"], library.events()
