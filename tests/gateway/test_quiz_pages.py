"""A reader's way through a quiz without scripts: found, begun, answered, handed in, with a certificate that checks."""

from __future__ import annotations

import re
from typing import Any

import pytest

from shared import clock
from tests.gateway import quizzing
from tests.gateway.console import at_desk
from tests.gateway.house import (
    GUARDIAN,
    House,
    Visitor,
    calls_of,
    key_in,
    new_site,
    text_of,
)
from tests.gateway.quizzing import CLOSED_KINDS, EVERY_KIND, SINGLE, fields_in, filled, nickname
from tests.gateway.test_delivery_of_pages import LARGEST_PAGE, site_with_distant, weight


def begin(house: House, quiz_id: str, visitor: Visitor, **fields: str) -> str:
    """The path of the player."""
    given = {"language": "en", "nickname": nickname()} | fields
    answer = visitor.send(f"/quizzes/{quiz_id}", f"/quizzes/{quiz_id}/start", **given)
    assert answer.status_code == 303, text_of(answer.text)
    return str(answer.location)


def question(page: str) -> str:
    """The form of the page's question: the others of the quiz are hidden."""
    forms = re.findall(r'<form[^>]*class="sheet page".*?</form>', page, re.DOTALL)
    return next(form for form in forms if not form.split(">", 1)[0].endswith("hidden"))


def value_of(form: str, words: str) -> tuple[str, str]:
    """Name and value of the answer with these words."""
    row = next(row for row in re.findall(r"<label.*?</label>", form, re.DOTALL) if words in row)
    found = re.search(r'name="([^"]+)" value="([^"]+)"', row)
    assert found
    return found[1], found[2]


def answer_page(visitor: Visitor, path: str, go: str, **typed: str) -> str:
    """Fills in the question one is at by what its fields stand for, and presses a button. Returns the next page."""
    form = question(visitor.get(path).text)
    fields = fields_in(form)
    for words, value in typed.items():
        fields[words] = value
    fields["go"] = go
    answer = visitor.post(path.split("?")[0], data=fields)
    assert answer.status_code == 303
    return str(answer.location)


def pick(form: str, kind: str) -> dict[str, str]:
    """A right answer to the sample question in this form, in English."""
    item = re.search(r'name="kind\.([^"]+)"', form)
    assert item
    rights: dict[str, Any] = {"single": "Kasym Kaisenov", "true_false": "True", "multiple": "Romania"}
    if kind in rights:
        return dict([value_of(form, rights[kind])])
    if kind in ("number", "short_text", "open"):
        return {item[1]: {"number": "1918", "short_text": " ибрагим", "open": "Courage"}[kind]}
    parts = re.findall(r'name="([^"]+)" data-part="[^"]+">(.*?)</select>', form, re.DOTALL)
    if kind == "ordering":
        places = {"“Book of Words”": "1", "“Abai's Way”": "2", "“My name is Kozha”": "3"}
        return {part: places[line] for line, part in zip(_lines(form), [part for part, _ in parts], strict=True)}
    writers = {"“Abai zholy”": "Mukhtar Auezov", "“My name is Kozha”": "Berdibek Sokpakbaev"}
    return {
        part: next(value for value, words in _options(options) if words == writers[line])
        for line, (part, options) in zip(_lines(form), parts, strict=True)
    }


def _lines(form: str) -> list[str]:
    return [text_of(label) for label in re.findall(r"<label for=.*?</label>", form, re.DOTALL)]


def _options(html: str) -> list[tuple[str, str]]:
    found = re.findall(r'<option value="([^"]*)"[^>]*>(.*?)</option>', html)
    return [(value, text_of(words)) for value, words in found]


def play_all(visitor: Visitor, path: str) -> str:
    """Answers every question; the path of the page that asks whether to hand in."""
    while "/hand-in" not in path:
        form = question(visitor.get(path).text)
        kind = re.search(r'data-kind="([^"]+)"', form)
        assert kind
        onward = re.search(r'<button hidden name="go" value="([^"]+)"', form)
        assert onward
        path = answer_page(visitor, path, onward[1], **pick(form, kind[1]))
    return path


