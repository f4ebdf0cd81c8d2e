"""Question banks and the editor of one question, in three languages side by side; pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, item_form, sessions
from services.gateway.asking import Refused
from services.gateway.doors import takes_up_to
from services.gateway.item_form import Draft
from services.gateway.kept_forms import shown_again_as
from services.gateway.pages.common import page
from services.gateway.pages.staff.listing import Listing, csv_file, cut
from services.gateway.words import say
from shared.auth import may_call
from shared.folding import fold

staff_items = Blueprint("staff_items", __name__)
LARGEST_FORM = 2 * 1024 * 1024
MORE_ROWS = 3
FORMATS = ("gift", "moodle", "qti", "csv", "xlsx")


@staff_items.get("/staff/quizzes/banks")
@may_call("editor")
def banks() -> Response:
    listing = Listing.asked("search")
    found = asking.look_up(banks=("quizzes", asking.path("/quizzes/banks")))
    shown, listing = cut(_searched(found["banks"].items, listing), listing)
    return page("staff/quizzes/banks.html", found, banks=shown, listing=listing)


def _searched(banks: Sequence[Mapping[str, Any]], listing: Listing) -> Sequence[Mapping[str, Any]]:
    words = fold(listing.filters["search"]).split()
    return [each for each in banks if all(word in fold(each["name"]) for word in words)]


@staff_items.get("/staff/quizzes/banks.csv")
@may_call("editor")
def banks_as_file() -> Response:
    items = asking.act("quizzes", asking.path("/quizzes/banks"), method="GET")["items"]
    columns = [say("Name"), say("Questions")]
    return csv_file(
        "banks", columns, _searched(items, Listing.asked("search")), lambda each: [each["name"], each["items"]]
    )


@staff_items.post("/staff/quizzes/banks")
@may_call("editor")
@shown_again_as(banks)
def make_bank() -> Response:
    try:
        made = asking.act("quizzes", asking.path("/quizzes/banks"), body={"name": request.form.get("name", "").strip()})
    except Refused as refused:
        sessions.tell(refused.sentence, "refused")
        return redirect(url_for("staff_items.banks"), 303)
    return redirect(url_for("staff_items.bank", bank_id=made["id"]), 303)


@staff_items.get("/staff/quizzes/banks/<uuid:bank_id>")
@may_call("editor")
def bank(bank_id: UUID) -> Response:
    listing = Listing.asked("search", "kind")
    found = asking.look_up(
        items=("quizzes", asking.path("/quizzes/items", bank_id=bank_id, **listing.query())),
        banks=("quizzes", asking.path("/quizzes/banks")),
        drafts=("quizzes", asking.path("/quizzes", state="draft", limit=100)),
    )
    known = next((each for each in found["banks"].items if each["id"] == str(bank_id)), None)
    if known is None and not found["banks"].away:
        abort(404)
    following = (found["items"].data or {}).get("next")
    return page(
        "staff/quizzes/bank.html",
        found,
        bank=known,
        items=found["items"].items,
        drafts=found["drafts"].items,
        listing=listing.shown(following),
        kinds=item_form.KINDS,
        formats=FORMATS,
    )


@staff_items.post("/staff/quizzes/banks/<uuid:bank_id>")
@may_call("editor")
@shown_again_as(bank)
def change_bank(bank_id: UUID) -> Response:
    delete = request.form.get("go") == "delete"
    try:
        body = None if delete else {"name": request.form.get("name", "").strip()}
        asking.act(
            "quizzes", asking.path(f"/quizzes/banks/{bank_id}"), method="DELETE" if delete else "PATCH", body=body
        )
    except Refused as refused:
        sessions.tell(refused.sentence, "refused")
        return redirect(url_for("staff_items.bank", bank_id=bank_id), 303)
    if delete:
        return redirect(url_for("staff_items.banks"), 303)
    return redirect(url_for("staff_items.bank", bank_id=bank_id), 303)


@staff_items.get("/staff/quizzes/items/new")
@may_call("editor")
def new() -> Response:
    kind = request.args.get("kind", "single")
    if kind not in item_form.KINDS:
        abort(404)
    return _form(Draft(item_form.empty(kind), {}), None, request.args.get("bank_id", ""))


@staff_items.get("/staff/quizzes/items/<uuid:item_id>")
@may_call("editor")
def edit(item_id: UUID) -> Response:
    known = asking.act("quizzes", asking.path(f"/quizzes/items/{item_id}"), method="GET")
    return _form(Draft(known["item"], {}), known, known["bank_id"], faults=known["faults"])


def _again(item_id: UUID | None = None) -> Response:
    draft = item_form.item_of(request.form)
    _take_picture(draft)
    return _form(draft, _known(item_id), request.form.get("bank_id", ""), more=MORE_ROWS)


@staff_items.post("/staff/quizzes/items/new")
@may_call("editor")
@takes_up_to(LARGEST_FORM)
@shown_again_as(_again)
def make() -> Response:
    return _save(None)


@staff_items.post("/staff/quizzes/items/<uuid:item_id>")
@may_call("editor")
@takes_up_to(LARGEST_FORM)
@shown_again_as(_again)
def change(item_id: UUID) -> Response:
    if request.form.get("go") == "delete":
        return _delete(item_id)
    return _save(item_id)


@staff_items.post("/staff/quizzes/items/check")
@may_call("editor")
def check() -> Response:
    """For the editor's script: what is wrong so far, by the form's own fields."""
    draft = item_form.item_of(request.form)
    try:
        faults = asking.act("quizzes", asking.path("/quizzes/items/check"), body={"item": draft.item})["faults"]
    except Refused as refused:
        faults = _refused_places(refused)
    return jsonify(faults=[{"field": draft.field_of(each["place"]), "message": each["message"]} for each in faults])


def _save(item_id: UUID | None) -> Response:
    draft, bank_id = item_form.item_of(request.form), request.form.get("bank_id", "")
    known = _known(item_id)
    try:
        _take_picture(draft)
        if request.form.get("go") == "more":
            return _form(draft, known, bank_id, more=MORE_ROWS)
        if known:
            path = asking.path(f"/quizzes/items/{item_id}")
            saved = asking.act("quizzes", path, method="PATCH", body={"item": draft.item}, version=known["version"])
        else:
            saved = asking.act("quizzes", asking.path("/quizzes/items"), body={"bank_id": bank_id, "item": draft.item})
    except Refused as refused:
        return _form(draft, known, bank_id, faults=_refused_places(refused), refused=refused)
    if saved["faults"]:
        sessions.tell(say("Saved as it is. Before it can be published: see what is marked below."), "refused")
        return redirect(url_for("staff_items.edit", item_id=saved["id"]), 303)
    sessions.tell(say("The question is saved."))
    return redirect(url_for("staff_items.bank", bank_id=saved["bank_id"]), 303)


def _known(item_id: UUID | None) -> dict[str, Any] | None:
    """What the form says of the question it changes."""
    return {"id": str(item_id), "used_by": [], "version": request.form.get("version")} if item_id else None


def _delete(item_id: UUID) -> Response:
    try:
        asking.act("quizzes", asking.path(f"/quizzes/items/{item_id}"), method="DELETE")
    except Refused as refused:
        sessions.tell(refused.sentence, "refused")
        return redirect(url_for("staff_items.edit", item_id=item_id), 303)
    return redirect(url_for("staff_items.bank", bank_id=request.form.get("bank_id", "")), 303)


def _take_picture(draft: Draft) -> None:
    """A file sent with the form becomes the question's picture. Raises Refused at its field."""
    file = request.files.get("picture")
    if request.form.get("picture.remove"):
        draft.item["picture"] = None
    if not file or not file.filename:
        return
    stored = asking.send("quizzes", asking.path("/quizzes/pictures"), file.read(), file.mimetype).json()
    alt = item_form.item_of({**request.form, "picture.source": stored["source"]}).item["picture"]
    draft.item["picture"] = alt


