"""Files of readers, loans and branches: brought, followed while they are taken, and what was refused line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, words
from services.gateway.doors import takes_up_to
from services.gateway.kept_forms import shown_again_on
from services.gateway.pages.common import page
from services.gateway.pages.staff.acting import ADMIN, LIBRARIAN, attempt, shown
from services.gateway.pages.staff.listing import Listing, csv_file, everything
from services.gateway.words import say
from shared.auth import may_call
from shared.csv_lines import LARGEST_FILE

imports = Blueprint("staff_imports", __name__)
HERE = "/staff/imports"
FORM_AROUND_A_FILE = 64 * 1024
LOOKS_AGAIN_SECONDS = 2
UNDER_WAY = ("waiting", "running")
SHOWN_AT_MOST = 200
FILTERS = ("kind", "search", "state")
TEXT = "text/csv"


@dataclass(frozen=True)
class Kind:
    """`later`: the file is taken by a run that one follows; branches are few and taken at once."""

    service: str
    role: str
    required: str
    optional: str = ""
    later: bool = True


KINDS = {
    "readers": Kind(
        "accounts",
        LIBRARIAN,
        "card_number,family_name,given_name,language,birth_date,email,phone,telegram,guardian_card_number,"
        "home_branch_id,card_expires_on",
        "guardian_name,guardian_phone,guardian_email,guardian_language,school,school_class,kind,blocked",
    ),
    "loans": Kind(
        "loans", LIBRARIAN, "loan_id,card_number,title,isbn,branch_id,lent_on,due_on,status", optional="author"
    ),
    "branches": Kind(
        "quarantines",
        ADMIN,
        "branch_id,name_kk,name_ru,name_en,parent_id,time_zone,opening_hours",
        optional="phone",
        later=False,
    ),
}


@imports.get("/staff/imports")
@may_call(LIBRARIAN, ADMIN)
def front() -> Response:
    """Forms to bring a file, and the files brought before, so that a page once closed is found again."""
    return _front()


def _front(**more: Any) -> Response:
    kind, listing = _followed()
    asked = asking.path(f"/{kind}/imports", **_query(listing))
    found = asking.look_up(files=(KINDS[kind].service, asked))
    response = page(
        "staff/imports/front.html",
        found,
        kinds=KINDS,
        names=names(),
        listing=listing.shown((found["files"].data or {}).get("next")),
        followed=kind,
        files=found["files"].items,
        states=states(),
        **{name: value for name, value in more.items() if name != "status"},
    )
    response.status_code = more.get("status", response.status_code)
    return response


def _followed() -> tuple[str, Listing]:
    """Branches are taken at once: there is nothing to follow."""
    listing = Listing.asked(*FILTERS, at=HERE)
    kind = listing.filters["kind"]
    return (kind if kind in KINDS and KINDS[kind].later else "readers"), listing


def _query(listing: Listing) -> dict[str, Any]:
    return {name: value for name, value in listing.query().items() if name != "kind"}


def states() -> dict[str, str]:
    return {
        "waiting": say("waits"),
        "running": say("under way"),
        "done": say("done"),
        "stuck": say("stalled"),
    }


@imports.get("/staff/imports.csv")
@may_call(LIBRARIAN, ADMIN)
def as_file() -> Response:
    kind, listing = _followed()
    columns = [say("When"), say("Who"), say("State"), say("Lines taken"), say("Lines refused")]

    def cells(each: dict[str, Any]) -> list[object]:
        who, state = each["name"] or each["who"], states().get(each["state"], each["state"])
        return [words.sheet_moment(each["at"]), who, state, each["accepted"], each["refused"]]

    files = everything(KINDS[kind].service, f"/{kind}/imports", _query(listing))
    return csv_file(f"imports-of-{kind}", columns, files, cells)


def names() -> dict[str, str]:
    return {"readers": say("Readers"), "loans": say("Loans"), "branches": say("Branches")}


def _known(kind: str) -> Kind:
    return KINDS.get(kind) or abort(404)


@imports.post("/staff/imports/<kind>")
@may_call(LIBRARIAN, ADMIN)
@takes_up_to(LARGEST_FILE + FORM_AROUND_A_FILE)
@shown_again_on("staff_imports.front")
def bring(kind: str) -> Response:
    wanted, file = _known(kind), request.files.get("file")
    if file is None or not file.filename:
        return _front(kind=kind, detail=say("Choose a file first."), status=422)
    path, content = asking.path(f"/{kind}/import"), file.read()
    prefer = {"Prefer": "respond-async"} if wanted.later else {}
    done = attempt(lambda: asking.send(wanted.service, path, content, TEXT, **prefer).json())
    if not done.done:
        return _front(kind=kind, detail=" ".join([done.detail, *done.wrongs.values()]), status=done.status)
    if wanted.later:
        return redirect(url_for("staff_imports.follow", kind=kind, run_id=done.answer["id"]), 303)
    return _report(kind, {**done.answer, "state": "done"}, None)


@imports.get("/staff/imports/<kind>/<uuid:run_id>")
@may_call(LIBRARIAN, ADMIN)
def follow(kind: str, run_id: UUID) -> Response:
    """Looks again by itself while the file is being taken."""
    run = _run(kind, run_id)
    response = _report(kind, run, run_id)
    if run["state"] in UNDER_WAY:
        response.headers["Refresh"] = str(LOOKS_AGAIN_SECONDS)
    return response


def _run(kind: str, run_id: UUID) -> dict[str, Any]:
    wanted = _known(kind)
    if not wanted.later:
        abort(404)
    found: dict[str, Any] = asking.act(wanted.service, asking.path(f"/{kind}/imports/{run_id}"), method="GET")
    return found


def _report(kind: str, run: dict[str, Any], run_id: UUID | None) -> Response:
    values: dict[str, Any] = {"kind": kind, "run": run, "run_id": run_id, "names": names(), "most": SHOWN_AT_MOST}
    kept = orjson.dumps(run["rejected"][:SHOWN_AT_MOST]).decode() if run_id is None else ""
    return shown("staff/imports/report.html", under_way=run["state"] in UNDER_WAY, kept=kept, **values)


@imports.get("/staff/imports/<kind>/<uuid:run_id>/refused.csv")
@may_call(LIBRARIAN, ADMIN)
def refused(kind: str, run_id: UUID) -> Response:
    return _refused_file(kind, _run(kind, run_id)["rejected"])


@imports.post("/staff/imports/<kind>/refused.csv")
@may_call(ADMIN)
def refused_at_once(kind: str) -> Response:
    """Of a file that was taken at once: the page itself brings what was refused."""
    _known(kind)
    try:
        rejected = [(int(each["line"]), dict(each["errors"])) for each in orjson.loads(request.form.get("kept", ""))]
    except (ValueError, TypeError, KeyError):
        abort(422)
    return _refused_file(kind, [{"line": line, "errors": errors} for line, errors in rejected])


def _refused_file(kind: str, rejected: list[dict[str, Any]]) -> Response:
    rows = [
        (each["line"], column, " ".join(map(str, said))) for each in rejected for column, said in each["errors"].items()
    ]
    columns = [say("Line"), say("Column"), say("What is wrong")]
    return csv_file(f"{kind}-refused", columns, rows, lambda row: row)
