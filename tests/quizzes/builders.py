"""Items made by hypothesis: anything `checking` lets through."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from services.quizzes.checking import faults_of
from services.quizzes.items import (
    NOTHING,
    Accepted,
    AcceptedNumber,
    Choice,
    Item,
    Matching,
    Multiple,
    Number,
    Open,
    Ordering,
    Pair,
    Picture,
    ShortText,
    Single,
    Texts,
    TrueFalse,
)

TRICKY = "aбқ 1\n\\~=#{}:->%*[]<>&\"'+@-_,;|$/!ёһ\u00a0\u2014"
WORDS = st.one_of(
    st.text(st.sampled_from(TRICKY), min_size=1, max_size=12),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8),
    st.sampled_from(
        [
            "TRUE",
            "[html]x",
            "[plain]",
            "%50%half",
            "// no comment",
            "$CATEGORY: x",
            "::a::",
            "<b>bold</b>",
            "<br>",
            "&amp;",
            "&#10;",
            '<span lang="ru" class="multilang">x</span>',
            "]]>",
            "=1+1",
            "'=1",
            "a -> b",
            "\\n",
            "####",
            "*",
            "\\*",
            "A. a",
            "ANSWER: A",
        ]
    ),
)
NAMES = st.one_of(st.just(""), WORDS.map(lambda words: " ".join(words.split())))
LANGUAGE_SETS = st.sampled_from([("kk",), ("ru",), ("en",), ("kk", "ru"), ("kk", "ru", "en")])
WEIGHTS = st.builds(Fraction, st.integers(0, 100), st.sampled_from([100])) | st.sampled_from(
    [Fraction(1, 3), Fraction(2, 7), Fraction(1, 999), Fraction(5, 6)]
)
NUMBERS = st.decimals(min_value=-(10**6), max_value=10**6, places=4)


@st.composite
def texts(draw: st.DrawFn, languages: tuple[str, ...]) -> Texts:
    if draw(st.booleans()):
        return Texts(**dict.fromkeys(languages, draw(WORDS)))
    return Texts(**{language: draw(WORDS) for language in languages})


@st.composite
def shares(draw: st.DrawFn, count: int) -> list[Fraction]:
    """Positive weights that add up to one."""
    if draw(st.booleans()):
        return [Fraction(1, count)] * count
    parts = [draw(st.integers(1, 20)) for _ in range(count)]
    return [Fraction(part, sum(parts)) for part in parts]


@st.composite
def _items(draw: st.DrawFn, kinds: tuple[str, ...]) -> Item:
    languages = draw(LANGUAGE_SETS)

    def text() -> Texts:
        return draw(texts(languages))

    def maybe() -> Texts:
        return draw(st.just(NOTHING) | texts(languages))

    picture = draw(st.none() | st.builds(Picture, st.sampled_from(["sign.png", "https://example.org/a.png?b=1&c=2"])))
    common = {
        "text": text(),
        "title": draw(NAMES),
        "category": draw(st.sampled_from(["", "Абай", "a/b c"])),
        "feedback": maybe(),
        "picture": Picture(picture.source, text()) if picture else None,
        "points": draw(st.sampled_from([Decimal(1), Decimal("0.5"), Decimal(7), Decimal("33.3333333")])),
    }
    kind = draw(st.sampled_from(kinds))
    count = draw(st.integers(2, 4))
    if kind == "single":
        weights = [Fraction(1), *(draw(WEIGHTS) for _ in range(count - 1))]
        choices = tuple(Choice(text(), weight, maybe()) for weight in draw(st.permutations(weights)))
        return Single(choices=choices, shuffle=draw(st.booleans()), **common)
    if kind == "multiple":
        weights = [*draw(shares(count)), Fraction(-1, 3), Fraction(0)]
        choices = tuple(Choice(text(), weight, maybe()) for weight in draw(st.permutations(weights)))
        return Multiple(choices=choices, shuffle=draw(st.booleans()), **common)
    if kind == "true_false":
        return TrueFalse(right=draw(st.booleans()), feedback_true=maybe(), feedback_false=maybe(), **common)
    if kind == "short_text":
        accepted = [Accepted(draw(WORDS), Fraction(1), maybe()), Accepted(draw(WORDS), draw(WEIGHTS), maybe())]
        return ShortText(
            accepted=tuple(accepted),
            feedback_wrong=maybe(),
            match_case=draw(st.booleans()),
            kazakh_as_russian=draw(st.booleans()),
            **common,
        )
    if kind == "number":
        accepted = [
            AcceptedNumber(draw(NUMBERS), abs(draw(NUMBERS)), weight, maybe())
            for weight in (Fraction(1), draw(WEIGHTS))
        ]
        return Number(accepted=tuple(accepted), feedback_wrong=maybe(), **common)
    if kind == "matching":
        pairs = tuple(Pair(text(), text(), weight) for weight in draw(shares(count)))
        extra = tuple(text() for _ in range(draw(st.integers(0, 2))))
        return Matching(pairs=pairs, extra=extra, shuffle=draw(st.booleans()), **common)
    if kind == "ordering":
        return Ordering(entries=tuple(text() for _ in range(count)), **common)
    return Open(**common)


ALL_KINDS = ("single", "multiple", "true_false", "short_text", "number", "matching", "ordering", "open")


def items(*kinds: str) -> st.SearchStrategy[Item]:
    return _items(kinds or ALL_KINDS).filter(lambda item: not faults_of(item))
