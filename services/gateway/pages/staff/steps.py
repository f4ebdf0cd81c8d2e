"""One question a page, for a declaration that is meant and for one that is practised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, Protocol

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from services.gateway import asking, declaring, errors, pictures, sessions, tree
from services.gateway.asking import Refused
from services.gateway.declaring import STEPS, Content, Wrongs
from services.gateway.pages.common import BRANCHES, branch_views
from services.gateway.pages.staff import foreseen
from services.gateway.words import TIME_ZONE, say
from shared import clock
from shared.peers import PeerDown


class Place(Protocol):
    """Where the form is kept between its pages."""

    practice: bool

    def address(self, step: str) -> str: ...
    def keep(self, content: Content) -> None: ...
    def go(self, step: str, content: Content) -> Response: ...
    def away(self) -> Response: ...


def titles() -> dict[str, str]:
    return {
        "where": say("Which libraries close?"),
        "when": say("When do they close?"),
        "why": say("Why do they close?"),
        "back": say("How do books come back?"),
        "whom": say("Who is told?"),
        "check": say("Check, then declare"),
    }


def today() -> date:
    return clock.today(TIME_ZONE)


def answered(place: Place, step: str, content: Content) -> Response:
    """What follows when a page was sent: another page, the same with what is wrong, or a part of it."""
    content = typed(step, content)
    wish = request.form.get("go", "on")
    if part := request.args.get("part"):
        return _part(place, step, content, part)
    if wish == "template":
        return shown(place, step, declaring.with_template(content))
    if wish == "suggest":
        return shown(place, step, _with_suggestion(content))
    place.keep(content)
    if wish == "later":
        return place.away()
    if wish == "back":
        return place.go(STEPS[max(STEPS.index(step) - 1, 0)], content)
    if found := declaring.wrongs(step, content):
        return shown(place, step, content, found)
    return place.go(STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)], content)


def typed(step: str, content: Content) -> Content:
    """With what was sent from that page."""
    return content | declaring.read(step, request.form)


def _part(place: Place, step: str, content: Content, part: str) -> Response:
    if part == "texts" and step == "why":
        content = declaring.with_texts_of_kind(content)
    known = {"where": "count", "when": "echo", "why": "texts"}
    if known.get(step) != part:
        return errors.shown(404)
    return make_response(render_template(f"staff/declare/part_{part}.html", **values_of(place, step, content)))


def shown(
    place: Place, step: str, content: Content, wrongs: Wrongs | None = None, known: Mapping[str, Any] | None = None
) -> Response:
    """A page of the form; the last one only when all the others are in order. `known`: the values of another step."""
    if step == "check" and wrongs is None:
        return _check(place, content)
    if step == "back" and "returns" not in content:
        content = _with_suggestion(content)
    values = {**known, "step": step} if known else values_of(place, step, content)
    page = render_template(f"staff/declare/{step}.html", wrongs=wrongs or {}, **values)
    return make_response(page, 422 if wrongs else 200)


def values_of(place: Place, step: str, content: Content) -> dict[str, Any]:
    branches = asking.look_up(branches=BRANCHES)["branches"]
    who = sessions.caller()
    roots = tree.tree_of(branches.items, who.branches("operator") if who else frozenset())
    every = [branch["id"] for branch in branches.items]
    chosen = every if content.get("everywhere") else tree.with_all_below(roots, content.get("branch", []))
    return {
        "place": place,
        "practice": place.practice,
        "step": step,
        "steps": STEPS,
        "titles": titles(),
        "content": content,
        "roots": roots,
        "every": every,
        "chosen": chosen,
        "branches": branch_views(branches),
        "away": ["branches"] if branches.away else [],
        "starts_on": declaring.day_in(content, "starts_on"),
        "reopens_on": declaring.day_in(content, "reopens_on") if content.get("end") == "known" else None,
        "last_day": declaring.last_closed_day(content),
        "today": today(),
        "missing_languages": declaring.missing_languages(content),
        "held_everywhere": bool(who and who.branches("operator") is None),
        "hold": asking.settings().notice_hold,
    }


def _check(place: Place, content: Content) -> Response:
    if unfinished := declaring.first_unfinished(content):
        return shown(place, *_swapped(unfinished, content))
    values = values_of(place, "check", content)
    body = body_of(content, values["chosen"])
    try:
        preview = asking.act("quarantines", asking.path("/quarantines/preview"), body=body)
    except Refused as refused:
        if refused.status != 422:
            raise
        return shown(place, *_swapped(declaring.said_by_service(refused.errors), content), known=values)
    return make_response(
        render_template(
            "staff/declare/check.html",
            wrongs={},
            body=body,
            preview=preview,
            picture=pictures.returns_picture(preview["returns"] or []),
            by_branch=pictures.by_branch(preview),
            languages_told=pictures.shares(preview["by_language"] or {}),
            channels_told=pictures.shares(preview["by_channel"] or {}),
            samples=preview["samples"] or [],
            warnings=foreseen.warnings(preview, values),
            counted_at=clock.now(),
            **values,
        )
    )


def body_of(content: Content, chosen: Sequence[str]) -> dict[str, Any]:
    """What is asked of quarantines; a limit of a library that is not chosen any more is left out."""
    limits = content.get("returns", {})
    return declaring.body(content | {"returns": {each: limits[each] for each in chosen if each in limits}})


def _swapped(found: tuple[str, Wrongs], content: Content) -> tuple[str, Content, Wrongs]:
    step, wrongs = found
    return step, content, wrongs


def _with_suggestion(content: Content) -> Content:
    """`suggested`: that the limits are ours, not somebody's answer."""
    found = _suggested(content)
    return content | {"returns": found or content.get("returns", {}), "suggested": bool(found)}


def _suggested(content: Content) -> dict[str, str]:
    """Limits out of what each library takes back on its busiest day; nothing while that cannot be asked."""
    without = {**content, "returns": {}}
    if declaring.first_unfinished(without):
        return {}
    with suppress(Refused, PeerDown):
        preview: Mapping[str, Any] = asking.act(
            "quarantines", asking.path("/quarantines/preview"), body=declaring.body(without)
        )
        return {branch_id: str(limit) for branch_id, limit in pictures.suggested_limits(preview).items()}
    return {}


def said_later() -> Response:
    sessions.tell(say("Saved. You can go on from any device."))
    return redirect("/staff/quarantines", 303)
