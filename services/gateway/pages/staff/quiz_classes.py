"""Classes with their codes, and the link for each teacher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, sessions
from services.gateway.asking import Refused
from services.gateway.kept_forms import shown_again_as
from services.gateway.pages.common import page
from services.gateway.pages.staff.listing import Listing, csv_file, everything
from services.gateway.words import say
from shared.auth import may_call

staff_classes = Blueprint("staff_classes", __name__)
FILTERS = ("search",)


@staff_classes.get("/staff/quizzes/classes")
@may_call("librarian")
def classes() -> Response:
    return _classes({}, {})


@staff_classes.get("/staff/quizzes/classes.csv")
@may_call("librarian")
def as_file() -> Response:
    columns = [say("Class"), say("School"), say("Code")]
    found = everything("quizzes", "/quizzes/classes", Listing.asked(*FILTERS).query())
    return csv_file("classes", columns, found, _cells)


def _cells(each: Mapping[str, Any]) -> list[object]:
    return [each["name"], each["school"], say("switched off") if each["ended_at"] else each["code"]]


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in ("name", "school", "quiz_id")}


@staff_classes.post("/staff/quizzes/classes")
@may_call("librarian")
@shown_again_as(lambda: _classes(_typed(), {}))
def make_class() -> Response:
    typed = _typed()
    try:
        body = typed | {"quiz_id": typed["quiz_id"] or None}
        made = asking.act("quizzes", asking.path("/quizzes/classes"), body=body)
    except Refused as refused:
        return _classes(typed, {name: " ".join(said) for name, said in refused.errors.items()}, refused)
    return redirect(url_for("staff_classes.one_class", class_id=made["id"]), 303)


@staff_classes.get("/staff/quizzes/classes/<uuid:class_id>")
@may_call("librarian")
def one_class(class_id: UUID) -> Response:
    """The code large enough for the board, and the teacher's own link."""
    found = asking.look_up(one=("quizzes", asking.path(f"/quizzes/classes/{class_id}")))
    return page("staff/quizzes/class.html", found, known=found["one"].data, site=asking.settings().base_url())


@staff_classes.post("/staff/quizzes/classes/<uuid:class_id>/off")
@may_call("librarian")
def switch_off(class_id: UUID) -> Response:
    asking.act("quizzes", asking.path(f"/quizzes/classes/{class_id}"), method="DELETE")
    sessions.tell(say("The code is switched off."))
    return redirect(url_for("staff_classes.one_class", class_id=class_id), 303)


@staff_classes.post("/staff/quizzes/classes/<uuid:class_id>/link")
@may_call("librarian")
def new_link(class_id: UUID) -> Response:
    asking.act("quizzes", asking.path(f"/quizzes/classes/{class_id}/link"))
    sessions.tell(say("The teacher's link is a new one; the old one opens nothing any more."))
    return redirect(url_for("staff_classes.one_class", class_id=class_id, _anchor="teacher"), 303)


def class_choices(classes: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """For a list to pick one or none from."""
    return [("", "–"), *((each["id"], ", ".join(filter(None, [each["name"], each["school"]]))) for each in classes)]


def _classes(typed: Mapping[str, str], wrongs: Mapping[str, str], refused: Refused | None = None) -> Response:
    listing = Listing.asked(*FILTERS)
    found = asking.look_up(
        classes=("quizzes", asking.path("/quizzes/classes", **listing.query())),
        quizzes=("quizzes", asking.path("/quizzes", open="true", limit=100)),
    )
    shown = page(
        "staff/quizzes/classes.html",
        found,
        classes=found["classes"].items,
        listing=listing.shown((found["classes"].data or {}).get("next")),
        quizzes=found["quizzes"].items,
        typed=typed,
        wrongs=wrongs,
        wrong=refused.detail if refused else "",
    )
    shown.status_code = refused.status if refused else shown.status_code
    return shown
