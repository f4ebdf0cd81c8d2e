"""Calls to the services: in parallel, in the visitor's own name, and what was last known when one is down."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from flask import Flask, current_app, g, request

from services.gateway import sessions
from shared import auth, clock
from shared.peers import ASKED_BY, CLIENT_ADDRESS, Answer, PeerDown, Peers, Stream
from shared.settings import Settings

MOST_REMEMBERED = 2_000
READ_SECONDS = 4.0
"""How long a page waits for a part of it."""
LONG_READ_SECONDS = 20.0
"""The same for what is counted anew out of everything: a report, a comparison card by card, a paper for each."""
FILE_SECONDS = 110.0
"""How long a file may be looked through before it is answered: less than the proxy waits for us."""
NO_MORE = (401, 403, 404)
"""What is refused so is not shown from memory either: a private link switched off opens nothing."""
GUEST_KEY = "X-Guest-Key"
"""Header by which the quizzes service knows a taker without a card."""


class SignInEnded(Exception):
    """A service does not take the visitor's token any more."""


class Refused(Exception):
    """A service said no; `detail` is its sentence in the visitor's language, `errors` by field, `problem` it all."""

    def __init__(self, answer: Answer) -> None:
        self.problem: dict[str, Any] = _json(answer) or {}
        problem = self.problem
        super().__init__(problem.get("detail", answer.status))
        self.status = answer.status
        self.detail: str = problem.get("detail", "")
        self.errors: dict[str, list[str]] = problem.get("errors") or {}

    @property
    def sentence(self) -> str:
        """What is wrong with the fields, else with the whole."""
        return " ".join(" ".join(messages) for messages in self.errors.values()) or self.detail


@dataclass(frozen=True)
class Found:
    """What a service answered, and `body`, the same as it came.

    `as_of`: the moment it was known, if it does not answer now; `data` None: not known; `service`: who was asked.
    """

    data: Any
    away: bool = False
    as_of: datetime | None = None
    body: bytes = b"null"
    service: str = ""

    @property
    def items(self) -> list[Any]:
        return list(self.data["items"]) if self.data else []


class Memory:
    """The last answers of this process, for pages shown while a service is down. A restart forgets them."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._known: OrderedDict[tuple[str, str], tuple[datetime, bytes]] = OrderedDict()
        self._most = most
        self._guard = threading.Lock()

    def keep(self, who: str, path: str, body: bytes) -> None:
        with self._guard:
            self._known[who, path] = (clock.now(), body)
            self._known.move_to_end((who, path))
            while len(self._known) > self._most:
                self._known.popitem(last=False)

    def last(self, who: str, path: str) -> Found:
        with self._guard:
            at, body = self._known.get((who, path), (None, b"null"))
        return Found(orjson.loads(body), away=True, as_of=at, body=body)

    def drop(self, who: str, path: str) -> None:
        with self._guard:
            self._known.pop((who, path), None)

    def forget(self, who: str) -> None:
        with self._guard:
            for key in [key for key in self._known if key[0] == who]:
                del self._known[key]


@dataclass(frozen=True)
class Asking:
    settings: Settings
    peers: Peers
    memory: Memory


def install(app: Flask, settings: Settings, peers: Peers) -> None:
    app.extensions["asking"] = Asking(settings, peers, Memory())


def _asking() -> Asking:
    found: Asking = current_app.extensions["asking"]
    return found


def settings() -> Settings:
    return _asking().settings


def path(base: str, **query: Any) -> str:
    """An API path below /api/v1 with its query."""
    return beside_the_api(f"/api/v1{base}", **query)


def beside_the_api(base: str, **query: Any) -> str:
    """The same for what every service has beside its part of the API."""
    given = {name: value for name, value in query.items() if value is not None}
    return quote(base) + (f"?{urlencode(given, doseq=True)}" if given else "")


def look_up(
    *, in_our_name: bool = False, patience: float = READ_SECONDS, **wanted: tuple[str, str] | None
) -> dict[str, Found]:
    """Several reads at once: name -> (service, path). A service that is down gives what was last known.

    A name that is None is not asked for.

    `in_our_name`: for whoever holds a private link, and is nobody to the services. `patience`: seconds.
    Raises SignInEnded, Refused.
    """
    asking, who = _asking(), _remembered_as(in_our_name)
    calls = {name: call for name, call in wanted.items() if call}
    answers = asking.peers.ask_all(list(calls.values()), headers=_headers(in_our_name), patience=patience)
    found = {}
    for (name, (service, asked)), answer in zip(calls.items(), answers, strict=True):
        if isinstance(answer, PeerDown) or answer.status >= 500:
            found[name] = replace(asking.memory.last(who, asked), service=service)
            continue
        if answer.status in NO_MORE:
            asking.memory.drop(who, asked)
        body = _taken(answer, in_our_name).body or b"null"
        asking.memory.keep(who, asked, body)
        found[name] = Found(orjson.loads(body), body=body, service=service)
    return found


def act(
    service: str,
    path: str,
    *,
    method: str = "POST",
    body: Any = None,
    in_our_name: bool = False,
    version: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Any:
    """One deed; its answer. `version`: the one seen on the page, so that nobody's newer change is written over.

    `headers`: an Idempotency-Key. Raises SignInEnded, Refused, PeerDown.
    """
    sent = {**_headers(in_our_name), **({"If-Match": f'"{version}"'} if version else {}), **(headers or {})}
    answer = _asking().peers.ask(service, path, method=method, json=body, headers=sent)
    if answer.status >= 500:
        raise PeerDown(service, f"answered {answer.status}")
    return _json(_taken(answer, in_our_name))


def stream(service: str, path: str, last_event_id: str) -> Stream:
    """Server-sent events of a service, in the visitor's name. Raises SignInEnded, PeerDown."""
    found = _asking().peers.stream(service, path, {**_headers(False), "Last-Event-ID": last_event_id})
    if found.status == 200:
        return found
    found.close()
    if found.status == 401:
        raise SignInEnded
    raise PeerDown(service, f"answered {found.status}")


