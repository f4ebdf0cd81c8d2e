"""Somebody at a desk of the library, in HTTP and in a browser."""

from __future__ import annotations

import re
import uuid
from html import unescape
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from werkzeug.test import TestResponse

from shared.auth import ROLES
from tests.gateway.house import House, Visitor, in_days, key_in, text_of

PASSWORD = "a long password of a colleague"


def colleague(house: House, *roles: str, branches: Any = "all") -> str:
    """A new member of staff with these roles, all of them unless named; returns the login."""
    login = f"colleague-{uuid.uuid4().hex[:8]}"
    fields = {"login": login, "name": "А. Сәрсенова", "roles": dict.fromkeys(roles or ROLES, branches)}
    house.library.post("/staff", fields | {"password": PASSWORD}, expect=201)
    return login


def at_desk(house: House, *roles: str, language: str = "en", branches: Any = "all") -> Visitor:
    """A browser without scripts in which a colleague with these roles is signed in."""
    visitor = house.client(language)
    login = colleague(house, *roles, branches=branches)
    answer = visitor.send("/sign-in", "/sign-in", login=login, secret=PASSWORD)
    assert answer.status_code == 303, answer.text
    visitor.get(f"/language/{language}")
    return visitor


def sit_down(
    page: Page, house: House, login: str, language: str = "en", then: str = "/staff", secret: str = PASSWORD
) -> None:
    """Signs in on a page of a real browser."""
    page.goto(f"{house.url}/language/{language}?back=/sign-in?back={then}")
    page.fill("#login", login)
    page.fill("#secret", secret)
    page.click("form.sheet button")
    page.wait_for_url(f"**{then}")


def faults_by_axe(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA and its best practices."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['help']} ({each['nodes'][0]['html'][:120]})" for each in found]


def ask(visitor: Visitor, address: str, go: str = "on", **answers: Any) -> TestResponse:
    """Opens a page of questions and sends the answers; a list ticks several boxes."""
    return visitor.post(address, data={"csrf": key_in(visitor.get(address).text), "go": go, **answers})


def start(visitor: Visitor) -> str:
    """The address of a new declaration, without its last part."""
    return str(visitor.get("/staff/declare").location).rsplit("/", 1)[0]


def answer_all(visitor: Visitor, base: str, days: int = 14, branch: str = "ablaketka", **more: str) -> None:
    """Every question up to the last page."""
    answers: dict[str, dict[str, Any]] = {
        "where": {"branch": [branch]},
        "when": {"starts_on": in_days(0), "end": "known" if days else "unknown", "reopens_on": in_days(days)},
        "why": {"kind": "quarantine", "reason_kk": "Карантин", "reason_ru": "Карантин", "reason_en": "Quarantine"},
        "back": {"grace_days": "0", "include_overdue": "yes"},
        "whom": {"note": more.get("note", "")},
    }
    for step, fields in answers.items():
        answer = ask(visitor, f"{base}/{step}", **fields)
        assert answer.status_code == 303, (step, text_of(answer.text))


def confirm(visitor: Visitor, base: str, page: str) -> TestResponse:
    """Presses the last button of the page of numbers."""
    declaration = unescape(page.split('name="declaration" value="', 1)[1].split('"', 1)[0])
    return visitor.post(f"{base}/declare", data={"csrf": key_in(page), "declaration": declaration})


def declared(visitor: Visitor, **how: Any) -> str:
    """Declares a quarantine on the pages; the path of its own page."""
    base = start(visitor)
    answer_all(visitor, base, **how)
    answer = confirm(visitor, base, visitor.get(f"{base}/check").text)
    assert answer.status_code == 303, text_of(answer.text)
    return str(answer.location)


def undo(visitor: Visitor, path: str) -> None:
    """Puts everything back, so that the next test finds the library as it was."""
    page = visitor.get(f"{path}/change/undo").text
    version = page.split('name="version" value="', 1)[1].split('"', 1)[0]
    fields = {"csrf": key_in(page), "version": version, "go": "sure"}
    assert visitor.post(f"{path}/change/undo", data=fields).status_code == 303


def wait_for_the_end(house: House, path: str) -> None:
    house.library.wait_until_done(path.rsplit("/", 1)[1])


def look(visitor: Visitor, path: str) -> str:
    return text_of(visitor.get(path).text)


def change(visitor: Visitor, path: str, choice: str, **fields: str) -> str:
    """Looks at the consequence of a change; the page with the last button."""
    page = visitor.get(f"{path}/change/{choice}").text
    version = page.split('name="version" value="', 1)[1].split('"', 1)[0]
    sent = {"csrf": key_in(page), "version": version, "go": "look", "note": ""} | fields
    return visitor.post(f"{path}/change/{choice}", data=sent).text


def sure(visitor: Visitor, path: str, choice: str, page: str) -> object:
    names = ("version", "end", "reopens_on", "note")
    kept = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in names}  # type: ignore[index]
    return visitor.post(f"{path}/change/{choice}", data=kept | {"csrf": key_in(page), "go": "sure"})
