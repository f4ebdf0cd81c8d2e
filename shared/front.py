"""One address for everything: by first path segment to the service that owns it; health and documents of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from shared.language import negotiate
from shared.peers import Answer, Peers
from shared.problems import Problem, answer

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


def create_front(peers: Peers) -> Flask:
    """`/healthz`, `/readyz`, `/metrics` and `/openapi.json` that speak for all services."""
    app = Flask(__name__, static_folder=None)

    def gather(path: str, asked: Sequence[str] = ()) -> dict[str, Answer | Exception]:
        names = asked or peers.known()
        return dict(zip(names, peers.ask_all([(name, path) for name in names]), strict=True))

    @app.get("/healthz")
    def alive() -> Response:
        return _json({"status": "alive"}, 200)

    @app.get("/readyz")
    def ready() -> Response:
        answers = gather("/readyz")
        down = {name: str(each) for name, each in answers.items() if isinstance(each, Exception)}
        body = {
            "status": "not ready" if down else "ready",
            "services": {name: name not in down for name in answers},
        }
        return _json(body | ({"why": down} if down else {}), 503 if down else 200)

    @app.get("/metrics")
    def metrics() -> Response:
        answers = gather("/metrics", peers.processes()).values()
        bodies = [each.body for each in answers if isinstance(each, Answer)]
        return Response(_merged(bodies), content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/openapi.json")
    def openapi() -> Response:
        answers = gather("/openapi.json")
        documents = {name: each.json() for name, each in answers.items() if isinstance(each, Answer)}
        return _json(_one_document(documents), 200)

    @app.before_request
    def begin() -> None:
        g.language = negotiate(request.headers.get("Accept-Language"))

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        detail = "There is nothing at this address, or you may not see it." if error.code == 404 else error.name
        return answer(Problem(error.code or 500, detail))

    return app


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
