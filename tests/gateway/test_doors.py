"""Sessions, forms, headers: what keeps a visit safe."""

from __future__ import annotations

import re
from datetime import timedelta

import orjson
import pytest

from services.gateway import sessions
from services.gateway.doors import safe_path
from shared import auth
from shared.sealed import seal
from shared.settings import secret_of
from tests.gateway.house import ALONE, GUARDIAN, House, key_in, text_of

READERS_PAGES = ["/books", "/notices", "/privacy/erase"]
PUBLIC_PAGES = ["/", "/sign-in", "/pin", "/help", "/renew", "/privacy", "/accessibility", "/unsubscribe/abc"]


@pytest.mark.parametrize("path", [*PUBLIC_PAGES, "/nothing-here"])
def test_every_page_forbids_what_it_does_not_need(open_house: House, path: str) -> None:
    answer = open_house.client().get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! type=\"application/ld\+json\")", answer.text)


@pytest.mark.parametrize("path", ["/", "/help", "/renew", "/privacy", "/accessibility", "/quizzes"])
def test_what_is_for_everybody_may_be_found_by_a_search(open_house: House, path: str) -> None:
    assert "X-Robots-Tag" not in open_house.client().get(path).headers


def test_what_is_somebodys_own_is_not_found_by_a_search(closed_house: House) -> None:
    link, visitor = closed_house.private_link(), closed_house.signed_in()
    for path in (link, f"{link}/question", "/unsubscribe/abc", "/sign-in", "/books", "/notices", "/staff", "/nothing"):
        assert visitor.get(path).headers["X-Robots-Tag"] == "noindex", path


@pytest.mark.parametrize("path", READERS_PAGES)
def test_a_readers_page_asks_to_sign_in_and_leads_back(open_house: House, path: str) -> None:
    answer = open_house.client().get(path)
    assert (answer.status_code, answer.location) == (303, f"/sign-in?back={path}")
    visitor = open_house.client()
    answer = visitor.send(
        f"/sign-in?back={path}", "/sign-in", login=GUARDIAN, secret=open_house.pins[GUARDIAN], back=path
    )
    assert answer.location == path
    assert visitor.get(path).status_code == 200


def test_the_token_stays_in_a_sealed_cookie(open_house: House) -> None:
    visitor = open_house.client()
    answer = visitor.send("/sign-in", "/sign-in", login=GUARDIAN, secret=open_house.pins[GUARDIAN])
    (cookie,) = [value for value in answer.headers.getlist("Set-Cookie") if value.startswith(sessions.COOKIE)]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    page = visitor.get("/books").text
    assert "eyJ" not in page
    assert cookie.split(";")[0].split("=", 1)[1].count(".") == 4, "an encrypted token, not a signed one"


