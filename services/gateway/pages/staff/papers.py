"""Papers for a quarantine: the notice on the door, class chats, slips and letters, the picture for social accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

import segno
from flask import Blueprint, Response, abort, redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from services.gateway import asking, sessions
from services.gateway.asking import Found
from services.gateway.kept_forms import shown_again_as
from services.gateway.pages.common import BRANCHES, page
from services.gateway.pages.staff import paper_words
from services.gateway.pages.staff.acting import (
    LIBRARIAN,
    OPERATOR,
    branch_choices,
    branch_names,
    given,
    tried,
)
from services.gateway.pages.staff.paper_words import Said
from services.gateway.pages.staff.returns import today
from services.gateway.pages.staff.social_card import FORMATS, Kind, picture
from services.gateway.words import say
from shared.auth import STAFF, may_call
from shared.language import LANGUAGES

papers = Blueprint("staff_papers", __name__, url_prefix="/staff/quarantines/<uuid:quarantine_id>")
LANGUAGE_ON_TOP = "kk"


def _quarantine(quarantine_id: UUID) -> tuple[str, str]:
    return "quarantines", asking.path(f"/quarantines/{quarantine_id}")


@papers.get("/papers")
@may_call(STAFF)
def overview(quarantine_id: UUID) -> AnyResponse:
    found = asking.look_up(quarantine=_quarantine(quarantine_id))
    return page("staff/papers/overview.html", found, **_about(found, quarantine_id))


def _about(found: Mapping[str, Found], quarantine_id: UUID) -> dict[str, Any]:
    return {"quarantine": found["quarantine"].data, "quarantine_id": quarantine_id}


@papers.get("/door")
@may_call(STAFF)
def door(quarantine_id: UUID) -> AnyResponse:
    found = asking.look_up(quarantine=_quarantine(quarantine_id), branches=BRANCHES)
    about = _about(found, quarantine_id)
    if about["quarantine"] is None:
        return page("staff/papers/away.html", found, **about)
    branch = _branch(found, about["quarantine"])
    sheets = {said.language: said for said in in_three_languages(about["quarantine"], branch)}
    names = {key: name for key, name in branch_names(found["branches"]).items() if key in about["quarantine"]["scope"]}
    return page(
        "staff/papers/door.html",
        found,
        first=sheets.pop(LANGUAGE_ON_TOP),
        others=sheets.values(),
        places=branch_choices(names, say("the library as a whole")),
        branch=branch,
        site=asking.settings().base_url(),
        code=qr_code(asking.settings().base_url()),
        **about,
    )


def _branch(found: Mapping[str, Found], quarantine: Mapping[str, Any]) -> dict[str, Any] | None:
    """The branch whose door it is; none for the library as a whole."""
    wanted = request.args.get("branch", "")
    return next((each for each in found["branches"].items if each["id"] == wanted in quarantine["scope"]), None)


def in_three_languages(quarantine: Mapping[str, Any], branch: Mapping[str, Any] | None = None) -> list[Said]:
    """A branch opens on its own day: the first one after the closure on which its hours leave it open."""
    closed = (branch or {}).get("closed") or {}
    opens = closed.get("reopens_on") or quarantine["reopens_on"]
    return [_said(quarantine, date.fromisoformat(opens) if opens else None, language) for language in LANGUAGES]


def _said(quarantine: Mapping[str, Any], opens: date | None, language: str) -> Said:
    reason = quarantine["reason"].get(language) or ""
    first_closed = date.fromisoformat(quarantine["starts_on"])
    case = paper_words.case_of(quarantine["phase"], opens, today())
    return paper_words.said(case, language, opens, first_closed, reason, asking.settings().library_phone)


def qr_code(address: str) -> Markup:
    """A drawing without styles, as the pages' policy wants it."""
    drawn = segno.make(address, micro=False, error="m").svg_inline(
        border=2, svgclass=None, lineclass=None, omitsize=True
    )
    # The drawing is our own; the address lies in its lines only.
    return Markup(drawn.replace("<svg", '<svg role="img" aria-hidden="true"', 1))  # noqa: S704


@papers.get("/chats")
@may_call(LIBRARIAN, OPERATOR)
def chats(quarantine_id: UUID) -> AnyResponse:
    asked = asking.path("/notices/papers/chats", quarantine_id=quarantine_id)
    found = asking.look_up(chats=("notify", asked), quarantine=_quarantine(quarantine_id))
    texts = (found["chats"].data or {}).get("texts", {})
    ready = [(code, texts[code], f"https://wa.me/?text={quote(texts[code])}") for code in LANGUAGES if code in texts]
    return page("staff/papers/chats.html", found, ready=ready, **_about(found, quarantine_id))


