"""The pages on which a quarantine is declared: what each asks, what is wrong with an answer, what it comes to. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from services.gateway.words import say
from shared.language import LANGUAGES

Content = dict[str, Any]
"""What the form holds, as it was typed: one dictionary over all pages."""
Wrongs = dict[str, str]

STEPS = ("where", "when", "why", "back", "whom", "check")
FIELDS: Mapping[str, Sequence[str]] = {
    "where": ("everywhere",),
    "when": ("starts_on", "end", "reopens_on"),
    "why": ("kind", "document", "number", "basis_date", *(f"reason_{language}" for language in LANGUAGES)),
    "back": ("grace_days", "include_overdue"),
    "whom": ("announce", "note"),
    "check": (),
}
KINDS = ("quarantine", "repair", "other")
TEMPLATES: Mapping[str, Mapping[str, str]] = {
    "quarantine": {
        "kk": "Тұмауға байланысты карантин",
        "ru": "Карантин из-за гриппа",
        "en": "Quarantine because of influenza",
    },
    "repair": {"kk": "Жөндеу жұмыстары", "ru": "Ремонт", "en": "Repair works"},
    "other": {
        "kk": "Кітапхана уақытша жабық",
        "ru": "Библиотека временно закрыта",
        "en": "The library is closed for now",
    },
}
OF_THE_API = {
    "branch_ids": ("where", "branch"),
    "starts_on": ("when", "starts_on"),
    "ends_on": ("when", "reopens_on"),
    "reopens_on": ("when", "reopens_on"),
    "kind": ("why", "kind"),
    "reason": ("why", "reason_kk"),
    "basis": ("why", "number"),
    "grace_days": ("back", "grace_days"),
    "returns_per_day": ("back", "returns"),
    "include_overdue": ("back", "include_overdue"),
    "announce": ("whom", "announce"),
    "note": ("whom", "note"),
}
"""A field of the API -> the page and the field of the form that it came from."""
MOST_GRACE = 60
MOST_RETURNS = 1_000_000
ONE_DAY = timedelta(days=1)
NO_DAY = date.min
NUMBER_SIGN = re.compile(r"^(?:(?:№|No\b|N\b|#)[.:]?\s*)+(?=\S)", re.IGNORECASE)


def fresh(today: date) -> Content:
    """What the form holds before anybody has written in it. Limits (`returns`) are missing until they are answered."""
    texts = {f"reason_{language}": text for language, text in TEMPLATES["quarantine"].items()}
    usual = {"kind": "quarantine", "grace_days": "0", "include_overdue": "yes", "branch": []}
    return {"starts_on": today.isoformat(), "end": "", **usual, **texts}


def read(step: str, form: MultiDict[str, str]) -> Content:
    """What was typed on that page; a box that is not ticked counts as answered."""
    found: Content = {name: form.get(name, "").strip() for name in FIELDS[step]}
    if step == "why":
        found["number"] = bare_number(found["number"])
    if step == "where":
        found["branch"] = form.getlist("branch")
    if step == "back":
        limits = {name.removeprefix("returns-"): form[name].strip() for name in form if name.startswith("returns-")}
        found["returns"] = {branch_id: limit for branch_id, limit in limits.items() if limit}
    return found


def with_template(content: Content) -> Content:
    """The usual reason for that kind of closure in place of whatever stands there."""
    texts = TEMPLATES[content["kind"] if content.get("kind") in KINDS else "other"]
    return content | {f"reason_{language}": text for language, text in texts.items()}


def with_texts_of_kind(content: Content) -> Content:
    """The usual reason for the kind chosen, in each language that still holds one of our own texts.

    What somebody has written stays, and so does a language that was emptied beside one that was not.
    """
    texts = with_template(content)
    names = [f"reason_{language}" for language in LANGUAGES]
    if not any(content.get(name) for name in names):
        return texts
    return content | {name: texts[name] for name in names if content.get(name) in _own(name)}


def _own(name: str) -> set[str]:
    return {of_kind[name.removeprefix("reason_")] for of_kind in TEMPLATES.values()}


def bare_number(number: str) -> str:
    """The number of a document without the sign that is put before it."""
    return NUMBER_SIGN.sub("", number)


def wrongs(step: str, content: Content) -> Wrongs:
    """Field -> what is wrong with it, as far as the page itself can tell; the service judges the whole."""
    return _JUDGES[step](content)


def _where(content: Content) -> Wrongs:
    return {} if content.get("everywhere") or content.get("branch") else {"branch": say("Choose at least one library.")}


def _when(content: Content) -> Wrongs:
    starts_on, reopens_on = day_in(content, "starts_on"), day_in(content, "reopens_on")
    if starts_on is None:
        return {"starts_on": say("Write the first closed day.")}
    if content.get("end") not in ("known", "unknown"):
        return {"end": say("Say whether the opening day is known.")}
    if content["end"] == "unknown":
        return {}
    if reopens_on is None:
        return {"reopens_on": say("Write the day it opens again, or say that it is not known yet.")}
    return {} if reopens_on > starts_on else {"reopens_on": say("This must come after the first closed day.")}


def _why(content: Content) -> Wrongs:
    found = {}
    if not any(content.get(f"reason_{language}") for language in LANGUAGES):
        found["reason_kk"] = say("Write the reason in one language at least.")
    if content.get("basis_date") and day_in(content, "basis_date") is None:
        found["basis_date"] = say("This is not a date.")
    return found


def _back(content: Content) -> Wrongs:
    found = {}
    if _number(content.get("grace_days") or "0", 0, MOST_GRACE) is None:
        found["grace_days"] = say("Write a whole number from {least} to {most}.", least=0, most=MOST_GRACE)
    if any(_number(limit, 1, MOST_RETURNS) is None for limit in content.get("returns", {}).values()):
        found["returns"] = say("Write whole numbers from 1 up, or leave a field empty.")
    return found


def _nothing(_: Content) -> Wrongs:
    return {}


_JUDGES: Mapping[str, Callable[[Content], Wrongs]] = {
    "where": _where,
    "when": _when,
    "why": _why,
    "back": _back,
    "whom": _nothing,
    "check": _nothing,
}


def first_unfinished(content: Content) -> tuple[str, Wrongs] | None:
    """The first page with something wrong or missing on it."""
    judged = ((step, wrongs(step, content)) for step in STEPS)
    return next(((step, found) for step, found in judged if found), None)


def said_by_service(errors: Mapping[str, Sequence[str]]) -> tuple[str, Wrongs]:
    """The first page that a service's problem is about, and what is wrong there."""
    pages: dict[str, Wrongs] = {}
    for field, messages in errors.items():
        step, name = OF_THE_API.get(field, ("check", field))
        pages.setdefault(step, {})[name] = " ".join(_flat(messages))
    step = min(pages, key=STEPS.index)
    return step, pages[step]


