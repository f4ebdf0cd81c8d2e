"""`python -m tests.gateway.screens [FOLDER]`: pictures of the main pages, for docs/screens and the README.

They show the sample library of `make demo`, in a real browser.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import urllib3
from playwright.sync_api import Browser, Page

from deploy.nodes import free_port
from tests.gateway import quiz_crowd
from tests.gateway.chromium import DESK, LOCALES, PHONE, chromium
from tests.support import library_time

READY = "Sign-ins:"


@contextmanager
def demonstration() -> Iterator[tuple[str, dict[str, dict[str, str]]]]:
    """The address of a demonstration whose story has been told, and its sign-ins."""
    port = free_port()
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "KITAPHANA_HOME": home, "PORT": str(port), "LC_ALL": "C.UTF-8", "EXIT": ""}
        command = [sys.executable, "-u", "-m", "demo"]
        child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert child.stdout
            next(line for line in child.stdout if READY in line)
            yield f"http://127.0.0.1:{port}", json.loads((Path(home) / "demo-accounts.json").read_text())
        finally:
            child.terminate()
            child.wait()


class Camera:
    def __init__(self, browser: Browser, url: str, accounts: dict[str, dict[str, str]], folder: Path) -> None:
        self.browser, self.url, self.accounts, self.folder = browser, url, accounts, folder

    def page(self, language: str, size: dict[str, int], role: str = "") -> Page:
        context = self.browser.new_context(viewport=size, locale=LOCALES[language])  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{self.url}/language/{language}?back=/sign-in")
        if role:
            page.fill("#login", self.accounts[role]["login"])
            page.fill("#secret", self.accounts[role]["secret"])
            page.click("form.sheet button")
            page.wait_for_url(re.compile("/(books|staff)$"))
        return page

    def shoot(self, page: Page, name: str, *, whole: bool = False) -> None:
        page.screenshot(path=self.folder / f"{name}.png", full_page=whole)


def readers_pages(camera: Camera) -> None:
    page = camera.page("kk", PHONE, "reader")
    camera.shoot(page, "books-phone-kk")
    page.goto(camera.url)
    camera.shoot(page, "home-phone-kk")
    page.goto(f"{camera.url}/notices")
    page.locator(".inbox a").first.click()
    camera.shoot(page, "message-phone-kk")
    page.goto(f"{camera.url}/quizzes")
    page.locator("main h2 a, main h3 a").first.click()
    page.locator("form.sheet button, form button.big").first.click()
    page.wait_for_url("**/play/**")
    page.locator(".choices label, label.choice").first.click()
    page.wait_for_selector("#state.kept")
    camera.shoot(page, "quiz-phone-kk")
    camera.shoot(_at(camera.page("ru", DESK), camera.url), "home-desk-ru")


def _at(page: Page, url: str) -> Page:
    page.goto(url)
    return page


def declaring(camera: Camera) -> None:
    page = camera.page("en", DESK, "operator")
    camera.shoot(page, "console-home-desk-en")
    page.goto(f"{camera.url}/staff/practice")
    camera.shoot(page, "console-practice-desk-en")
    page.goto(f"{camera.url}/staff/declare")
    page.check("#branch-ablaketka")
    page.click(".deeds-row button.big")
    today = library_time.today()
    page.fill("#starts_on", (today + timedelta(days=14)).isoformat())
    page.check("#end-known")
    page.fill("#reopens_on", (today + timedelta(days=28)).isoformat())
    for _ in ("when", "why", "back", "whom"):
        page.click(".deeds-row button.big")
    page.locator(".numbers").evaluate("it => it.scrollIntoView()")
    camera.shoot(page, "console-check-desk-en")
    page.goto(f"{camera.url}/staff/quarantines")
    page.locator("tbody a, .list a").first.click()
    page.wait_for_selector("#told .numbers")
    camera.shoot(page, "console-progress-desk-en", whole=True)
    here = page.url
    page.goto(f"{here}/change")
    camera.shoot(page, "console-change-desk-en")


def daily_work(camera: Camera) -> None:
    page = camera.page("ru", DESK, "librarian")
    page.goto(f"{camera.url}/staff/readers")
    camera.shoot(page, "console-readers-desk-ru")
    page.goto(f"{camera.url}/staff/desk?card={camera.accounts['reader']['login']}")
    camera.shoot(page, "console-desk-desk-ru")
    page = camera.page("kk", PHONE, "librarian")
    page.goto(f"{camera.url}/staff/calls")
    camera.shoot(page, "console-calls-phone-kk")


def results(camera: Camera) -> None:
    page = camera.page("kk", DESK, "editor")
    (quiz,) = urllib3.request("GET", f"{camera.url}/api/v1/quizzes?open=true").json()["items"]
    quiz_crowd.play(camera.url, quiz["id"])
    page.goto(f"{camera.url}/staff/quizzes/{quiz['id']}/statistics")
    camera.shoot(page, "console-statistics-desk-kk")


SUBJECTS: tuple[Any, ...] = (readers_pages, declaring, daily_work, results)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with demonstration() as (url, accounts), chromium() as browser:
        for subject in SUBJECTS:
            subject(Camera(browser, url, accounts, folder))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screens"))
