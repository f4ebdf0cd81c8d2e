"""An admin of some branches has a say in nothing beyond them, and so in nobody who has."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client

from tests.accounts.library import Library, csv_file, person
from tests.accounts.test_sign_in import sign_in


@pytest.fixture
def staff(library: Library) -> dict[str, Any]:
    return somebody(library, "dana", {"librarian": ["ridder"]})


def local(library: Library) -> dict[str, str]:
    return library.token(roles={"admin": ["ridder"]}, subject="staff:9")


def somebody(library: Library, login: str, roles: dict[str, Any]) -> dict[str, Any]:
    sent = {"login": login, "name": "Бас", "roles": roles, "password": "correct horse"}
    return dict(library.call("POST", "/staff", library.admin(), json=sent).json)


@pytest.mark.parametrize(
    "roles", [{"admin": "all"}, {"librarian": "all"}, {"librarian": ["ridder", "oskemen"]}, {"jury": ["oskemen"]}]
)
def test_they_give_no_right_beyond_them(library, staff, roles):
    sent = {"login": "boss", "name": "Бас", "roles": roles, "password": "correct horse"}
    assert library.call("POST", "/staff", local(library), json=sent).status_code == 403
    changed = library.call("PATCH", f"/staff/{staff['id']}", local(library), json={"roles": roles})
    assert changed.status_code == 403
    here = sent | {"roles": {"librarian": ["ridder"], "admin": ["ridder"]}}
    assert library.call("POST", "/staff", local(library), json=here).status_code == 201


def test_they_look_after_nobody_with_a_right_beyond_them(library, staff):
    boss = somebody(library, "boss", {"admin": "all"})
    other = somebody(library, "other", {"librarian": ["ridder", "oskemen"]})
    listed = library.call("GET", "/staff", local(library)).json["items"]
    assert [each["login"] for each in listed] == ["dana"]
    sign_in(library, "boss", "correct horse")
    (session,) = library.call("GET", f"/tokens?subject=staff:{boss['id']}", library.admin()).json["items"]
    for each in (boss, other):
        for method, path, body in (
            ("GET", f"/staff/{each['id']}", None),
            ("PATCH", f"/staff/{each['id']}", {"password": "another horse"}),
            ("POST", f"/staff/{each['id']}/second-factor/code", {"reason": "at home"}),
            ("DELETE", f"/staff/{each['id']}/second-factor?reason=lost", None),
            ("GET", f"/tokens?subject=staff:{each['id']}", None),
            ("DELETE", f"/tokens/{session['id']}", None),
            ("GET", "/tokens", None),
        ):
            assert library.call(method, path, local(library), json=body).status_code == 404, (method, path)
    mine = f"/staff/{staff['id']}"
    assert library.call("PATCH", mine, local(library), json={"name": "Дана С."}).status_code == 200
    assert library.call("GET", f"/tokens?subject=staff:{staff['id']}", local(library)).status_code == 200


def test_somebody_stays_admin_of_all(library):
    boss = somebody(library, "boss", {"admin": "all"})
    change = {"roles": {"admin": ["ridder"]}}
    assert library.call("PATCH", f"/staff/{boss['id']}", library.admin(), json=change).status_code == 409


def test_what_has_no_branch_is_not_theirs(library):
    assert library.call("GET", "/readers/acts", local(library)).status_code == 403
    inside = Client(library.system.apps["accounts"])
    for method, path in (("GET", "/parked"), ("GET", "/parked/1"), ("POST", "/parked/1/retry")):
        assert inside.open(path, method=method, headers=local(library)).status_code == 403
        assert inside.open(path, method=method, headers=library.admin()).status_code != 403
    file = library.import_(csv_file([person("A-7")]), Prefer="respond-async")
    run = file.headers["Location"].removeprefix("/api/v1")
    assert library.call("GET", run, local(library)).status_code == 404
    assert library.call("GET", "/readers/imports", local(library)).json["items"] == []
    assert library.call("GET", run, library.admin()).status_code == 200
