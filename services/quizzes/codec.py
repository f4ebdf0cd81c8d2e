"""Items as JSON and back, exactly: `kind`, then the fields of `items` by name; fractions and numbers are text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

import orjson

from services.quizzes.faults import Fault
from services.quizzes.formats import MOST_PARTS
from services.quizzes.items import KINDS, Item, Picture, Texts, kind_of
from services.quizzes.words import number_of
from shared.language import LANGUAGES

_FRACTION = re.compile(r"-?\d{1,4}(/0*[1-9]\d{0,3})?|-?\d{0,2}\.\d{1,9}")


class Unreadable(Exception):
    """A JSON that is no item; `fault` names the field."""

    def __init__(self, place: str, expected: str) -> None:
        super().__init__(f"{place}: {expected}")
        self.fault = Fault(place, "This is not as expected here: {expected}.", {"expected": expected})


def to_json(item: Item) -> dict[str, Any]:
    """`{"kind": "single", "text": {"kk": …}, …}`. Raises ValueError for a picture that holds its file still."""
    return {"kind": kind_of(item)} | _object(item)


def from_json(data: object) -> Item:
    """The item of a JSON. Raises Unreadable for what is none, naming the field; faults in it are another matter."""
    if not isinstance(data, dict) or str(data.get("kind")) not in KINDS:
        raise Unreadable("kind", " | ".join(KINDS))
    made: Item = _read_object(KINDS[data["kind"]], {name: data[name] for name in data if name != "kind"}, "")
    return made


def digest(body: Mapping[str, Any]) -> str:
    """The same for equal items."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _object(value: Any) -> dict[str, Any]:
    if isinstance(value, Picture) and value.content:
        raise ValueError("a picture is stored before its item")
    return {each.name: _written(getattr(value, each.name)) for each in fields(value) if each.name != "content"}


def _written(value: Any) -> Any:
    if isinstance(value, Texts):
        return value.as_json()
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    return _object(value) if is_dataclass(value) else value


@cache
def _shape(kind: type) -> Mapping[str, tuple[Field[Any], Any]]:
    hints = get_type_hints(kind)
    return {each.name: (each, hints[each.name]) for each in fields(kind) if each.name != "content"}


def _read_object(kind: type, data: object, place: str) -> Any:
    if not isinstance(data, dict):
        raise Unreadable(place, "{…}")
    shape = _shape(kind)
    for name in data:
        if name not in shape:
            raise Unreadable(_under(place, str(name)[:40]), " | ".join(shape))
    read = {name: _read(hint, data[name], _under(place, name)) for name, (_, hint) in shape.items() if name in data}
    for name, (each, _hint) in shape.items():
        if name not in read and each.default is MISSING:
            raise Unreadable(_under(place, name), "…")
    return kind(**read)


def _under(place: str, name: object) -> str:
    return f"{place}.{name}" if place else str(name)


def _read(hint: Any, value: object, place: str) -> Any:
    if get_origin(hint) is tuple:
        return _read_all(get_args(hint)[0], value, place)
    if type(None) in get_args(hint):
        return None if value is None else _read(get_args(hint)[0], value, place)
    if hint is Texts:
        return _read_texts(value, place)
    if hint is Fraction:
        return _read_fraction(value, place)
    if hint is Decimal:
        return _read_number(value, place)
    if is_dataclass(hint) and isinstance(hint, type):
        return _read_object(hint, value, place)
    if type(value) is not hint:
        raise Unreadable(place, "true | false" if hint is bool else '"…"')
    return value


def _read_all(hint: Any, value: object, place: str) -> tuple[Any, ...]:
    if not isinstance(value, list) or len(value) > MOST_PARTS:
        raise Unreadable(place, f"[…], 0 – {MOST_PARTS}")
    return tuple(_read(hint, each, _under(place, at)) for at, each in enumerate(value, 1))


def _read_texts(value: object, place: str) -> Texts:
    if not isinstance(value, dict) or not set(value) <= set(LANGUAGES):
        raise Unreadable(place, '{"kk": "…", "ru": "…", "en": "…"}')
    for language, text in value.items():
        if text is not None and not isinstance(text, str):
            raise Unreadable(f"{place}.{language}", '"…"')
    return Texts(**{language: text or "" for language, text in value.items()})


def _read_fraction(value: object, place: str) -> Fraction:
    words = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    if not isinstance(words, str) or not _FRACTION.fullmatch(words) or words in ("-.", "."):
        raise Unreadable(place, '"1/3" | "0.5" | "-1"')
    return Fraction(words)


def _read_number(value: object, place: str) -> Decimal:
    words = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    number = number_of(words) if isinstance(words, str) and len(words) <= 40 else None
    if number is None:
        raise Unreadable(place, '"1918" | "3.14"')
    return number
