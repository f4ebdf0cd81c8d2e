"""What staff typed into a form that came too late stands in it again, for every form of the console."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from services.gateway import kept_forms
from shared.sealed import unseal
from shared.settings import secret_of
from tests.gateway import quizzing
from tests.gateway.console import PASSWORD, colleague, start
from tests.gateway.filling import Fields, Form, files_for, form_to
from tests.gateway.house import GUARDIAN, House, Visitor, house, new_site, text_of
from tests.gateway.staff_forms import PLACES, WITHOUT_A_FORM, Find, to_be_marked
from tests.gateway.test_away import distant
from tests.gateway.test_sign_in_ended import ENDED, TOO_LONG, let_expire


@pytest.fixture(scope="module")
def busy_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Of these tests alone: they declare, publish and hire. A quarantine has begun."""
    with house(tmp_path_factory.mktemp("busy"), closed=True) as made:
        yield made


def test_every_form_of_the_console_is_shown_again_or_has_nothing_to_keep(busy_house: House) -> None:
    gateway, _ = new_site(busy_house)
    sent = {
        rule.endpoint
        for rule in gateway.url_map.iter_rules()
        if "POST" in rule.methods and rule.rule.startswith("/staff")
    }
    kept = {each for each in sent if hasattr(gateway.view_functions[each], "shown_again")}
    assert kept | {*WITHOUT_A_FORM} == sent and not kept & {*WITHOUT_A_FORM}
    assert {*PLACES} == kept, "each is tried below"


EACH = [
    pytest.param(find, id=f"{endpoint}-{number}")
    for endpoint, finds in PLACES.items()
    for number, find in enumerate(finds)
]
SECRETS = ("password",)


def sit_down(at: House) -> tuple[Visitor, str]:
    """Somebody with every role at a desk, and their login."""
    login, visitor = colleague(at), at.client()
    assert visitor.send("/sign-in", "/sign-in", login=login, secret=PASSWORD).status_code == 303
    return visitor, login


def filled(form: Form) -> Fields:
    return shared_out(ordered(form.filled_in()))


def shared_out(fields: Fields) -> Fields:
    """A share beside a choice makes it right, and the others nought: shares are typed for all choices or for none."""
    shares = {name for name in fields if name.startswith("choices.") and name.endswith(".share")}
    some_wrong = any(name.replace(".share", ".right") not in fields for name in shares)
    return MultiDict((name, "" if some_wrong and name in shares else value) for name, value in fields.items(multi=True))


def ordered(fields: Fields) -> Fields:
    """Orderings on paper: each place once, as nothing else is an answer."""
    places = iter(range(1, 10))
    ordering = {name.removeprefix("kind.") for name, kind in fields.items() if kind == "ordering" and "kind." in name}
    return MultiDict(
        (name, str(next(places)) if name.split(".")[0] in ordering else value)
        for name, value in fields.items(multi=True)
    )


def sent(visitor: Visitor, page: str, to: str, fields: Fields, **files: Any) -> TestResponse:
    return visitor.post(to, data=MultiDict([*fields.items(multi=True), *files.items()]), headers=came_from(page))


def came_from(page: str) -> dict[str, str]:
    return {"Referer": f"http://localhost{page}", "Origin": "http://localhost"}


def signed_in_again(visitor: Visitor, page: str, login: str) -> TestResponse:
    """Fills in that sign-in page as it stands."""
    form = form_to(page, "/sign-in")
    fields = dict(form.as_it_stands()) | {"login": login, "secret": PASSWORD, "csrf": form.key}
    return visitor.post("/sign-in", data=fields)


def not_empty(fields: Fields) -> dict[str, list[str]]:
    """What a form comes to, whatever lines are left to spare in it."""
    found = {name: [value for value in fields.getlist(name) if value] for name in fields if name not in SECRETS}
    return {name: values for name, values in found.items() if values}


@pytest.mark.parametrize("find", EACH)
def test_what_was_typed_is_there_again_after_signing_in(busy_house: House, find: Find) -> None:
    visitor, login = sit_down(busy_house)
    page, to = find(busy_house, visitor)
    form = form_to(visitor.get(page).text, to)
    typed = filled(form)
    let_expire(busy_house, visitor)
    answer = sent(visitor, page, form.action, typed | {"csrf": form.key}, **files_for(form))
    assert answer.status_code == 401 and ENDED["en"] in answer.text
    assert "Ә" not in answer.text.partition("<main")[2], "sealed until the same person is back"
    answer = signed_in_again(visitor, answer.text, login)
    assert answer.status_code == 200
    words = text_of(answer.text)
    assert "Nothing has been sent yet" in words
    assert ("A file cannot be kept" in words) == bool(form.files)
    assert ("A password is never kept" in words) == ("password" in typed)
    again = form_to(answer.text, to, typed)
    assert not_empty(again.as_it_stands()) == not_empty(typed)
    assert ("?" in again.action) == ("?" in form.action)


