"""What every exporter does around its own writing of an item."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeVar

from services.quizzes.checking import faults_of
from services.quizzes.faults import Fault
from services.quizzes.formats import Exported, Refused
from services.quizzes.formats.extras import extras_of
from services.quizzes.items import Item

Written = TypeVar("Written")


def give(
    exported: Exported, items: Sequence[Item], write: Callable[[Item], Written]
) -> Iterator[tuple[str, Item, Written]]:
    """(place, item, what `write` made of it); items with faults, or that the format cannot hold, are refused."""
    for number, item in enumerate(items, 1):
        place = f"item {number}"
        if faults := faults_of(item):
            exported.refused.extend(fault.under(place) for fault in faults)
            continue
        try:
            made = write(item)
        except Refused as refusal:
            exported.refused.append(refusal.fault.under(place))
            continue
        yield place, item, made


def note_unseen(exported: Exported, place: str, item: Item, form: str, native: Collection[str] = ()) -> None:
    """Says what only we read again from this format, and a picture file that it cannot hold."""
    if names := [name for name in extras_of(item) if name not in native]:
        exported.notes.append(
            Fault(
                place,
                "{format} has no place for: {names}. Only this library reads it from the file again.",
                {"format": form, "names": ", ".join(names)},
            )
        )
    if item.picture and item.picture.content and "picture" not in native:
        exported.notes.append(
            Fault(
                place,
                "{format} cannot hold the picture's file: its address and its description are in the file.",
                {"format": form},
            )
        )
