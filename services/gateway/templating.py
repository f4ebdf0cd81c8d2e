"""Pages compiled once a language, with their fixed words and the addresses of static files written in.

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
ASSET = re.compile(r"""\{\{ asset\((["'])([^"']+)\1\) \}\}""")

Source = tuple[str, str | None, Callable[[], bool] | None]


class InLanguage(BaseLoader):
    """Gives `kk/home.html`: the source of `home.html` with what is fixed in Kazakh written in."""

    def __init__(self, sources: BaseLoader) -> None:
        self._sources = sources

    def get_source(self, environment: Any, template: str) -> Source:
        language, _, name = template.partition("/")
        source, file, is_new = self._sources.get_source(environment, name)
        return _written_in(source, language), file, is_new


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
