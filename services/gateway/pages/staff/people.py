"""Staff: who they are, what they may do where; added, changed, shut out; sign-ins ended."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, sessions
from services.gateway.kept_forms import shown_again_as, shown_again_on
from services.gateway.pages.common import BRANCHES, page
from services.gateway.pages.staff import naming
from services.gateway.pages.staff.acting import ADMIN, branch_names, branches, given, shown, tried
from services.gateway.pages.staff.listing import Listing, csv_file, everything
from services.gateway.words import say
from shared.auth import EVERYWHERE, ROLES, may_call

people = Blueprint("staff_people", __name__)
FILTERS = ("search", "disabled")


@people.get("/staff/people")
@may_call(ADMIN)
def everybody() -> Response:
    listing = Listing.asked(*FILTERS)
    found = asking.look_up(staff=("accounts", asking.path("/staff", **listing.query())), branches=BRANCHES)
    return page(
        "staff/people/list.html",
        found,
        listing=listing.shown((found["staff"].data or {}).get("next")),
        people=found["staff"].items,
        names=branch_names(found["branches"]),
    )


@people.get("/staff/people.csv")
@may_call(ADMIN)
def as_file() -> Response:
    columns = [say("Login"), say("Name"), say("Roles"), say("Shut out")]

    def cells(each: dict[str, Any]) -> list[object]:
        roles = "; ".join(f"{naming.role(role)}: {_where(held)}" for role, held in each["roles"].items())
        return [each["login"], each["name"], roles, say("yes") if each["disabled"] else ""]

    return csv_file("staff", columns, everything("accounts", "/staff", Listing.asked(*FILTERS).query()), cells)


def _where(held: Any) -> str:
    return say("everywhere") if held == EVERYWHERE else ", ".join(held)


@people.get("/staff/people/new")
@may_call(ADMIN)
def new() -> Response:
    return _form({"login": "", "name": "", "roles": {}}, None)


def _form(person: dict[str, Any], staff_id: UUID | None, **more: Any) -> Response:
    values: dict[str, Any] = {"wrongs": {}, "detail": "", "status": 200, "sign_ins": []} | more
    status = values.pop("status")
    own = _own_branches()
    names = {branch_id: name for branch_id, name in branches().items() if own is None or branch_id in own}
    values |= {"person": person, "staff_id": staff_id, "names": names, "everywhere": own is None}
    return shown("staff/people/form.html", status, roles=list(naming.roles().items()), **values)


def _own_branches() -> frozenset[str] | None:
    """Where the caller may give rights; None: everywhere."""
    who = sessions.caller()
    return who.branches(ADMIN) if who else frozenset()


def _typed() -> dict[str, Any]:
    return {**given("login", "name", "version"), "roles": _roles()}


def _again(staff_id: UUID | None = None) -> Response:
    return _form(_typed(), staff_id)


@people.post("/staff/people/new")
@may_call(ADMIN)
@shown_again_as(_again)
def add() -> Response:
    fields = given("login", "name", "password")
    done = tried("accounts", asking.path("/staff"), body={**fields, "roles": _roles()})
    if not done.done:
        return _form(_typed(), None, wrongs=done.wrongs, detail=done.detail, status=done.status)
    sessions.tell(say("{name} may sign in now.", name=done.answer["name"]))
    return redirect(url_for("staff_people.everybody"), 303)


def _roles() -> dict[str, Any]:
    """Each role held everywhere, or at the libraries that are ticked."""
    found: dict[str, Any] = {}
    for role in ROLES:
        held = request.form.getlist(role)
        if held:
            found[role] = EVERYWHERE if EVERYWHERE in held else held
    return found


@people.get("/staff/people/<uuid:staff_id>")
@may_call(ADMIN)
def one(staff_id: UUID) -> Response:
    return _one(staff_id)


def _one(staff_id: UUID) -> Response:
    found = asking.look_up(
        person=("accounts", asking.path(f"/staff/{staff_id}")),
        sign_ins=("accounts", asking.path("/tokens", subject=f"staff:{staff_id}", limit=50)),
    )
    if found["person"].data is None:
        return page("staff/people/away.html", found)
    return _form(found["person"].data, staff_id, sign_ins=found["sign_ins"].items)


@people.post("/staff/people/<uuid:staff_id>")
@may_call(ADMIN)
@shown_again_as(_again)
def change(staff_id: UUID) -> Response:
    fields = given("name", "password", "version")
    body: dict[str, Any] = {"name": fields["name"], "roles": _roles()}
    body |= {"password": fields["password"]} if fields["password"] else {}
    path = asking.path(f"/staff/{staff_id}")
    done = tried("accounts", path, method="PATCH", body=body, version=fields["version"])
    if not done.done:
        return _form(_typed(), staff_id, wrongs=done.wrongs, detail=done.detail, status=done.status)
    sessions.tell(say("Saved. {name} signs in anew.", name=done.answer["name"]))
    return redirect(url_for("staff_people.everybody"), 303)


@people.post("/staff/people/<uuid:staff_id>/access")
@may_call(ADMIN)
def access(staff_id: UUID) -> Response:
    """Shuts somebody out or lets them in again; both end their sign-ins."""
    disabled = request.form.get("disabled") == "yes"
    done = tried("accounts", asking.path(f"/staff/{staff_id}"), method="PATCH", body={"disabled": disabled})
    said = say("Shut out; signed out everywhere.") if disabled else say("May sign in again.")
    sessions.tell(said if done.done else done.detail, "done" if done.done else "refused")
    return redirect(url_for("staff_people.one", staff_id=staff_id), 303)


@people.post("/staff/people/<uuid:staff_id>/second-factor")
@may_call(ADMIN)
@shown_again_on("staff_people.one", words=("reason",))
def second_factor(staff_id: UUID) -> Response:
    """For somebody at home without the app: a code for one sign-in; or, with the phone lost, the app taken away."""
    path, reason = asking.path(f"/staff/{staff_id}/second-factor"), given("reason")["reason"]
    if request.form.get("deed") == "take_away":
        done = tried("accounts", f"{path}?{urlencode({'reason': reason})}", method="DELETE")
        said = say("The app is taken away. It can be set up again inside the library.")
    else:
        done = tried("accounts", f"{path}/code", body={"reason": reason})
        code = done.answer["code"] if done.done else ""
        said = say("Tell this code by phone; it is good for one sign-in within a day: {code}", code=code)
    refused = " ".join(done.wrongs.values()) or done.detail
    sessions.tell(said if done.done else refused, "done" if done.done else "refused")
    return redirect(url_for("staff_people.one", staff_id=staff_id), 303)


@people.post("/staff/people/<uuid:staff_id>/sign-ins/<uuid:session_id>")
@may_call(ADMIN)
def end_sign_in(staff_id: UUID, session_id: UUID) -> Response:
    tried("accounts", asking.path(f"/tokens/{session_id}"), method="DELETE")
    sessions.tell(say("That sign-in has ended."))
    return redirect(url_for("staff_people.one", staff_id=staff_id), 303)
