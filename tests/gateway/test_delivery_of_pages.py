"""How pages travel: small, compressed, cached where they may be, and with what a page may ask of services."""

from __future__ import annotations

import dataclasses
import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from services.gateway.app import create_app
from shared.peers import Peers
from tests.gateway.house import GUARDIAN, House, Visitor, served, text_of

LARGEST_PAGE = 60_000
PUBLIC = ["/", "/sign-in", "/pin", "/help", "/renew", "/privacy", "/accessibility"]
OWN = ["/books", "/books/past", "/books/calendar", "/notices", "/notices/preferences", "/privacy/erase"]
PAGES = [*PUBLIC, *OWN]
GZIP = {"Accept-Encoding": "gzip"}


def weight(visitor: Visitor, path: str) -> int:
    """Bytes of a page and all its files as they travel."""
    answer = visitor.get(path, headers=GZIP)
    assert answer.headers["Content-Encoding"] == "gzip"
    page = gzip.decompress(answer.data).decode()
    files = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
    assert files
    return len(answer.data) + sum(len(visitor.get(file, headers=GZIP).data) for file in files)


@pytest.mark.parametrize("path", PAGES)
def test_a_readers_page_weighs_little(closed_house: House, path: str) -> None:
    assert weight(closed_house.signed_in() if path in OWN else closed_house.client(), path) < LARGEST_PAGE


def test_a_message_and_what_its_link_opens_weigh_little(closed_house: House) -> None:
    visitor = closed_house.signed_in()
    letter = re.search(r'href="(/notices/[0-9a-f-]{36})"', visitor.get("/notices").text)[1]
    assert weight(visitor, letter) < LARGEST_PAGE
    assert weight(closed_house.client(), closed_house.private_link()) < LARGEST_PAGE


def test_static_files_are_kept_for_a_year_under_a_name_of_their_content(open_house: House) -> None:
    visitor = open_house.client()
    address = re.search(r'href="(/static/site\.[0-9a-f]{12}\.css)"', visitor.get("/").text)[1]
    plain, packed = visitor.get(address, headers={"Accept-Encoding": "identity"}), visitor.get(address, headers=GZIP)
    assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert visitor.get("/static/site.000000000000.css").status_code == 404
    assert visitor.get("/static/../app.py").status_code == 404


def test_who_takes_no_gzip_gets_none(open_house: House) -> None:
    answer = open_house.client().get("/", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in answer.headers and "</html>" in answer.text


@contextmanager
def site_with_distant(house: House, service: str) -> Iterator[tuple[Visitor, Any]]:
    """The site with one service reached over HTTP, and how to stop that service; the reader is signed in."""
    system = house.system
    with served(system.apps[service]) as (url, stop):
        settings = dataclasses.replace(system.settings, peers={service: url})
        peers = Peers(settings)
        for name, app in system.apps.items():
            if name != service:
                peers.connect(name, app)
        visitor = Visitor(create_app(settings, peers), "en")
        visitor.get("/language/en")
        visitor.send("/sign-in", "/sign-in", login=GUARDIAN, secret=house.pins[GUARDIAN])
        yield visitor, stop


def test_while_loans_are_down_the_last_known_dates_are_shown_with_their_time(closed_house: House) -> None:
    with site_with_distant(closed_house, "loans") as (visitor, stop):
        before = text_of(visitor.get("/books").text)
        stop()
        answer = visitor.get("/books")
        words = text_of(answer.text)
        assert answer.status_code == 200 and "/static/again." in answer.text
        assert "not answering" in words and "was known at:" in words
        assert before[before.index("Абай жолы") : before.index("Or write to us")] in words
        assert visitor.get("/").status_code == 200 and "/static/again." not in visitor.get("/").text
        refused = visitor.send("/books", "/books/renew", loan_id="L1")
        assert refused.status_code == 503 and refused.headers["Retry-After"]


def test_what_was_never_known_is_not_shown_as_an_empty_list(closed_house: House) -> None:
    with site_with_distant(closed_house, "loans") as (visitor, stop):
        stop()
        words = text_of(visitor.get("/books").text)
        assert "cannot be shown at this moment" in words and "no books on loan" not in words.lower()


def test_home_without_the_branches_still_leads_to_ones_books(closed_house: House) -> None:
    with site_with_distant(closed_house, "quarantines") as (visitor, stop):
        stop()
        answer = visitor.get("/")
        assert answer.status_code == 200 and 'href="/books"' in answer.text
        assert "cannot be shown" in answer.text
        assert "Абай жолы" in visitor.get("/books").text


def test_the_site_speaks_for_all_services(open_house: House) -> None:
    client = open_house.client()
    assert client.get("/healthz").get_json()["status"] == "alive"
    ready = client.get("/readyz").get_json()
    assert ready["services"] == dict.fromkeys(sorted(open_house.system.apps), True)
    metrics = client.get("/metrics").text
    assert 'service="gateway"' in metrics and 'service="accounts"' in metrics
    lines = [line.rpartition(" ")[0] for line in metrics.splitlines() if not line.startswith("#")]
    assert len(lines) == len(set(lines))
    assert "/api/v1/loans" in client.get("/openapi.json").get_json()["paths"]


def test_a_call_that_no_service_owns_gets_a_problem(open_house: House) -> None:
    answer = open_house.client().get("/api/v1/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_private_links_reach_no_log_and_no_metric(open_house: House) -> None:
    from shared.observability import redact

    assert redact("/l/abcdefghijk/renew") == "/l/…/renew"
    for before in ("/class", "/api/v1/quizzes/classes/by-link", "/c", "/api/v1/quizzes/certificates"):
        assert redact(f"{before}/abcdefghijk") == f"{before}/…"
    assert redact("/api/v1/quizzes/certificates/ABC-DEF.pdf") == "/api/v1/quizzes/certificates/….pdf"
    open_house.client().get("/l/abcdefghijk")
    assert "abcdefghijk" not in open_house.client().get("/metrics").text
