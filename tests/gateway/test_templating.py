"""What is written into a page when it is compiled reads as what would be worked out with each request."""

from __future__ import annotations

import pytest
from flask import Flask, g
from jinja2 import ChoiceLoader, DictLoader

from services.gateway.templating import InLanguage
from shared.language import LANGUAGES
from tests.gateway.house import House, new_site

PARTS = '{% import "parts.html" as parts %}'
PAGES = {
    "written_in.html": PARTS + '{{ _("My books") }}|{{ asset("icons.svg") }}|{{ parts.icon("tick") }}',
    "worked_out.html": PARTS
    + '{% set words, file, name = "My books", "icons.svg", "tick" %}'
    + "{{ _(words) }}|{{ asset(file) }}|{{ parts.icon(name) }}",
}


def source(site: Flask, language: str, name: str) -> str:
    return InLanguage(ChoiceLoader([DictLoader(PAGES), site.jinja_loader])).get_source(
        site.jinja_env, f"{language}/{name}"
    )[0]


def shown(site: Flask, language: str, name: str) -> str:
    with site.test_request_context("/"):
        g.language = language
        return site.jinja_env.from_string(source(site, language, name)).render()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_written_in_is_what_would_be_worked_out(open_house: House, language: str) -> None:
    site, _ = new_site(open_house)
    assert "_(" not in source(site, language, "written_in.html")
    assert "icon(" not in source(site, language, "written_in.html")
    assert shown(site, language, "written_in.html") == shown(site, language, "worked_out.html")
