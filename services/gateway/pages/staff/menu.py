"""The console's menu: what there is, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from flask import current_app, request, url_for
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from services.gateway import sessions
from services.gateway.words import say
from shared.auth import STAFF, Principal


@dataclass(frozen=True)
class Entry:
    """`roles`: who is offered it, `everywhere`: only with the role at all branches; the services decide who may."""

    path: str
    icon: str
    words: str
    roles: tuple[str, ...]
    everywhere: bool = False

    def is_for(self, who: Principal) -> bool:
        return who.has(*self.roles) and not (self.everywhere and all(who.branches(role) for role in self.roles))

    @property
    def current(self) -> bool:
        inside = request.path.startswith(f"{self.path}/") and self.path != "/staff"
        return inside or request.path == self.path


def entries() -> list[Entry]:
    """What the one signed in is offered, of the pages this site has."""
    who = sessions.caller()
    built = _paths()
    return [each for each in _all() if who and each.is_for(who) and each.path in built]


def _all() -> list[Entry]:
    librarian, operator, editor, admin = "librarian", "operator", "editor", "admin"
    return [
        Entry("/staff", "house", say("Home"), (STAFF,)),
        Entry("/staff/quarantines", "lock", say("Quarantines"), (STAFF,)),
        Entry("/staff/desk", "mark", say("Desk"), (librarian,)),
        Entry("/staff/returns", "box", say("Returned books"), (librarian,)),
        Entry("/staff/calls", "phone", say("Call queue"), (librarian,)),
        Entry("/staff/readers", "people", say("Readers"), (librarian,)),
        Entry("/staff/loans", "books", say("Loans"), (librarian,)),
        Entry("/staff/branches", "building", say("Branches"), (STAFF,)),
        Entry("/staff/messages", "mail", say("Messages"), (librarian,)),
        Entry("/staff/questions", "chat", say("Questions of readers"), (librarian,)),
        Entry("/staff/quizzes", "quiz", say("Quizzes"), (editor, librarian)),
        Entry("/staff/imports", "down", say("Imports"), (librarian, admin)),
        Entry("/staff/stuck", "knot", say("Stuck work"), (admin,), everywhere=True),
        Entry("/staff/report", "calendar", say("Report"), (librarian, operator)),
        Entry("/staff/log", "list", say("Who did what"), (admin,), everywhere=True),
        Entry("/staff/people", "badge", say("Staff"), (admin,)),
        Entry("/staff/second-factor", "phone", say("Sign-in from home"), (STAFF,)),
        Entry("/staff/practice", "practice", say("Practice"), (operator,)),
    ]


@cache
def _paths() -> frozenset[str]:
    return frozenset(rule.rule for rule in current_app.url_map.iter_rules())


def url_of(endpoint: str, **values: object) -> str:
    """The address of a page, empty while this site has none such."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""  # type: ignore[arg-type]


def has_page(path: str) -> bool:
    """Whether this site has a page at that path."""
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return False
    return True
