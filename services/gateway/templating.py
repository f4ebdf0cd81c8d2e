"""Pages compiled once a language, with their fixed words, pictures and addresses written in.

A page has some forty sentences that never change: to look each up takes longer than to show it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping
from functools import partial
from typing import Any, cast

from flask import Flask, g
from flask.templating import Environment
from jinja2 import BaseLoader, Template, nodes
from jinja2.visitor import NodeTransformer

from services.gateway.assets import address_of
from services.gateway.words import say_in
from shared.language import LANGUAGES

MOST_COMPILED = 2000
SMALL_PARTS = "parts.html"
"""Where the macros of one line are; a page that calls one with a fixed word gets its text instead."""
MACRO = re.compile(r"\{% macro (\w+)\((\w*)\) %\}(.+)\{% endmacro %\}")
CALL = re.compile(r"""\{\{ parts\.(\w+)\((?:"([\w-]+)")?\) \}\}""")

Source = tuple[str, str | None, Callable[[], bool] | None]


class InLanguage(BaseLoader):
    """Gives `kk/home.html`: the source of `home.html`, its small parts written in; the same in every language."""

    def __init__(self, sources: BaseLoader) -> None:
        self._sources = sources

    def get_source(self, environment: Any, template: str) -> Source:
        parts, _, _ = self._sources.get_source(environment, SMALL_PARTS)
        source, file, is_new = self._sources.get_source(environment, template.partition("/")[2])
        return _with_parts(source, parts), file, is_new


def _with_parts(source: str, parts: str) -> str:
    macros: dict[str, tuple[str, str]] = {name: (parameter, body) for name, parameter, body in MACRO.findall(parts)}

    def text(call: re.Match[str]) -> str:
        parameter, body = macros.get(call[1], ("", call[0]))
        return body.replace("{{ " + parameter + " }}", call[2]) if parameter and call[2] else body

    return CALL.sub(text, source)


class WrittenIn(NodeTransformer):
    """Puts what a call comes to in its place, where function and arguments are known when a page is compiled."""

    def __init__(self, known: Mapping[str, Callable[..., str]]) -> None:
        self._known = known

    def visit_Call(self, call: nodes.Call) -> nodes.Node:
        self.generic_visit(call)
        does = self._known.get(call.node.name) if isinstance(call.node, nodes.Name) else None
        if not does or call.kwargs or call.dyn_args or call.dyn_kwargs:
            return call
        given = [each.value for each in call.args if isinstance(each, nodes.Const)]
        if len(given) < len(call.args):
            return call
        return nodes.Const(does(*given), lineno=call.lineno, environment=call.environment)


class Pages(Environment):
    """A page is looked for in the language of the request, and what it extends or includes in its own."""

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options, cache_size=MOST_COMPILED)
        assert self.loader
        self.loader = InLanguage(self.loader)

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        language = (name or "").partition("/")[0]
        addresses = cast(Callable[..., str], self.globals["url_for"])
        words: Callable[..., str] = partial(say_in, language)
        known = {"_": words, "asset": address_of, "url_for": addresses}
        written = WrittenIn(known).visit(source) if language in LANGUAGES else source
        return super()._generate(written, name, filename, defer_init)

    def get_template(
        self, name: Any, parent: str | None = None, globals: MutableMapping[str, Any] | None = None
    ) -> Template:
        if parent is None and isinstance(name, str):
            name = f"{g.language}/{name}"
        return super().get_template(name, parent, globals)

    def join_path(self, template: str, parent: str) -> str:
        return f"{parent.partition('/')[0]}/{template}"
