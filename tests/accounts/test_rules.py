"""The pure rules: households, contacts, lockout."""

from datetime import UTC, datetime, timedelta

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.contacts import BadContact, email, phone
from services.accounts.households import household
from services.accounts.lockout import LOGIN, Patience, counted, wait

NOW = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("guardian", "expected"),
    [
        ((None, None, None), "card:C-1"),
        (("G-1", None, None), "card:G-1"),
        (("G-1", "+77011112233", "m@example.org"), "card:G-1"),
    ],
)
def test_household_by_card(guardian, expected):
    assert household("C-1", *guardian) == expected


def test_an_institution_is_a_household_of_its_own_whoever_is_named_on_its_card():
    assert household("S-1", "G-1", "+77011112233", None, "institution") == "institution:S-1"
    assert household("S-1", "G-1", None, None, "person") == "card:G-1"


def test_a_guardian_without_a_card_is_known_by_phone_and_then_by_mail():
    by_both = household("C-1", None, "+77011112233", "m@example.org")
    assert by_both == household("C-2", None, "+77011112233", None)
    assert by_both != household("C-3", None, None, "m@example.org")
    assert by_both.startswith("contact:")
    assert len(by_both) == len("contact:") + 16


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+7 701 111 22 33", "+77011112233"),
        ("8(701)111-22-33", "+77011112233"),
        ("87232000001", "+77232000001"),
        ("7011112233", "+77011112233"),
        ("+375 222 12 34 56", "+375222123456"),
        ("+49 30 901820", "+4930901820"),
    ],
)
def test_phones_are_kept_in_one_form(written, kept):
    assert phone(written) == kept


@pytest.mark.parametrize("written", ["call me", "12", "+7 701 111", "8701111223344", "+999 1234567"])
def test_what_is_no_phone_is_refused(written):
    with pytest.raises(BadContact):
        phone(written)


@given(st.integers(0, 999_999_999))
def test_the_short_way_for_local_numbers_agrees_with_the_library(rest):
    number = phonenumbers.parse(f"87{rest:09}", "KZ")
    assert phone(f"87{rest:09}") == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@pytest.mark.parametrize("address", ["a@example.org", "әлия@мысал.қаз", "a.b+c@sub.example.kz"])
def test_mail_addresses(address):
    assert email(address) == address


@pytest.mark.parametrize("address", ["a", "a@", "@b.kz", "a b@c.kz", "a@b", f"{'a' * 250}@b.kz"])
def test_what_is_no_mail_address_is_refused(address):
    with pytest.raises(BadContact):
        email(address)


@pytest.mark.parametrize(
    ("tries", "seconds"), [(0, 0), (4, 0), (5, 5), (6, 10), (7, 20), (8, 40), (12, 640), (13, 900), (5000, 900)]
)
def test_the_wait_grows_with_the_tries(tries, seconds):
    assert wait(LOGIN, tries, NOW, NOW) == timedelta(seconds=seconds)


def test_the_wait_runs_out_and_the_tries_are_forgotten():
    assert wait(LOGIN, 6, NOW, NOW + timedelta(seconds=4)) == timedelta(seconds=6)
    assert wait(LOGIN, 6, NOW, NOW + timedelta(seconds=10)) == timedelta()
    assert counted(LOGIN, 6, NOW, NOW + timedelta(hours=23)) == 6
    assert counted(LOGIN, 6, NOW, NOW + timedelta(hours=24)) == 0


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_more_tries_never_wait_less(fewer, more):
    patience = Patience(free=3)
    assert wait(patience, fewer, NOW, NOW) <= wait(patience, fewer + more, NOW, NOW) <= patience.longest
