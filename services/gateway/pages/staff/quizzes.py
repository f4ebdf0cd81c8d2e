"""The desk's quizzes: the list, a quiz's terms, its questions, the check before publishing, closing and reopening."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, quiz_form, sessions
from services.gateway.asking import Found, Refused
from services.gateway.kept_forms import shown_again_as, shown_again_on
from services.gateway.pages.common import BRANCHES, page
from services.gateway.pages.staff import naming
from services.gateway.pages.staff.listing import Listing, csv_file, everything
from services.gateway.pages.staff.quiz_classes import class_choices
from services.gateway.words import named, say
from shared.auth import may_call

staff_quizzes = Blueprint("staff_quizzes", __name__)
STATES = ("draft", "published", "closed")
FILTERS = ("search", "state")
SPARE_ROWS = 2


@staff_quizzes.get("/staff/quizzes")
@may_call("editor", "librarian")
def listed() -> Response:
    listing = Listing.asked(*FILTERS)
    query = listing.query(state=listing.filters["state"] or "all")
    found = asking.look_up(quizzes=("quizzes", asking.path("/quizzes", **query)))
    following = (found["quizzes"].data or {}).get("next")
    return page(
        "staff/quizzes/list.html",
        found,
        quizzes=found["quizzes"].items,
        listing=listing.shown(following),
        states=STATES,
    )


@staff_quizzes.get("/staff/quizzes.csv")
@may_call("editor", "librarian")
def as_file() -> Response:
    columns = [say("Title"), say("State"), say("Questions"), say("Languages"), say("First day"), say("Last day")]
    listing = Listing.asked(*FILTERS)
    query = listing.query(state=listing.filters["state"] or "all")
    return csv_file("quizzes", columns, everything("quizzes", "/quizzes", query), _cells)


def _cells(quiz: Mapping[str, Any]) -> list[object]:
    languages = " ".join(quiz["languages"])
    days = [quiz["opens_on"], quiz["closes_on"]]
    return [named(quiz["title"]), naming.quiz_state(quiz["state"]), quiz["questions"], languages, *days]


@staff_quizzes.get("/staff/quizzes/new")
@may_call("editor")
def new() -> Response:
    found = asking.look_up(branches=BRANCHES)
    return _form(found, quiz_form.NEW, None)


def _new_again() -> Response:
    return _form(asking.look_up(branches=BRANCHES), _typed({}), None)


def _again(quiz_id: UUID) -> Response:
    found = _what_a_form_needs(quiz_id)
    seen = {"version": request.form.get("version")}
    return _form(found, _typed(found["quiz"].data or {}) | seen, quiz_id)


def _typed(quiz: Mapping[str, Any]) -> dict[str, Any]:
    """The quiz with the terms as they were typed; its form asks for the day that was agreed."""
    terms = quiz_form.terms_of(request.form)
    return {**quiz_form.NEW, **quiz, **terms, "original_closes_on": terms["closes_on"]}


@staff_quizzes.post("/staff/quizzes/new")
@may_call("editor")
@shown_again_as(_new_again)
def make() -> Response:
    terms = quiz_form.terms_of(request.form)
    try:
        made = asking.act("quizzes", asking.path("/quizzes"), body=terms | {"pools": []})
    except Refused as refused:
        return _form(asking.look_up(branches=BRANCHES), _typed({}), None, refused)
    sessions.tell(say("The draft is saved. Now choose its questions."))
    return redirect(url_for("staff_quizzes.questions", quiz_id=made["id"]), 303)


@staff_quizzes.get("/staff/quizzes/<uuid:quiz_id>")
@may_call("editor")
def edit(quiz_id: UUID) -> Response:
    found = _what_a_form_needs(quiz_id)
    return _form(found, found["quiz"].data, quiz_id)


@staff_quizzes.post("/staff/quizzes/<uuid:quiz_id>")
@may_call("editor")
@shown_again_as(_again)
def change(quiz_id: UUID) -> Response:
    terms = quiz_form.terms_of(request.form)
    try:
        path = asking.path(f"/quizzes/{quiz_id}")
        asking.act("quizzes", path, method="PATCH", body=terms, version=request.form.get("version"))
    except Refused as refused:
        found = _what_a_form_needs(quiz_id)
        return _form(found, _typed(found["quiz"].data or {}), quiz_id, refused)
    sessions.tell(say("Saved."))
    return redirect(url_for("staff_quizzes.edit", quiz_id=quiz_id), 303)


@staff_quizzes.get("/staff/quizzes/<uuid:quiz_id>/questions")
@may_call("editor")
def questions(quiz_id: UUID) -> Response:
    found = asking.look_up(
        quiz=_whole(quiz_id),
        items=("quizzes", asking.path("/quizzes/items", quiz_id=quiz_id, limit=500)),
        banks=("quizzes", asking.path("/quizzes/banks")),
    )
    return page(
        "staff/quizzes/questions.html",
        found,
        quiz=found["quiz"].data,
        quiz_id=quiz_id,
        items={item["id"]: item for item in found["items"].items},
        banks=found["banks"].items,
        bank_choices=[("", "–"), *((each["id"], each["name"]) for each in found["banks"].items)],
    )


@staff_quizzes.post("/staff/quizzes/<uuid:quiz_id>/questions")
@may_call("editor")
@shown_again_as(questions)
def change_questions(quiz_id: UUID) -> Response:
    """Takes ticked questions out, sets how many are drawn, and adds a bank as one more pool."""
    quiz = _quiz(quiz_id)
    pools = quiz_form.pools_of(request.form, quiz["pools"])
    if bank_id := request.form.get("bank_id"):
        pools += _pool_of(bank_id, {item for pool in pools for item in pool["item_ids"]})
    _save_pools(quiz_id, pools, request.form.get("version"))
    return redirect(url_for("staff_quizzes.questions", quiz_id=quiz_id), 303)


@staff_quizzes.post("/staff/quizzes/questions")
@may_call("editor")
@shown_again_on("staff_items.bank")
def add_questions() -> Response:
    """Questions ticked in a bank become one more pool of a quiz."""
    quiz_id, chosen = request.form.get("quiz_id", ""), request.form.getlist("item_id")
    if not quiz_id or not chosen:
        sessions.tell(say("Tick at least one question, and choose the quiz."), "refused")
        return redirect(url_for("staff_items.bank", bank_id=request.form.get("bank_id", "")), 303)
    quiz = _quiz(quiz_id)
    known = {item for pool in quiz["pools"] for item in pool["item_ids"]}
    new_ids = [item for item in chosen if item not in known]
    pools = [*quiz["pools"], {"item_ids": new_ids, "draw": None}] if new_ids else quiz["pools"]
    _save_pools(quiz_id, pools, str(quiz["version"]))
    return redirect(url_for("staff_quizzes.questions", quiz_id=quiz_id), 303)


@staff_quizzes.get("/staff/quizzes/<uuid:quiz_id>/check")
@may_call("editor")
def check(quiz_id: UUID) -> Response:
    """What hinders publishing, or the way to publish; afterwards the way to close and to open again."""
    found = asking.look_up(quiz=_whole(quiz_id))
    quiz = found["quiz"].data
    faults = asking.act("quizzes", asking.path(f"/quizzes/{quiz_id}/check"))["faults"] if quiz else []
    return page("staff/quizzes/check.html", found, quiz=quiz, quiz_id=quiz_id, faults=faults)


@staff_quizzes.post("/staff/quizzes/<uuid:quiz_id>/<any(publish, close, reopen, delete):deed>")
@may_call("editor")
def turn(quiz_id: UUID, deed: str) -> Response:
    """Publishing, closing, opening again; a draft may be thrown away."""
    done = {
        "publish": say("The quiz is published."),
        "close": say("The quiz is closed."),
        "reopen": say("The quiz is open again."),
        "delete": say("The draft is thrown away."),
    }
    path = f"/quizzes/{quiz_id}" + ("" if deed == "delete" else f"/{deed}")
    try:
        asking.act("quizzes", asking.path(path), method="DELETE" if deed == "delete" else "POST")
        sessions.tell(done[deed])
    except Refused as refused:
        sessions.tell(refused.sentence, "refused")
        return redirect(url_for("staff_quizzes.check", quiz_id=quiz_id), 303)
    if deed == "delete":
        return redirect(url_for("staff_quizzes.listed"), 303)
    return redirect(url_for("staff_quizzes.check", quiz_id=quiz_id), 303)


def _quiz(quiz_id: UUID | str) -> dict[str, Any]:
    quiz: dict[str, Any] = asking.act("quizzes", asking.path(f"/quizzes/{quiz_id}/whole"), method="GET")
    return quiz


def _save_pools(quiz_id: UUID | str, pools: list[dict[str, Any]], version: str | None) -> None:
    path = asking.path(f"/quizzes/{quiz_id}")
    try:
        asking.act("quizzes", path, method="PATCH", body={"pools": pools}, version=version)
        sessions.tell(say("Saved."))
    except Refused as refused:
        sessions.tell(refused.sentence, "refused")


def _pool_of(bank_id: str, known: set[str]) -> list[dict[str, Any]]:
    items = asking.act("quizzes", asking.path("/quizzes/items", bank_id=bank_id, limit=500), method="GET")["items"]
    ids = [item["id"] for item in items if item["id"] not in known]
    drawn = request.form.get("bank_draw", "").strip()
    return [{"item_ids": ids, "draw": int(drawn) if drawn.isdecimal() else None}] if ids else []


def _whole(quiz_id: UUID) -> tuple[str, str]:
    return "quizzes", asking.path(f"/quizzes/{quiz_id}/whole")


def _what_a_form_needs(quiz_id: UUID) -> dict[str, Found]:
    classes = ("quizzes", asking.path(f"/quizzes/{quiz_id}/classes"))
    return asking.look_up(quiz=_whole(quiz_id), branches=BRANCHES, classes=classes)


def _form(
    found: Mapping[str, Found], quiz: Mapping[str, Any] | None, quiz_id: UUID | None, refused: Refused | None = None
) -> Response:
    shown = page(
        "staff/quizzes/edit.html",
        found,
        quiz=quiz,
        quiz_id=quiz_id,
        branch_choices=[
            ("", say("all libraries")),
            *((each["id"], named(each["name"])) for each in found["branches"].items),
        ],
        class_choices=class_choices(found["classes"].items if "classes" in found else []),
        wrongs={field: " ".join(_flat(said)) for field, said in refused.errors.items()} if refused else {},
        wrong=refused.detail if refused else "",
        spare=SPARE_ROWS,
    )
    shown.status_code = refused.status if refused else shown.status_code
    return shown


def _flat(said: Any) -> list[str]:
    """Messages of a field, also of fields inside it."""
    if isinstance(said, Mapping):
        return [each for inner in said.values() for each in _flat(inner)]
    return [each for inner in said for each in _flat(inner)] if isinstance(said, list) else [str(said)]
