from dataclasses import replace

import pytest
from werkzeug.test import Client

from services.accounts import hashing
from shared.app import create_app
from shared.auth import verify
from shared.sealed import READER_CODE, unseal
from shared.settings import secret_of

CODE, ENDED = "reader.code_requested.v1", "session.ended.v1"


def sign_in(library, login, secret):
    return library.call("POST", "/tokens", {}, json={"login": login, "secret": secret})


def bearer(answer):
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


@pytest.fixture
def pin(library):
    library.register("A-1", language="ru")
    return library.call("POST", "/readers/A-1/pin", json={"reason": "called, knew the birth date"}).json["pin"]


@pytest.fixture
def staff(library):
    sent = {"login": "dana", "name": "Дана", "roles": {"librarian": ["ridder"]}, "password": "correct horse"}
    answer = library.call("POST", "/staff", library.admin(), json=sent)
    assert answer.status_code == 201, answer.text
    return answer.json


class TestByCard:
    def test_card_and_pin_give_a_token(self, library, pin):
        answer = sign_in(library, "A-1", pin)
        assert answer.status_code == 201
        assert answer.json.keys() == {"access_token", "token_type", "expires_in", "roles"}
        assert (answer.json["token_type"], answer.json["expires_in"], answer.json["roles"]) == ("Bearer", 43200, {})
        principal = verify(secret_of(library.system.settings), answer.json["access_token"])
        assert (principal.kind, principal.card_number, principal.language) == ("reader", "A-1", "ru")
        assert library.call("GET", "/readers/A-1", bearer(answer)).status_code == 200

    @pytest.mark.parametrize("typed", ["a-1", "А-1", " A-1 "])
    def test_the_card_may_be_typed_in_other_letters(self, library, pin, typed):
        assert sign_in(library, typed, pin).status_code == 201

    def test_a_folded_card_that_fits_two_is_nobodys(self, library, pin):
        library.register("А-1")  # Cyrillic
        assert sign_in(library, "a-1", pin).status_code == 401
        assert sign_in(library, "A-1", pin).status_code == 201

    def test_an_imported_reader_cannot_sign_in_without_a_pin(self, library):
        library.register("A-2")
        assert sign_in(library, "A-2", "").status_code == 422
        assert sign_in(library, "A-2", "000000").status_code == 401

    def test_a_new_pin_ends_the_old_one_and_its_sign_ins(self, library, pin):
        old = sign_in(library, "A-1", pin)
        new = library.call("POST", "/readers/A-1/pin", json={}).json["pin"]
        assert sign_in(library, "A-1", pin if pin != new else "x").status_code == 401
        assert sign_in(library, "A-1", new).status_code == 201
        assert library.call("GET", "/readers/A-1", bearer(old)).status_code == 401

    def test_who_issued_a_pin_and_why_is_recorded(self, library, pin):
        act, _registered = library.call("GET", "/readers/acts", library.admin()).json["items"]
        assert (act["who"], act["what"], act["reason"]) == ("staff:1", "issued a PIN", "called, knew the birth date")
        assert act["about"] == library.get("A-1")["id"]

    def test_a_pin_is_issued_by_the_librarians_of_the_home_branch(self, library):
        library.register("A-3", home_branch_id="oskemen")
        ridder = library.token(roles={"librarian": ["ridder"]})
        assert library.call("POST", "/readers/A-3/pin", ridder, json={}).status_code == 404
        assert library.call("POST", "/readers/A-3/pin", library.reader("A-3"), json={}).status_code == 403