@pytest.mark.parametrize("find", EACH)
def test_and_so_it_is_for_a_page_that_had_been_open_too_long(busy_house: House, find: Find) -> None:
    visitor, login = sit_down(busy_house)
    page, to = find(busy_house, visitor)
    form = form_to(visitor.get(page).text, to)
    typed = filled(form)
    visitor.post("/sign-out", data={"csrf": form.key})
    visitor.send("/sign-in", "/sign-in", login=login, secret=PASSWORD)
    answer = sent(visitor, page, form.action, typed | {"csrf": form.key}, **files_for(form))
    assert answer.status_code == 403 and TOO_LONG in text_of(answer.text)
    again = form_to(answer.text, to, typed)
    assert not_empty(again.as_it_stands()) == not_empty(typed)


UNSENT = "Жіберілмеген филиал"
BRANCH = {"name_kk": "Жаңа филиал", "time_zone": "Asia/Almaty", "opening_hours": "Mo-Fr 09:00-18:00"}


def kept_page(at: House, visitor: Visitor, page: str, to: str, **typed: str) -> str:
    """The sign-in page that comes when those fields of the form were sent after the sign-in had ended."""
    form = form_to(visitor.get(page).text, to)
    let_expire(at, visitor)
    answer = sent(visitor, page, form.action, quizzing.filled(form.as_it_stands(), **typed, csrf=form.key))
    assert answer.status_code == 401
    return answer.text


def test_and_then_it_can_be_sent(busy_house: House) -> None:
    visitor, login = sit_down(busy_house)
    to = "/staff/branches/new"
    page = kept_page(busy_house, visitor, to, to, **BRANCH, id="zhana")
    form = form_to(signed_in_again(visitor, page, login).text, to)
    answer = visitor.post(form.action, data=form.as_it_stands() | {"csrf": form.key})
    assert answer.status_code == 303, text_of(answer.text)
    assert busy_house.library.get("/branches/zhana")["name"]["kk"] == "Жаңа филиал"


def test_nobody_else_is_shown_it(busy_house: House) -> None:
    visitor, _ = sit_down(busy_house)
    page = kept_page(busy_house, visitor, "/staff/branches/new", "/staff/branches/new", **BRANCH | {"name_kk": UNSENT})
    answer = signed_in_again(visitor, page, colleague(busy_house))
    assert answer.status_code == 303 and UNSENT not in visitor.get(answer.location).text


def test_whoever_has_lost_the_right_meanwhile_is_not_shown_it(busy_house: House) -> None:
    visitor, login = sit_down(busy_house)
    page = kept_page(busy_house, visitor, "/staff/branches/new", "/staff/branches/new", **BRANCH | {"name_kk": UNSENT})
    (found,) = busy_house.library.get(f"/staff?search={login}")["items"]
    busy_house.library.call("PATCH", f"/staff/{found['id']}", json_body={"roles": {"librarian": "all"}})
    answer = signed_in_again(visitor, page, login)
    assert answer.status_code == 303 and UNSENT not in visitor.get("/staff").text


def test_a_word_about_an_answer_that_a_colleague_has_read_meanwhile_is_read_out(busy_house: House) -> None:
    visitor, login = sit_down(busy_house)
    at, to = to_be_marked(busy_house, visitor)
    page = kept_page(busy_house, visitor, at, to, points="0,5", comment="Жақсы <ой>")
    (waiting,) = busy_house.library.get(f"/quizzes/marking?{at.partition('?')[2]}")["items"]
    mark = {"attempt_id": waiting["attempt_id"], "item_id": waiting["item_id"], "points": "1"}
    busy_house.library.post("/quizzes/marking", mark)
    answer = signed_in_again(visitor, page, login)
    assert "This form is not on the page any more. You wrote: 0,5; Жақсы <ой>" in text_of(answer.text)
    assert "<ой>" not in answer.text


def test_no_secret_lies_in_what_is_kept(busy_house: House) -> None:
    visitor, _ = sit_down(busy_house)
    to, key = "/staff/people/new", secret_of(busy_house.system.settings)
    page = kept_page(busy_house, visitor, to, to, login="zhana", password="not to be kept")
    kept = unseal(key, kept_forms.PURPOSE, form_to(page, "/sign-in").as_it_stands()["kept"])
    assert "zhana" in kept and "not to be kept" not in kept


def test_a_list_is_found_again_as_it_was_searched(busy_house: House) -> None:
    visitor, login = sit_down(busy_house)
    bank_id, (_, item_id) = quizzing.bank(busy_house, [quizzing.SINGLE, quizzing.TRUE], "searched")
    at, to = f"/staff/quizzes/banks/{bank_id}?kind=true_false", "/staff/quizzes/questions"
    page = kept_page(busy_house, visitor, at, to, item_id=item_id)
    again = form_to(signed_in_again(visitor, page, login).text, to)
    assert [(each.value, each.stands) for each in again.controls if each.name == "item_id"] == [(item_id, True)]


