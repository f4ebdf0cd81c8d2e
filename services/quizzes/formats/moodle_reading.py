"""Moodle XML (docs.moodle.org, "Moodle XML format")."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import unquote

from services.quizzes.faults import Fault
from services.quizzes.formats import Imported, Refused, check_count, refused, rich
from services.quizzes.formats.extras import applied, from_comments
from services.quizzes.formats.rich import EMPTY, Rich, languages_in, picture_of, resolved
from services.quizzes.formats.taking import note_markup, set_aside, take
from services.quizzes.formats.weights import weight_of
from services.quizzes.formats.wildcards import literal
from services.quizzes.formats.xml_tree import Element, parse
from services.quizzes.items import (
    Accepted,
    AcceptedNumber,
    Choice,
    Item,
    Matching,
    Multiple,
    Number,
    Open,
    Ordering,
    Picture,
    ShortText,
    Single,
    Texts,
    TrueFalse,
    even_pairs,
)
from services.quizzes.words import number_of

PLUGIN_FILE = "@@PLUGINFILE@@/"
_NOT_KEPT = (
    *("hint", "correctfeedback", "partiallycorrectfeedback", "incorrectfeedback"),
    *("graderinfo", "responsetemplate", "tags", "idnumber"),
)
_YES = ("1", "true")


def read_moodle(content: bytes, language: str) -> Imported:
    """Questions of a Moodle XML file; texts that are marked for no language are in `language`."""
    imported = Imported()
    try:
        root = parse(content)
        if root.name != "quiz":
            raise refused(root.place, "This is not Moodle XML: the first element is {name}.", name=root.name[:40])
    except Refused as refusal:
        set_aside(imported, refusal, "file")
        return imported
    category = ""
    for element in root.elements("question"):
        if element.attributes.get("type") == "category":
            category = element.said("category", "text")
        else:
            _take(imported, element, category, language)
    return imported


def _take(imported: Imported, element: Element, category: str, language: str) -> None:
    question = _Question(element, category, language)
    try:
        item = applied(question.item(), from_comments(element.comments))
    except Refused as refusal:
        set_aside(imported, refusal, element.place, element.said("questiontext", "text"))
        return
    take(imported, item, element.place)
    note_markup(imported, element.place, question.texts, pictures_taken=1 if item.picture else 0)
    unkept = [name for name in _NOT_KEPT if (found := element.first(name)) and found.words().strip()]
    if unkept:
        imported.notes.append(Fault(element.place, "Left out: {names}.", {"names": ", ".join(unkept)}))


@dataclass
class _Question:
    element: Element
    category: str
    language: str
    texts: list[Rich] = field(default_factory=list)

    def item(self) -> Item:
        kind = self.element.attributes.get("type", "")
        if kind not in _KINDS:
            raise refused("", "Questions of the type {kind} cannot be taken.", kind=kind[:40])
        check_count("", len(self.element.elements("answer", "subquestion")))
        self.text, self.feedback = (self.read(self.element.first(each)) for each in ("questiontext", "generalfeedback"))
        return _KINDS[kind](self)

    def read(self, element: Element | None) -> Rich:
        """`<questiontext format="html"><text>…`, in the format it names."""
        text = element.first("text") if element else None
        if element is None or text is None:
            return EMPTY
        words, form = text.words(), element.attributes.get("format", "moodle_auto_format")
        if form == "html" or (form == "moodle_auto_format" and rich.looks_like_html(words)):
            read = rich.html(words)
        else:
            read = rich.plain(words.strip())
            if form == "markdown" and any(mark in words for mark in "*_`#[!"):
                read.left_out.append("Markdown")
        self.texts.append(read)
        return read

    def said(self, text: Rich) -> Texts:
        return resolved(text, languages_in(self.texts, self.language))

    def common(self) -> dict[str, Any]:
        return {
            "title": self.element.said("name", "text"),
            "category": self.category,
            "text": self.said(self.text),
            "feedback": self.said(self.feedback),
            "picture": self._picture(),
            "points": _number(self.element.said("defaultgrade", default="1")),
        }

    def _picture(self) -> Picture | None:
        picture = picture_of(self.text, languages_in(self.texts, self.language))
        if not picture or not picture.source.startswith(PLUGIN_FILE):
            return picture
        name = unquote(picture.source.removeprefix(PLUGIN_FILE))
        return replace(picture, source=name, content=self._file(name))

    def _file(self, name: str) -> bytes:
        files = [each for each in self.element.everywhere("file") if each.attributes.get("name") == name]
        if not files:
            raise refused("", "The picture {name} is not in the file.", name=name[:80])
        try:
            return b64decode("".join(files[0].words().split()), validate=True)
        except NotBase64 as error:
            raise refused(files[0].place, "The picture {name} cannot be read.", name=name[:80]) from error

    def flag(self, name: str, default: str) -> bool:
        return self.element.said(name, default=default).lower() in _YES

    def answers(self) -> list[tuple[Element, Fraction, Rich]]:
        """The answers with their weights and feedback."""
        found = self.element.elements("answer")
        return [(each, _weight(each), self.read(each.first("feedback"))) for each in found]


def _choices(question: _Question) -> Item:
    read = [(question.read(each), weight, said) for each, weight, said in question.answers()]
    common: dict[str, Any] = question.common() | {
        "choices": tuple(Choice(question.said(text), weight, question.said(said)) for text, weight, said in read),
        "shuffle": question.flag("shuffleanswers", "true"),
    }
    return Single(**common) if question.flag("single", "true") else Multiple(**common)


def _true_false(question: _Question) -> Item:
    answers = {each.said("text").lower(): (weight, said) for each, weight, said in question.answers()}
    if set(answers) != {"true", "false"} or {weight for weight, _said in answers.values()} != {0, 1}:
        raise refused("", "A true or false question needs the answers true and false, one of them right.")
    return TrueFalse(
        right=answers["true"][0] == 1,
        feedback_true=question.said(answers["true"][1]),
        feedback_false=question.said(answers["false"][1]),
        **question.common(),
    )


def _parted(question: _Question) -> tuple[list[tuple[Element, Fraction, Rich]], Rich]:
    """The answers, and what is said to every other one (the answer `*` worth nothing)."""
    answers = question.answers()
    others = [said for each, weight, said in answers if each.said("text") == "*" and weight == 0]
    kept = [each for each in answers if not (each[0].said("text") == "*" and each[1] == 0)]
    return kept, others[0] if others else EMPTY


def _short_text(question: _Question) -> Item:
    answers, wrong = _parted(question)
    accepted = (Accepted(literal(each.said("text")), weight, question.said(said)) for each, weight, said in answers)
    return ShortText(
        accepted=tuple(accepted),
        feedback_wrong=question.said(wrong),
        match_case=question.flag("usecase", "0"),
        **question.common(),
    )


def _numerical(question: _Question) -> Item:
    if units := question.element.first("units"):
        raise refused(units.place, "Numbers with units cannot be taken.")
    answers, wrong = _parted(question)
    accepted = (
        AcceptedNumber(
            _number(each.said("text")),
            _number(each.said("tolerance", default="0") or "0"),
            weight,
            question.said(said),
        )
        for each, weight, said in answers
    )
    return Number(accepted=tuple(accepted), feedback_wrong=question.said(wrong), **question.common())


def _matching(question: _Question) -> Item:
    sides = [(question.read(each), _right_side(question, each)) for each in question.element.elements("subquestion")]
    pairs = [(question.said(left), question.said(right)) for left, right in sides if _has_words(left)]
    extra = dict.fromkeys(question.said(right) for left, right in sides if not _has_words(left))
    known = {right for _left, right in pairs}
    return Matching(
        pairs=even_pairs(pairs),
        extra=tuple(each for each in extra if each not in known),
        shuffle=question.flag("shuffleanswers", "true"),
        **question.common(),
    )


def _has_words(text: Rich) -> bool:
    return any(words.strip() for _language, words in text.pieces)


def _right_side(question: _Question, element: Element) -> Rich:
    words = element.said("answer", "text")
    question.texts.append(rich.html(words) if rich.is_multilang(words) else rich.plain(words))
    return question.texts[-1]


def _ordering(question: _Question) -> Item:
    """Moodle keeps an entry's place as its fraction: 1, 2, 3…"""
    placed = [(_number(each.attributes.get("fraction", "0")), each) for each in question.element.elements("answer")]
    read = [question.read(each) for _place, each in sorted(placed, key=lambda each: each[0])]
    return Ordering(entries=tuple(question.said(text) for text in read), **question.common())


def _open(question: _Question) -> Item:
    return Open(**question.common())


def _weight(answer: Element) -> Fraction:
    weight = weight_of(answer.attributes.get("fraction", "0"))
    if weight is None:
        raise refused(answer.place, "“{words}” is not a number.", words=answer.attributes["fraction"][:40])
    return weight


def _number(words: str) -> Decimal:
    number = number_of(words)
    if number is None:
        raise refused("", "“{words}” is not a number.", words=words[:40])
    return number


_KINDS: dict[str, Callable[[_Question], Item]] = {
    "multichoice": _choices,
    "truefalse": _true_false,
    "shortanswer": _short_text,
    "numerical": _numerical,
    "matching": _matching,
    "ordering": _ordering,
    "essay": _open,
}
