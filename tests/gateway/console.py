"""Somebody at a desk of the library, in HTTP and in a browser."""

from __future__ import annotations

import uuid
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from shared.auth import ROLES
from tests.gateway.house import House, Visitor

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


def sit_down(page: Page, house: House, login: str, language: str = "en", then: str = "/staff") -> None:
    """Signs in on a page of a real browser."""
    page.goto(f"{house.url}/language/{language}?back=/sign-in?back={then}")
    page.fill("#login", login)
    page.fill("#secret", PASSWORD)
    page.click("form.sheet button")
    page.wait_for_url(f"**{then}")


def faults_by_axe(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA and its best practices."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['help']} ({each['nodes'][0]['html'][:120]})" for each in found]
