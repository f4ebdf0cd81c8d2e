"""Notices as JSON and back: dataclasses become objects, days ISO 8601 strings, tuples arrays.

Fields a newer version has added are ignored and missing ones take their default, so stored notices outlive
releases.
"""

from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """Plain dicts, lists, strings and numbers, as a JSON column takes them."""
    if is_dataclass(value):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def from_json(kind: type[T], data: dict[str, Any]) -> T:
    """The notice of this kind that `to_json` made `data` from."""
    readers = _readers(cast("Hashable", kind))
    return kind(**{name: readers[name](value) for name, value in data.items() if name in readers})


@cache
def _readers(kind: Any) -> dict[str, Callable[[Any], Any]]:
    hints = get_type_hints(kind)
    return {field.name: _reader(hints[field.name]) for field in fields(kind)}


def _reader(hint: Any) -> Callable[[Any], Any]:
    if get_origin(hint) in (Union, UnionType):
        inner = _reader(next(arg for arg in get_args(hint) if arg is not type(None)))
        return lambda value: None if value is None else inner(value)
    if get_origin(hint) is tuple:
        item = _reader(get_args(hint)[0])
        return lambda values: tuple(item(value) for value in values)
    if hint is date:
        return date.fromisoformat
    if is_dataclass(hint):
        return lambda value: from_json(hint, value)  # type: ignore[arg-type]
    return lambda value: value
