"""The system's Chromium, the two sizes a page is looked at in, and what it tells of a page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
LOCALES = {"kk": "kk-KZ", "ru": "ru-RU", "en": "en-GB"}
LOOK = (Path(__file__).parent / "look.js").read_text()


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*SWITCHES, "--disable-sync"])
        yield browser
        browser.close()


class Pages:
    """Called, a page of a visitor of its own; `page.complaints` is what the browser says against it."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def __call__(self, language: str, size: dict[str, int] = PHONE, **options: Any) -> Page:
        # Certificates of tests are signed by themselves; who trusts them is asked of `tests.support.tls.trusting`.
        usual = {"viewport": size, "locale": LOCALES[language], "ignore_https_errors": True}
        context = self._browser.new_context(**{**usual, **options})  # type: ignore[arg-type]
        self._contexts.append(context)
        page = context.new_page()
        page.complaints = []  # type: ignore[attr-defined]
        page.on("console", lambda said: page.complaints.append(said.text))  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.complaints.append(str(error)))  # type: ignore[attr-defined]
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()