@papers.get("/slips")
@may_call(LIBRARIAN)
def slips(quarantine_id: UUID) -> AnyResponse:
    """One sheet a class, to cut and fold."""
    asked = asking.path("/notices/papers/slips", quarantine_id=quarantine_id)
    of_this = _quarantine(quarantine_id)
    found = asking.look_up(patience=asking.LONG_READ_SECONDS, slips=("notify", asked), quarantine=of_this)
    wanted = request.args.get("class", "")
    classes = [each for each in found["slips"].items if wanted in ("", _class_name(each))]
    choices = [("", say("all classes")), *((name, name) for name in map(_class_name, found["slips"].items))]
    about = _about(found, quarantine_id)
    undone = (about["quarantine"] or {}).get("phase") == "cancelled"
    sheets = [{"name": _class_name(each), "slips": [_slip(slip, undone) for slip in each["slips"]]} for each in classes]
    return page("staff/papers/slips.html", found, sheets=sheets, choices=choices, wanted=wanted, **about)


def _class_name(each: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (each["school"], each["school_class"])))


def _slip(slip: Mapping[str, Any], undone: bool) -> dict[str, Any]:
    days = [(date.fromisoformat(each["day"]) if each["day"] else None, each["books"]) for each in slip["days"]]
    library = asking.settings().library_name(slip["language"])
    title, lines = paper_words.slip(slip["language"], days, undone)
    return {"name": slip["name"], "language": slip["language"], "library": library, "title": title, "lines": lines}


@papers.get("/social")
@may_call(STAFF)
def social(quarantine_id: UUID) -> AnyResponse:
    return _social(quarantine_id)


def _social(quarantine_id: UUID, url: str = "", wrongs: Mapping[str, str] | None = None) -> AnyResponse:
    posts = "notify", asking.path("/announcements", quarantine_id=quarantine_id)
    found = asking.look_up(quarantine=_quarantine(quarantine_id), posts=posts)
    about = _about(found, quarantine_id)
    if about["quarantine"] is None:
        return page("staff/papers/away.html", found, **about)
    site = asking.settings().base_url()
    values: dict[str, Any] = {
        "sheets": in_three_languages(about["quarantine"]),
        "site": site,
        "posts": found["posts"].items,
    }
    values |= {"url": url, "wrongs": wrongs or {}}
    response = page("staff/papers/social.html", found, **values, **about)
    response.status_code = 422 if wrongs else response.status_code
    return response


def _social_again(quarantine_id: UUID) -> AnyResponse:
    return _social(quarantine_id, given("url")["url"])


@papers.post("/social")
@may_call(STAFF)
@shown_again_as(_social_again)
def record_post(quarantine_id: UUID) -> AnyResponse:
    """The address of what was posted by hand, as evidence."""
    url = given("url")["url"]
    body = {"quarantine_id": str(quarantine_id), "url": url}
    done = tried("notify", asking.path("/announcements"), body=body)
    if not done.done:
        return _social(quarantine_id, url, done.wrongs or {"url": done.detail})
    sessions.tell(say("The post is on record."))
    return redirect(url_for("staff_papers.social", quarantine_id=quarantine_id), 303)


@papers.post("/social/<int:number>/take-back")
@may_call(STAFF)
def take_post_back(quarantine_id: UUID, number: int) -> AnyResponse:
    tried("notify", asking.path(f"/announcements/{number}"), method="DELETE")
    sessions.tell(say("The entry is taken back. The post itself stays where it is."))
    return redirect(url_for("staff_papers.social", quarantine_id=quarantine_id), 303)


@papers.get("/social.<any(png, svg):kind>")
@may_call(STAFF)
def social_picture(quarantine_id: UUID, kind: Kind) -> Response:
    language = request.args.get("language", LANGUAGE_ON_TOP)
    if language not in LANGUAGES:
        abort(404)
    quarantine = asking.act(*_quarantine(quarantine_id), method="GET")
    settings = asking.settings()
    said = next(each for each in in_three_languages(quarantine) if each.language == language)
    address = settings.base_url().partition("://")[2]
    drawn = picture(said, settings.library_name(language), settings.library_phone, address, kind)
    headers = {"Content-Disposition": f'inline; filename="library-{language}.{kind}"'}
    return Response(drawn, content_type=FORMATS[kind], headers=headers)
