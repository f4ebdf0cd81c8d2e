"""The form of a quiz's terms and the JSON the quizzes service takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from shared.language import LANGUAGES

Form = MultiDict[str, str]
NUMBERS = ("per_page", "attempts_allowed", "grace_minutes", "late_minutes")
NUMBERS_OR_NONE = ("time_limit_minutes", "pass_percent", "age_from", "age_to")
TICKS = ("shuffle_items", "certificate", "guests", "leaderboard")
NEW: dict[str, Any] = {
    "title": {},
    "about": {},
    "languages": ["kk", "ru"],
    "branch_id": None,
    "works": [],
    "opens_on": None,
    "closes_on": None,
    "original_closes_on": None,
    "why": None,
    "pools": [],
    "shuffle_items": True,
    "per_page": 1,
    "attempts_allowed": 0,
    "counts": "best",
    "time_limit_minutes": None,
    "grace_minutes": 5,
    "late_minutes": 1440,
    "extra_time": [],
    "pass_percent": 60,
    "review": {"answers": "after_finish", "points": "after_finish"},
    "feedback": [],
    "certificate": True,
    "guests": True,
    "age_from": None,
    "age_to": None,
    "leaderboard": False,
}


def terms_of(form: Form) -> dict[str, Any]:
    """Everything but the questions. A number that is none stays text, for the service to refuse at its field."""
    terms: dict[str, Any] = {name: texts(form, name) for name in ("title", "about")}
    terms["languages"] = [code for code in LANGUAGES if code in form.getlist("languages")]
    terms |= {name: form.get(name, "").strip() or None for name in ("branch_id", "opens_on", "closes_on")}
    terms |= {name: _number(form.get(name, "")) or 0 for name in NUMBERS}
    terms |= {name: _number(form.get(name, "")) for name in NUMBERS_OR_NONE}
    terms |= {name: form.get(name) == "yes" for name in TICKS}
    terms["counts"] = form.get("counts", "best")
    terms["review"] = {name: form.get(f"review.{name}", "never") for name in ("answers", "points")}
    terms["works"] = [work for at in _rows(form, "works") if (work := _work(form, at))]
    terms["feedback"] = [band for at in _rows(form, "feedback") if (band := _band(form, at))]
    terms["extra_time"] = [extra for at in _rows(form, "extra") if (extra := _extra(form, at))]
    return terms


def texts(form: Mapping[str, str], name: str) -> dict[str, str]:
    typed = {code: form.get(f"{name}.{code}", "").strip() for code in LANGUAGES}
    return {code: text for code, text in typed.items() if text}


def pools_of(form: Form, pools: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The pools without the questions ticked to be taken out, each with how many are drawn."""
    out = set(form.getlist("remove"))
    kept = []
    for at, pool in enumerate(pools, 1):
        ids = [item_id for item_id in pool["item_ids"] if item_id not in out]
        if ids and f"pool.{at}" not in out:
            changed = {"item_ids": ids, "draw": _number(form.get(f"draw.{at}", ""))}
            kept.append({**pool, **changed, "points": _decimal(form.get(f"points.{at}", ""))})
    return kept


def _work(form: Form, at: int) -> dict[str, Any] | None:
    title, author, isbn = (form.get(f"works.{at}.{name}", "").strip() for name in ("title", "author", "isbn"))
    return {"title": title, "author": author or None, "isbn": isbn or None} if title or author or isbn else None


def _band(form: Form, at: int) -> dict[str, Any] | None:
    said = texts(form, f"feedback.{at}.text")
    return {"from_percent": _number(form.get(f"feedback.{at}.from", "")) or 0, "text": said} if said else None


def _extra(form: Form, at: int) -> dict[str, Any] | None:
    card, group = form.get(f"extra.{at}.card", "").strip(), form.get(f"extra.{at}.class", "").strip()
    if not card and not group:
        return None
    given = {"card_number": card, "class_id": group, "percent": _number(form.get(f"extra.{at}.percent", ""))}
    return {name: value for name, value in given.items() if value or name == "percent"}


def _rows(form: Form, name: str) -> list[int]:
    found = {part[1] for key in form if len(part := key.split(".")) > 1 and part[0] == name}
    return sorted(int(at) for at in found if at.isdecimal())


def _number(text: str) -> Any:
    plain = text.strip()
    return int(plain) if plain.lstrip("-").isdecimal() and len(plain) < 9 else plain or None


def _decimal(text: str) -> str | None:
    return text.strip().replace(",", ".") or None