def test_a_guest_plays_to_the_end_without_scripts_and_the_certificate_checks(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, CLOSED_KINDS, "whole way")
    visitor = quiz_house.client("en")
    path = play_all(visitor, begin(quiz_house, quiz_id, visitor))
    page = visitor.get(path)
    assert "All questions are answered." in text_of(page.text)
    done = visitor.send(path, path)
    result = visitor.get(done.location)
    assert "Points: 6.33 of 7" in text_of(result.text) and "Well done!" in text_of(result.text)

    to = str(done.location).replace("/result", "/certificate")
    look = visitor.send(done.location, to, name="  Алия   Серікова ", language="kk", show_name="")
    words = text_of(look.text)
    assert "Алия Серікова" in words and "On the public page that checks it Бүркіт" in words
    assert "/api/v1/quizzes/certificates/" not in visitor.get(done.location).text

    fields = fields_in(look.text, 'class="steps"')
    form = visitor.post(to, data=filled(fields, change="yes")).text
    assert 'value="Алия Серікова" required' in form, "what was typed is there to be changed"
    assert "/api/v1/quizzes/certificates/" not in form
    assert visitor.post(to, data=fields).status_code == 303
    code = re.search(r'href="/c/([^"]+)"', visitor.get(done.location).text)
    assert code
    pdf = visitor.get(f"/api/v1/quizzes/certificates/{code[1]}.pdf")
    assert pdf.data.startswith(b"%PDF")
    corrected = filled(
        fields_in(visitor.get(done.location).text, 'class="fields"'), name="Әлия Серікова", language="ru"
    )
    page = visitor.post(to, data=corrected).text
    assert re.search(r"<details open><summary>Correct the name", page) and "Әлия Серікова" in text_of(page)
    assert visitor.post(to, data=fields_in(page, 'class="steps"')).status_code == 303
    assert f'href="/c/{code[1]}"' in visitor.get(done.location).text, "the address stays"
    anew = visitor.get(f"/api/v1/quizzes/certificates/{code[1]}.pdf")
    assert anew.data.startswith(b"%PDF") and anew.data != pdf.data

    stranger = quiz_house.client("ru")
    check = stranger.get(f"/c/{code[1]}")
    assert "Этот сертификат действителен" in text_of(check.text) and "Серікова" not in check.text

    librarian = at_desk(quiz_house, "librarian")
    at = "/staff/quizzes/certificates"
    assert "reason" in librarian.send(at, at, code=code[1]).text
    done = librarian.send(at, at, code=f"http://127.0.0.1/c/{code[1]}", reason="By mistake")
    assert done.status_code == 303
    assert "отозван" in text_of(stranger.get(f"/c/{code[1]}").text)
    assert "By mistake" not in stranger.get(f"/c/{code[1]}").text


def hand_in_all(visitor: Visitor, path: str) -> str:
    """The path of the result."""
    to = play_all(visitor, path)
    return str(visitor.send(to, to).location)


def test_a_code_nobody_has_is_said_to_be_none(quiz_house: House) -> None:
    answer = quiz_house.client().get("/c/ABCDEFGHJKLMNPQRSTUVWX")
    assert answer.status_code == 404 and "There is no certificate with this code" in answer.text


def test_a_surname_is_refused_at_its_field_and_what_was_chosen_stays(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE], "names")
    visitor = quiz_house.client()
    at = f"/quizzes/{quiz_id}"
    answer = visitor.send(at, f"{at}/start", nickname="Алия Серікова", language="ru")
    assert answer.status_code == 422
    assert 'id="nickname-fault"' in answer.text and 'value="Алия Серікова"' in answer.text
    assert re.search(r'value="ru" checked', answer.text)
    answer = visitor.send(at, f"{at}/start", nickname=nickname(), language="ru", class_code="QQQQQQ")
    assert answer.status_code == 422
    assert (
        'id="class_code-fault"' in answer.text and 'value="QQQQQQ"' in answer.text and "<details open>" in answer.text
    )