def test_unknown_card_and_wrong_pin_get_the_same_answer(open_house: House) -> None:
    answers = [
        open_house.client().send("/sign-in", "/sign-in", login=login, secret="000000")
        for login in (GUARDIAN, "no such")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    words = [text_of(answer.text) for answer in answers]
    assert words[0] == words[1] and "is not right" in words[0]


def test_a_form_of_another_site_changes_nothing(open_house: House) -> None:
    visitor = open_house.signed_in()
    shown = visitor.get("/notices").text
    other = key_in(open_house.client().get("/sign-in").text)
    for key in ("", "x", "ж", other, key_in(shown)[:-4]):
        answer = visitor.post("/notices/language", data={"language": "en", "csrf": key})
        assert (answer.status_code, answer.location) == (303, "/")
    assert "open for a long time" in visitor.get("/").text
    assert '"kk" lang="kk" selected' in visitor.get("/notices").text.replace("value=", "")


def test_the_key_of_forms_looks_different_on_every_page_and_holds(open_house: House) -> None:
    visitor = open_house.client()
    first, second = (key_in(visitor.get("/renew").text) for _ in range(2))
    assert first != second
    answer = visitor.post("/renew", data={"csrf": first, "card_number": "", "surname": ""})
    assert answer.status_code == 422


def test_signing_in_voids_the_forms_of_the_visit_before(open_house: House) -> None:
    visitor = open_house.client()
    before = key_in(visitor.get("/sign-in").text)
    visitor.post("/sign-in", data={"csrf": before, "login": GUARDIAN, "secret": open_house.pins[GUARDIAN]})
    visitor.post("/sign-out", data={"csrf": before})
    assert visitor.get("/books").status_code == 200


def expired_cookie(house: House) -> str:
    secret = secret_of(house.system.settings)
    holder = auth.Principal("reader:1", "reader", card_number=GUARDIAN)
    visit = {"csrf": "00" * 24, "token": auth.issue(secret, holder, timedelta(hours=-1)), "said": []}
    return seal(secret, sessions.PURPOSE, orjson.dumps(visit).decode())


def test_an_expired_sign_in_says_so_and_leads_back(open_house: House) -> None:
    visitor = open_house.client()
    visitor.set_cookie(sessions.COOKIE, expired_cookie(open_house))
    answer = visitor.get("/notices?cursor=")
    assert answer.location == "/sign-in?back=/notices?cursor%3D"
    page = visitor.get(answer.location).text
    assert "Your sign-in has ended" in page
    assert 'name="back" value="/notices?cursor="' in page


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        ("http://localhost/staff/desk?card=1001&mode=renew", "/staff/desk?card%3D1001%26mode%3Drenew"),
        ("http://localhost/staff/desk", "/staff/desk"),
        ("http://elsewhere.example/staff/desk?card=1001", "/"),
        ("http://localhost//elsewhere.example/?card=1001", "/"),
        ("", "/"),
    ],
)
def test_a_form_sent_after_the_sign_in_ended_leads_back_to_the_same_card(
    open_house: House, referrer: str, back: str
) -> None:
    visitor = open_house.client()
    visitor.set_cookie(sessions.COOKIE, expired_cookie(open_house))
    answer = visitor.post("/staff/desk", data={"code": "1"}, headers={"Referer": referrer})
    assert (answer.status_code, answer.location) == (303, f"/sign-in?back={back}")
    part = visitor.get("/staff/desk", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/x?page=2"})
    assert part.headers["HX-Redirect"] == "/sign-in?back=/x?page%3D2"


def test_signing_out_ends_the_sign_in_everywhere(open_house: House) -> None:
    visitor = open_house.signed_in(ALONE)
    kept = visitor.get_cookie(sessions.COOKIE)
    assert kept is not None
    assert visitor.send("/notices", "/sign-out").status_code == 303
    assert visitor.get("/books").status_code == 303
    thief = open_house.client()
    thief.set_cookie(sessions.COOKIE, kept.value)
    assert thief.get("/books").location == "/sign-in?back=/books"


@pytest.mark.parametrize("cookie", ["", "rubbish", "a.b.c.d.e", "eyJhbGciOiJub25lIn0.."])
def test_a_forged_cookie_is_no_visit(open_house: House, cookie: str) -> None:
    visitor = open_house.client()
    visitor.set_cookie(sessions.COOKIE, cookie)
    assert visitor.get("/books").status_code == 303
    assert visitor.get("/").status_code == 200


@pytest.mark.parametrize(
    ("given", "led_to"),
    [
        ("/books", "/books"),
        ("/notices?cursor=x", "/notices?cursor=x"),
        ("", "/"),
        (None, "/"),
        ("https://elsewhere.example", "/"),
        ("//elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("/a\\b", "/"),
        ("books", "/"),
        ("/a\nb", "/"),
    ],
)
def test_only_paths_of_this_site_are_led_back_to(given: str | None, led_to: str) -> None:
    assert safe_path(given) == led_to


def test_tries_are_counted_against_the_visitors_own_address(open_house: House) -> None:
    def tried(address: str, number: int) -> int:
        fields = {"login": f"nobody {address} {number}", "secret": "0000", "csrf": key_in(visitor.get("/sign-in").text)}
        return visitor.post("/sign-in", data=fields, environ_base={"REMOTE_ADDR": address}).status_code

    visitor = open_house.client()
    for number in range(200):
        if tried("203.0.113.7", number) == 429:
            break
    else:
        raise AssertionError("an address may try for ever")
    assert tried("203.0.113.8", 0) == 401
