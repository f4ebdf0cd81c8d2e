"""One address for everything: by first path segment to the service that owns it; health and documents of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Flask, Response
from prometheus_client import generate_latest

from shared.auth import ANYONE, may_call
from shared.peers import Answer, Peers
from shared.settings import Settings

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
API = "/api/v1/"


class Dispatcher:
    """Embedded: hands a request to the app whose service owns its first path segment, the rest to `front`."""

    def __init__(self, owners: Mapping[str, WSGI], front: WSGI) -> None:
        self._owners = owners
        self._front = front

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        segment = path[len(API) :].split("/", 1)[0] if path.startswith(API) else ""
        return self._owners.get(segment, self._front)(environ, start_response)


@dataclass(frozen=True)
class Site:
    """What answers every request that no service owns, and the name of its role."""

    name: str
    create: Callable[[Settings, Peers], Flask]


def create_front(_settings: Settings, peers: Peers) -> Flask:
    """The least a site may be: it speaks for all services, and knows nothing else."""
    app = Flask(__name__, static_folder=None)
    speak_for_all(app, peers)
    app.register_error_handler(404, _nothing)
    return app


FRONT = Site("front", create_front)


def speak_for_all(app: Flask, peers: Peers) -> None:
    """Adds `/healthz`, `/readyz`, `/metrics` and `/openapi.json` that speak for all services."""

    def gather(path: str, names: Sequence[str]) -> dict[str, Answer | Exception]:
        return dict(zip(names, peers.ask_all([(name, path) for name in names]), strict=True))

    @app.get("/healthz")
    @may_call(ANYONE)
    def alive() -> Response:
        return _json({"status": "alive"}, 200)

    @app.get("/readyz")
    @may_call(ANYONE)
    def ready() -> Response:
        answers = gather("/readyz", peers.known())
        down = {name: str(answer) for name, answer in answers.items() if isinstance(answer, Exception)}
        body = {
            "status": "not ready" if down else "ready",
            "services": {name: name not in down for name in answers},
        }
        return _json(body | ({"why": down} if down else {}), 503 if down else 200)

    @app.get("/metrics")
    @may_call(ANYONE)
    def metrics() -> Response:
        answers = gather("/metrics", peers.elsewhere()).values()
        bodies = [answer.body for answer in answers if isinstance(answer, Answer)]
        return Response(_merged([generate_latest(), *bodies]), content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/openapi.json")
    @may_call(ANYONE)
    def openapi() -> Response:
        answers = gather("/openapi.json", peers.known()).values()
        documents = [answer.json() for answer in answers if isinstance(answer, Answer)]
        return _json(_one_document(documents), 200)


def _nothing(_error: Exception) -> Response:
    problem = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "There is nothing here"}
    return _json(problem, 404, "application/problem+json")


def _json(body: Any, status: int, kind: str = "application/json") -> Response:
    return Response(orjson.dumps(body), status=status, content_type=kind)


def _merged(bodies: Iterable[bytes]) -> bytes:
    """Metrics of several processes: each family's head once, its samples together, no line twice."""
    heads: dict[bytes, list[bytes]] = {}
    samples: dict[bytes, dict[bytes, None]] = {}
    for body in bodies:
        family = b""
        for line in body.splitlines():
            if line.startswith((b"# HELP ", b"# TYPE ")):
                family = line.split(b" ", 3)[2]
                lines = heads.setdefault(family, [])
                if line not in lines:
                    lines.append(line)
            elif line:
                samples.setdefault(family, {})[line] = None
    blocks = (line for family, head in heads.items() for line in (*head, *samples.get(family, ())))
    return b"\n".join(blocks) + b"\n"


def _one_document(documents: Iterable[dict[str, Any]]) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Kitaphana", "version": "v1"},
        "paths": {},
        "components": {},
    }
    for document in documents:
        own = ("/healthz", "/readyz", "/metrics")
        whole["paths"].update({path: item for path, item in document.get("paths", {}).items() if path not in own})
        for kind, parts in document.get("components", {}).items():
            whole["components"].setdefault(kind, {}).update(parts)
    return whole
