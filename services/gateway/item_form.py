"""The item editor's form and the JSON of an item, both ways. Names of fields are the item's own paths:
`choices.2.text.ru`, counted from 1; rows left empty are no part of the item."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from shared.language import LANGUAGES

Item = dict[str, Any]
Form = Mapping[str, str]
KINDS = ("single", "multiple", "true_false", "short_text", "number", "matching", "ordering", "open")
TICKS = {
    "single": ("shuffle",),
    "multiple": ("shuffle",),
    "matching": ("shuffle",),
    "short_text": ("match_case", "kazakh_as_russian"),
}
FEEDBACKS = {
    "true_false": ("feedback_true", "feedback_false"),
    "short_text": ("feedback_wrong",),
    "number": ("feedback_wrong",),
}
FEWEST_ROWS = 4
MOST_ROWS = 60


@dataclass(frozen=True)
class Draft:
    """`rows`: list -> the form's row of each of its entries, so that a fault can be shown where it was typed."""

    item: Item
    rows: Mapping[str, Sequence[int]]

    def field_of(self, place: str) -> str:
        """The form's name of a place in the item."""
        name, _, rest = place.partition(".")
        at, dot, more = rest.partition(".")
        if name in self.rows and at.isdecimal() and 0 < int(at) <= len(self.rows[name]):
            return f"{name}.{self.rows[name][int(at) - 1]}{dot}{more}"
        return place


def empty(kind: str) -> Item:
    """A new item of that kind, before anything is typed."""
    item: Item = {"kind": kind, "text": {}, "title": "", "category": "", "feedback": {}, "picture": None, "points": "1"}
    item |= {name: name == "shuffle" for name in TICKS.get(kind, ())}
    item |= {name: {} for name in FEEDBACKS.get(kind, ())}
    if kind == "true_false":
        item["right"] = True
    return item | {name: [] for name in _LISTS.get(kind, {})}


def item_of(form: Form) -> Draft:
    """What was typed, as JSON for the quizzes service; what cannot be read is left for it to refuse at its place."""
    kind = form.get("kind", "single")
    item = empty(kind) | {
        "text": _texts(form, "text"),
        "feedback": _texts(form, "feedback"),
        "title": form.get("title", "").strip(),
        "category": form.get("category", "").strip(),
        "points": _number(form.get("points", "")) or "1",
        "picture": _picture(form),
    }
    item |= {name: form.get(name) == "yes" for name in TICKS.get(kind, ())}
    item |= {name: _texts(form, name) for name in FEEDBACKS.get(kind, ())}
    if kind == "true_false":
        item["right"] = form.get("right") != "false"
    rows = {}
    for name, read in _LISTS.get(kind, {}).items():
        typed = [(at, each) for at in _row_numbers(form, name) if (each := read(form, f"{name}.{at}")) is not None]
        rows[name] = [at for at, _ in typed]
        item[name] = [each for _, each in typed]
    _share_out(item, form, rows)
    return Draft(item, rows)


def shares(item: Item) -> dict[str, list[str]]:
    """list -> what stands in the field "share" of each row: nothing where it follows from what is right."""
    found: dict[str, list[str]] = {}
    for name in ("choices", "accepted", "pairs"):
        if name in item:
            weights = [each["weight"] for each in item[name]]
            found[name] = ["" if weights == _even(item, name, _rights(item, name)) else each for each in weights]
    return found


def rows_shown(item: Item, more: int = 0) -> int:
    """How many rows each list of the form has: all entries and at least one to spare."""
    longest = max((len(value) for value in item.values() if isinstance(value, list)), default=0)
    return max(FEWEST_ROWS, longest + max(more, 1))


def is_right(entry: Mapping[str, Any]) -> bool:
    """Also with a share that nobody can read: it is typed beside an answer that is meant to be worth something."""
    try:
        return Fraction(entry["weight"]) > 0
    except (ValueError, ZeroDivisionError):
        return True


def _rights(item: Item, name: str) -> list[bool]:
    return [is_right(each) for each in item[name]]


