"""What the console's pages do alike: deeds that may be refused, and the names of libraries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import make_response, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from services.gateway import asking, words
from services.gateway.asking import Found, Refused
from services.gateway.pages.common import BRANCHES

LIBRARIAN, ADMIN, OPERATOR = "librarian", "admin", "operator"


@dataclass(frozen=True)
class Tried:
    """A deed that was done (`answer`), or why not: `detail` in one sentence, `wrongs` by field, `reason` for us."""

    answer: Any = None
    detail: str = ""
    wrongs: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    reason: str = ""

    @property
    def done(self) -> bool:
        return self.status < 400


def tried(service: str, path: str, **options: Any) -> Tried:
    """Raises SignInEnded, PeerDown."""
    return attempt(lambda: asking.act(service, path, **options))


def attempt(deed: Callable[[], Any]) -> Tried:
    try:
        return Tried(deed())
    except Refused as refused:
        wrongs = {name: _sentence(said) for name, said in refused.errors.items()}
        return Tried(None, refused.detail, wrongs, refused.status, refused.problem.get("reason", ""))


def _sentence(said: Any) -> str:
    if isinstance(said, Mapping):
        return " ".join(_sentence(each) for each in said.values())
    return " ".join(map(_sentence, said)) if isinstance(said, list | tuple) else str(said)


def shown(template: str, status: int = 200, **values: Any) -> Response:
    return make_response(render_template(template, **values), status)


def given(*names: str) -> dict[str, str]:
    """Fields of the form, without the spaces around them."""
    return {name: request.form.get(name, "").strip() for name in names}


def or_none(fields: Mapping[str, str]) -> dict[str, str | None]:
    """An empty field is none."""
    return {name: value or None for name, value in fields.items()}


def date_of(value: date | str) -> str:
    """Day, month and year in figures, `16.02.2026`; in English `16 Feb 2026`."""
    return words.dated(value[:10] if isinstance(value, str) else value)


def branch_names(found: Found) -> dict[str, Markup]:
    """Branch id -> its name in the page's language, in order of the list."""
    return {branch["id"]: words.text(branch["name"]) for branch in found.items}


def branches() -> dict[str, Markup]:
    """The same, asked for now. A list whose libraries are not known shows their codes."""
    return branch_names(asking.look_up(branches=BRANCHES)["branches"])


def branch_choices(names: Mapping[str, Markup], nothing: str) -> list[tuple[str, str]]:
    """For a list to pick from; `nothing`: the words for none in particular."""
    return [("", nothing), *((branch_id, name.striptags()) for branch_id, name in names.items())]
