"""What is wrong with an item, as values; an item without faults may be asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from services.quizzes.faults import Fault
from services.quizzes.items import (
    LARGEST_DENOMINATOR,
    Choice,
    Item,
    Matching,
    Multiple,
    Number,
    Ordering,
    ShortText,
    Single,
    Texts,
    languages_of,
    texts_of,
)
from services.quizzes.words import normalised

LONGEST = {"text": 4000, "part": 1000, "title": 255}
MOST_PARTS = 50
MOST_POINTS = Decimal(1000)
_LARGEST_NUMBER = Decimal(10) ** 12
# No scheme but http(s): a browser would run javascript: and the like.
_NAME = re.compile(r"[^\s<>\":/\\.][^<>\":/\\\n\t]{0,100}")
_ADDRESS = re.compile(r"(https?://[^\s<>\"]{1,2000}|[^\s<>\":][^<>\":\n]{0,254})")


def faults_of(item: Item) -> list[Fault]:
    return [*_whole(item), *_translations(item), *_characters(item), *_parts(item)]


def _whole(item: Item) -> Iterator[Fault]:
    if not item.text:
        yield Fault("text", "The question has no text.")
    if not _fits(item.points, 7) or not 0 < item.points <= MOST_POINTS:
        yield Fault("points", "Give more than 0 and at most {most} points.", {"most": MOST_POINTS})
    for name in ("title", "category"):
        if len(getattr(item, name)) > LONGEST["title"]:
            yield _too_long(name, LONGEST["title"])
    if item.picture and not item.picture.alt:
        yield Fault("picture.alt", "Say in words what the picture shows.")
    if item.picture and not (_NAME if item.picture.content else _ADDRESS).fullmatch(item.picture.source):
        yield Fault("picture.source", "Give a picture's address as https://… or the name of its file.")


def _translations(item: Item) -> Iterator[Fault]:
    used = languages_of(item)
    for place, text in texts_of(item):
        if not text and _may_be_empty(place):
            continue
        for language in used:
            if not text[language]:
                yield Fault(
                    f"{place}.{language}",
                    "This text is missing in one language ({missing}) that the item has elsewhere.",
                    {"missing": language},
                )


def _may_be_empty(place: str) -> bool:
    return place.rpartition(".")[2].startswith("feedback")


def _characters(item: Item) -> Iterator[Fault]:
    for place, text in texts_of(item):
        limit = LONGEST["text"] if place in ("text", "feedback") else LONGEST["part"]
        for language in text.languages:
            if len(text[language]) > limit:
                yield _too_long(f"{place}.{language}", limit)
            if not is_text(text[language]):
                yield _not_text(f"{place}.{language}")
    for name in ("title", "category"):
        if not is_text(getattr(item, name)):
            yield _not_text(name)
    if item.picture and not is_text(item.picture.source):
        yield _not_text("picture.source")


def is_text(text: str) -> bool:
    """Whether every file format can hold it: no control characters but line ends, no halves of characters."""
    return not any(_unwritable(character) for character in text)


def _unwritable(character: str) -> bool:
    return character != "\n" and (unicodedata.category(character) in ("Cc", "Cs") or character in "\ufffe\uffff\ufeff")


def _parts(item: Item) -> Iterator[Fault]:
    if isinstance(item, Single):
        yield from _choices(item.choices)
        yield from _best_is_whole([choice.weight for choice in item.choices], "choices")
    elif isinstance(item, Multiple):
        yield from _choices(item.choices)
        yield from _add_up([choice.weight for choice in item.choices if choice.weight > 0], "choices")
    elif isinstance(item, ShortText):
        yield from _short_text(item)
    elif isinstance(item, Number):
        yield from _number(item)
    elif isinstance(item, Matching):
        yield from _matching(item)
    elif isinstance(item, Ordering):
        yield from _few_or_many("entries", len(item.entries), 2)
        yield from _twice("entries", item.entries)


def _choices(choices: Sequence[Choice]) -> Iterator[Fault]:
    yield from _few_or_many("choices", len(choices), 2)
    yield from _twice("choices", [choice.text for choice in choices])
    yield from _weights("choices", [choice.weight for choice in choices], least=-1)


def _short_text(item: ShortText) -> Iterator[Fault]:
    yield from _few_or_many("accepted", len(item.accepted), 1)
    yield from _weights("accepted", [each.weight for each in item.accepted], least=0)
    yield from _best_is_whole([each.weight for each in item.accepted], "accepted")
    seen: dict[str, Fraction] = {}
    for at, each in enumerate(item.accepted, 1):
        place = f"accepted.{at}.text"
        if not each.text:
            yield Fault(place, "The answer is empty.")
        if len(each.text) > LONGEST["part"]:
            yield _too_long(place, LONGEST["part"])
        if not is_text(each.text):
            yield _not_text(place)
        if seen.setdefault(normalised(each.text, match_case=item.match_case), each.weight) != each.weight:
            yield Fault(place, "The same answer stands here twice with different weights.")


def _number(item: Number) -> Iterator[Fault]:
    yield from _few_or_many("accepted", len(item.accepted), 1)
    yield from _weights("accepted", [each.weight for each in item.accepted], least=0)
    yield from _best_is_whole([each.weight for each in item.accepted], "accepted")
    for at, each in enumerate(item.accepted, 1):
        if not _fits(each.value, 12) or not _fits(each.tolerance, 12) or each.tolerance < 0:
            yield Fault(f"accepted.{at}", "Use numbers of at most 12 digits before and after the point.")


def _matching(item: Matching) -> Iterator[Fault]:
    yield from _few_or_many("pairs", len(item.pairs) + len(item.extra), 2)
    if not item.pairs:
        yield Fault("pairs", "There is no right answer.")
    yield from _twice("pairs", [pair.left for pair in item.pairs])
    rights = [pair.right for pair in item.pairs]
    yield from _twice("extra", [*dict.fromkeys(rights), *item.extra], counted_from=len(set(rights)))
    yield from _add_up([pair.weight for pair in item.pairs], "pairs")
    yield from _weights("pairs", [pair.weight for pair in item.pairs], least=0)


def _few_or_many(place: str, count: int, least: int) -> Iterator[Fault]:
    if count < least:
        yield Fault(place, "Too few: {count}. At least {least} are needed.", {"count": count, "least": least})
    if count > MOST_PARTS:
        yield Fault(place, "Too many: {count}. At most {most} are taken.", {"count": count, "most": MOST_PARTS})


def _twice(place: str, texts: Sequence[Texts], counted_from: int = 0) -> Iterator[Fault]:
    for language in ("kk", "ru", "en"):
        seen: set[str] = set()
        for at, text in enumerate(texts, 1 - counted_from):
            if text[language] and text[language] in seen:
                yield Fault(f"{place}.{at}.{language}", "The same text stands here twice.")
            seen.add(text[language])


def _weights(place: str, weights: Sequence[Fraction], *, least: int) -> Iterator[Fault]:
    for at, weight in enumerate(weights, 1):
        if not least <= weight <= 1 or weight.denominator > LARGEST_DENOMINATOR:
            yield Fault(
                f"{place}.{at}.weight",
                "A weight of {weight} cannot be given: use {least} to 100 per cent, in tenths or as a fraction.",
                {"weight": weight, "least": least * 100},
            )


def _best_is_whole(weights: Sequence[Fraction], place: str) -> Iterator[Fault]:
    best = max(weights, default=Fraction(0))
    if best <= 0:
        yield Fault(place, "There is no right answer.")
    elif best != 1:
        yield Fault(place, "The best answer must be worth 100 per cent, not {percent}.", {"percent": _percent(best)})


def _add_up(weights: Sequence[Fraction], place: str) -> Iterator[Fault]:
    total = sum(weights, Fraction(0))
    if not weights:
        yield Fault(place, "There is no right answer.")
    elif total != 1:
        yield Fault(
            place,
            "The weights of the right answers add up to {percent} per cent, not to 100.",
            {"percent": _percent(total)},
        )


def _percent(weight: Fraction) -> str:
    return f"{float(weight * 100):g}"


def _fits(number: Decimal, places: int) -> bool:
    if not number.is_finite() or abs(number) >= _LARGEST_NUMBER:
        return False
    exponent = number.normalize().as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -places


def _too_long(place: str, limit: int) -> Fault:
    return Fault(place, "The text is longer than {limit} characters.", {"limit": limit})


def _not_text(place: str) -> Fault:
    return Fault(place, "The text holds characters that are not text.")
