"""One address for everything: by first path segment to the service that owns it; health and documents of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Flask, Response, g, request
from prometheus_client import generate_latest
from werkzeug.exceptions import HTTPException

from shared.auth import ANYONE, may_call
from shared.language import negotiate
from shared.observability import log
from shared.peers import Answer, Peers
from shared.problems import Problem, answer
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

    @app.before_request
    def begin() -> None:
        g.language = negotiate(request.headers.get("Accept-Language"))

    app.register_error_handler(HTTPException, nothing_here)
    return app


FRONT = Site("front", create_front)


def nothing_here(error: HTTPException) -> Response:
    """The answer to a call that no service owns."""
    detail = "There is nothing at this address, or you may not see it." if error.code == 404 else error.name
    return answer(Problem(error.code or 500, detail))


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
        down = {name: str(each) for name, each in answers.items() if isinstance(each, Exception)}
        if down:
            # Anybody may ask; where the parts run and what their databases say is for the log.
            log.warning("not ready", why=down)
        body = {
            "status": "not ready" if down else "ready",
            "services": {name: name not in down for name in answers},
        }
        return _json(body, 503 if down else 200)

    @app.get("/metrics")
    @may_call(ANYONE)
    def metrics() -> Response:
        answers = gather("/metrics", peers.elsewhere()).values()
        bodies = [generate_latest(), *(each.body for each in answers if isinstance(each, Answer))]
        return Response(_merged(bodies), content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/openapi.json")
    @may_call(ANYONE)
    def openapi() -> Response:
        answers = gather("/openapi.json", peers.known())
        documents = {name: each.json() for name, each in answers.items() if isinstance(each, Answer)}
        return _json(_one_document(documents), 200)


def _json(body: Any, status: int) -> Response:
    return Response(orjson.dumps(body), status=status, content_type="application/json")


def _merged(bodies: Iterable[bytes]) -> bytes:
    """Metrics of several processes: each family's head once; what several count is added up.

    What is about a process itself (memory, garbage) has no place here: it could not be told apart.
    """
    heads: dict[str, dict[str, None]] = {}
    samples: dict[str, dict[str, float]] = {}
    for body in bodies:
        family = ""
        for line in body.decode().splitlines():
            if line.startswith(("# HELP ", "# TYPE ")):
                family = line.split(" ", 3)[2]
                if not family.startswith(("python_", "process_")):
                    heads.setdefault(family, {})[line] = None
            elif line and family in heads:
                name, _, value = line.rpartition(" ")
                known = samples.setdefault(family, {})
                known[name] = known.get(name, 0.0) + float(value)
    lines = (
        line
        for family, head in heads.items()
        for line in (*head, *(f"{name} {value}" for name, value in samples.get(family, {}).items()))
    )
    return ("\n".join(lines) + "\n").encode()


def _one_document(documents: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Kitaphana", "version": "v1"},
        "paths": {},
        "components": {},
    }
    for service, document in documents.items():
        own = ("/healthz", "/readyz", "/metrics")
        document = _with_own_names(service, document, whole["components"].get("schemas", {}))
        whole["paths"].update({path: item for path, item in document.get("paths", {}).items() if path not in own})
        for kind, parts in document.get("components", {}).items():
            whole["components"].setdefault(kind, {}).update(parts)
    return whole


def _with_own_names(service: str, document: dict[str, Any], taken: Mapping[str, Any]) -> dict[str, Any]:
    """Two services may call different shapes by one name; the later gets the service's name before it."""
    shapes = document.get("components", {}).get("schemas", {})
    text = orjson.dumps(document).decode()
    for name, shape in shapes.items():
        if taken.get(name, shape) != shape:
            text = text.replace(f'"#/components/schemas/{name}"', f'"#/components/schemas/{service}.{name}"')
    renamed: dict[str, Any] = orjson.loads(text)
    if shapes:
        own = renamed["components"]["schemas"]
        clash = [name for name, shape in shapes.items() if taken.get(name, shape) != shape]
        for name in clash:
            own[f"{service}.{name}"] = own.pop(name)
    return renamed
