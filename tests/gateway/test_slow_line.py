"""Readers' pages on a line as slow as 2G. Held by what goes over it and how often one waits for the other end:
seconds of a busy test machine would say nothing about either.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.gateway.chromium import PHONE
from tests.gateway.house import House
from tests.gateway.test_in_a_browser import sign_in

pytestmark = pytest.mark.browser
BITS_A_SECOND = 250_000
ROUND_TRIP = 0.3
BEFORE_THE_FIRST = 3
"""Round trips until a first request may be sent: TCP, and two for TLS with a server that is not new."""
USABLE_WITHIN = 4.0
"""Seconds on such a line to a page one can read and use."""


@dataclass
class Meter:
    """`waits`: address -> how many answers one after the other it takes to have it."""

    bytes: int = 0
    waits: dict[str, int] = field(default_factory=dict)

    @property
    def rounds(self) -> int:
        return BEFORE_THE_FIRST + max(self.waits.values())

    @property
    def seconds(self) -> float:
        return self.bytes * 8 / BITS_A_SECOND + self.rounds * ROUND_TRIP

    def sent(self, request: dict[str, Any]) -> None:
        address, initiator = request["request"]["url"], request["initiator"]
        led = request.get("redirectResponse", {}).get("url")
        parent = led or initiator.get("url") or request["documentURL"]
        self.waits[address] = 1 + (self.waits.get(parent, 0) if parent != address else 0)

    def ended(self, finished: dict[str, Any]) -> None:
        self.bytes += int(finished["encodedDataLength"])


def slow(page: Page) -> Meter:
    """From now on the page comes over such a line, nothing of it from before."""
    meter, line = Meter(), page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    speed = {"downloadThroughput": BITS_A_SECOND / 8, "uploadThroughput": BITS_A_SECOND / 8}
    line.send("Network.emulateNetworkConditions", {"offline": False, "latency": ROUND_TRIP * 1000, **speed})
    line.on("Network.requestWillBeSent", meter.sent)
    line.on("Network.loadingFinished", meter.ended)
    return meter


def painted(page: Page) -> None:
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length === 1")


def within_reach(meter: Meter) -> None:
    assert meter.bytes > 5_000 and len(meter.waits) >= 2, "the page and its style have come over this line"
    assert meter.seconds <= USABLE_WITHIN, (meter.bytes, meter.waits)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_home_is_usable(open_page: Any, closed_house: House, language: str) -> None:
    page = open_page(language, PHONE)
    meter = slow(page)
    page.goto(closed_house.url)
    painted(page)
    expect(page.locator("#closed")).to_be_in_viewport()
    expect(page.locator("a.door.first")).to_be_visible()
    within_reach(meter)


def test_my_books_are_usable(open_page: Any, closed_house: House) -> None:
    page = open_page("kk", PHONE)
    sign_in(page, closed_house)
    meter = slow(page)
    page.goto(f"{closed_house.url}/books")
    painted(page)
    expect(page.locator(".lead .answer strong")).to_be_in_viewport()
    expect(page.locator(".book").first).to_be_visible()
    within_reach(meter)


def test_the_meter_knows_a_page_that_is_too_much() -> None:
    meter = Meter()
    document, style, more = "http://x/", "http://x/a.css", "http://x/b.css"
    for address, parent in ((document, ""), (style, document), (more, style)):
        meter.sent({"request": {"url": address}, "initiator": {"url": parent}, "documentURL": document})
    assert (meter.waits[more], meter.rounds) == (3, 6)
    meter.ended({"encodedDataLength": 60_000})
    assert meter.seconds < USABLE_WITHIN
    meter.ended({"encodedDataLength": 100_000})
    assert meter.seconds > USABLE_WITHIN
