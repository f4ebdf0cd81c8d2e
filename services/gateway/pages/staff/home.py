"""The console's first page: what is closed, what is under way, what waits."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from services.gateway import asking, declaring
from services.gateway.pages.common import BRANCHES, branch_views, page
from services.gateway.pages.staff import foreseen, menu
from shared import clock
from shared.auth import STAFF, may_call

staff_home = Blueprint("staff_home", __name__)
NEWEST = ("quarantines", asking.path("/quarantines", limit=10))


@staff_home.app_context_processor
def of_the_console() -> dict[str, object]:
    links: dict[str, object] = {"staff_menu": menu.entries, "url_of": menu.url_of, "has_page": menu.has_page}
    return links | {"channel_names": foreseen.channel_names}


@staff_home.app_template_filter("bare_number")
def bare_number(number: str) -> str:
    """Decisions may have been entered elsewhere, with the sign."""
    return declaring.bare_number(number)


@staff_home.app_template_filter("part_name")
def part_name(part: str) -> str:
    return foreseen.part_name(part)


@staff_home.get("/staff")
@may_call(STAFF)
def front() -> Response:
    found = asking.look_up(branches=BRANCHES, quarantines=NEWEST)
    branches = branch_views(found["branches"])
    standing = [each for each in found["quarantines"].items if each["phase"] in ("ahead", "closed")]
    return page(
        "staff/home.html",
        found,
        branches=branches,
        standing=standing,
        closed=[branch for branch in branches.values() if branch.closed],
        known=found["quarantines"].data is not None,
        now=clock.now(),
    )
