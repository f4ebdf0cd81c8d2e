"""Staff outside the building show a second factor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.accounts.second_factor import (
    STEP_SECONDS,
    address_for_app,
    code_at,
    is_inside,
    matching_step,
    networks,
    new_key,
)
from shared import clock
from shared.settings import Settings

OUTSIDE, INSIDE = "203.0.113.9", "192.168.7.7"
NOW = datetime(2026, 2, 2, 9, 0, 10, tzinfo=UTC)
# RFC 6238, appendix B: the secret "12345678901234567890", the last six of the eight digits.
RFC_KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert code_at(RFC_KEY, datetime.fromtimestamp(seconds, UTC)) == code


@pytest.mark.parametrize(("aside", "fits"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_phone_may_be_half_a_minute_off(aside: int, fits: bool) -> None:
    code = code_at(RFC_KEY, NOW + timedelta(seconds=aside))
    assert (matching_step(RFC_KEY, code, NOW, 0) is not None) is fits


def test_a_code_works_once() -> None:
    code = code_at(RFC_KEY, NOW)
    used = matching_step(RFC_KEY, f" {code[:3]} {code[3:]} ", NOW, 0)
    assert used == int(NOW.timestamp()) // STEP_SECONDS
    assert matching_step(RFC_KEY, code, NOW, used) is None
    assert matching_step(RFC_KEY, code_at(RFC_KEY, NOW - timedelta(seconds=30)), NOW, used) is None


def test_the_address_names_library_and_login() -> None:
    key = new_key()
    address = address_for_app(key, "dana", "Children's Library")
    assert address.startswith("otpauth://totp/Children%27s%20Library:dana?")
    assert f"secret={key}" in address


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        (INSIDE, True),
        ("::ffff:10.1.2.3", True),
        ("fd00::7", True),
        (OUTSIDE, False),
        ("172.32.0.1", False),
        ("2001:db8::1", False),
        ("", False),
        ("unknown", False),
    ],
)
def test_the_building_is_its_networks(address: str, inside: bool) -> None:
    assert is_inside(address, networks(Settings().inside_networks)) is inside


@pytest.fixture
def dana(library):
    sent = {"login": "dana", "name": "Дана", "roles": {"librarian": "all"}, "password": "correct horse"}
    return library.call("POST", "/staff", library.admin(), json=sent).json


def sign_in(library, address, secret="correct horse", login="dana"):
    sent = {"login": login, "secret": secret}
    return library.call("POST", "/tokens", {}, json=sent, environ_base={"REMOTE_ADDR": address})


def go_on(library, first, code, address=OUTSIDE):
    sent = {"continue_with": first.json["continue_with"], "code": code}
    return library.call("POST", "/tokens/second-factor", {}, json=sent, environ_base={"REMOTE_ADDR": address})


def bearer(answer):
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


@pytest.fixture
def key(library, dana):
    """The key of an app that Dana set up from inside."""
    me = bearer(sign_in(library, INSIDE))
    begun = library.call("POST", "/staff/me/second-factor", me, json={})
    assert begun.status_code == 201, begun.text
    sent = {"code": code_at(begun.json["key"], clock.now())}
    assert library.call("POST", "/staff/me/second-factor/confirm", me, json=sent).status_code == 204
    return begun.json["key"]


def next_code(key):
    """A code of a step not used yet that is still taken."""
    return code_at(key, clock.now() + timedelta(seconds=STEP_SECONDS))


def test_inside_the_password_is_enough(library, dana):
    assert sign_in(library, INSIDE).status_code == 201


def test_outside_the_code_of_the_app_is_asked_for(library, key):
    first = sign_in(library, OUTSIDE)
    assert (first.status_code, first.json["reason"]) == (401, "second-factor")
    assert "access_token" not in first.json
    wrong = go_on(library, first, "000000")
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["code"])
    code = next_code(key)
    assert go_on(library, first, code).status_code == 201
    assert go_on(library, first, code).status_code == 422


def test_a_wrong_password_outside_is_answered_as_ever(library, dana):
    wrong = sign_in(library, OUTSIDE, "wrong")
    assert wrong.status_code == 401
    assert "reason" not in wrong.json


def test_readers_need_no_second_factor(library):
    library.register("A-1")
    pin = library.call("POST", "/readers/A-1/pin", json={}).json["pin"]
    assert sign_in(library, OUTSIDE, pin, "A-1").status_code == 201


def test_without_an_app_a_code_of_an_admin_opens_once(library, dana):
    sent = {"reason": "called from home, knew her number"}
    code = library.call("POST", f"/staff/{dana['id']}/second-factor/code", library.admin(), json=sent).json["code"]
    first = sign_in(library, OUTSIDE)
    assert go_on(library, first, code).status_code == 201
    assert go_on(library, sign_in(library, OUTSIDE), code).status_code == 422
    acts = library.call("GET", "/readers/acts", library.admin()).json["items"]
    assert ("gave a sign-in code", sent["reason"]) in [(act["what"], act["reason"]) for act in acts]


def test_a_code_of_an_admin_ends_after_a_day(library, dana, later):
    answer = library.call("POST", f"/staff/{dana['id']}/second-factor/code", library.admin(), json={"reason": "x"})
    later(hours=24, seconds=1)
    assert go_on(library, sign_in(library, OUTSIDE), answer.json["code"]).status_code == 422


def test_after_some_wrong_codes_the_second_step_rests(library, key):
    first = sign_in(library, OUTSIDE)
    assert [go_on(library, first, "000000").status_code for _ in range(6)] == [422] * 5 + [429]
    assert go_on(library, first, next_code(key)).status_code == 429


def test_the_ticket_ends_and_cannot_be_forged(library, key, later):
    first = sign_in(library, OUTSIDE)
    forged = {"continue_with": "e30.e30", "code": next_code(key)}
    assert library.call("POST", "/tokens/second-factor", {}, json=forged).status_code == 401
    later(minutes=5, seconds=1)
    assert go_on(library, first, next_code(key)).status_code == 401


def test_who_is_disabled_meanwhile_stays_out(library, dana, key):
    boss = {"login": "boss", "name": "Бас", "roles": {"admin": "all"}, "password": "correct horse"}
    library.call("POST", "/staff", library.admin(), json=boss)
    first = sign_in(library, OUTSIDE)
    library.call("PATCH", f"/staff/{dana['id']}", library.admin(), json={"disabled": True})
    assert go_on(library, first, next_code(key)).status_code == 422


def test_a_new_app_needs_the_code_of_the_old_one(library, key):
    me = bearer(sign_in(library, INSIDE))
    assert library.call("POST", "/staff/me/second-factor", me, json={}).status_code == 422
    sent = {"code": next_code(key)}
    assert library.call("POST", "/staff/me/second-factor", me, json=sent).status_code == 201


def test_the_code_of_the_old_app_cannot_be_guessed_at_a_screen_left_open(library, key):
    me = bearer(sign_in(library, INSIDE))
    tried = [library.call("POST", "/staff/me/second-factor", me, json={"code": "000000"}) for _ in range(6)]
    assert [answer.status_code for answer in tried] == [422] * 5 + [429]
    assert int(tried[-1].headers["Retry-After"]) > 0
    late = library.call("POST", "/staff/me/second-factor", me, json={"code": next_code(key)})
    assert late.status_code == 429, "the right code does not help either until the time is over"


def test_confirming_what_was_not_begun_is_a_conflict(library, dana):
    me = bearer(sign_in(library, INSIDE))
    assert library.call("POST", "/staff/me/second-factor/confirm", me, json={"code": "123456"}).status_code == 409


def test_a_lost_phone_is_taken_away_by_an_admin(library, dana, key):
    shown = library.call("GET", f"/staff/{dana['id']}", library.admin()).json
    assert shown["second_factor"] is True
    gone = library.call("DELETE", f"/staff/{dana['id']}/second-factor?reason=lost", library.admin())
    assert gone.status_code == 204
    assert library.call("GET", "/staff", library.admin()).json["items"][0]["second_factor"] is False
    assert go_on(library, sign_in(library, OUTSIDE), next_code(key)).status_code == 422


def test_keys_are_kept_sealed(library, key):
    from sqlalchemy import text

    with library.database.transaction() as session:
        kept = session.execute(text("SELECT sealed_key FROM second_factors")).scalar_one()
    assert key not in kept
