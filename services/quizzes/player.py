"""What a player is shown of an item, and how its answers are read: right answers never leave the server.

Parts of an item are known to the browser by identifiers made from a secret-keyed seed of the attempt, never by their
position; sides that would betray the answer by their order are mixed by the same seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.quizzes.drawing import mixed, opaque
from services.quizzes.grading import Answer, grade
from services.quizzes.items import Item, Matching, Multiple, Ordering, Single, Texts, kind_of, languages_of
from shared.problems import invalid

Shown = list[dict[str, Any]]


def public_view(item: Item, seed: str) -> dict[str, Any]:
    """The item as JSON for the player, without weights, right answers and feedback. `seed` must be secret: of the
    attempt and the item, with a key only the server knows."""
    view: dict[str, Any] = {
        "kind": kind_of(item),
        "text": item.text.as_json(),
        "languages": list(languages_of(item)),
        "points": str(item.points),
        "picture": _picture(item),
    }
    if isinstance(item, Single | Multiple):
        texts = [choice.text for choice in item.choices]
        view["choices"] = _parts(texts, seed, "choice", shuffle=item.shuffle)
    elif isinstance(item, Matching):
        view["left"] = _parts([pair.left for pair in item.pairs], seed, "left", shuffle=item.shuffle)
        view["right"] = _parts(item.rights, seed, "right", shuffle=True)
    elif isinstance(item, Ordering):
        view["entries"] = _parts(item.entries, seed, "entry", shuffle=True)
    return view


def read_answer(item: Item, seed: str, given: object) -> Answer:
    """What a browser sent for this view, as `grading` takes it and the database keeps it.

    Raises a 422 problem for anything that is not an answer to this view of this item.
    """
    answer: Answer = _read(item, seed, given)
    grade(item, answer)
    return answer


def shown_answer(item: Item, seed: str, answer: Answer) -> Any:
    """A kept answer in the identifiers of the reader's view: for resuming on another device."""
    if answer is None:
        return None
    if isinstance(item, Single):
        return opaque(seed, "choice", answer)
    if isinstance(item, Multiple | Ordering) and isinstance(answer, list):
        return [opaque(seed, _side(item), at) for at in answer]
    if isinstance(item, Matching) and isinstance(answer, dict):
        return {opaque(seed, "left", left): opaque(seed, "right", right) for left, right in answer.items()}
    return answer


def _picture(item: Item) -> dict[str, Any] | None:
    return {"source": item.picture.source, "alt": item.picture.alt.as_json()} if item.picture else None


def _side(item: Item) -> str:
    return "entry" if isinstance(item, Ordering) else "choice"


def _parts(texts: Sequence[Texts], seed: str, side: str, *, shuffle: bool) -> Shown:
    parts = [{"id": opaque(seed, side, at), "text": text.as_json()} for at, text in enumerate(texts)]
    return mixed(parts, seed, side) if shuffle else parts


def _read(item: Item, seed: str, given: object) -> Any:
    if given is None:
        return None
    if isinstance(item, Single):
        return _known(seed, "choice", len(item.choices)).get(_name(given), -1)
    if isinstance(item, Multiple | Ordering):
        count = len(item.choices if isinstance(item, Multiple) else item.entries)
        known = _known(seed, _side(item), count)
        return [known.get(_name(each), -1) for each in _list(given, count)]
    if isinstance(item, Matching):
        return _read_links(item, seed, given)
    return given


def _read_links(item: Matching, seed: str, given: object) -> dict[str, int]:
    if not isinstance(given, dict) or len(given) > len(item.pairs):
        raise invalid("answer", "Give each left side at most one of the right sides offered.")
    lefts = _known(seed, "left", len(item.pairs))
    rights = _known(seed, "right", len(item.rights))
    return {str(lefts.get(_name(left), -1)): rights.get(_name(right), -1) for left, right in given.items()}


def _known(seed: str, side: str, count: int) -> dict[str, int]:
    return {opaque(seed, side, at): at for at in range(count)}


def _name(given: object) -> str:
    if not isinstance(given, str):
        raise invalid("answer", "Choose one of the answers offered.")
    return given


def _list(given: object, most: int) -> list[object]:
    if not isinstance(given, list) or len(given) > most:
        raise invalid("answer", "Choose among the answers offered, each once.")
    return given
