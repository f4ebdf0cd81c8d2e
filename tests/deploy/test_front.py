"""The real proxy before a real library: a page, a file, the API and live progress, as a browser meets them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3
from playwright.sync_api import Response

from deploy.nodes import Proxy, Routes, Tls, free_port
from deploy.nodes.accounts import private_folder, unprivileged
from deploy.real import SEGMENTS
from services.gateway.security import HEADERS, TWO_YEARS
from tests.gateway.chromium import chromium
from tests.gateway.console import PASSWORD, colleague
from tests.gateway.house import House, house, in_days, key_in
from tests.support.tls import certificate, trusting

LONGEST_WAIT = 20.0


@dataclass
class Site:
    """A closed library behind TLS. `ask` trusts its certificate and keeps no cookies."""

    house: House
    url: str
    pool: urllib3.PoolManager

    def ask(self, method: str, path: str, **more: Any) -> urllib3.BaseHTTPResponse:
        timeout = urllib3.Timeout(connect=5, read=LONGEST_WAIT)
        return self.pool.request(method, self.url + path, redirect=False, timeout=timeout, **more)

    def signed_in(self) -> str:
        """The cookies of a member of staff, as a browser would send them."""
        form = self.ask("GET", "/sign-in")
        visit = cookies(form)
        fields = {"login": colleague(self.house), "secret": PASSWORD, "csrf": key_in(form.data.decode())}
        headers = {"Cookie": visit, "Content-Type": "application/x-www-form-urlencoded"}
        answer = self.ask("POST", "/sign-in", fields=fields, encode_multipart=False, headers=headers)
        assert answer.status == 303, answer.data.decode()
        return cookies(answer)

    def token(self) -> str:
        said = {"login": colleague(self.house), "secret": PASSWORD}
        answer = self.ask("POST", "/api/v1/tokens", json=said)
        assert answer.status == 201
        return str(answer.json()["access_token"])


def cookies(answer: urllib3.BaseHTTPResponse) -> str:
    """Each must be for TLS only."""
    given = answer.headers.getlist("Set-Cookie")
    assert given and all("Secure" in each and "HttpOnly" in each for each in given), given
    return "; ".join(each.split(";", 1)[0] for each in given)


@pytest.fixture(scope="module")
def site(node_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    port = free_port()
    url = f"https://127.0.0.1:{port}"
    made = certificate(private_folder(node_folder / "tls", unprivileged("www-data")))
    settings = {"KITAPHANA_PUBLIC_URL": url, "KITAPHANA_TRUST_PROXIES": "1"}
    with house(tmp_path_factory.mktemp("front"), closed=True, **settings) as library:
        # Embedded, one process answers for every service; the proxy's table is the one of a real installation.
        upstreams = dict.fromkeys([*SEGMENTS, "gateway"], library.url)
        routes = Routes(SEGMENTS, upstreams, "quarantines", rest="gateway")
        with Proxy(node_folder / "front", port, routes, tls=Tls(made.certificate, made.key)):
            yield Site(library, url, trusting(made))


def test_a_page_comes_compressed_and_guarded(site: Site) -> None:
    answer = site.ask("GET", "/", headers={"Accept-Encoding": "gzip", "Accept-Language": "en"}, decode_content=False)
    page = gzip.decompress(answer.data).decode()
    assert answer.status == 200 and "The library is closed" in page
    assert answer.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in answer.headers["Vary"]
    for name, value in (HEADERS | {"Strict-Transport-Security": TWO_YEARS}).items():
        assert answer.headers.getlist(name) == [value], name
    missing = site.ask("GET", "/nowhere")
    assert (missing.status, missing.headers["Strict-Transport-Security"]) == (404, TWO_YEARS)
    assert missing.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]


@pytest.mark.browser
def test_a_page_and_its_files_over_http_2(site: Site) -> None:
    with chromium() as browser:
        page = browser.new_page(ignore_https_errors=True)
        spoken: list[Response] = []
        page.on("response", lambda each: spoken.append(each))
        page.goto(site.url)
        assert len(spoken) > 2 and {each.http_version() for each in spoken} == {"HTTP/2.0"}


def test_a_file_is_named_by_its_content_and_kept_for_a_year(site: Site) -> None:
    found = re.search(r'href="(/static/site\.[0-9a-f]{12}\.css)"', site.ask("GET", "/").data.decode())
    assert found
    for _ in range(2):
        answer = site.ask("GET", found[1], headers={"Accept-Encoding": "gzip"}, decode_content=False)
        assert answer.status == 200 and b"{" in gzip.decompress(answer.data)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers.getlist("Strict-Transport-Security") == [TWO_YEARS]
    assert site.ask("GET", re.sub(r"\.[0-9a-f]{12}\.", ".000000000000.", found[1])).status == 404


def test_the_api_reaches_the_services(site: Site) -> None:
    bearer = {"Authorization": f"Bearer {site.token()}"}
    for path in ("/api/v1/quarantines", "/api/v1/loans", "/api/v1/readers", "/api/v1/notices", "/api/v1/quizzes"):
        answer = site.ask("GET", path, headers=bearer)
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json"), path
        assert "items" in answer.json(), path
    refused = site.ask("GET", "/api/v1/loans")
    assert (refused.status, refused.headers["Content-Type"]) == (401, "application/problem+json")
    assert refused.headers["Strict-Transport-Security"] == TWO_YEARS
    assert site.ask("GET", "/healthz").status == 200


@pytest.mark.parametrize("whose", ["api", "page"])
def test_progress_arrives_while_its_stream_goes_on(site: Site, whose: str) -> None:
    """What is awaited second was changed only once the first was read: nothing on the way keeps it to the end."""
    quarantine = site.house.library.get("/quarantines")["items"][0]
    name, version = quarantine["id"], quarantine["version"] + 1
    if whose == "api":
        path, who = f"/api/v1/quarantines/{name}/progress", {"Authorization": f"Bearer {site.token()}"}
        first, then = rb"^data: ", rb'"version": ?%d\b' % version
    else:
        path, who = f"/staff/quarantines/{name}/stream", {"Cookie": site.signed_in()}
        first, then = rb"^event: progress", rb'class="note"'
    answer = site.ask("GET", path, headers=who | {"Accept": "text/event-stream"}, preload_content=False)
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/event-stream")
    parts = answer.stream(4096)
    assert not re.search(then, read_until(parts, first))
    site.house.library.call("PATCH", f"/quarantines/{name}", json_body={"ends_on": in_days(20 + version)})
    read_until(parts, then)
    answer.close()
    site.house.library.wait_until_done(name)


def read_until(parts: Iterator[bytes], wanted: bytes) -> bytes:
    """Raises StopIteration when the stream ends without it, a timeout when it stays silent."""
    read = b""
    while not re.search(wanted, read, re.MULTILINE):
        read += next(parts)
    return read
