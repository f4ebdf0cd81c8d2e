"""What is written into a page when it is compiled reads as what would be worked out with each request."""

from __future__ import annotations

import pytest
from flask import Flask, g, request
from jinja2 import ChoiceLoader, DictLoader

from services.gateway.templating import InLanguage
from shared.language import LANGUAGES
from tests.gateway.house import House, new_site

PARTS = '{% import "parts.html" as parts %}'
PAGES = {
    "written_in.html": PARTS
    + '{{ _("My books") }}|{{ asset("icons.svg") }}|{{ parts.icon("tick") }}|{{ url_for("books.mine") }}'
    + '|{{ parts.menu_link(url_for("notices.inbox"), "mail", _("Messages")) }}|{{ _("Now & <then>") }}',
    "worked_out.html": PARTS
    + '{% set words, file, name, page, more = "My books", "icons.svg", "tick", "books.mine", "Now & <then>" %}'
    + '{% set inbox, mail, messages = "notices.inbox", "mail", "Messages" %}'
    + "{{ _(words) }}|{{ asset(file) }}|{{ parts.icon(name) }}|{{ url_for(page) }}"
    + "|{{ parts.menu_link(url_for(inbox), mail, _(messages)) }}|{{ _(more) }}",
}


@pytest.fixture
def site(open_house: House) -> Flask:
    made, _ = new_site(open_house)
    environment = made.jinja_env
    environment.loader = InLanguage(ChoiceLoader([DictLoader(PAGES), made.jinja_loader]))
    return made


def compiled(site: Flask, language: str, name: str) -> str:
    with site.test_request_context("/"):
        source, _, _ = site.jinja_env.loader.get_source(site.jinja_env, f"{language}/{name}")
        code: str = site.jinja_env.compile(source, f"{language}/{name}", raw=True)
    return code


def shown(site: Flask, language: str, name: str) -> str:
    with site.test_request_context("/"):
        g.language = language
        return site.jinja_env.get_template(name).render(request=request)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_written_in_is_what_would_be_worked_out(site: Flask, language: str) -> None:
    asked = {"'_'", "'asset'", "'url_for'", "'icon'"}
    assert {each for each in asked if each in compiled(site, language, "worked_out.html")} == asked
    assert not {each for each in asked if each in compiled(site, language, "written_in.html")}
    assert shown(site, language, "written_in.html") == shown(site, language, "worked_out.html")
