"""All quarantines, and the drafts of the one who looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response
from werkzeug.wrappers import Response as AnyResponse

from services.gateway import asking, declaring, sessions
from services.gateway.asking import Found
from services.gateway.pages.common import BRANCHES, branch_views, page
from services.gateway.pages.staff.foreseen import branch_list
from services.gateway.pages.staff.listing import Listing, csv_file, everything
from services.gateway.words import say, sheet_moment, text
from shared.auth import STAFF, may_call

quarantines = Blueprint("quarantines", __name__)
FILTERS = ("search", "state", "branch")


def states() -> list[tuple[str, str]]:
    return [
        ("", say("Any")),
        ("declared", say("as declared")),
        ("changed", say("changed")),
        ("lifted", say("ended")),
        ("cancelled", say("undone")),
    ]


@quarantines.get("/staff/quarantines")
@may_call(STAFF)
def overview() -> AnyResponse:
    listing, who = Listing.asked(*FILTERS), sessions.caller()
    calls = {"quarantines": ("quarantines", asking.path("/quarantines", **listing.query())), "branches": BRANCHES}
    if who and who.has("operator"):
        calls["drafts"] = ("quarantines", asking.path("/quarantines/drafts"))
    found = asking.look_up(**calls)  # type: ignore[arg-type]
    branches = branch_views(found["branches"])
    choices = [("", say("Any")), *((branch.id, text(branch.name).striptags()) for branch in branches.values())]
    return page(
        "staff/quarantines/list.html",
        found,
        listing=listing.shown((found["quarantines"].data or {}).get("next")),
        items=found["quarantines"].items,
        known=found["quarantines"].data is not None,
        branches=branches,
        branch_choices=choices,
        states=states(),
        drafts=[_draft(each) for each in found.get("drafts", Found({"items": []})).items],
    )


def _draft(kept: Mapping[str, Any]) -> dict[str, Any]:
    """A draft with the page on which one goes on."""
    content = declaring.fresh(declaring.NO_DAY) | kept["content"]
    unfinished = declaring.first_unfinished(content)
    step = unfinished[0] if unfinished else "check"
    return {"id": kept["id"], "saved_at": kept["saved_at"], "step": step, "starts_on": content.get("starts_on")}


@quarantines.get("/staff/quarantines.csv")
@may_call(STAFF)
def file() -> Response:
    listing = Listing.asked(*FILTERS)
    branches = branch_views(asking.look_up(branches=BRANCHES)["branches"])
    query = {name: value for name, value in listing.filters.items() if value}
    columns = [
        *(
            say("Number of the document"),
            say("State"),
            say("Libraries"),
            say("First day closed"),
            say("Day it opens again"),
        ),
        *(say("Reason"), say("Declared at"), say("Declared by"), say("Changed, times")),
    ]

    def cells(each: Mapping[str, Any]) -> Sequence[object]:
        basis = each["basis"] or {}
        where = say("All libraries") if each["branch_ids"] == "all" else branch_list(each["branch_ids"], branches)
        days = (each["starts_on"], each["reopens_on"])
        why = (text(each["reason"]).striptags(), sheet_moment(each["declared_at"]), each["declared_by"])
        return [basis.get("number"), dict(states())[each["state"]], where, *days, *why, each["version"] - 1]

    return csv_file("quarantines", columns, everything("quarantines", "/quarantines", query), cells)
