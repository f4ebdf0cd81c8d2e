"""Answers given to one version of a question, read as answers to a later one: parts are known again by their words.

Kept answers speak of positions in the version that was shown. Who corrects a key may put entries in another order, or
give a left side another right one, which moves positions; what a reader meant stays what they meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from services.quizzes.items import Item, Matching, Multiple, Ordering, Single, Texts
from services.quizzes.stored_items import Version

Places: TypeAlias = "Sequence[int | None] | None"


class Carrying:
    """`items`: every version that is carried from or to."""

    def __init__(self, items: Mapping[Version, Item]) -> None:
        self._items = items
        self._places: dict[tuple[str, int, int], tuple[Places, Places]] = {}

    def answers(
        self, shown: Sequence[Sequence[Any]], answers: Mapping[str, Any], versions: Mapping[str, int]
    ) -> Mapping[str, Any]:
        """Item id -> answer, in positions of `versions` where it names one. `shown`: the `items` of an attempt."""
        changed = {
            item_id: self._moved_to(item_id, version, versions[item_id], answers[item_id])
            for item_id, version, _points in shown
            if item_id in answers and versions.get(item_id, version) != version
        }
        return {**answers, **changed} if changed else answers

    def _moved_to(self, item_id: str, shown: int, now: int, answer: Any) -> Any:
        key = item_id, shown, now
        if key not in self._places:
            self._places[key] = _sides(self._items[item_id, shown], self._items[item_id, now])
        carried = _carried(answer, *self._places[key])
        new = self._items[item_id, now]
        if isinstance(new, Ordering) and carried:
            # An entry that was added is where nobody has put it: last.
            return [*carried, *(at for at in range(len(new.entries)) if at not in carried)]
        return carried


def _carried(answer: Any, first: Places, second: Places) -> Any:
    if isinstance(answer, dict):
        pairs = ((_moved(first, int(left)), _moved(second, right)) for left, right in answer.items())
        return {str(left): right for left, right in pairs if left is not None and right is not None}
    if first is None or isinstance(answer, bool | str | None):
        return answer
    if isinstance(answer, list):
        return [place for at in answer if (place := _moved(first, at)) is not None]
    return _moved(first, answer)


def _sides(old: Item, new: Item) -> tuple[Places, Places]:
    """Where the parts of `old` stand in `new`; of a matching, its left and its right sides. None: where they stood."""
    if isinstance(old, Single | Multiple) and isinstance(new, Single | Multiple):
        return places([each.text for each in old.choices], [each.text for each in new.choices]), None
    if isinstance(old, Ordering) and isinstance(new, Ordering):
        return places(old.entries, new.entries), None
    if isinstance(old, Matching) and isinstance(new, Matching):
        lefts = places([pair.left for pair in old.pairs], [pair.left for pair in new.pairs])
        return lefts, places(old.rights, new.rights)
    return None, None


def places(old: Sequence[Texts], new: Sequence[Texts]) -> Places:
    """The new position of each old part: that of the same words; for words that were corrected the place they had,
    else the first that is free. None for all where nothing has moved, for one where no place is left."""
    by_words = {text: at for at, text in enumerate(new)}
    found: list[int | None] = [by_words.get(text) for text in old]
    free = [at for at in range(len(new)) if at not in found]
    for at, place in enumerate(found):
        if place is None and free:
            found[at] = free.pop(free.index(at) if at in free else 0)
    return None if found == list(range(len(old))) else found


def _moved(found: Places, at: int) -> int | None:
    return at if found is None else found[at]