def _refused_places(refused: Refused) -> list[dict[str, str]]:
    """A refusal as faults, each at its place in the item."""
    return [
        {"place": place.removeprefix("item."), "message": " ".join(map(str, messages))}
        for place, messages in refused.errors.items()
    ]


def _form(
    draft: Draft,
    known: Mapping[str, Any] | None,
    bank_id: str,
    *,
    faults: Sequence[Mapping[str, str]] = (),
    refused: Refused | None = None,
    more: int = 0,
) -> Response:
    """After reading, empty rows are gone: faults stand where the rows now are."""
    at_fields: dict[str, str] = {}
    for each in faults:
        at_fields[each["place"]] = f"{at_fields.get(each['place'], '')} {each['message']}".strip()
    shown = page(
        "staff/quizzes/item.html",
        {},
        item=draft.item,
        known=known,
        bank_id=bank_id,
        wrongs=at_fields,
        wrong=refused.detail if refused else "",
        alt=item_form.alt_of(draft.item, request.form),
        shares=item_form.shares(draft.item),
        is_right=item_form.is_right,
        rows=max(
            item_form.FEWEST_ROWS, more + max((len(v) for v in draft.item.values() if isinstance(v, list)), default=0)
        ),
        kinds=item_form.KINDS,
    )
    shown.status_code = refused.status if refused else shown.status_code
    return shown
