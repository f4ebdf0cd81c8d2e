"""A message as its page shows it: the words as sent, and the addresses of our own site as links."""

from __future__ import annotations

import pytest
from flask import Flask

from services.gateway.pages.books import books
from services.gateway.pages.notices import with_links

SITE = "https://library.example"


@pytest.fixture
def site() -> Flask:
    made = Flask(__name__)
    made.register_blueprint(books)
    return made


def shown(site: Flask, body: str, language: str = "en") -> str:
    with site.test_request_context():
        return str(with_links({"body": body, "language": language}, SITE))


@pytest.mark.parametrize(("language", "word"), [("kk", "ашу"), ("ru", "открыть"), ("en", "open")])
def test_the_way_to_ones_books_is_named_in_the_letters_language(site: Flask, language: str, word: str) -> None:
    assert shown(site, f"Кітаптар: {SITE}/l/…\n", language) == f'Кітаптар: <a href="/books">{word}</a>\n'


@pytest.mark.parametrize(
    ("body", "html"),
    [
        (f"Abai – {SITE}/quizzes/7\nX", f'Abai – <a href="/quizzes/7">{SITE}/quizzes/7</a>\nX'),
        (f"See {SITE}/quizzes/7.", f'See <a href="/quizzes/7">{SITE}/quizzes/7</a>.'),
        (f"({SITE}/)", f'(<a href="/">{SITE}/</a>)'),
        (f"{SITE}/a?x=1&y=2", f'<a href="/a?x=1&amp;y=2">{SITE}/a?x=1&amp;y=2</a>'),
        ("https://elsewhere.example/quizzes/7", "https://elsewhere.example/quizzes/7"),
        (f"{SITE}.evil.example/x", f"{SITE}.evil.example/x"),
        (f"<b>{SITE}/<script>", f'&lt;b&gt;<a href="/">{SITE}/</a>&lt;script&gt;'),
    ],
)
def test_addresses_of_our_own_site_are_links_and_no_others(site: Flask, body: str, html: str) -> None:
    assert shown(site, body) == html
