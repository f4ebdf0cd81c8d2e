"""Results at the desk: statistics with pictures, grading anew, nicknames, certificates taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from services.gateway import asking, charts, sessions
from services.gateway.asking import Refused
from services.gateway.kept_forms import shown_again_as, shown_again_on
from services.gateway.pages.common import page
from services.gateway.pages.staff.listing import Listing, csv_file, everything
from services.gateway.words import say
from shared.auth import may_call

staff_quiz_results = Blueprint("staff_quiz_results", __name__)


@staff_quiz_results.get("/staff/quizzes/<uuid:quiz_id>/statistics")
@may_call("librarian", "editor")
def statistics(quiz_id: UUID) -> Response:
    found = asking.look_up(
        quiz=("quizzes", asking.path(f"/quizzes/{quiz_id}")),
        statistics=("quizzes", asking.path(f"/quizzes/{quiz_id}/statistics")),
        regrades=("quizzes", asking.path(f"/quizzes/{quiz_id}/regrades")),
    )
    known = found["statistics"].data
    counts = [each["count"] for each in known["distribution"]] if known else []
    return page(
        "staff/quizzes/statistics.html",
        found,
        quiz=found["quiz"].data,
        quiz_id=quiz_id,
        statistics=known,
        regrades=found["regrades"].items,
        bars=charts.columns(counts),
        lines=charts.scale(counts),
        chart=charts,
    )


@staff_quiz_results.post("/staff/quizzes/<uuid:quiz_id>/regrade")
@may_call("editor")
@shown_again_on("staff_quiz_results.statistics", words=("reason",))
def regrade(quiz_id: UUID) -> Response:
    reason = request.form.get("reason", "").strip()
    try:
        asking.act("quizzes", asking.path(f"/quizzes/{quiz_id}/regrade"), body={"reason": reason})
        sessions.tell(say("Grading anew has begun; this page shows what came of it."))
    except Refused as refused:
        sessions.tell(refused.sentence, "refused")
    return redirect(url_for("staff_quiz_results.statistics", quiz_id=quiz_id, _anchor="regrade"), 303)


@staff_quiz_results.post("/staff/quizzes/<uuid:quiz_id>/regrades/<uuid:regrade_id>/withdraw-certificates")
@may_call("editor")
def withdraw_undeserved(quiz_id: UUID, regrade_id: UUID) -> Response:
    """Those of whom the regrade found that they have not passed; its own reason stands for all."""
    done = asking.act(
        "quizzes", asking.path(f"/quizzes/{quiz_id}/regrades/{regrade_id}/withdraw-certificates"), body={}
    )
    sessions.tell(say("Certificates withdrawn: {n}. Their public pages say so from now on.", n=done["withdrawn"]))
    return redirect(url_for("staff_quiz_results.statistics", quiz_id=quiz_id, _anchor="regrade"), 303)


@staff_quiz_results.get("/staff/quizzes/<uuid:quiz_id>/nicknames")
@may_call("librarian")
def nicknames(quiz_id: UUID) -> Response:
    listing = Listing.asked("search", "hidden")
    found = asking.look_up(
        quiz=("quizzes", asking.path(f"/quizzes/{quiz_id}")),
        nicknames=("quizzes", asking.path("/quizzes/nicknames", **listing.query(quiz_id=quiz_id))),
    )
    return page(
        "staff/quizzes/nicknames.html",
        found,
        quiz=found["quiz"].data,
        quiz_id=quiz_id,
        nicknames=found["nicknames"].items,
        listing=listing.shown((found["nicknames"].data or {}).get("next")),
    )


@staff_quiz_results.get("/staff/quizzes/<uuid:quiz_id>/nicknames.csv")
@may_call("librarian")
def nicknames_as_file(quiz_id: UUID) -> Response:
    items = everything("quizzes", "/quizzes/nicknames", Listing.asked("search", "hidden").query(quiz_id=quiz_id))

    def cells(each: dict[str, Any]) -> list[object]:
        return [each["nickname"], each.get("points"), say("hidden") if each["hidden"] else ""]

    return csv_file("nicknames", [say("Nickname"), say("Points"), say("State")], items, cells)


@staff_quiz_results.post("/staff/quizzes/<uuid:quiz_id>/nicknames")
@may_call("librarian")
def hide_nickname(quiz_id: UUID) -> Response:
    asking.act(
        "quizzes", asking.path("/quizzes/nicknames/hide"), body={"attempt_id": request.form.get("attempt_id", "")}
    )
    sessions.tell(say("The nickname is hidden."))
    return redirect(url_for("staff_quiz_results.nicknames", quiz_id=quiz_id), 303)


@staff_quiz_results.get("/staff/quizzes/certificates")
@may_call("librarian")
def certificates() -> Response:
    return _certificates("", "")


@staff_quiz_results.post("/staff/quizzes/certificates")
@may_call("librarian")
@shown_again_as(lambda: _certificates(request.form.get("code", ""), request.form.get("reason", "")))
def withdraw() -> Response:
    """By its code or by the address on it."""
    code = request.form.get("code", "").strip().rstrip("/").rpartition("/")[2]
    reason = request.form.get("reason", "").strip()
    if not code or not reason:
        return _certificates(code, reason, say("Write the code and the reason."))
    try:
        asking.act("quizzes", asking.path(f"/quizzes/certificates/{code}/withdraw"), body={"reason": reason})
    except Refused as refused:
        wrong = say("There is no certificate with this code") if refused.status == 404 else refused.sentence
        return _certificates(code, reason, wrong, refused.status)
    sessions.tell(say("The certificate is withdrawn; its public page says so from now on."))
    return redirect(url_for("staff_quiz_results.certificates"), 303)


def _certificates(code: str, reason: str, wrong: str = "", status: int = 422) -> Response:
    shown = page("staff/quizzes/certificates.html", {}, code=code, reason=reason, wrong=wrong)
    shown.status_code = status if wrong else shown.status_code
    return shown
