"""Items of a quiz as values: one item carries its texts in Kazakh, Russian and English."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from shared.language import LANGUAGES

LARGEST_DENOMINATOR = 1000
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile("[ \t]+")


def tidy(text: str) -> str:
    """Lines of words: runs of spaces are one, no line begins or ends with a space, no empty lines around."""
    lines = _LINE_ENDS.sub("\n", text).split("\n")
    return "\n".join(_SPACES.sub(" ", line).strip() for line in lines).strip()


@dataclass(frozen=True)
class Texts:
    """One plain text in up to three languages; an absent one is empty. Kept tidy, so that equal means equal."""

    kk: str = ""
    ru: str = ""
    en: str = ""

    def __post_init__(self) -> None:
        for language in LANGUAGES:
            object.__setattr__(self, language, tidy(getattr(self, language)))

    def __getitem__(self, language: str) -> str:
        return str(getattr(self, language))

    def __bool__(self) -> bool:
        return bool(self.kk or self.ru or self.en)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(language for language in LANGUAGES if self[language])

    def as_json(self) -> dict[str, str]:
        return {language: self[language] for language in self.languages}


NOTHING = Texts()


def same(text: str, languages: Sequence[str] = LANGUAGES) -> Texts:
    """A text that is the same in every language given: a name, a year."""
    return Texts(**dict.fromkeys(languages, text))


@dataclass(frozen=True)
class Picture:
    """`source`: an address, or the file's name where `content` holds the file; `alt`: what it shows, in words."""

    source: str
    alt: Texts = NOTHING
    content: bytes = b""


@dataclass(frozen=True)
class Choice:
    """`weight`: the share of the item's points, -1 to 1; a denominator of at most 1000."""

    text: Texts
    weight: Fraction = Fraction(0)
    feedback: Texts = NOTHING


@dataclass(frozen=True)
class Accepted:
    """A text that earns `weight` (0 to 1) in whatever language it is typed; weight 0 gives feedback only."""

    text: str
    weight: Fraction = Fraction(1)
    feedback: Texts = NOTHING

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", tidy(self.text).replace("\n", " "))


@dataclass(frozen=True)
class AcceptedNumber:
    """`value` give or take `tolerance`, both ends included."""

    value: Decimal
    tolerance: Decimal = Decimal(0)
    weight: Fraction = Fraction(1)
    feedback: Texts = NOTHING


@dataclass(frozen=True)
class Pair:
    """`weight`: the pair's share of the points; the weights of an item's pairs add up to 1."""

    left: Texts
    right: Texts
    weight: Fraction


@dataclass(frozen=True, kw_only=True)
class Item:
    """What every item has. `category` is a path with `/`; `points` are for a wholly right answer."""

    text: Texts
    title: str = ""
    category: str = ""
    feedback: Texts = NOTHING
    picture: Picture | None = None
    points: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        for name in ("title", "category"):
            object.__setattr__(self, name, tidy(getattr(self, name)).replace("\n", " "))


@dataclass(frozen=True, kw_only=True)
class Single(Item):
    choices: tuple[Choice, ...]
    shuffle: bool = True


@dataclass(frozen=True, kw_only=True)
class Multiple(Item):
    choices: tuple[Choice, ...]
    shuffle: bool = True


@dataclass(frozen=True, kw_only=True)
class TrueFalse(Item):
    """`feedback_true` is shown to who answered "true", `feedback_false` to who answered "false"."""

    right: bool
    feedback_true: Texts = NOTHING
    feedback_false: Texts = NOTHING


@dataclass(frozen=True, kw_only=True)
class ShortText(Item):
    """`kazakh_as_russian`: Kazakh letters typed as the nearest Russian ones are taken as well."""

    accepted: tuple[Accepted, ...]
    feedback_wrong: Texts = NOTHING
    match_case: bool = False
    kazakh_as_russian: bool = False


@dataclass(frozen=True, kw_only=True)
class Number(Item):
    accepted: tuple[AcceptedNumber, ...]
    feedback_wrong: Texts = NOTHING


@dataclass(frozen=True, kw_only=True)
class Matching(Item):
    """Pairs with equal right sides share it; `extra` are right sides that belong to nothing."""

    pairs: tuple[Pair, ...]
    extra: tuple[Texts, ...] = ()
    shuffle: bool = True

    @property
    def rights(self) -> tuple[Texts, ...]:
        return tuple(dict.fromkeys([*(pair.right for pair in self.pairs), *self.extra]))


@dataclass(frozen=True, kw_only=True)
class Ordering(Item):
    """`entries` in the right order."""

    entries: tuple[Texts, ...]


@dataclass(frozen=True, kw_only=True)
class Open(Item):
    """An answer in the reader's own words, graded by hand."""


KINDS: dict[str, type[Item]] = {
    "single": Single,
    "multiple": Multiple,
    "true_false": TrueFalse,
    "short_text": ShortText,
    "number": Number,
    "matching": Matching,
    "ordering": Ordering,
    "open": Open,
}
_NAMES = {kind: name for name, kind in KINDS.items()}


def kind_of(item: Item) -> str:
    return _NAMES[type(item)]


def even_pairs(pairs: Sequence[tuple[Texts, Texts]]) -> tuple[Pair, ...]:
    return tuple(Pair(left, right, Fraction(1, len(pairs))) for left, right in pairs)


def even_choices(right: Sequence[Texts], wrong: Sequence[Texts]) -> tuple[Choice, ...]:
    """Right ones share the points; the wrong ones take them all away, so that ticking everything earns nothing."""
    taken = [Choice(text, Fraction(1, len(right))) for text in right]
    return (*taken, *(Choice(text, Fraction(-1, len(wrong))) for text in wrong))


def texts_of(item: Item) -> Iterator[tuple[str, Texts]]:
    """Every text of the item with its field path."""
    yield "text", item.text
    yield "feedback", item.feedback
    if item.picture:
        yield "picture.alt", item.picture.alt
    for name in ("feedback_true", "feedback_false", "feedback_wrong"):
        if hasattr(item, name):
            yield name, getattr(item, name)
    yield from _texts_of_parts(item)


def _texts_of_parts(item: Item) -> Iterator[tuple[str, Texts]]:
    if isinstance(item, Single | Multiple):
        for at, choice in enumerate(item.choices, 1):
            yield f"choices.{at}.text", choice.text
            yield f"choices.{at}.feedback", choice.feedback
    elif isinstance(item, ShortText | Number):
        for at in range(len(item.accepted)):
            yield f"accepted.{at + 1}.feedback", item.accepted[at].feedback
    elif isinstance(item, Matching):
        for at, pair in enumerate(item.pairs, 1):
            yield f"pairs.{at}.left", pair.left
            yield f"pairs.{at}.right", pair.right
        yield from ((f"extra.{at}", text) for at, text in enumerate(item.extra, 1))
    elif isinstance(item, Ordering):
        yield from ((f"entries.{at}", text) for at, text in enumerate(item.entries, 1))


def languages_of(item: Item) -> tuple[str, ...]:
    """The languages any text of the item is in."""
    used = {language for _place, text in texts_of(item) for language in text.languages}
    return tuple(language for language in LANGUAGES if language in used)
