"""Children: what is said of them in public, who may allow more, and a guardian who signs in for one of them."""

from datetime import timedelta

import pytest

from services.quizzes.models import Attempt, Certificate, Reader
from tests.quizzes import making
from tests.quizzes.attempting import answer, played, start
from tests.quizzes.house import House
from tests.quizzes.test_certificates_api import RIGHT, check, wish
from tests.support import library_time

GUARDIAN = {"guardian": {"card_number": "G-1"}}


def years_ago(years: int, days: int = 0) -> str:
    today = library_time.today()
    return (today.replace(year=today.year - years, day=min(today.day, 28)) - timedelta(days=days)).isoformat()


@pytest.fixture
def quiz(house: House):
    return making.published(house, certificate=True)


@pytest.fixture
def family(house: House) -> House:
    """Әлия, a child, and her guardian; Дана, a child of somebody else; Ержан, grown up, under the same guardian."""
    house.registered("G-1", given_name="Шынар", birth_date="1990-01-01")
    house.registered("R-1", birth_date=years_ago(11, 30), **GUARDIAN)
    house.registered("R-2", given_name="Дана", birth_date=years_ago(9, 30))
    house.registered("R-3", given_name="Ержан", birth_date=years_ago(19, 30), **GUARDIAN)
    return house


def consent(house, code, who, show=True, status=None):
    return house.ask("POST", f"/certificates/{code}/consent", who, status, json={"show_name": show})


@pytest.mark.parametrize(("years", "said"), [(15, "Шынар, 15 years old"), (16, "Шынар"), (36, "Шынар")])
def test_the_age_of_a_child_alone_is_said(house, quiz, years, said):
    house.registered("R-1", given_name="Шынар", birth_date=years_ago(years, 30))
    reader = house.reader("R-1")
    attempt = played(house, quiz["id"], reader, RIGHT)
    assert attempt["result"]["certificate"]["who"] == said
    assert check(house, wish(house, attempt, reader)["code"])["who"] == said


def test_a_child_does_not_allow_the_full_name_alone(family, quiz):
    child, guardian = family.reader("R-1"), family.reader("G-1")
    attempt = played(family, quiz["id"], child, RIGHT)
    assert attempt["result"]["certificate"]["may_show_name"] is False
    refused = wish(family, attempt, child, 422, show_name=True)
    assert list(refused["errors"]) == ["show_name"]
    assert family.rows(Certificate) == []
    code = wish(family, attempt, child)["code"]
    consent(family, code, child, True, 422)
    assert check(family, code)["who"] == "Әлия, 11 years old"
    seen = family.ask("GET", f"/attempts/{attempt['id']}/result", guardian)["certificate"]
    assert seen["may_show_name"] is True
    assert consent(family, code, guardian)["who"] == "Әлия Қасымова"
    (row,) = family.rows(Certificate)
    assert (row.consent_by, row.consent_at is not None) == ("reader:G-1", True)


def test_what_a_guardian_allowed_is_for_the_name_they_saw(family, quiz):
    child, guardian = family.reader("R-1"), family.reader("G-1")
    attempt = played(family, quiz["id"], child, RIGHT)
    code = wish(family, attempt, guardian, show_name=True)["code"]
    assert wish(family, attempt, child, show_name=True)["code"] == code
    assert [row.consent_by for row in family.rows(Certificate)] == ["reader:G-1"]
    wish(family, attempt, child, 422, show_name=True, name="Another Name")
    assert wish(family, attempt, child, name="Another Name")["code"] == code
    assert check(family, code)["who"] == "Әлия, 11 years old"
    assert [(row.consent_by, row.consent_at) for row in family.rows(Certificate)] == [(None, None)]


def test_staff_allow_it_at_a_parent_s_word_and_a_child_takes_it_back(family, quiz):
    child = family.reader("R-1")
    attempt = played(family, quiz["id"], child, RIGHT)
    code = wish(family, attempt, child)["code"]
    assert consent(family, code, family.staff("librarian"))["who"] == "Әлия Қасымова"
    assert [row.consent_by for row in family.rows(Certificate)] == ["Айгүл"]
    assert consent(family, code, child, False)["who"] == "Әлия, 11 years old"
    consent(family, code, family.reader("R-2"), True, 404)
    consent(family, code, family.staff("editor"), True, 403)
    consent(family, code, family.guest(), True, 401)


