"""The console's live page in Chromium while the line to the library is cut, on both footings."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.gateway.chromium import DESK
from tests.gateway.console import at_desk, colleague, sit_down, wait_for_the_end
from tests.gateway.house import House, house
from tests.gateway.line import line_to
from tests.gateway.real_house import real_house
from tests.gateway.test_console_in_a_browser import GO_ON, to_the_last_page

pytestmark = pytest.mark.browser
PATIENT = {"KITAPHANA_NOTICE_HOLD": "60"}
"""Messages wait until they are let begin."""


@pytest.fixture
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("line"), closed=False, **PATIENT) as made:
        yield made


@pytest.fixture
def real_patient() -> Iterator[House]:
    with real_house(**PATIENT) as made:
        yield made


@pytest.mark.parametrize("either_house", ["patient", "real_patient"], ids=["embedded", "real"], indirect=True)
def test_a_lost_connection_is_picked_up_again(open_page: Any, either_house: House) -> None:
    """The line is cut while the page follows; what happened meanwhile is there as soon as it is mended."""
    with line_to(either_house.url) as line:
        page, colleague_at_desk = open_page("en", DESK), at_desk(either_house)
        on_the_line = dataclasses.replace(either_house, url=line.url)
        sit_down(page, on_the_line, colleague(either_house))
        to_the_last_page(page, on_the_line)
        page.click(GO_ON)
        page.wait_for_url(re.compile("/staff/quarantines/.{36}$"))
        path = page.url.removeprefix(line.url)
        expect(page.locator("#live .of-loans.row-done")).to_be_visible(timeout=60_000)
        line.cut()
        colleague_at_desk.send(path, f"{path}/messages/start")
        wait_for_the_end(either_house, path)
        assert page.locator("#live .of-notify.row-done").count() == 0
        line.mend()
        expect(page.locator("#live .of-notify.row-done")).to_be_visible(timeout=60_000)
        expect(page.locator("#told .numbers")).to_be_visible(timeout=60_000)
