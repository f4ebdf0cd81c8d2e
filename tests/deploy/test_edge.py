"""The edge: TLS, HTTP/2, compression, kept static files, limits per client, and words for people when all is down."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import urllib3

from deploy.nodes import Limits, Tls, free_port
from deploy.nodes.accounts import private_folder, unprivileged
from services.gateway.security import HEADERS, TWO_YEARS
from tests.deploy.conftest import LONG, Front, Upstream
from tests.support.tls import certificate, trusting


def get(url: str, **headers: str) -> urllib3.BaseHTTPResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return urllib3.request("GET", url, headers=sent, retries=False, timeout=20, decode_content=False)


def test_tls_with_http_2_and_plain_http_sent_on(front: Front, node_folder: Path) -> None:
    made = certificate(private_folder(node_folder / "tls", unprivileged("www-data")))
    plain = free_port()
    proxy = front(tls=Tls(made.certificate, made.key, plain))
    answer = trusting(made).request("GET", f"{proxy.url}/api/v1/readers")
    assert answer.json()["scheme"] == "https"
    assert "max-age=63072000" in answer.headers["Strict-Transport-Security"]
    assert handshake(made.certificate, proxy.port, h2_offered=True) == "h2"
    assert handshake(made.certificate, proxy.port, h2_offered=False) == "http/1.1"
    sent_on = urllib3.request("POST", f"http://127.0.0.1:{plain}/sign-in?x=1", retries=False, redirect=False)
    assert (sent_on.status, sent_on.headers["Location"]) == (308, f"{proxy.url}/sign-in?x=1")


SERVED = "/api/v1/readers/status={}"


@pytest.fixture
def secured(front: Front, node_folder: Path) -> Callable[..., Callable[[str], urllib3.BaseHTTPResponse]]:
    made = certificate(private_folder(node_folder / "tls", unprivileged("www-data")))

    def start(**options: object) -> Callable[[str], urllib3.BaseHTTPResponse]:
        proxy = front(tls=made, **options)
        pool = trusting(made)
        return lambda path: pool.request("GET", proxy.url + path)

    return start


Secured = Callable[..., Callable[[str], urllib3.BaseHTTPResponse]]


def test_every_answer_keeps_browsers_to_tls(secured: Secured) -> None:
    ask = secured()
    wanted = {SERVED.format(status): status for status in (200, 303, 401, 403, 404, 422, 500)}
    wanted |= {"/static/site.css": 200, "/api/v1/loans": 503, "/loans": 200}
    for path, status in wanted.items():
        answer = ask(path)
        assert answer.status == status, path
        assert answer.headers.getlist("Strict-Transport-Security") == [TWO_YEARS], path


def test_what_the_proxy_says_itself_is_as_guarded_as_our_pages(secured: Secured, upstream: Upstream) -> None:
    hurried = secured(limits=Limits(requests=1, burst=1, free=()))
    busy = [hurried(path) for path in ("/", "/", "/", "/books", "/api/v1/readers")][-2:]
    ask = secured()
    # Too long for the proxy, short enough to have left us in one piece before it answers and hangs up.
    long = ask("/api/v1/readers?" + "x" * 8_500)
    upstream.server.shutdown()
    upstream.server.server_close()
    answers = {
        "busy page": busy[0],
        "busy": busy[1],
        "down page": ask("/"),
        "down": ask("/api/v1/readers"),
        "long": long,
    }
    assert [answer.status for answer in answers.values()] == [429, 429, 503, 503, 414]
    for name, answer in answers.items():
        for header, value in (HEADERS | {"Strict-Transport-Security": TWO_YEARS}).items():
            assert answer.headers.getlist(header) == [value], (name, header)
        assert answer.headers["X-Request-ID"], name


def handshake(certificate: Path, port: int, *, h2_offered: bool) -> str | None:
    """The protocol agreed on."""
    context = ssl.create_default_context(cafile=str(certificate))
    context.set_alpn_protocols(["h2", "http/1.1"] if h2_offered else ["http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", port), 10) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
    ):
        return secured.selected_alpn_protocol()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_tls_is_not_spoken(front: Front, node_folder: Path) -> None:
    made = certificate(private_folder(node_folder / "tls", unprivileged("www-data")))
    proxy = front(tls=made)
    old = ssl.create_default_context(cafile=str(made.certificate))
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", proxy.port), 10) as plain, pytest.raises(ssl.SSLError) as refused:
        old.wrap_socket(plain, server_hostname="127.0.0.1")
    assert "PROTOCOL_VERSION" in str(refused.value)


def test_answers_of_services_are_compressed(front: Front) -> None:
    answer = get(f"{front().url}/api/v1/readers", accept_encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.data))["items"] == LONG["items"]
    assert "Content-Encoding" not in get(f"{front().url}/api/v1/readers").headers


def test_a_static_file_is_asked_for_once_an_encoding(front: Front, upstream: Upstream) -> None:
    url = f"{front().url}/static/site.abc.css"
    for _ in range(3):
        small, plain = get(url, accept_encoding="gzip"), get(url)
        assert (gzip.decompress(small.data), plain.data) == (b"body{}", b"body{}")
        assert "immutable" in small.headers["Cache-Control"]
    assert upstream.asked == ["/static/site.abc.css"] * 2


def test_nobody_can_say_for_whom_they_ask(front: Front) -> None:
    assert get(f"{front().url}/api/v1/readers", X_Client_Address="8.8.8.8").json()["for_whom"] in (None, "")


def test_a_client_that_asks_too_much_is_told_to_wait(front: Front) -> None:
    proxy = front(limits=Limits(requests=1, burst=5, free=()))
    answers = [get(f"{proxy.url}/api/v1/readers") for _ in range(12)]
    refused = [answer for answer in answers if answer.status == 429]
    assert [answer.status for answer in answers[:6]] == [200] * 6
    assert refused and refused[0].json()["status"] == 429
    assert refused[0].headers["Retry-After"] == "10"
    page = get(f"{proxy.url}/books")
    assert page.status == 429 and "Сұрау тым көп" in page.data.decode()


def test_guesses_are_fewer_and_reading_goes_on(front: Front) -> None:
    proxy = front(limits=Limits(guesses=3, free=()))
    tries = [urllib3.request("POST", f"{proxy.url}/sign-in", retries=False).status for _ in range(8)]
    assert tries[:4] == [200] * 4
    assert 429 in tries[4:]
    assert get(f"{proxy.url}/sign-in").status == 200


def test_the_librarys_own_machine_is_not_counted(front: Front) -> None:
    proxy = front(limits=Limits(requests=1, burst=1, guesses=1))
    assert {get(f"{proxy.url}/api/v1/readers").status for _ in range(10)} == {200}


def test_a_page_of_a_site_that_is_down_says_so_in_three_languages_and_comes_back(
    front: Front, upstream: Upstream
) -> None:
    proxy = front()
    upstream.server.shutdown()
    upstream.server.server_close()
    answer = get(f"{proxy.url}/")
    assert (answer.status, answer.headers["Refresh"]) == (503, "10")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    for words in ("Бұл бет өзі қайта ашылады", "Страница обновится сама", "comes back by itself"):
        assert words in answer.data.decode()
    assert get(f"{proxy.url}/api/v1/readers").json()["status"] == 503