def test_the_language_of_a_question_is_switched_without_losing_the_answer(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, CLOSED_KINDS, "tongues")
    visitor = quiz_house.client()
    path = begin(quiz_house, quiz_id, visitor)
    field, value = value_of(question(visitor.get(path).text), "Kasym Kaisenov")
    after = answer_page(visitor, path, "in:ru", **{field: value})
    form = question(visitor.get(after).text)
    assert "Кто автор книги" in text_of(form) and f'value="{value}" checked' in form
    assert 'lang="ru" title="Русский" aria-pressed="true"' in form


def test_an_answer_counts_under_the_language_its_question_was_read_in(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE], "read in")
    visitor = quiz_house.client()
    path = begin(quiz_house, quiz_id, visitor)
    after = answer_page(visitor, path, "in:ru")
    field, value = value_of(question(visitor.get(after).text), "Касым Кайсенов")
    to = answer_page(visitor, after, "hand-in", **{field: value})
    visitor.send(to, to)
    (item,) = quiz_house.library.get(f"/quizzes/{quiz_id}/statistics")["items"]
    assert list(item["by_language"]) == ["ru"]


def test_an_order_with_a_place_twice_is_told_and_not_left(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [quizzing.ORDERING, SINGLE], "order")
    visitor = quiz_house.client()
    path = begin(quiz_house, quiz_id, visitor)
    parts = re.findall(r'<select [^>]*name="([^"]+)"', question(visitor.get(path).text))
    after = answer_page(visitor, path, "2", **dict.fromkeys(parts, "1"))
    page = visitor.get(after).text
    assert "Give every line a place of its own." in page and "Question 1 of 2" in text_of(question(page))


def test_handing_in_says_what_is_missing_and_leads_there(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, CLOSED_KINDS, "missing")
    visitor = quiz_house.client()
    path = begin(quiz_house, quiz_id, visitor)
    field, value = value_of(question(visitor.get(path).text), "Kasym Kaisenov")
    after = answer_page(visitor, path, "hand-in", **{field: value})
    page = visitor.get(after).text
    assert "6 questions" in text_of(page) and f"{path}?q=2" in page
    assert f"{path}?q=1" not in page


def test_several_questions_on_a_page_are_saved_together(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, CLOSED_KINDS[:3], "all at once", per_page=0)
    visitor = quiz_house.client()
    path = begin(quiz_house, quiz_id, visitor)
    form = question(visitor.get(path).text)
    assert form.count('<div class="question"') == 3
    typed = dict([value_of(form, "Kasym Kaisenov"), value_of(form, "Romania")])
    page = visitor.get(answer_page(visitor, path, "hand-in", **typed)).text
    assert "1 question" in text_of(page) and f"{path}?q=2" in page


def test_nobody_else_sees_an_attempt(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, EVERY_KIND, "private")
    visitor = quiz_house.client()
    path = begin(quiz_house, quiz_id, visitor)
    for other in (quiz_house.client(), quiz_house.signed_in()):
        assert other.get(path).status_code == 404
        assert other.get(f"{path}/result").status_code == 404
    assert visitor.get(path).status_code == 200
    assert visitor.get(f"{path}/result").location == path
    assert "Go on" in text_of(visitor.get(f"/quizzes/{quiz_id}").text)


def test_neither_the_token_nor_what_is_right_reaches_the_page(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, EVERY_KIND, "secrets")
    reader = quiz_house.signed_in(GUARDIAN)
    page = reader.get(begin(quiz_house, quiz_id, reader, nickname=""))
    assert all(secret not in page.text for secret in ("Bearer", "eyJ", "weight", "Ибраһим", "1918"))
    cookies = page.headers.getlist("Set-Cookie") + reader.get("/").headers.getlist("Set-Cookie")
    assert all("HttpOnly" in cookie for cookie in cookies)