def _flat(messages: Any) -> list[str]:
    if isinstance(messages, Mapping):
        return [text for each in messages.values() for text in _flat(each)]
    return [text for each in messages for text in _flat(each)] if isinstance(messages, list) else [str(messages)]


def body(content: Content) -> dict[str, Any]:
    """What quarantines is asked to declare. Every page must have been judged."""
    reopens_on = day_in(content, "reopens_on") if content["end"] == "known" else None
    starts_on = day_in(content, "starts_on")
    basis = {"document": content.get("document"), "number": content.get("number"), "date": content.get("basis_date")}
    limits = {branch_id: int(limit) for branch_id, limit in content.get("returns", {}).items()}
    return {
        "branch_ids": "all" if content.get("everywhere") else sorted(content["branch"]),
        "starts_on": starts_on.isoformat() if starts_on else None,
        "reopens_on": reopens_on.isoformat() if reopens_on else None,
        "grace_days": int(content.get("grace_days") or 0),
        "returns_per_day": limits or None,
        "include_overdue": content.get("include_overdue") == "yes",
        "reason": {language: content.get(f"reason_{language}") or None for language in LANGUAGES},
        "announce": content.get("announce") == "yes",
        "kind": content.get("kind") if content.get("kind") in KINDS else "other",
        "basis": {name: value or None for name, value in basis.items()} if any(basis.values()) else None,
        "note": content.get("note") or None,
    }


def day_in(content: Mapping[str, Any], name: str) -> date | None:
    try:
        return date.fromisoformat(content.get(name) or "")
    except ValueError:
        return None


def _number(text: str, least: int, most: int) -> int | None:
    number = int(text) if text.isdecimal() and len(text) <= 9 else None
    return number if number is not None and least <= number <= most else None


def last_closed_day(content: Content) -> date | None:
    reopens_on = day_in(content, "reopens_on")
    return reopens_on - ONE_DAY if reopens_on and content.get("end") == "known" else None


def missing_languages(content: Mapping[str, Any]) -> list[str]:
    return [language for language in LANGUAGES if not content.get(f"reason_{language}")]
