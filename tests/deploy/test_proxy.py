"""The proxy sends every request to the service that owns its first path segment, and answers in problems."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
import urllib3

from deploy.nodes import Proxy, Routes, free_port
from deploy.real import SEGMENTS


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class Echo:
    """An upstream that answers who it is and what it was asked, or streams until it is let go."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.let_go = threading.Event()
        self.server: WSGIServer = make_server("127.0.0.1", 0, self.answer, handler_class=Quiet)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, environ, start_response):  # type: ignore[no-untyped-def]
        if environ["PATH_INFO"].endswith("/progress"):
            start_response("200 OK", [("Content-Type", "text/event-stream")])
            return self.stream()
        body = {
            "service": self.name,
            "method": environ["REQUEST_METHOD"],
            "path": environ["PATH_INFO"],
            "query": environ["QUERY_STRING"],
            "length": len(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))),
            "request_id": environ.get("HTTP_X_REQUEST_ID"),
            "forwarded_for": environ.get("HTTP_X_FORWARDED_FOR"),
        }
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    def stream(self) -> Iterator[bytes]:
        yield b"data: first\n\n"
        assert self.let_go.wait(20)
        yield b"data: second\n\n"


@pytest.fixture(scope="module")
def upstreams() -> Iterator[dict[str, Echo]]:
    echoes = {name: Echo(name) for name in SEGMENTS if name != "notify"}
    yield echoes
    for echo in echoes.values():
        echo.server.shutdown()
        echo.server.server_close()


@pytest.fixture(scope="module")
def proxy(node_folder: Path, upstreams: dict[str, Echo]) -> Iterator[str]:
    urls = {name: echo.url for name, echo in upstreams.items()} | {"notify": f"http://127.0.0.1:{free_port()}"}
    with Proxy(node_folder / "proxy", free_port(), Routes(SEGMENTS, urls, "quarantines", "gateway")) as running:
        yield running.url


def call(method: str, url: str, **more: object) -> urllib3.BaseHTTPResponse:
    return urllib3.request(method, url, retries=False, timeout=20, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "service"),
    [
        *((f"/api/v1/{segment}", name) for name in ("accounts", "quarantines", "loans") for segment in SEGMENTS[name]),
        ("/api/v1/loans/7/renew", "loans"),
        ("/api/v1/quarantines/7/reconciliation", "quarantines"),
        *((path, "quarantines") for path in ("/healthz", "/readyz", "/metrics", "/openapi.json")),
    ],
)
def test_every_segment_reaches_its_service(proxy: str, path: str, service: str) -> None:
    answer = call("GET", f"{proxy}{path}?limit=5").json()
    assert (answer["service"], answer["path"], answer["query"]) == (service, path, "limit=5")


@pytest.mark.parametrize("path", ["/api/v1/loansome", "/api/v1/contests", "/", "/healthz/x"])
def test_what_nobody_owns_is_a_problem_404(proxy: str, path: str) -> None:
    answer = call("GET", f"{proxy}{path}")
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["status"] == 404


def test_a_service_that_is_down_is_a_problem_503_with_retry_after(proxy: str) -> None:
    answer = call("POST", f"{proxy}/api/v1/notices/1/retry")
    assert (answer.status, answer.headers["Retry-After"], answer.json()["status"]) == (503, "2", 503)


def test_the_request_id_travels_and_the_caller_cannot_forge_an_address(proxy: str) -> None:
    forged = {"X-Request-ID": "mine", "X-Forwarded-For": "8.8.8.8"}
    named = call("GET", f"{proxy}/api/v1/loans", headers=forged).json()
    assert (named["request_id"], named["forwarded_for"]) == ("mine", "127.0.0.1")
    assert len(call("GET", f"{proxy}/api/v1/loans").json()["request_id"]) == 32


def test_a_file_of_64_megabytes_passes_and_one_of_71_is_a_problem_413(proxy: str) -> None:
    assert call("POST", f"{proxy}/api/v1/loans/import", body=bytes(64 * 2**20)).json()["length"] == 64 * 2**20
    refused = call("POST", f"{proxy}/api/v1/loans/import", headers={"Content-Length": str(71 * 2**20)})
    assert (refused.status, refused.json()["status"]) == (413, 413)


def test_an_event_stream_arrives_as_it_is_written(proxy: str, upstreams: dict[str, Echo]) -> None:
    url = f"{proxy}/api/v1/quarantines/7/progress"
    answer = call("GET", url, headers={"Accept": "text/event-stream"}, preload_content=False)
    chunks = answer.stream(64)
    assert next(chunks) == b"data: first\n\n"
    upstreams["quarantines"].let_go.set()
    assert b"".join(chunks) == b"data: second\n\n"
