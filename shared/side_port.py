"""A worker's side port: alive, able to consume, metrics."""

from __future__ import annotations

import threading
from collections.abc import Callable
from wsgiref.simple_server import WSGIRequestHandler, make_server

from flask import Flask, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        return


def serve_side_port(port: int, can_work: Callable[[], bool]) -> None:
    """Serves `/healthz`, `/readyz` (503 while it cannot consume) and `/metrics` from a thread."""
    app = Flask(__name__, static_folder=None)

    @app.get("/healthz")
    def alive() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz")
    def ready() -> tuple[dict[str, str], int]:
        return ({"status": "ready"}, 200) if can_work() else ({"status": "cannot consume"}, 503)

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    server = make_server("127.0.0.1", port, app, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, name="side port", daemon=True).start()