class TestLockout:
    def test_after_some_wrong_tries_a_login_rests_whether_it_exists_or_not(self, library, pin):
        for login in ("A-1", "nobody"):
            codes = [sign_in(library, login, "wrong").status_code for _ in range(6)]
            assert codes == [401] * 5 + [429]
        resting = sign_in(library, "A-1", pin)
        assert resting.status_code == 429
        assert 1 <= int(resting.headers["Retry-After"]) <= 5

    def test_a_wrong_secret_and_an_unknown_login_are_answered_alike(self, library, pin):
        wrong, unknown = sign_in(library, "A-1", "wrong"), sign_in(library, "nobody", "wrong")
        assert wrong.json == unknown.json

    def test_a_good_try_wipes_the_slate(self, library, pin):
        for _ in range(3):
            assert [sign_in(library, "A-1", "wrong").status_code for _ in range(4)] == [401] * 4
            assert sign_in(library, "A-1", pin).status_code == 201

    def test_other_spellings_of_a_login_do_not_give_more_tries(self, library, pin):
        spelled = ["A-1", "a-1", "А-1", "а-1", " A-1", "A-1 "]
        assert [sign_in(library, login, "wrong").status_code for login in spelled] == [401] * 5 + [429]


class TestOneTimeCode:
    def ask(self, library, card="A-1"):
        return library.call("POST", "/tokens/code", {}, json={"card_number": card})

    def code(self, library):
        (told,) = library.told(CODE)
        assert told["card_number"] == "A-1"
        return unseal(secret_of(library.system.settings), READER_CODE, told["sealed_code"])

    def confirm(self, library, code, pin="4821", card="A-1"):
        sent = {"card_number": card, "code": code, "pin": pin}
        return library.call("POST", "/tokens/code/confirm", {"Accept-Language": "en"}, json=sent)

    def test_a_code_sent_to_the_reader_sets_a_pin_once(self, library):
        library.register("A-1")
        assert self.ask(library).status_code == 202
        code = self.code(library)
        assert self.confirm(library, code).status_code == 204
        assert sign_in(library, "A-1", "4821").status_code == 201
        assert self.confirm(library, code, "9999").status_code == 422

    def test_an_unknown_card_is_answered_the_same(self, library):
        library.register("A-1")
        known, unknown = self.ask(library), self.ask(library, "nobody")
        assert (known.status_code, known.json) == (unknown.status_code, unknown.json)
        assert len(library.told(CODE)) == 1
        assert self.confirm(library, "123456", card="nobody").json == self.confirm(library, "x").json

    def test_five_wrong_tries_end_a_code(self, library):
        library.register("A-1")
        self.ask(library)
        code = self.code(library)
        assert [self.confirm(library, "wrong").status_code for _ in range(5)] == [422] * 5
        assert self.confirm(library, code).status_code == 422

    def test_a_code_ends_after_a_quarter_of_an_hour(self, library, later):
        library.register("A-1")
        self.ask(library)
        code = self.code(library)
        later(minutes=15, seconds=1)
        assert self.confirm(library, code).status_code == 422

    def test_codes_cannot_be_asked_for_without_end(self, library):
        library.register("A-1")
        for card in ("A-1", "nobody"):
            codes = [self.ask(library, card).status_code for _ in range(4)]
            assert codes == [202, 202, 202, 429]

    @pytest.mark.parametrize("pin", ["123", "12a4", "1" * 13])
    def test_a_pin_is_digits(self, library, pin):
        assert list(self.confirm(library, "123456", pin).json["errors"]) == ["pin"]


