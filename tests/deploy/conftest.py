"""What the tests of the edge stand on: something to answer behind the proxy, a certificate, a proxy to start."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from wsgiref.simple_server import WSGIServer, make_server

import pytest

from deploy.nodes import Proxy, Routes, free_port
from tests.deploy.test_proxy import Quiet

LONG = {"items": ["Жау тылында"] * 400}


@dataclass
class Upstream:
    """Answers JSON, with the status that its path ends in (`/status=404`), and a static file that it counts."""

    asked: list[str] = field(default_factory=list)
    server: WSGIServer = field(init=False)

    def __post_init__(self) -> None:
        self.server = make_server("127.0.0.1", 0, self.answer, handler_class=Quiet)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, environ, start_response):  # type: ignore[no-untyped-def]
        path = environ["PATH_INFO"]
        self.asked.append(path)
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if path.startswith("/static/"):
            return self.static(environ, start_response)
        status = f"{path.rsplit('=', 1)[1]} As Asked" if "=" in path else "200 OK"
        start_response(status, [("Content-Type", "application/json"), ("Strict-Transport-Security", "max-age=1")])
        seen = {"scheme": environ["HTTP_X_FORWARDED_PROTO"], "for_whom": environ.get("HTTP_X_CLIENT_ADDRESS")}
        return [json.dumps(LONG | seen).encode()]

    def static(self, environ, start_response):  # type: ignore[no-untyped-def]
        headers = [("Content-Type", "text/css"), ("Cache-Control", "public, max-age=31536000, immutable")]
        small = "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
        more = [("Content-Encoding", "gzip")] if small else []
        start_response("200 OK", [*headers, *more, ("Vary", "Accept-Encoding")])
        return [gzip.compress(b"body{}") if small else b"body{}"]


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    made = Upstream()
    yield made
    made.server.shutdown()
    made.server.server_close()


Front = Callable[..., Proxy]


@pytest.fixture
def front(node_folder: Path, upstream: Upstream) -> Iterator[Front]:
    running: list[Proxy] = []

    def start(**options: object) -> Proxy:
        urls = {"accounts": upstream.url, "gateway": upstream.url, "loans": f"http://127.0.0.1:{free_port()}"}
        segments = {"accounts": ["tokens", "readers"], "loans": ["loans"]}
        routes = Routes(segments, urls, "gateway", rest="gateway")
        proxy = Proxy(node_folder / f"edge{len(running)}", free_port(), routes, **options)  # type: ignore[arg-type]
        running.append(proxy.__enter__())
        return proxy

    yield start
    for proxy in running:
        proxy.__exit__(None, None, None)