def send(service: str, path: str, body: bytes, kind: str, **headers: str) -> Answer:
    """A file of that content type in the visitor's own name. Raises SignInEnded, Refused, PeerDown."""
    sent = {**_headers(False), "Content-Type": kind, **headers}
    answer = _asking().peers.ask(service, path, method="POST", body=body, headers=sent, seconds=FILE_SECONDS)
    if answer.status >= 500:
        raise PeerDown(service, f"answered {answer.status}")
    return _taken(answer)


def services() -> list[str]:
    """The names of all services this site reaches."""
    return _asking().peers.known()


def fetch(service: str, path: str) -> Answer:
    """A file as the service gives it. Raises SignInEnded, Refused, PeerDown."""
    return _taken(_asking().peers.ask(service, path, headers=_headers(False)))


def forget_caller() -> None:
    _asking().memory.forget(_remembered_as(False))


def _taken(answer: Answer, in_our_name: bool = False) -> Answer:
    if answer.status == 401 and not in_our_name and sessions.caller() is not None:
        raise SignInEnded
    if answer.status >= 400:
        raise Refused(answer)
    return answer


def _remembered_as(in_our_name: bool) -> str:
    who = sessions.caller()
    return "us" if in_our_name else (who.subject if who else "") + _guest_digest()


def _guest_digest() -> str:
    """Two guests never share what is remembered for one of them."""
    key = sessions.visit().guest
    return f" guest {hashlib.sha256(key.encode()).hexdigest()}" if key else ""


def _headers(in_our_name: bool) -> Mapping[str, str]:
    # A visitor's tries are counted against the visitor's own address, not against this site's.
    headers = {"Accept-Language": g.language, CLIENT_ADDRESS: request.remote_addr or ""}
    if sessions.visit().guest and not in_our_name:
        headers[GUEST_KEY] = sessions.visit().guest
    ours = auth.service_token(g.secret, "gateway")
    if sessions.caller() and not in_our_name:
        return headers | {"Authorization": f"Bearer {sessions.visit().token}", ASKED_BY: ours}
    return headers | {"Authorization": f"Bearer {ours}"}


def _json(answer: Answer) -> Any:
    return answer.json() if answer.body else None