class TestStaff:
    def test_login_and_password_give_the_roles(self, library, staff):
        answer = sign_in(library, "Dana", "correct horse")
        assert answer.json["roles"] == {"librarian": ["ridder"]}
        assert "password" not in staff

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"login": "D"}, "login"),
            ({"password": "short"}, "password"),
            ({"roles": {"king": "all"}}, "roles"),
            ({"roles": {"librarian": []}}, "roles"),
            ({"roles": {"librarian": ["nowhere"]}}, "roles"),
        ],
    )
    def test_a_wrong_field_is_named(self, library, wrong, field):
        sent = {"login": "dana", "name": "Дана", "roles": {"librarian": "all"}, "password": "correct horse"} | wrong
        answer = library.call("POST", "/staff", library.admin(), json=sent)
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == [field]

    def test_a_login_is_given_once(self, library, staff):
        sent = {"login": "dana", "name": "Дана", "roles": {}, "password": "correct horse"}
        assert library.call("POST", "/staff", library.admin(), json=sent).status_code == 409

    def test_who_is_disabled_is_out_at_once(self, library, staff):
        boss = {"login": "boss", "name": "Бас", "roles": {"admin": "all"}, "password": "correct horse"}
        library.call("POST", "/staff", library.admin(), json=boss)
        token = bearer(sign_in(library, "dana", "correct horse"))
        assert library.call("GET", "/readers", token).status_code == 200
        changed = library.call("PATCH", f"/staff/{staff['id']}", library.admin(), json={"disabled": True})
        assert changed.json["disabled"] is True
        assert library.call("GET", "/readers", token).status_code == 401
        assert sign_in(library, "dana", "correct horse").status_code == 401

    def test_somebody_stays_admin(self, library):
        sent = {"login": "boss", "name": "Бас", "roles": {"admin": "all"}, "password": "correct horse"}
        boss = library.call("POST", "/staff", library.admin(), json=sent).json
        for change in ({"disabled": True}, {"roles": {"librarian": "all"}}):
            answer = library.call("PATCH", f"/staff/{boss['id']}", library.admin(), json=change)
            assert answer.status_code == 409
        assert sign_in(library, "boss", "correct horse").json["roles"] == {"admin": "all"}

    def test_only_admins_see_and_make_staff(self, library, staff):
        for who in (library.token(), library.reader("A-1")):
            assert library.call("GET", "/staff", who).status_code == 403
            assert library.call("GET", f"/staff/{staff['id']}", who).status_code == 403
        listed = library.call("GET", "/staff", library.admin()).json["items"]
        assert [each["login"] for each in listed] == ["dana"]


class TestSignOut:
    def test_an_ended_sign_in_is_refused_and_every_service_hears_of_it(self, library, pin):
        answer = sign_in(library, "A-1", pin)
        assert library.call("GET", "/readers/A-1", bearer(answer)).status_code == 200
        assert library.call("DELETE", "/tokens", bearer(answer)).status_code == 204
        assert library.call("GET", "/readers/A-1", bearer(answer)).status_code == 401
        (told,) = library.told(ENDED)
        assert told["session_id"] == verify(secret_of(library.system.settings), answer.json["access_token"]).session

    def test_admins_end_the_sign_ins_of_others(self, library, pin):
        answer = sign_in(library, "A-1", pin)
        listed = library.call("GET", "/tokens", library.admin()).json["items"]
        (mine,) = [each for each in listed if each["subject"].startswith("reader:")]
        assert library.call("DELETE", f"/tokens/{mine['id']}", library.admin()).status_code == 204
        assert library.call("DELETE", f"/tokens/{mine['id']}", library.admin()).status_code == 404
        assert library.call("GET", "/readers/A-1", bearer(answer)).status_code == 401
        assert library.call("GET", "/tokens", library.admin()).json["items"] == []

    def test_another_process_learns_it_from_the_event(self, library, pin):
        library.register("A-9")
        other = Client(create_app(library.context))
        token = library.token("reader", card_number="A-9", session="11111111-2222-4333-8444-555555555555")
        assert other.get("/api/v1/readers/A-9", headers=token).status_code == 200
        ended = {"session_id": "11111111-2222-4333-8444-555555555555", "expires_at": "2099-01-01T00:00:00+00:00"}
        event = library.hear(ENDED, ended)
        library.hear_again(event)
        assert other.get("/api/v1/readers/A-9", headers=token).status_code == 401


def test_sample_sign_ins_are_refused_in_production(library, settings):
    from services.accounts.use_cases import staff as use_cases
    from shared.auth import NOBODY

    fields = {"login": "sample", "name": "Үлгі", "roles": {"admin": "all"}, "password": "correct horse"}
    with library.database.transaction() as session:
        use_cases.add(session, NOBODY, fields, sample=True)
    assert sign_in(library, "sample", "correct horse").status_code == 201
    library.database.settings = replace(settings, production=True)
    assert sign_in(library, "sample", "correct horse").status_code == 401


def test_a_hash_tells_right_from_wrong_and_unknown():
    kept = hashing.hashed("4821")
    assert hashing.matches(kept, "4821")
    assert not hashing.matches(kept, "4822")
    assert not hashing.matches(None, "4821")
    assert not hashing.matches("not a hash", "4821")
