"""Branches: the tree, names and opening hours; what the hours mean for the coming two weeks is shown before saving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, opening, sessions, words
from services.gateway.kept_forms import shown_again_as
from services.gateway.opening import Hours
from services.gateway.pages.common import BRANCHES, branch_views, page
from services.gateway.pages.staff.acting import ADMIN, branch_choices, branches, given, shown, tried
from services.gateway.pages.staff.listing import Listing, csv_file, cut, everything
from services.gateway.words import say
from shared import clock
from shared.auth import STAFF, may_call
from shared.calendar import BadOpeningHours, check_opening_hours
from shared.folding import fold
from shared.language import LANGUAGES

branch_pages = Blueprint("staff_branches", __name__)
A_FORTNIGHT = 14
FILTERS = ("search", "state")
FIELDS = ("name_kk", "name_ru", "name_en", "parent_id", "time_zone", "opening_hours", "phone")
USUAL = {"time_zone": "Asia/Almaty", "opening_hours": "Mo-Fr 09:00-18:00"}


@dataclass(frozen=True)
class Node:
    """A branch in the tree with those below it."""

    branch: dict[str, Any]
    below: Sequence[Node]


@branch_pages.get("/staff/branches")
@may_call(STAFF)
def tree() -> Response:
    """A page of the tree, in its own order; what a filter lets through stands without those above it."""
    listing = Listing.asked(*FILTERS)
    found = asking.look_up(branches=BRANCHES)
    chosen, listing = cut(_chosen(in_order(found["branches"].items), listing), listing)
    roots = [Node(each, ()) for each in chosen] if listing.filtered else nodes(chosen)
    views = branch_views(found["branches"])
    return page("staff/branches/tree.html", found, listing=listing, roots=roots, views=views, states=states())


def states() -> list[tuple[str, str]]:
    return [
        ("", say("all")),
        ("closed", say("closed by a quarantine")),
        ("ahead", say("will close")),
        ("usual", say("as usual")),
    ]


def _chosen(branches: Sequence[dict[str, Any]], listing: Listing) -> list[dict[str, Any]]:
    search, state = listing.filters["search"], listing.filters["state"]
    return [each for each in branches if _named(each, search) and state in ("", _state(each))]


def _state(branch: dict[str, Any]) -> str:
    return "closed" if branch["closed"] else "ahead" if branch["ahead"] else "usual"


def _named(branch: dict[str, Any], search: str) -> bool:
    text = fold(" ".join([branch["id"], *(branch["name"].get(each) or "" for each in LANGUAGES)]))
    return all(word in text for word in fold(search).split())


def in_order(branches: Sequence[dict[str, Any]], above: str | None = None) -> list[dict[str, Any]]:
    """Each branch followed by all below it."""
    return [each for one in branches if one["parent_id"] == above for each in (one, *in_order(branches, one["id"]))]


def nodes(branches: Sequence[dict[str, Any]]) -> list[Node]:
    """The tree of a page of branches; one whose parent stands on the page before is a root here."""
    here = {each["id"] for each in branches}
    return [Node(each, _below(branches, each["id"])) for each in branches if each["parent_id"] not in here]


def _below(branches: Sequence[dict[str, Any]], above: str) -> list[Node]:
    return [Node(each, _below(branches, each["id"])) for each in branches if each["parent_id"] == above]


@branch_pages.get("/staff/branches.csv")
@may_call(STAFF)
def as_file() -> Response:
    """In the columns of an import."""
    items = _chosen(list(everything("quarantines", "/branches", {})), Listing.asked(*FILTERS))
    columns = ("branch_id", *FIELDS)

    def cells(each: dict[str, Any]) -> list[object]:
        names = [each["name"].get(language) for language in LANGUAGES]
        return [each["id"], *names, *(each[name] for name in FIELDS[len(names) :])]

    return csv_file("branches", columns, items, cells)


@branch_pages.get("/staff/branches/new")
@may_call(ADMIN)
def new() -> Response:
    return _form(dict.fromkeys(("id", *FIELDS), "") | USUAL, None)


@branch_pages.get("/staff/branches/<branch_id>")
@may_call(ADMIN)
def edit(branch_id: str) -> Response:
    branch = asking.act("quarantines", asking.path(f"/branches/{branch_id}"), method="GET")
    names = {f"name_{language}": branch["name"].get(language) for language in LANGUAGES}
    plain = {name: branch[name] for name in ("id", "version", "parent_id", "time_zone", "opening_hours", "phone")}
    return _form(plain | names, branch_id)


def _form(branch: dict[str, Any], branch_id: str | None, **more: Any) -> Response:
    known = {name: value for name, value in branches().items() if name != branch_id}
    values: dict[str, Any] = {"wrongs": {}, "detail": "", "status": 200} | more
    status = values.pop("status")
    days, hours_wrong = fortnight(branch["opening_hours"] or "")
    parents = branch_choices(known, say("none: it stands on its own"))
    return shown(
        "staff/branches/form.html",
        status,
        branch=branch,
        branch_id=branch_id,
        parents=parents,
        days=days,
        hours_wrong=hours_wrong,
        **values,
    )


def fortnight(opening_hours: str) -> tuple[list[tuple[date, Hours]], str]:
    """Each of the coming days with its hours, public holidays shut; or why the notation is not understood."""
    today = clock.today(asking.settings().time_zone)
    try:
        check_opening_hours(opening_hours)
    except BadOpeningHours:
        return [], say("The hours are not understood. Example: {example}", example="Mo-Fr 09:00-18:00; Sa 10:00-16:00")
    calendar = opening.calendar_of(opening_hours, today, asking.settings().country)
    days = [today + timedelta(days=n) for n in range(A_FORTNIGHT)]
    return [(day, calendar.get(day, ())) for day in days], ""


def _again(branch_id: str | None = None) -> Response:
    return _form(given("id", "version", *FIELDS), branch_id)


@branch_pages.post("/staff/branches/new")
@may_call(ADMIN)
@shown_again_as(_again)
def add() -> Response:
    return _save(None)


@branch_pages.post("/staff/branches/<branch_id>")
@may_call(ADMIN)
@shown_again_as(_again)
def change(branch_id: str) -> Response:
    return _save(branch_id)


def _save(branch_id: str | None) -> Response:
    fields: dict[str, Any] = given("id", "version", *FIELDS)
    if request.form.get("deed") == "look":
        return _form(fields, branch_id)
    body = {
        "name": {language: fields[f"name_{language}"] or None for language in LANGUAGES},
        "parent_id": fields["parent_id"] or None,
        "time_zone": fields["time_zone"],
        "opening_hours": fields["opening_hours"],
        "phone": fields["phone"] or None,
    }
    if branch_id is None:
        done = tried("quarantines", asking.path("/branches"), body=body | {"id": fields["id"]})
    else:
        path = asking.path(f"/branches/{branch_id}")
        done = tried("quarantines", path, method="PATCH", body=body, version=fields["version"])
    if not done.done:
        wrongs = {("name_kk" if name == "name" else name): said for name, said in done.wrongs.items()}
        return _form(fields, branch_id, wrongs=wrongs, detail=done.detail, status=done.status)
    sessions.tell(say("Saved: {name}", name=words.text(done.answer["name"]).striptags()))
    return redirect(url_for("staff_branches.tree"), 303)
