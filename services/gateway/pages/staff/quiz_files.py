"""Files of questions: what is in one is shown before anything is taken; a bank or a quiz as a file."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from services.gateway import asking, sessions
from services.gateway.asking import Refused
from services.gateway.doors import takes_up_to
from services.gateway.kept_forms import shown_again_as
from services.gateway.pages.common import page
from services.gateway.words import NAMES, say, say_n
from shared.auth import may_call

staff_quiz_files = Blueprint("staff_quiz_files", __name__)
FORMATS = {
    "gift": "GIFT",
    "aiken": "Aiken",
    "moodle": "Moodle XML",
    "qti": "QTI 2.1, 2.2, 3.0",
    "csv": "CSV",
    "xlsx": "XLSX (Excel)",
}
BY_ENDING = {"gift": "gift", "xml": "moodle", "zip": "qti", "csv": "csv", "xlsx": "xlsx"}
LARGEST_FILE = 4 * 1024 * 1024
LARGEST_FORM = 2 * LARGEST_FILE


@staff_quiz_files.get("/staff/quizzes/import")
@may_call("editor")
def ask() -> AnyResponse:
    return _form({"bank_id": request.args.get("bank_id", "")})


def _typed() -> dict[str, str]:
    return {field: request.form.get(field, "") for field in ("format", "language", "bank_id", "new_bank")}


@staff_quiz_files.post("/staff/quizzes/import")
@may_call("editor")
@takes_up_to(LARGEST_FORM)
@shown_again_as(lambda: _form(_typed()))
def read() -> AnyResponse:
    """First only looks: what would be taken, what is refused and where. The file rides along in the form, so that
    taking it needs nothing kept here."""
    (content, name), typed = _content(), _typed()
    if not content:
        return _form(typed, say("Choose a file that is not empty."))
    if len(content) > LARGEST_FILE:
        return _form(typed, say("The file is larger than 4 MB. Divide it into several."))
    typed["format"] = typed["format"] or guess(name, content)
    sure = request.form.get("sure") == "yes"
    if not typed["bank_id"] and (wrong := _wrong_with_name(typed["new_bank"])):
        return _form(typed, wrong)
    try:
        if sure and not typed["bank_id"]:
            typed["bank_id"] = _made_bank(typed["new_bank"])
        query = {field: typed[field] or None for field in ("format", "language", "bank_id")}
        path = asking.path("/quizzes/items/import", **query, dry_run="false" if sure else "true")
        report = asking.send("quizzes", path, content, "application/octet-stream").json()
    except Refused as refused:
        return _form(typed, refused.sentence, refused.status)
    if sure:
        taken = report["taken"]
        sessions.tell(say_n("{n} question is in the bank now.", "{n} questions are in the bank now.", taken))
        return redirect(url_for("staff_items.bank", bank_id=typed["bank_id"]), 303)
    kept = base64.b64encode(content).decode()
    return page("staff/quizzes/import_look.html", {}, report=report, typed=typed, name=name, kept=kept, formats=FORMATS)


@staff_quiz_files.get("/staff/quizzes/export/<kind>")
@may_call("editor")
def export(kind: str) -> Response:
    """The file itself, or what of it that format cannot hold."""
    query = {"format": kind, "bank_id": request.args.get("bank_id"), "quiz_id": request.args.get("quiz_id")}
    answer = asking.fetch("quizzes", asking.path("/quizzes/items/export", **query))
    names = {name.lower(): value for name, value in answer.headers.items()}
    ending = {"moodle": "xml", "qti": "zip", "gift": "gift.txt"}.get(kind, kind)
    headers = {"Content-Disposition": names.get("content-disposition") or f'attachment; filename="questions.{ending}"'}
    return Response(answer.body, content_type=names.get("content-type", "application/octet-stream"), headers=headers)


@staff_quiz_files.get("/staff/quizzes/export/<kind>/notes")
@may_call("editor")
def export_notes(kind: str) -> AnyResponse:
    query = {"format": kind, "bank_id": request.args.get("bank_id"), "quiz_id": request.args.get("quiz_id")}
    found = asking.look_up(notes=("quizzes", asking.path("/quizzes/items/export/notes", **query)))
    return page(
        "staff/quizzes/export_notes.html",
        found,
        notes=found["notes"].data or {},
        kind=kind,
        words=FORMATS.get(kind, kind),
        query={name: value for name, value in query.items() if value and name != "format"},
    )


@staff_quiz_files.get("/staff/quizzes/template.<any(csv, xlsx):ending>")
@may_call("editor")
def template(ending: str) -> Response:
    answer = asking.fetch("quizzes", asking.path(f"/quizzes/template.{ending}"))
    names = {name.lower(): value for name, value in answer.headers.items()}
    headers = {"Content-Disposition": f'attachment; filename="questions.{ending}"'}
    return Response(answer.body, content_type=names.get("content-type", "application/octet-stream"), headers=headers)


@staff_quiz_files.get("/staff/quizzes/<uuid:quiz_id>/results.csv")
@may_call("librarian")
def results(quiz_id: UUID) -> Response:
    answer = asking.fetch("quizzes", asking.path(f"/quizzes/{quiz_id}/results.csv"))
    headers = {"Content-Disposition": 'attachment; filename="results.csv"'}
    return Response(answer.body, content_type="text/csv; charset=utf-8", headers=headers)


def guess(name: str, content: bytes) -> str:
    """The format by the file's ending and, where that says little, by what stands in it."""
    ending = name.rpartition(".")[2].lower()
    if ending == "xml" and b"<quiz" not in content[:4000]:
        return "qti"
    if ending == "txt":
        return "aiken" if b"\nANSWER:" in content.replace(b"\r", b"") and b"{" not in content else "gift"
    return BY_ENDING.get(ending, "gift")


def _content() -> tuple[bytes, str]:
    file = request.files.get("file")
    if file and file.filename:
        return file.read(), file.filename
    try:
        return base64.b64decode(request.form.get("kept", ""), validate=True), request.form.get("name", "")
    except binascii.Error:
        return b"", ""


def _wrong_with_name(name: str) -> str:
    """Of a bank that is made only once the questions are taken."""
    if not name.strip():
        return say("Write a name for the new bank.")
    known = asking.look_up(banks=("quizzes", asking.path("/quizzes/banks")))["banks"].items
    taken = any(each["name"] == name.strip() for each in known)
    return say("There is a bank of this name already. Choose it in the list, or write another name.") if taken else ""


def _made_bank(name: str) -> str:
    made: dict[str, Any] = asking.act("quizzes", asking.path("/quizzes/banks"), body={"name": name.strip()})
    return str(made["id"])


def _form(typed: dict[str, str], wrong: str = "", status: int = 422) -> AnyResponse:
    found = asking.look_up(banks=("quizzes", asking.path("/quizzes/banks")))
    shown = page(
        "staff/quizzes/import.html",
        found,
        bank_choices=[(each["id"], each["name"]) for each in found["banks"].items],
        typed=typed,
        wrong=wrong,
        formats=FORMATS,
        tongue_choices=list(NAMES.items()),
    )
    shown.status_code = status if wrong else shown.status_code
    return shown
