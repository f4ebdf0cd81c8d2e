"""What the proxy says itself: to people in their languages, to programs as a problem, to nobody which program it is."""

from __future__ import annotations

import json
import socket
import ssl
from contextlib import suppress
from pathlib import Path

import pytest
import urllib3

from deploy.nodes import Limits, Tls
from deploy.nodes.accounts import private_folder, unprivileged
from deploy.nodes.proxy import TROUBLES
from deploy.real import SEGMENTS
from services.__main__ import SERVICES
from services.gateway.security import HEADERS
from tests.deploy.conftest import Front
from tests.support.tls import certificate

UNTIL = b"Host: localhost\r\nConnection: close\r\n"


def said(port: int, request: bytes) -> tuple[int, dict[str, str], str]:
    """Status, headers by small name, and body of the answer to these very bytes."""
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.settimeout(10)
        line.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer or len(answer.partition(b"\r\n\r\n")[2]) < _length(answer):
            part = line.recv(65536)
            assert part, answer
            answer += part
    head, _, body = answer.decode().partition("\r\n\r\n")
    first, *others = head.split("\r\n")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in others)}
    return int(first.split()[1]), headers, body


def _length(answer: bytes) -> int:
    head = answer.partition(b"\r\n\r\n")[0].lower()
    return int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])


def ask(line: str, *headers: str) -> bytes:
    return f"{line} HTTP/1.1\r\n".encode() + UNTIL + "".join(f"{each}\r\n" for each in headers).encode() + b"\r\n"


LONG_COOKIE = "Cookie: a=" + "x" * 9_000
CASES = {
    "a cookie too long": (400, ask("GET {path}", LONG_COOKIE)),
    "a method nobody takes": (405, ask("TRACE {path}")),
    "a body too large": (413, ask("POST {path}", "Content-Length: 3000000")),
    "a file too large": (413, ask("POST {file}", "Content-Length: 80000000")),
    "a body in a form nobody takes": (501, ask("POST {path}", "Transfer-Encoding: foo")),
}
PLACES = {
    "page": {"path": "/books", "file": "/staff/imports/loans"},
    "api": {"path": "/api/v1/readers", "file": "/api/v1/readers/import"},
}


@pytest.mark.parametrize("whose", PLACES)
def test_whatever_it_refuses_it_refuses_in_words_of_ours(front: Front, whose: str) -> None:
    port = front().port
    for name, (status, request) in CASES.items():
        for place, path in PLACES[whose].items():
            request = request.replace(b"{%s}" % place.encode(), path.encode())
        found, headers, body = said(port, request)
        assert found == status, name
        assert "nginx" not in body.lower(), name
        assert headers["content-security-policy"] == HEADERS["Content-Security-Policy"], name
        words = TROUBLES[str(status)]
        if whose == "api":
            assert headers["content-type"] == "application/problem+json", name
            problem = json.loads(body)
            assert (problem["status"], problem["detail"]) == (status, words["detail"]), name
        else:
            assert headers["content-type"] == "text/html; charset=utf-8", name
            assert all(words[language] in body for language in ("kk", "ru", "en")), name


def test_what_is_no_http_is_a_problem(front: Front) -> None:
    status, headers, body = said(front().port, b"GET /a b c HTTP/1.1\r\n" + UNTIL + b"\r\n")
    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert json.loads(body)["status"] == 400


def test_only_the_places_for_files_take_large_bodies(front: Front) -> None:
    url, body = front().url, bytes(3 * 2**20)

    def status(path: str) -> int:
        return urllib3.request("POST", url + path, body=body, retries=False, timeout=20).status

    taken = ["/staff/imports/loans", "/api/v1/readers/import"]
    assert {path: status(path) for path in taken} == dict.fromkeys(taken, 200)
    port = int(url.rpartition(":")[2])
    for path in ("/sign-in", "/api/v1/tokens", "/api/v1/readers/importx", "/staff/imports/loans/x"):
        assert said(port, ask(f"POST {path}", f"Content-Length: {len(body)}"))[0] == 413, path


def test_the_metrics_are_for_insiders(front: Front) -> None:
    assert urllib3.request("GET", f"{front().url}/metrics", retries=False).status == 200
    far = front(limits=Limits(insiders=("10.0.0.0/8",)))
    refused = urllib3.request("GET", f"{far.url}/metrics", retries=False)
    assert (refused.status, refused.json()["status"]) == (404, 404)


def test_its_log_says_no_private_link(front: Front) -> None:
    proxy = front(limits=Limits(requests=1, burst=1, free=()))
    answers = [urllib3.request("GET", f"{proxy.url}/api/v1/loans/l/abcdefghijk", retries=False) for _ in range(5)]
    assert {answer.status for answer in answers} == {503, 429}
    assert "abcdefghijk" not in (proxy.folder / "proxy.log").read_text()


@pytest.mark.parametrize("begun", [b"GET / HTTP/1.1\r\nHost: x", ask("POST /sign-in", "Content-Length: 5") + b"a"])
def test_whoever_never_ends_a_request_is_let_go(front: Front, begun: bytes) -> None:
    port = front(limits=Limits(patience=1)).port
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.settimeout(15)
        line.sendall(begun)
        with suppress(ConnectionResetError):
            assert b" 200 " not in line.recv(100)


def test_plain_http_on_the_port_of_tls_is_sent_on(front: Front, node_folder: Path) -> None:
    made = certificate(private_folder(node_folder / "tls", unprivileged("www-data")))
    proxy = front(tls=Tls(made.certificate, made.key))
    url = f"http://127.0.0.1:{proxy.port}/books?x=1"
    answer = urllib3.request("GET", url, retries=False, redirect=False)
    assert (answer.status, answer.headers["Location"]) == (308, f"{proxy.url}/books?x=1")


@pytest.mark.parametrize("cipher", ["ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384"])
def test_weak_ciphers_are_not_spoken(front: Front, node_folder: Path, cipher: str) -> None:
    made = certificate(private_folder(node_folder / "tls", unprivileged("www-data")))
    proxy = front(tls=Tls(made.certificate, made.key))

    def handshake(ciphers: str) -> str:
        trusting = ssl.create_default_context(cafile=str(made.certificate))
        trusting.maximum_version = ssl.TLSVersion.TLSv1_2
        trusting.set_ciphers(ciphers)
        with (
            socket.create_connection(("127.0.0.1", proxy.port), 10) as plain,
            trusting.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
        ):
            return str(secured.cipher())

    assert "GCM" in handshake("DEFAULT")
    with pytest.raises(ssl.SSLError):
        handshake(f"{cipher}:@SECLEVEL=0")


def test_the_proxy_knows_whose_a_segment_is_as_the_services_do() -> None:
    assert {name: set(segments) for name, segments in SEGMENTS.items()} == {
        service.name: set(service.owns) for service in SERVICES
    }
