"""The other services: over HTTP with a service token, or straight into their WSGI app when embedded.

Embedded never goes through the own port: one worker calling itself deadlocks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
import urllib3
from werkzeug.test import Client

from shared import observability
from shared.settings import Settings
from shared.silence import Silence

SECONDS = 20.0
KNOCK_SECONDS = 2.0
"""How long a peer that was silent has to say that it is alive."""
NOT_REACHED = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
NO_ANSWER = (*NOT_REACHED, urllib3.exceptions.ReadTimeoutError)
STREAM_SILENCE = 40.0
_deep: ContextVar[int] = ContextVar("deep", default=0)
"""How many calls of several at once the present one stands inside."""
CLIENT_ADDRESS = "X-Client-Address"
"""Header in which a service says for whom it asks; believed of services only."""
ASKED_BY = "X-Asked-By"
"""Header with a service's own token beside that of the person it asks for, so that it is believed then too."""


class PeerDown(Exception):
    """A service did not answer, or answered that it cannot; `service` names it.

    `unsure`: the call may have reached it, so a deed may have been done all the same.
    """

    def __init__(self, service: str, why: str, *, unsure: bool = False) -> None:
        super().__init__(f"{service}: {why}")
        self.service = service
        self.unsure = unsure


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass(frozen=True)
class Stream:
    status: int
    parts: Iterator[bytes]
    close: Callable[[], object]


class Peers:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._apps: dict[str, Any] = {}
        self._pool = urllib3.PoolManager(num_pools=16, maxsize=32, retries=False)
        self._threads: dict[int, ThreadPoolExecutor] = {}
        self._guard = threading.Lock()
        self._silence = Silence()

    def connect(self, service: str, app: Any) -> None:
        """Makes a service reachable in this process."""
        self._apps[service] = app

    def known(self) -> list[str]:
        return sorted(set(self._apps) | {name for name in self._settings.peers if "." not in name})

    def elsewhere(self) -> list[str]:
        """Other processes with metrics of their own; a worker's side port is named `SERVICE.work`."""
        return sorted(name for name in self._settings.peers if name not in self._apps)

    def ask(
        self,
        service: str,
        path: str,
        *,
        method: str = "GET",
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        patience: float | None = None,
        seconds: float | None = None,
    ) -> Answer:
        """One call. Raises PeerDown when nobody answers or the answer is 502, 503 or 504.

        `patience`: seconds to wait for a read that somebody is waiting for; a peer that has just kept such a one
        waiting is not asked. Without it, a deed or a service's own call, every call is tried for SECONDS, or for the
        `seconds` of one that takes longer by nature; but where the last that was heard of a peer is its silence, it
        must first say that it is alive, and gets nothing otherwise.
        """
        url = path + (f"?{urlencode(query, doseq=True)}" if query else "")
        sent = {"X-Request-ID": observability.correlation_id(), **(headers or {})}
        if json is not None:
            body, sent["Content-Type"] = orjson.dumps(json), "application/json"
        if service in self._apps:
            answer = self._inside(service, method, url, body, sent)
        elif patience is None:
            answer = self._outside_once_alive(service, method, url, body, sent, seconds or SECONDS)
        else:
            answer = self._outside_or_skipped(service, method, url, body, sent, patience)
        if answer.status in (502, 503, 504):
            raise PeerDown(service, f"answered {answer.status}")
        return answer

    def stream(self, service: str, path: str, headers: Mapping[str, str]) -> Stream:
        """An answer whose body comes bit by bit, for as long as the service goes on. Raises PeerDown.

        Whoever asks must close it: a service counts its streams.
        """
        if service in self._apps:
            response = Client(self._apps[service]).open(path, headers=dict(headers), buffered=False)
            return Stream(response.status_code, response.iter_encoded(), response.close)
        if service not in self._settings.peers:
            raise PeerDown(service, "no address is set in KITAPHANA_PEERS")
        timeout = urllib3.Timeout(connect=2.0, read=STREAM_SILENCE)
        options = {"preload_content": False, "headers": dict(headers), "timeout": timeout}
        try:
            distant = self._pool.request("GET", self._settings.peers[service] + path, **options)  # type: ignore[arg-type]
        except urllib3.exceptions.HTTPError as error:
            raise PeerDown(service, str(error)[:200]) from error
        # Closed, not given back to the pool: what the service still had to say would be read as the next answer.
        return Stream(distant.status, distant.read_chunked(decode_content=False), distant.close)

    def ask_all(self, calls: Sequence[tuple[str, str]], **options: Any) -> list[Answer | PeerDown]:
        """Several (service, path) in parallel; a service that is down gives its PeerDown in its place."""
        deep = _deep.get()
        threads = self._threads_at(deep)
        correlation = observability.correlation_id()

        def one(call: tuple[str, str]) -> Answer | PeerDown:
            _deep.set(deep + 1)
            with observability.following(correlation):
                try:
                    return self.ask(call[0], call[1], **options)
                except PeerDown as error:
                    return error

        return list(threads.map(one, calls))

    def _threads_at(self, deep: int) -> ThreadPoolExecutor:
        """In one process a service may itself ask several for a caller that holds a thread while it waits: were they
        the same threads, enough callers at once would wait for each other for ever."""
        with self._guard:
            if deep not in self._threads:
                self._threads[deep] = ThreadPoolExecutor(max_workers=16, thread_name_prefix="peers")
            return self._threads[deep]

    def _inside(self, service: str, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        response = Client(self._apps[service]).open(url, method=method, data=body, headers=dict(headers))
        return Answer(response.status_code, response.get_data(), dict(response.headers))

    def _outside_or_skipped(self, service: str, *call: Any) -> Answer:
        if not self._silence.may_ask(service):
            raise PeerDown(service, "did not answer just now")
        try:
            answer = self._outside(service, *call)
        except PeerDown as down:
            if isinstance(down.__cause__, NO_ANSWER):
                self._silence.fell_silent(service)
            raise
        self._silence.answered(service)
        return answer

    def _outside_once_alive(self, service: str, *call: Any) -> Answer:
        """Nobody waits for a deed whose end, or whether it was done at all, could not be told afterwards."""
        if self._silence.is_last_word(service):
            self._knock(service)
        return self._outside(service, *call)

    def _knock(self, service: str) -> None:
        """Any answer will do. Raises PeerDown, which is sure: nothing but the question was sent."""
        try:
            self._outside(service, "GET", "/healthz", None, {}, KNOCK_SECONDS)
        except PeerDown as down:
            self._silence.fell_silent(service)
            raise PeerDown(service, "does not say that it is alive") from down
        self._silence.answered(service)

    def _outside(
        self,
        service: str,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str],
        seconds: float,
    ) -> Answer:
        if service not in self._settings.peers:
            raise PeerDown(service, "no address is set in KITAPHANA_PEERS")
        try:
            response = self._pool.request(
                method,
                self._settings.peers[service] + url,
                body=body,
                headers=dict(headers),
                timeout=urllib3.Timeout(connect=2.0, read=seconds),
            )
        except urllib3.exceptions.HTTPError as error:
            raise PeerDown(service, str(error)[:200], unsure=not isinstance(error, NOT_REACHED)) from error
        return Answer(response.status, response.data, dict(response.headers))