def test_what_is_too_long_to_be_kept_is_said_to_be(busy_house: House) -> None:
    visitor, login = sit_down(busy_house)
    page = "/staff/quizzes/items/new?kind=open"
    form = form_to(visitor.get(page).text, "/staff/quizzes/items/new")
    let_expire(busy_house, visitor)
    fields = quizzing.filled(form.as_it_stands(), **{"text.en": "x" * 70_000, "csrf": form.key})
    answer = sent(visitor, page, form.action, fields, **files_for(form))
    assert "What you wrote was too long to be kept." in text_of(visitor.get(answer.location).text)
    fields = quizzing.filled(fields, **{"text.en": "x" * 60_000})
    answer = sent(visitor, page, form.action, fields, **files_for(form))
    assert "x" * 60_000 in signed_in_again(visitor, answer.text, login).text


def test_a_large_file_beside_it_is_in_nobodys_way(busy_house: House) -> None:
    visitor, login = sit_down(busy_house)
    page, to = "/staff/quizzes/items/new?kind=open", "/staff/quizzes/items/new"
    form = form_to(visitor.get(page).text, to)
    let_expire(busy_house, visitor)
    fields = quizzing.filled(form.as_it_stands(), **{"text.kk": "Сұрақ", "picture.alt.kk": "Сурет", "csrf": form.key})
    answer = sent(visitor, page, to, fields, picture=(io.BytesIO(b"x" * 900_000), "picture.png"))
    again = form_to(signed_in_again(visitor, answer.text, login).text, to).as_it_stands()
    assert again["text.kk"] == "Сұрақ" and again["picture.alt.kk"] == "Сурет"


def test_the_title_of_a_book_that_is_new_here_stays(busy_house: House) -> None:
    visitor, login = sit_down(busy_house)
    desk = f"/staff/desk?card={GUARDIAN}"
    form = form_to(visitor.get(desk).text, "/staff/desk")
    fields = quizzing.filled(form.as_it_stands(), code="9786012345675", csrf=form.key)
    unknown = form_to(visitor.post("/staff/desk", data=fields).text, "/staff/desk")
    let_expire(busy_house, visitor)
    fields = quizzing.filled(unknown.as_it_stands(), title="Қар қызы", author="Оралхан Бөкей", csrf=unknown.key)
    page = sent(visitor, "/staff/desk", "/staff/desk", fields).text
    again = form_to(signed_in_again(visitor, page, login).text, "/staff/desk").as_it_stands()
    assert {**again, "csrf": unknown.key} == {**fields}


def test_another_sites_form_is_not_laid_before_anybody_as_their_own(busy_house: House) -> None:
    visitor, _ = sit_down(busy_house)
    for origin in ("https://elsewhere.example", "null"):
        fields = {"login": "thief", "name": "Thief", "admin": "all", "csrf": "x"}
        answer = visitor.post("/staff/people/new", data=fields, headers={"Origin": origin})
        assert answer.status_code == 303 and "thief" not in visitor.get(answer.location).text


def test_a_part_of_a_form_that_stands_open_leaves_the_page_alone(busy_house: House) -> None:
    visitor, login = sit_down(busy_house)
    address = f"{start(visitor)}/why"
    form = form_to(visitor.get(address).text, address)
    let_expire(busy_house, visitor)
    fields = quizzing.filled(form.as_it_stands(), kind="repair", reason_kk="Жөндеу", csrf=form.key)
    part = visitor.post(f"{address}?part=texts", data=fields, headers={"HX-Request": "true"})
    assert (part.status_code, part.text) == (204, "")
    page = sent(visitor, address, address, fields).text
    again = form_to(signed_in_again(visitor, page, login).text, address).as_it_stands()
    assert (again["kind"], again["reason_kk"]) == ("repair", "Жөндеу")


def at_a_desk_of(site: Any, at: House) -> Visitor:
    visitor = Visitor(site, "en")
    assert visitor.send("/sign-in", "/sign-in", login=colleague(at), secret=PASSWORD).status_code == 303
    return visitor


def test_while_the_service_is_away_the_form_stays_to_be_sent_once_more(busy_house: House) -> None:
    with distant(busy_house, "quizzes") as (site, stop):
        visitor = at_a_desk_of(site, busy_house)
        page, to = "/staff/quizzes/items/new?kind=single", "/staff/quizzes/items/new"
        form = form_to(visitor.get(page).text, to)
        typed = filled(form)
        stop()
        answer = sent(visitor, page, form.action, typed | {"csrf": form.key})
        assert answer.status_code == 503 and "Nothing was done:" in text_of(answer.text)
        assert not_empty(form_to(answer.text, to).as_it_stands()) == not_empty(typed)
        assert "/static/again." not in answer.text and "refresh" not in answer.text
        assert "Nothing was done:" not in visitor.get("/staff").text, "said once"


def test_a_form_that_cannot_be_shown_without_the_service_says_it_all_the_same(busy_house: House) -> None:
    with distant(busy_house, "quarantines") as (site, stop):
        visitor = at_a_desk_of(site, busy_house)
        (quarantine, *_) = busy_house.library.get("/quarantines")["items"]
        page = f"/staff/quarantines/{quarantine['id']}/change/day"
        form = form_to(visitor.get(page).text, page)
        stop()
        answer = sent(visitor, page, page, filled(form) | {"csrf": form.key})
        assert answer.status_code == 503 and text_of(answer.text).count("Nothing was done:") == 1
        assert "Nothing was done:" not in visitor.get("/staff").text