def test_a_grown_reader_allows_it_alone(family, quiz):
    reader = family.reader("R-3")
    attempt = played(family, quiz["id"], reader, RIGHT)
    code = wish(family, attempt, reader, name="Ержан Ахметов", show_name=True)["code"]
    assert check(family, code)["who"] == "Ержан Ахметов"


def test_a_name_shown_before_consents_were_kept_is_a_child_s_no_longer(family, quiz):
    child = family.reader("R-1")
    code = wish(family, played(family, quiz["id"], child, RIGHT), child)["code"]
    with family.database.transaction() as session:
        session.get_one(Certificate, code).show_name = True
    assert check(family, code)["who"] == "Әлия, 11 years old"


def test_a_guardian_plays_with_a_child_and_the_certificate_is_the_child_s(family, quiz):
    guardian, child = family.reader("G-1"), family.reader("R-1")
    attempt = start(family, quiz["id"], guardian, for_card="R-1")
    assert start(family, quiz["id"], guardian, for_card="R-1")["id"] == attempt["id"]
    answer(family, attempt, guardian, RIGHT)
    family.ask("POST", f"/attempts/{attempt['id']}/finish", guardian)
    assert [(row.taker, row.card_number) for row in family.rows(Attempt)] == [("reader:R-1", "R-1")]
    assert check(family, wish(family, attempt, guardian)["code"])["who"] == "Әлия, 11 years old"
    for who, card in ((guardian, "?card_number=R-1"), (child, "")):
        (line,) = family.ask("GET", f"/attempts{card}", who)["items"]
        assert line["id"] == attempt["id"]
    assert family.ask("GET", "/attempts", guardian)["items"] == []
    own = start(family, quiz["id"], guardian)
    assert own["id"] != attempt["id"]


@pytest.mark.parametrize("card", ["R-2", "R-3", "UNKNOWN"])
def test_nobody_plays_for_another_s_child_or_a_grown_one(family, quiz, card):
    body = {"language": "en", "for_card": card}
    for who in (family.reader("G-1"), family.guest()):
        refused = family.ask("POST", f"/{quiz['id']}/attempts", who, 422, json=body)
        assert list(refused["errors"]) == ["for_card"]
    family.ask("GET", f"/attempts?card_number={card}", family.reader("G-1"), 403)
    other = start(family, quiz["id"], family.reader(card))
    family.ask("GET", f"/attempts/{other['id']}", family.reader("G-1"), 404)
    family.ask("POST", f"/attempts/{other['id']}/finish", family.reader("G-1"), 404)


def test_quizzes_are_offered_by_age_and_played_by_anybody(family, quiz):
    work = {"works": [{"title": "Абай жолы"}]}
    small = making.published(family, age_from=10, age_to=12, **work)
    grown = making.published(family, age_from=16, **work)
    readers_only = making.published(family, guests=False, **work)

    def offered(who):
        return {each["quiz"]["id"] for each in family.ask("GET", "/offers?title=Абай жолы", who)["items"]}

    def next_ones(who):
        return {each["id"] for each in played(family, quiz["id"], who, RIGHT)["result"]["next"]}

    for_all = {readers_only["id"]}
    family.registered("R-9", birth_date=None)
    assert offered(family.reader("R-1")) == for_all | {small["id"]}
    assert offered(family.reader("R-3")) == for_all | {grown["id"]}
    for who in (family.reader("R-9"), family.reader("G-1"), family.guest()):
        assert offered(who) == for_all | {small["id"], grown["id"]}
    assert next_ones(family.reader("R-1")) == for_all | {small["id"]}
    assert next_ones(family.reader("G-1")) == for_all | {grown["id"]}
    assert next_ones(family.guest()) == {small["id"], grown["id"]}
    assert start(family, grown["id"], family.reader("R-1"))["state"] == "open"


def test_a_guardian_who_is_erased_leaves_what_was_allowed_without_a_name(family, quiz):
    guardian = family.reader("G-1")
    attempt = played(family, quiz["id"], family.reader("R-1"), RIGHT)
    code = wish(family, attempt, guardian, show_name=True)["code"]
    (reader_id,) = {row.reader_id for row in _readers(family, "G-1")}
    family.hear("reader.erased.v1", {"reader_id": reader_id, "version": 2, "card_number": "G-1"})
    assert check(family, code)["who"] == "Әлия Қасымова"
    assert "G-1" not in str([row.consent_by for row in family.rows(Certificate)])
    assert [row.guardian_card_number for row in _readers(family, "R-1")] == [None]


def _readers(house, card):
    return house.rows(Reader, card_number=card)
