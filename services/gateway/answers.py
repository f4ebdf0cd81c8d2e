"""Answers as a form without scripts sends them, in the shape the quizzes service takes.

Every question of a page has a hidden field `kind.ITEM`; its controls are named ITEM, or ITEM.PART where each part of
a matching or an ordering has a list of its own to pick from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

Form = MultiDict[str, str]
KIND = "kind."
HAD = "had."
TONGUE = "tongue."
TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True)
class Given:
    """`answers`: item -> answer, None where one was taken back; `incomplete`: orderings with a place twice or none;
    `languages`: item -> language in which its question stood on the page."""

    answers: dict[str, Any]
    incomplete: Sequence[str]
    languages: dict[str, str]


def given_in(form: Form) -> Given:
    kinds = {name[len(KIND) :]: kind for name, kind in form.items() if name.startswith(KIND)}
    answers = {item: _answer(kind, item, form) for item, kind in kinds.items()}
    orders = [item for item, kind in kinds.items() if kind == "ordering"]
    incomplete = [item for item in orders if answers[item] == []]
    kept = {
        item: answer
        for item, answer in answers.items()
        if item not in incomplete and (answer is not None or form.get(HAD + item))
    }
    languages = {item: form[TONGUE + item] for item in kept if form.get(TONGUE + item)}
    return Given(kept, incomplete, languages)


def _answer(kind: str, item: str, form: Form) -> Any:
    if kind == "multiple":
        return form.getlist(item) or None
    if kind == "true_false":
        return TRUTHS.get(form.get(item, ""))
    if kind == "matching":
        return _picked(item, form) or None
    if kind == "ordering":
        return _in_order(_picked(item, form), len(_parts(item, form)))
    return form.get(item, "").strip() or None


def _parts(item: str, form: Form) -> dict[str, str]:
    prefix = f"{item}."
    return {name[len(prefix) :]: value for name, value in form.items() if name.startswith(prefix)}


def _picked(item: str, form: Form) -> dict[str, str]:
    return {part: value for part, value in _parts(item, form).items() if value}


def _in_order(places: dict[str, str], count: int) -> list[str] | None:
    """The entries by place; none where nothing is picked, empty where a place is missing or given twice."""
    if not places:
        return None
    whole = sorted(places.values()) == sorted(str(at) for at in range(1, count + 1))
    return sorted(places, key=lambda entry: int(places[entry])) if whole else []
