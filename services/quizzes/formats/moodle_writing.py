"""Moodle XML as Moodle imports it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from fractions import Fraction
from urllib.parse import quote

from services.quizzes.formats import Exported
from services.quizzes.formats.extras import comment
from services.quizzes.formats.giving import give, note_unseen
from services.quizzes.formats.moodle_reading import PLUGIN_FILE
from services.quizzes.formats.rich import html_text, is_multilang, is_universal, question_html
from services.quizzes.formats.weights import percent_text, plain
from services.quizzes.formats.wildcards import pattern
from services.quizzes.formats.xml_tree import markup, words
from services.quizzes.items import (
    Item,
    Matching,
    Multiple,
    Number,
    Open,
    Ordering,
    ShortText,
    Single,
    Texts,
    TrueFalse,
    kind_of,
    languages_of,
)

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NATIVE = ("points", "shuffle", "match_case", "picture")
_TYPES = {
    "single": "multichoice",
    "multiple": "multichoice",
    "true_false": "truefalse",
    "short_text": "shortanswer",
    "number": "numerical",
    "matching": "matching",
    "ordering": "ordering",
    "open": "essay",
}


def write_moodle(items: Sequence[Item]) -> Exported:
    exported = Exported()
    questions: list[str] = []
    category = ""
    for place, item, question in give(exported, items, _question):
        if item.category != category:
            category = item.category
            named = markup("category", {}, markup("text", {}, words(category)))
            questions.append(markup("question", {"type": "category"}, named))
        questions.append(question)
        note_unseen(exported, place, item, "Moodle XML", native=_NATIVE)
    exported.content = (_HEAD + markup("quiz", {}, "\n", "\n".join(questions), "\n")).encode()
    return exported


def _question(item: Item) -> str:
    return markup("question", {"type": _TYPES[kind_of(item)]}, "\n  ", "\n  ".join(_Writer(item).parts()), "\n")


class _Writer:
    def __init__(self, item: Item) -> None:
        self.item = item
        self.languages = languages_of(item)

    def parts(self) -> Iterator[str]:
        item = self.item
        if kept := comment(item, _NATIVE):
            yield kept
        yield markup("name", {}, markup("text", {}, words(item.title)))
        yield self._question_text()
        yield self._html("generalfeedback", item.feedback)
        yield markup("defaultgrade", {}, plain(item.points))
        yield from self._kind()

    def _kind(self) -> Iterator[str]:
        item = self.item
        if isinstance(item, Single | Multiple):
            yield markup("single", {}, "true" if isinstance(item, Single) else "false")
            yield _shuffled(item.shuffle)
            for choice in item.choices:
                yield self._answer(choice.weight, self._inside(choice.text), choice.feedback, "html")
        elif isinstance(item, TrueFalse):
            for right, said in ((True, item.feedback_true), (False, item.feedback_false)):
                yield self._answer(Fraction(right == item.right), str(right).lower(), said, "moodle_auto_format")
        elif isinstance(item, ShortText):
            yield from self._short_text(item)
        elif isinstance(item, Number):
            yield from self._number(item)
        elif isinstance(item, Matching):
            yield from self._matching(item)
        elif isinstance(item, Ordering):
            for place, text in enumerate(item.entries, 1):
                yield self._html("answer", text, fraction=f"{place}.0000000")
        elif isinstance(item, Open):
            yield markup("responseformat", {}, "editor")

    def _inside(self, text: Texts) -> str:
        return words(html_text(text, self.languages))

    def _html(self, name: str, text: Texts, **attributes: str) -> str:
        return markup(name, {**attributes, "format": "html"}, markup("text", {}, self._inside(text)))

    def _question_text(self) -> str:
        picture, file = self.item.picture, ""
        source = picture.source if picture else ""
        if picture and picture.content:
            named = {"name": source, "path": "/", "encoding": "base64"}
            file = markup("file", named, b64encode(picture.content).decode())
            source = PLUGIN_FILE + quote(source)
        text = words(question_html(self.item.text, picture, source))
        return markup("questiontext", {"format": "html"}, markup("text", {}, text), file)

    def _answer(self, weight: Fraction, text: str, feedback: Texts, form: str, *more: str) -> str:
        attributes = {"fraction": percent_text(weight), "format": form}
        return markup("answer", attributes, markup("text", {}, text), self._html("feedback", feedback), *more)

    def _short_text(self, item: ShortText) -> Iterator[str]:
        yield markup("usecase", {}, "1" if item.match_case else "0")
        for each in item.accepted:
            yield self._answer(each.weight, words(pattern(each.text)), each.feedback, "plain_text")
        if item.feedback_wrong:
            yield self._answer(Fraction(0), "*", item.feedback_wrong, "plain_text")

    def _number(self, item: Number) -> Iterator[str]:
        for each in item.accepted:
            tolerance = markup("tolerance", {}, plain(each.tolerance))
            yield self._answer(each.weight, plain(each.value), each.feedback, "plain_text", tolerance)
        if item.feedback_wrong:
            yield self._answer(Fraction(0), "*", item.feedback_wrong, "plain_text")

    def _matching(self, item: Matching) -> Iterator[str]:
        yield _shuffled(item.shuffle)
        for pair in item.pairs:
            yield self._sides(self._inside(pair.left), pair.right)
        for text in item.extra:
            yield self._sides("", text)

    def _sides(self, left: str, right: Texts) -> str:
        word = right[self.languages[0]]
        plain_enough = is_universal(right, self.languages) and not is_multilang(word)
        answer = words(word if plain_enough else question_html(right, None, ""))
        sides = markup("text", {}, left), markup("answer", {}, markup("text", {}, answer))
        return markup("subquestion", {"format": "html"}, *sides)


def _shuffled(shuffle: bool) -> str:
    return markup("shuffleanswers", {}, "true" if shuffle else "false")
