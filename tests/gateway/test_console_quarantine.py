"""A quarantine's own page: the truth, its progress live, who is told, its changes; the list of all."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from flask import Flask

from services.gateway.app import create_app
from shared.language import long_date
from shared.peers import Peers
from tests.gateway.console import PASSWORD, answer_all, ask, at_desk, colleague, confirm, declared, look, start, undo
from tests.gateway.house import House, Visitor, house, in_days, served, text_of
from tests.support.eventually import eventually


def test_one_sentence_says_the_truth(operator: Visitor, path: str) -> None:
    words = look(operator, path)
    assert re.search(r"Declared: .*, А\. Сәрсенова\. Books moved: 4 of 4\. Households told: 2 of 2\.", words)
    assert "closed now" in words and "Change this quarantine" in words
    assert "Cancel" not in words


def test_without_scripts_the_page_says_it_too(operator: Visitor, path: str) -> None:
    page = operator.get(path).text
    assert f'href="{path}/told"' in page and "Refresh" in text_of(page)
    words = look(operator, f"{path}/told")
    assert "Yes: every book is right and everyone is told." in words
    assert "Still to be told calls: 0 letters: 0 no guardian on record: 0" in words


def test_the_list_is_searched_filtered_and_taken_along(operator: Visitor, path: str) -> None:
    base = start(operator)
    answer_all(operator, base, branch="zashchita")
    ask(operator, f"{base}/why", kind="repair", reason_ru="Ремонт крыши", number="=7", reason_kk="Төбе жөндеу")
    page = operator.get(f"{base}/check").text
    other = confirm(operator, base, page).location
    both = operator.get("/staff/quarantines").text
    assert path in both and other in both
    found = operator.get("/staff/quarantines?search=тобе+ЖОНДЕУ").text
    assert other in found and f'href="{path}"' not in found
    assert "Nothing was found." in look(operator, "/staff/quarantines?search=жоқ+нәрсе")
    assert other in operator.get("/staff/quarantines?branch=zashchita&state=declared").text
    answer = operator.get("/staff/quarantines.csv?branch=zashchita&search=крыши")
    head, row = csv.reader(io.StringIO(answer.get_data().decode().removeprefix("\ufeff")))
    assert head[0] == "Number of the document" and row[0] == "'=7" and "Zashchita Branch" in row
    undo(operator, other)


@contextmanager
def without(library: House, service: str) -> Iterator[Visitor]:
    """The console, and a service that has just gone."""
    system = library.system
    with served(system.apps[service]) as (url, stop):
        settings = dataclasses.replace(system.settings, peers={service: url})
        peers = Peers(settings)
        for name, app in system.apps.items():
            if name != service:
                peers.connect(name, app)
        visitor = Visitor(create_app(settings, peers), "en")
        visitor.get("/language/en")
        visitor.send("/sign-in", "/sign-in", login=colleague(library), secret=PASSWORD)
        yield_before = visitor.get("/staff/quarantines")
        assert yield_before.status_code == 200
        stop()
        yield visitor


def test_while_quarantines_are_away_the_console_says_what_still_works(library: House, path: str) -> None:
    with without(library, "quarantines") as visitor:
        home = visitor.get("/staff")
        assert home.status_code == 200 and "/static/again." in home.text
        assert "not answering" in text_of(home.text)
        shown = visitor.get(path)
        assert "What was declared goes on by itself." in text_of(shown.text)
        assert visitor.get(f"{path}/stream").status_code == 503
        assert visitor.get("/staff/declare").status_code == 303
        assert visitor.get(visitor.get("/staff/declare").location).status_code == 503


def test_while_messages_are_away_a_declaration_shows_what_it_knows(library: House, operator: Visitor) -> None:
    base = start(operator)
    answer_all(operator, base)
    # It is quarantines that puts the preview together, so it is from there that notify must be out of reach.
    peers = library.system.contexts["quarantines"].peers
    peers.connect("notify", Flask("nobody"))
    try:
        words = text_of(operator.get(f"{base}/check").text)
    finally:
        peers.connect("notify", library.system.apps["notify"])
    assert "The message cannot be shown at this moment." in words
    assert "No answer about: messages." in words and "Declare a quarantine" in words
    assert "The message cannot be shown" not in text_of(operator.get(f"{base}/check").text)


def test_a_closure_declared_ahead_is_told_to_readers_and_staff(library: House, operator: Visitor) -> None:
    ahead = {"branch_ids": ["zashchita"], "starts_on": in_days(5), "ends_on": in_days(9)}
    made = library.library.declare(**ahead)
    words = look(library.client(), "/")
    assert "Some libraries will close for a while" in words
    assert f"First day closed: {long_date(date.fromisoformat(in_days(5)), 'en')} Zashchita Branch Opens again:" in words
    assert "The library is closed for now" not in words
    console = look(operator, "/staff")
    assert "All libraries are open as usual." in console and "declared ahead" in console
    base = start(operator)
    assert "will close:" in look(operator, f"{base}/where")
    library.library.post(f"/quarantines/{made['id']}/cancel", {})
    assert "will close" not in look(library.client(), "/")


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Messages wait a quarter of an hour."""
    with house(tmp_path_factory.mktemp("patient"), closed=False, KITAPHANA_NOTICE_HOLD="15") as made:
        yield made


def test_messages_are_stopped_until_they_may_begin(patient: House) -> None:
    operator = at_desk(patient)
    base = start(operator)
    words = look(operator, f"{base}/whom")
    assert "Messages wait 15 minutes before they start. Until then you can stop them." in words
    path = declared(operator)
    eventually(lambda: "minutes are left" in look(operator, path), 30, lambda: look(operator, path))
    operator.send(path, f"{path}/messages/stop")
    words = look(operator, path)
    assert "The messages are stopped:" in words and "Nobody is told until they may begin" in words
    assert "stopped" in operator.get(f"{path}/release").text
    operator.send(path, f"{path}/messages/start")
    eventually(lambda: "Households told: 1 of 1." in look(operator, path), 60, lambda: look(operator, path))
    operator.send(path, f"{path}/messages/stop")
    assert "have begun already" in look(operator, path)
