"""Leaving a kind of message by the very address that stands in a mail that was sent, on both footings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from urllib.parse import urlsplit

import pytest

from tests.conftest import Footing
from tests.gateway.house import REASON, TODAY, House, bring, house, reader, text_of
from tests.support.eventually import eventually

BOOKLESS, ADDRESS = "3001", "bookless@example.org"
SITE = "https://kitap.example"
KIND = {
    "en": "The library closes, though none of your books is touched",
    "ru": "",
}


@pytest.fixture
def told(footing: Footing) -> Iterator[House]:
    """A quarantine has been announced also to a reader without books."""
    environment = {key: value for key, value in footing.environment.items() if key != "KITAPHANA_HOME"}
    with house(footing.home, closed=False, **environment, KITAPHANA_PUBLIC_URL=SITE) as made:
        bring(made.library, "readers", [reader(BOOKLESS, "Ким", "Сергей", language="ru", email=ADDRESS)])
        made.pins[BOOKLESS] = made.library.post(f"/readers/{BOOKLESS}/pin", {}, expect=201)["pin"]
        made.library.declare(starts_on=TODAY.isoformat(), reason=REASON, announce=True)
        yield made


def mails(made: House) -> list[EmailMessage]:
    files = sorted(made.system.settings.home.rglob("new/*"), key=lambda file: file.stat().st_mtime)
    read = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    return [mail for mail in read if str(mail["To"]) == ADDRESS]  # type: ignore[misc]


def announcement(made: House) -> EmailMessage:
    eventually(lambda: bool(mails(made)), 60, "no mail to the reader without books")
    return mails(made)[0]


def path_in_header(mail: EmailMessage) -> str:
    address = str(mail["List-Unsubscribe"]).strip("<>")
    assert address.startswith(SITE)
    return urlsplit(address).path


def wanted_kinds(made: House) -> dict[str, list[str]]:
    """Kind -> channels the reader wants it over, as their own page of wishes has it."""
    page = made.signed_in(BOOKLESS).get("/notices/preferences").text
    boxes = re.findall(r'value="(\w+):(\w+)"( checked)?', page)
    return {kind: [channel for each, channel, ticked in boxes if each == kind and ticked] for kind, _, _ in boxes}


def test_the_address_in_the_mail_is_a_page_and_one_click(told: House) -> None:
    mail = announcement(told)
    path = path_in_header(mail)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.get_content().rstrip().endswith(f": {SITE}{path}"), "the same address for who reads the body"
    person = told.client("en").get(path)
    words = text_of(person.text)
    assert person.status_code == 200 and KIND["ru"] in words, "in the language of the message"
    assert wanted_kinds(told)["announcement"] == ["email"], "opening the page changes nothing"
    program = told.client().post(path, data={"List-Unsubscribe": "One-Click"})
    assert program.status_code == 200, "no cookie, no key, led nowhere"
    assert wanted_kinds(told)["announcement"] == []
    assert wanted_kinds(told)["due_soon"] == ["email"]
    assert told.client().post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200, "twice is once"


def test_a_person_leaves_by_the_page_and_takes_it_back(told: House) -> None:
    path = path_in_header(announcement(told))
    visitor = told.client()
    visitor.get("/language/en")
    left = visitor.send(path, path)
    assert left.status_code == 200
    assert "You will not get messages of this kind any more." in left.text and KIND["en"] in left.text
    assert wanted_kinds(told)["announcement"] == []
    back = visitor.send(path, f"{path}/undo")
    assert back.status_code == 200 and "You will not get" not in back.text
    assert wanted_kinds(told)["announcement"] == ["email"]


def test_the_old_address_of_the_api_still_works(told: House) -> None:
    path = path_in_header(announcement(told))
    old = f"/api/v1/notices{path}"
    assert (told.client().get(old).status_code, told.client().get(old).location) == (303, path)
    assert told.client().post(old, data={"List-Unsubscribe": "One-Click"}).status_code == 204
    assert wanted_kinds(told)["announcement"] == []


def test_a_message_that_moves_a_date_cannot_be_left(closed_house: House) -> None:
    path = closed_house.private_link("anna@example.org").replace("/l/", "/unsubscribe/")
    visitor = closed_house.client()
    visitor.get("/language/en")
    page = visitor.get(path)
    assert page.status_code == 200 and "always sent" in page.text and '<button class="big"' not in page.text
    assert visitor.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 404


def test_an_address_that_is_none_leads_to_ones_wishes(closed_house: House) -> None:
    answer = closed_house.client().get("/unsubscribe/guessed")
    assert answer.status_code == 404 and 'href="/notices/preferences"' in answer.text


def test_what_the_inbox_keeps_leads_to_ones_wishes(told: House) -> None:
    announcement(told)
    visitor = told.signed_in(BOOKLESS)
    letter = visitor.get(re.search(r'href="(/notices/[0-9a-f-]{36})"', visitor.get("/notices").text)[1]).text
    assert '<a href="/notices/preferences">' in letter and '<a href="/books">' in letter
    assert "/unsubscribe/" not in letter and "/l/" not in letter