def _texts(form: Form, name: str) -> dict[str, str]:
    typed = {code: form.get(f"{name}.{code}", "").strip() for code in LANGUAGES}
    return {code: text for code, text in typed.items() if text}


def _number(text: str) -> str:
    return "".join(text.split()).replace(",", ".")


def _picture(form: Form) -> dict[str, Any] | None:
    source = form.get("picture.source", "").strip()
    return {"source": source, "alt": _texts(form, "picture.alt")} if source else None


def alt_of(item: Item, form: Form) -> dict[str, str]:
    """What the picture shows, in words; as typed for a picture that has still to come."""
    alt: dict[str, str] = (item["picture"] or {}).get("alt") or _texts(form, "picture.alt")
    return alt


def _row_numbers(form: Form, name: str) -> Iterator[int]:
    found = {part[1] for key in form if len(part := key.split(".")) > 1 and part[0] == name}
    return iter(sorted(int(at) for at in found if at.isdecimal() and 0 < int(at) <= MOST_ROWS))


def _choice(form: Form, at: str) -> Item | None:
    text = _texts(form, f"{at}.text")
    typed = text or form.get(f"{at}.share") or form.get(f"{at}.right")
    return {"text": text, "weight": "0", "feedback": _texts(form, f"{at}.feedback")} if typed else None


def _accepted(form: Form, at: str) -> Item | None:
    if f"{at}.value" in form:
        value = _number(form[f"{at}.value"])
        number = {"value": value, "tolerance": _number(form.get(f"{at}.tolerance", "")) or "0", "weight": "1"}
        return number | {"feedback": _texts(form, f"{at}.feedback")} if value else None
    text = form.get(f"{at}.text", "").strip()
    return {"text": text, "weight": "1", "feedback": _texts(form, f"{at}.feedback")} if text else None


def _pair(form: Form, at: str) -> Item | None:
    left, right = _texts(form, f"{at}.left"), _texts(form, f"{at}.right")
    return {"left": left, "right": right, "weight": "0"} if left or right else None


def _plain(form: Form, at: str) -> Item | None:
    return _texts(form, at) or None


_LISTS: dict[str, dict[str, Callable[[Form, str], Item | None]]] = {
    "single": {"choices": _choice},
    "multiple": {"choices": _choice},
    "short_text": {"accepted": _accepted},
    "number": {"accepted": _accepted},
    "matching": {"pairs": _pair, "extra": _plain},
    "ordering": {"entries": _plain},
}


def _share_out(item: Item, form: Form, rows: Mapping[str, Sequence[int]]) -> None:
    """Weights: as typed where any was typed, else evenly."""
    for name in ("choices", "accepted", "pairs"):
        entries = item.get(name) or []
        typed = [_share(form.get(f"{name}.{at}.share", "")) for at in rows.get(name, ())]
        rights = [bool(form.get(f"{name}.{at}.right")) for at in rows.get(name, ())]
        for entry, even, share in zip(entries, _even(item, name, rights), typed, strict=True):
            entry["weight"] = share or ("0" if any(typed) and name == "choices" and even.startswith("-") else even)


def _even(item: Item, name: str, rights: Sequence[bool]) -> list[str]:
    """Right choices of a multiple share the points, the wrong ones take them all away; pairs share them."""
    if name == "accepted":
        return ["1"] * len(rights)
    if name == "pairs":
        return [str(Fraction(1, len(rights))) for _ in rights]
    if item["kind"] == "single":
        return ["1" if right else "0" for right in rights]
    good, bad = rights.count(True), rights.count(False)
    return [str(Fraction(1, good) if right else Fraction(-1, bad)) for right in rights]


def _share(text: str) -> str:
    """`1/3`, `0,5` and `50 %` alike as a fraction; anything else as it stands."""
    plain = _number(text)
    try:
        return str(Fraction(plain[:-1]) / 100 if plain.endswith("%") else Fraction(plain)) if plain else ""
    except (ValueError, ZeroDivisionError):
        return plain
