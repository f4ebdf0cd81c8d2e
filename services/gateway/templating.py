"""Pages compiled once a language, with their fixed words, pictures and addresses of static files written in.

A page has some forty sentences that never change: to look each up takes longer than to show it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping
from typing import Any

from flask import Flask, g
from flask.templating import Environment
from jinja2 import BaseLoader, Template
from markupsafe import escape

from services.gateway.assets import address_of
from services.gateway.words import say_in

MOST_COMPILED = 2000
SENTENCE = re.compile(r"""\{\{ _\((["'])((?:(?!\1)[^\\{])*)\1\) \}\}""")
SMALL_PARTS = "parts.html"
"""Where the macros of one line are; a page that calls one with a fixed word gets its text instead."""
MACRO = re.compile(r"\{% macro (\w+)\((\w*)\) %\}(.+)\{% endmacro %\}")
CALL = re.compile(r"""\{\{ parts\.(\w+)\((?:"([\w-]+)")?\) \}\}""")
ASSET = re.compile(r"""\{\{ asset\((["'])([^"']+)\1\) \}\}""")

Source = tuple[str, str | None, Callable[[], bool] | None]


class InLanguage(BaseLoader):
    """Gives `kk/home.html`: the source of `home.html` with what is fixed in Kazakh written in."""

    def __init__(self, sources: BaseLoader) -> None:
        self._sources = sources

    def get_source(self, environment: Any, template: str) -> Source:
        language, _, name = template.partition("/")
        parts, _, _ = self._sources.get_source(environment, SMALL_PARTS)
        source, file, is_new = self._sources.get_source(environment, name)
        return _written_in(_with_parts(source, parts), language), file, is_new


def _with_parts(source: str, parts: str) -> str:
    macros: dict[str, tuple[str, str]] = {name: (parameter, body) for name, parameter, body in MACRO.findall(parts)}

    def text(call: re.Match[str]) -> str:
        parameter, body = macros.get(call[1], ("", call[0]))
        return body.replace("{{ " + parameter + " }}", call[2]) if parameter and call[2] else body

    return CALL.sub(text, source)


def _written_in(source: str, language: str) -> str:
    source = SENTENCE.sub(lambda found: str(escape(say_in(language, found[2]))), source)
    return ASSET.sub(lambda found: str(escape(address_of(found[2]))), source)


class Pages(Environment):
    """A page is looked for in the language of the request, and what it extends or includes in its own."""

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options, cache_size=MOST_COMPILED)
        assert self.loader
        self.loader = InLanguage(self.loader)

    def get_template(
        self, name: Any, parent: str | None = None, globals: MutableMapping[str, Any] | None = None
    ) -> Template:
        if parent is None and isinstance(name, str):
            name = f"{g.language}/{name}"
        return super().get_template(name, parent, globals)

    def join_path(self, template: str, parent: str) -> str:
        return f"{parent.partition('/')[0]}/{template}"
