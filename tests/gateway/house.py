"""A small library with one family, seen through its website: as HTTP answers and in a real browser."""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default
from html import unescape
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import Client, TestResponse

from demo.catalogue import branches
from demo.opening import branch_body
from services.__main__ import SERVICES, SITE
from services.gateway.app import create_app
from shared.peers import Peers
from shared.settings import load
from shared.system import System
from shared.worker import Worker
from tests.support import library_time
from tests.support.eventually import eventually
from tests.support.whole import Library

GUARDIAN, SON, DAUGHTER, ALONE, BLOCKED = "1001", "1002", "1003", "1004", "1005"
READER_COLUMNS = (
    *("card_number", "family_name", "given_name", "language", "birth_date", "email", "phone", "telegram"),
    *("guardian_card_number", "home_branch_id", "card_expires_on", "blocked"),
)
LOAN_COLUMNS = ("loan_id", "card_number", "title", "isbn", "branch_id", "lent_on", "due_on", "status", "author")
COLUMNS = {"readers": READER_COLUMNS, "loans": LOAN_COLUMNS}
REASON = {
    "kk": "Тұмауға байланысты карантин",
    "ru": "Карантин из-за гриппа",
    "en": "Quarantine because of influenza",
}
TODAY = library_time.today()


def in_days(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


def reader(card: str, family_name: str, given_name: str, **more: str) -> dict[str, str]:
    usual = {"language": "kk", "birth_date": "1986-04-02", "home_branch_id": "ortalyq", "card_expires_on": in_days(900)}
    return usual | {"card_number": card, "family_name": family_name, "given_name": given_name} | more


def loan(
    number: int | str, card: str, author: str, title: str, due: int, status: str = "on_loan", branch: str = "ortalyq"
) -> dict[str, str]:
    dates = {"lent_on": in_days(due - 14 if due < 14 else -1), "due_on": in_days(due)}
    book = {"title": title, "author": author, "branch_id": branch, "status": status}
    return {"loan_id": f"L{number}", "card_number": card} | book | dates


READERS = [
    reader(GUARDIAN, "Серікова", "Айгүл", email="aigul@example.org", phone="+7 7232 00-00-01"),
    reader(SON, "Серіков", "Ерасыл", birth_date="2014-05-06", guardian_card_number=GUARDIAN),
    reader(DAUGHTER, "Серікова", "Әлия", birth_date="2017-09-01", guardian_card_number=GUARDIAN),
    reader(ALONE, "Петрова", "Анна", language="ru", email="anna@example.org"),
    reader(BLOCKED, "Тілеубердинова", "Гүлжамал", blocked="1"),
]
LOANS = [
    loan(1, GUARDIAN, "Мұхтар Әуезов", "Абай жолы", 3),
    loan(2, SON, "Бердібек Соқпақбаев", "Менің атым Қожа", 5),
    loan(3, SON, "А. М. Волков", "Волшебник Изумрудного города", 9, branch="ablaketka"),
    loan(4, DAUGHTER, "Rob Scotton", "Марғау Шалп", 40),
    loan(5, DAUGHTER, "Ыбырай Алтынсарин", "Әке мен бала", -20, "returned"),
    loan(6, ALONE, "Антуан де Сент-Экзюпери", "Маленький принц", 4),
]


@dataclass
class House:
    """`pin` of every card here; `client()` is a browser without scripts and with cookies; `home` holds the Maildir."""

    library: Library
    app: Any
    url: str
    pins: dict[str, str]
    home: Path
    inside: System | None = None

    @property
    def system(self) -> System:
        """What all runs in, where it is this process."""
        assert self.inside is not None, "every role is a process of its own: nothing of it can be reached into"
        return self.inside

    def client(self, language: str = "en") -> Visitor:
        return Visitor(self.app, language)

    def signed_in(self, card: str = GUARDIAN, language: str = "en") -> Visitor:
        visitor = self.client(language)
        answer = visitor.send("/sign-in", "/sign-in", login=card, secret=self.pins[card])
        assert answer.status_code == 303, answer.text
        visitor.get(f"/language/{language}")
        return visitor

    def mail_to(self, address: str, holding: str) -> str:
        """The text of the newest mail to that address that holds these words; waits for it."""
        found: list[str] = []

        def come() -> bool:
            found[:] = [text for text in self._mails(address) if holding in text]
            return bool(found)

        eventually(come, 30, lambda: f"no mail to {address} with {holding!r}")
        return found[-1]

    def _mails(self, address: str) -> Iterator[str]:
        for path in sorted(self.home.rglob("new/*"), key=lambda path: path.stat().st_mtime):
            mail = message_from_bytes(path.read_bytes(), policy=default)
            body = mail.get_body(("plain",))
            if address in str(mail["To"]) and body:
                yield body.get_content()

    def private_link(self, address: str = "aigul@example.org") -> str:
        """The path of the private link in the newest mail to that address."""
        return "/l/" + self.mail_to(address, "/l/").split("/l/", 1)[1].split()[0]


class Visitor(Client):
    """Keeps cookies, fills in the hidden field of forms."""

    def __init__(self, application: Any, language: str) -> None:
        super().__init__(application)
        self._language = language

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs["headers"] = {"Accept-Language": self._language, **(kwargs.get("headers") or {})}
        return super().open(*args, **kwargs)

    def send(self, page: str, to: str, **fields: str) -> TestResponse:
        """Opens `page` for its form's key and sends `fields` to `to`."""
        return self.post(to, data={**fields, "csrf": key_in(self.get(page).text)})


def text_of(html: str) -> str:
    """The words of a page as one line, without its tags."""
    return " ".join(unescape(re.sub("<[^>]+>", " ", html)).replace("\xa0", " ").split())


def key_in(html: str) -> str:
    return html.split('name="csrf" value="', 1)[1].split('"', 1)[0]


class Quiet(WSGIRequestHandler):
    def log(self, kind: str, message: str, *args: object) -> None:
        """Says nothing."""


class Counted:
    """A service's app, and how often it was called."""

    def __init__(self, app: Any) -> None:
        self.app, self.calls = app, 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self.calls += 1
        return self.app(environ, start_response)


def new_site(house: House) -> tuple[Any, dict[str, Counted]]:
    """A site of its own that has not asked for anything yet, and its services with their calls counted."""
    counted = {service: Counted(app) for service, app in house.system.apps.items()}
    peers = Peers(house.system.settings)
    for service, app in counted.items():
        peers.connect(service, app)
    return create_app(house.system.settings, peers), counted


def calls_of(counted: Mapping[str, Counted]) -> int:
    return sum(each.calls for each in counted.values())


@contextmanager
def served(app: Any) -> Iterator[tuple[str, Callable[[], None]]]:
    """The address of an app on a port of its own, and how to stop it before the end."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join(10)

    try:
        yield f"http://127.0.0.1:{server.server_port}", stop
    finally:
        stop()


@contextmanager
def running(system: System) -> Iterator[None]:
    system.migrate()
    worker = Worker(list(system.contexts.values()))
    worker.start()
    try:
        yield
    finally:
        worker.stop()
        system.close()


@contextmanager
def house(home: Path, *, closed: bool, open_ended: bool = False, **settings: str) -> Iterator[House]:
    environment = {"KITAPHANA_HOME": str(home)} | settings
    system = System.create(SERVICES, load(environment), SITE)
    app = system.wsgi()
    with running(system), served(app) as (url, _):
        library = Library.inside(system)
        pins = move_in(library)
        if closed:
            close_the_doors(library, home, None if open_ended else TODAY + timedelta(days=13))
        ask_strangers_briefly(system)
        yield House(library, app, url, pins, home, system)


def ask_strangers_briefly(system: System) -> None:
    """Tests that name an unknown card need not wait as long as a busy machine may need to tell of a real one."""
    object.__setattr__(system.settings, "reference_wait", 8.0)


def move_in(library: Library) -> dict[str, str]:
    """Branches, the family and its books. Returns the PIN of every card."""
    for branch in branches():
        library.post("/branches", branch_body(branch._asdict()), expect=201)
    bring(library, "readers", READERS)
    bring(library, "loans", LOANS)
    cards = [each["card_number"] for each in READERS]
    return {card: library.post(f"/readers/{card}/pin", {}, expect=201)["pin"] for card in cards}


def bring(library: Library, noun: str, rows: Sequence[Mapping[str, str]]) -> None:
    """Imports readers or loans; every line must be taken."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS[noun], restval="")
    writer.writeheader()
    writer.writerows(rows)
    report = library.call("POST", f"/{noun}/import", csv_body=text.getvalue().encode())
    assert report["rejected"] == [], report


def close_the_doors(library: Library, home: Path, ends_on: date | None) -> str:
    """Returns the quarantine's id once its work is done and the mails have begun to go out."""
    ends = ends_on.isoformat() if ends_on else None
    quarantine = library.declare(starts_on=TODAY.isoformat(), ends_on=ends, reason=REASON)

    def done() -> bool:
        progress = library.get(f"/quarantines/{quarantine['id']}")["progress"]
        return bool(progress) and all(step["state"] == "done" for step in progress)

    eventually(done, 60)
    eventually(lambda: any(home.rglob("new/*")), 60)
    return str(quarantine["id"])