def test_attempts_left_are_counted_and_a_reader_goes_on_on_another_device(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE], "counted", attempts_allowed=1)
    first, second = quiz_house.signed_in("1002"), quiz_house.signed_in("1002")
    assert "Attempts left: 1 of 1" in text_of(first.get(f"/quizzes/{quiz_id}").text)
    path = begin(quiz_house, quiz_id, first, nickname="")
    assert begin(quiz_house, quiz_id, second, nickname="") == path
    hand_in = play_all(second, path)
    second.send(hand_in, hand_in)
    words = text_of(first.get(f"/quizzes/{quiz_id}").text)
    assert "You have used all your attempts" in words and "Attempt 1" in words


def test_a_quiz_for_readers_asks_a_guest_to_sign_in(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE], "readers only", guests=False)
    page = quiz_house.client().get(f"/quizzes/{quiz_id}").text
    assert "This test is for readers with a card" in page and f"/sign-in?back=/quizzes/{quiz_id}" in page


def script_saves(visitor: Visitor, path: str, *answers: dict[str, Any], key: str | None = None) -> Any:
    shown = visitor.get(path).text
    item = re.search(r'class="question" data-item="([^"]+)"', shown)
    assert item
    headers = {"X-CSRF-Token": key_in(shown) if key is None else key}
    body = {"answers": [{"item_id": item[1], "device": "tab", "number": 1} | each for each in answers]}
    return visitor.post(f"{path}/answers", json=body, headers=headers)


def test_what_the_script_sends_is_kept_once_and_the_newest_wins(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [quizzing.SHORT], "script")
    visitor = quiz_house.client()
    path = begin(quiz_house, quiz_id, visitor)
    early, late = clock.now().isoformat(), clock.now().isoformat()
    newest = script_saves(visitor, path, {"answer": "late", "number": 2, "given_at": late}).get_json()
    assert newest["results"][0]["saved"] is True and newest["server_now"]
    older = script_saves(visitor, path, {"answer": "early", "number": 1, "given_at": early}).get_json()
    assert older["results"][0]["saved"] is False
    assert [kept["answer"] for kept in older["answers"].values()] == ["late"]
    assert 'value="late"' in visitor.get(path).text


def test_a_script_without_the_forms_key_is_told_so_in_json(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE], "forged")
    visitor = quiz_house.client()
    path = begin(quiz_house, quiz_id, visitor)
    answer = script_saves(visitor, path, {"answer": None, "given_at": clock.now().isoformat()}, key="forged")
    assert answer.status_code == 403 and "Open this page again" in answer.get_json()["detail"]


def test_while_quizzes_are_down_the_script_is_told_to_wait_and_the_site_stands(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, [SINGLE], "down")
    with site_with_distant(quiz_house, "quizzes") as (visitor, stop):
        path = begin(quiz_house, quiz_id, visitor, nickname="")
        visitor.get(path)
        stop()
        answer = script_saves(visitor, path, {"answer": None, "given_at": clock.now().isoformat()})
        assert answer.status_code == 503
        assert visitor.get("/").status_code == visitor.get("/books").status_code == 200
        listed = visitor.get("/quizzes")
        assert listed.status_code == 200 and "cannot be shown at this moment" in listed.text
        assert visitor.get(path).status_code == 200


def test_no_page_of_a_quiz_is_heavy_or_asks_much(quiz_house: House) -> None:
    quiz_id = quizzing.published(quiz_house, EVERY_KIND * 3, "weighed", leaderboard=True)
    site, counted = new_site(quiz_house)
    visitor = Visitor(site, "kk")
    path = begin(quiz_house, quiz_id, visitor)
    hand_in = f"{path}/hand-in"
    for page in ("/quizzes", f"/quizzes/{quiz_id}", path, hand_in):
        assert weight(visitor, page) < LARGEST_PAGE, page
        before = calls_of(counted)
        assert visitor.get(page).status_code == 200
        assert calls_of(counted) - before <= 3, page
    visitor.send(hand_in, hand_in)
    assert weight(visitor, f"{path}/result") < LARGEST_PAGE


@pytest.mark.parametrize("path", ["/staff/quizzes", "/staff/quizzes/banks", "/staff/quizzes/marking"])
def test_a_reader_has_no_business_at_the_desk(quiz_house: House, path: str) -> None:
    assert quiz_house.signed_in().get(path).status_code == 403
    assert quiz_house.client().get(path).status_code == 303
