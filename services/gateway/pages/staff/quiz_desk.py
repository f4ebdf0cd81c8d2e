"""Work around a quiz at the desk: open answers to be read, answers given on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, sessions
from services.gateway.answers import given_in
from services.gateway.asking import Refused
from services.gateway.kept_forms import shown_again_as
from services.gateway.pages.common import page
from services.gateway.pages.staff.listing import Listing, csv_file, everything
from services.gateway.pages.staff.quiz_classes import class_choices
from services.gateway.words import count, named, say
from shared import clock
from shared.auth import may_call

staff_quiz_desk = Blueprint("staff_quiz_desk", __name__)
OF_A_SHEET = ("card_number", "nickname", "class_id", "written_on")
MOST_CHOICES = 200


@staff_quiz_desk.get("/staff/quizzes/marking")
@may_call("librarian")
def marking() -> Response:
    listing = Listing.asked("quiz_id")
    found = asking.look_up(
        waiting=("quizzes", asking.path("/quizzes/marking", **listing.query())),
        quizzes=("quizzes", asking.path("/quizzes", state="all", limit=MOST_CHOICES)),
    )
    return page(
        "staff/quizzes/marking.html",
        found,
        waiting=found["waiting"].items,
        quizzes=[("", say("all")), *((each["id"], named(each["title"])) for each in found["quizzes"].items)],
        listing=listing.shown((found["waiting"].data or {}).get("next")),
    )


@staff_quiz_desk.get("/staff/quizzes/marking.csv")
@may_call("librarian")
def marking_as_file() -> Response:
    items = everything("quizzes", "/quizzes/marking", Listing.asked("quiz_id").query())
    columns = [say("Quiz"), say("Question"), say("Answer"), say("Language"), say("Points at most")]

    def cells(each: dict[str, Any]) -> list[object]:
        words = [named(each["quiz"]["title"]), named(each["text"])]
        return [*words, each["answer"], each["language"], each["of"]]

    return csv_file("answers-to-read", columns, items, cells)


@staff_quiz_desk.post("/staff/quizzes/marking")
@may_call("librarian")
@shown_again_as(marking, words=("points", "comment"))
def mark() -> Response:
    form = request.form
    body = {
        "attempt_id": form.get("attempt_id", ""),
        "item_id": form.get("item_id", ""),
        "points": form.get("points", "").strip().replace(",", "."),
    }
    if comment := form.get("comment", "").strip():
        body["comment"] = comment
    try:
        asking.act("quizzes", asking.path("/quizzes/marking"), body=body)
        sessions.tell(say("The points are kept."))
    except Refused as refused:
        sessions.tell(refused.sentence, "refused")
    return redirect(url_for("staff_quiz_desk.marking", quiz_id=form.get("quiz_id") or None), 303)


@staff_quiz_desk.get("/staff/quizzes/<uuid:quiz_id>/paper")
@may_call("librarian")
def paper(quiz_id: UUID) -> Response:
    return _paper(quiz_id)


@staff_quiz_desk.post("/staff/quizzes/<uuid:quiz_id>/paper")
@may_call("librarian")
@shown_again_as(paper)
def enter_paper(quiz_id: UUID) -> Response:
    """A sheet of paper, typed in; graded at once like any other. Class and day stay for the next sheet of the pile."""
    given = given_in(request.form)
    if given.incomplete:
        return _paper(quiz_id, say("Give every line a place of its own."))
    typed = {name: request.form.get(name, "").strip() for name in OF_A_SHEET}
    body: dict[str, Any] = {name: value for name, value in typed.items() if value}
    body |= {"language": request.form.get("language", "kk"), "answers": given.answers}
    try:
        done = asking.act("quizzes", asking.path(f"/quizzes/{quiz_id}/paper"), body=body)
    except Refused as refused:
        return _paper(quiz_id, refused.sentence, refused.status)
    sessions.tell(_said_of(done))
    stays: dict[str, Any] = {name: typed[name] or None for name in ("class_id", "written_on")}
    return redirect(url_for("staff_quiz_desk.paper", quiz_id=quiz_id, **stays), 303)


def _said_of(done: Mapping[str, Any]) -> str:
    if done["to_be_marked"]:
        return say("The answers are in; some of them a librarian has still to read.")
    return say("The answers are in. Points: {points} of {of}", points=count(done["points"]), of=count(done["of"]))


def _paper(quiz_id: UUID, wrong: str = "", status: int = 422) -> Response:
    found = asking.look_up(
        quiz=("quizzes", asking.path(f"/quizzes/{quiz_id}")),
        sheet=("quizzes", asking.path(f"/quizzes/{quiz_id}/paper")),
        classes=("quizzes", asking.path(f"/quizzes/{quiz_id}/classes")),
    )
    shown = page(
        "staff/quizzes/paper.html",
        found,
        quiz=found["quiz"].data,
        quiz_id=quiz_id,
        questions=found["sheet"].items,
        class_choices=class_choices(found["classes"].items),
        today=clock.today(asking.settings().time_zone).isoformat(),
        typed=request.form or request.args,
        answers=given_in(request.form).answers if request.form else {},
        wrong=wrong,
    )
    shown.status_code = status if wrong else shown.status_code
    return shown
