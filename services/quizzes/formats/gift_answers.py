"""The answers of a GIFT question: which kind it is, and its item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from services.quizzes.formats import check_count, refused
from services.quizzes.formats.gift_syntax import plain_text, read_text
from services.quizzes.formats.rich import EMPTY, Rich, html, is_multilang, languages_in, picture_of, plain, resolved
from services.quizzes.formats.weights import weight_of
from services.quizzes.formats.wildcards import literal
from services.quizzes.items import (
    Accepted,
    AcceptedNumber,
    Choice,
    Item,
    Matching,
    Multiple,
    Number,
    Open,
    ShortText,
    Single,
    Texts,
    TrueFalse,
    even_pairs,
)
from services.quizzes.words import number_of

_TRUE, _FALSE = ("T", "TRUE"), ("F", "FALSE")
_ANY = "*"


@dataclass
class Question:
    """A question in pieces. `body`: what stands in the brackets, its escapes hidden; `form`: the text's format."""

    title: str
    category: str
    text: Rich
    form: str
    body: str
    feedback: Rich
    language: str
    parts: list[Rich] = field(default_factory=list)

    @property
    def texts(self) -> list[Rich]:
        return [self.text, self.feedback, *self.parts]

    def read(self, hidden: str) -> Rich:
        """A text of the answers, in the question's format unless it names its own."""
        self.parts.append(read_text(hidden, self.form)[0] if hidden.strip() else EMPTY)
        return self.parts[-1]

    def said(self, rich: Rich) -> Texts:
        return resolved(rich, languages_in(self.texts, self.language))

    def common(self) -> dict[str, Any]:
        languages = languages_in(self.texts, self.language)
        return {
            "title": self.title,
            "category": self.category,
            "text": self.said(self.text),
            "feedback": self.said(self.feedback),
            "picture": picture_of(self.text, languages),
        }


@dataclass
class _Answer:
    """`mark`: `=`, `~` or nothing before the first; `weight`: given in per cent, else None."""

    mark: str
    weight: Fraction | None
    words: str
    comment: str


def build(question: Question) -> Item:
    """The item of a question. Raises Refused."""
    body = question.body
    if not body:
        return Open(**question.common())
    if body.startswith("#"):
        return _number(question)
    if "~" in body:
        return _choices(question)
    if "=" in body and "->" in body:
        return _matching(question)
    if body.partition("#")[0].strip() in _TRUE + _FALSE:
        return _true_false(question)
    return _short_text(question)


def _answers(body: str) -> Iterator[_Answer]:
    """Cuts the answers at `=` and `~`; an answer may begin with %weight% and end with #feedback."""
    starts = [at for at, character in enumerate(body) if character in "=~"]
    check_count("", len(starts))
    if body and (not starts or starts[0] > 0):
        starts.insert(0, 0)
    for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
        mark = body[start] if body[start] in "=~" else ""
        words, _sign, comment = body[start + len(mark) : end].partition("#")
        weight, words = _weighed(words.strip())
        yield _Answer(mark, weight, words, comment.strip())


def _weighed(words: str) -> tuple[Fraction | None, str]:
    number, closed, rest = words[1:].partition("%")
    weight = weight_of(number) if words.startswith("%") and closed else None
    return (None, words) if weight is None else (weight, rest.strip())


def _choices(question: Question) -> Item:
    answers = list(_answers(question.body))
    read = [(answer, question.read(answer.words), question.read(answer.comment)) for answer in answers]
    choices = tuple(Choice(question.said(text), _of_choice(each), question.said(said)) for each, text, said in read)
    if any(answer.mark == "=" for answer in answers):
        return Single(choices=choices, **question.common())
    return Multiple(choices=choices, **question.common())


def _of_choice(answer: _Answer) -> Fraction:
    if answer.weight is not None:
        return answer.weight
    return Fraction(1 if answer.mark == "=" else 0)


def _short_text(question: Question) -> ShortText:
    read = [(answer, question.read(answer.comment)) for answer in _answers(question.body)]
    wrong = next((said for answer, said in read if _is_anything(answer)), EMPTY)
    accepted = tuple(
        Accepted(literal(plain_text(answer.words)), _of_text(answer), question.said(said))
        for answer, said in read
        if not _is_anything(answer)
    )
    return ShortText(accepted=accepted, feedback_wrong=question.said(wrong), **question.common())


def _is_anything(answer: _Answer) -> bool:
    """`=%0%*#…`: what is said to every other answer."""
    return answer.words == _ANY and answer.weight == 0


def _of_text(answer: _Answer) -> Fraction:
    return Fraction(1) if answer.weight is None else answer.weight


def _number(question: Question) -> Number:
    body, _tilde, wrong = question.body[1:].strip().partition("~")
    feedback = question.read(wrong.strip().removeprefix("#"))
    read = [(answer, question.read(answer.comment)) for answer in _answers(body)]
    ranges = [(_range(answer.words), _of_text(answer), said) for answer, said in read]
    return Number(
        accepted=tuple(AcceptedNumber(*limits, weight, question.said(said)) for limits, weight, said in ranges),
        feedback_wrong=question.said(feedback),
        **question.common(),
    )


def _range(words: str) -> tuple[Decimal, Decimal]:
    """`low..high`, `value:tolerance` or `value` as (value, tolerance)."""
    if ".." in words:
        low, _dots, high = words.partition("..")
        ends = _number_in(low), _number_in(high)
        return (ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2
    value, _colon, tolerance = words.partition(":")
    return _number_in(value), _number_in(tolerance or "0")


def _number_in(words: str) -> Decimal:
    number = number_of(plain_text(words))
    if number is None:
        raise refused("", "“{words}” is not a number.", words=plain_text(words)[:40])
    return number


def _matching(question: Question) -> Matching:
    sides = [_sides(question, answer) for answer in _answers(question.body)]
    pairs = [(question.said(left), question.said(right)) for left, right in sides if left.pieces]
    extra = dict.fromkeys(question.said(right) for left, right in sides if not left.pieces)
    known = {right for _left, right in pairs}
    return Matching(
        pairs=even_pairs(pairs), extra=tuple(each for each in extra if each not in known), **question.common()
    )


def _sides(question: Question, answer: _Answer) -> tuple[Rich, Rich]:
    left, arrow, right = answer.words.partition("->")
    if not arrow or answer.comment:
        raise refused("", "Every line of a matching question must be: =left -> right, without feedback.")
    return question.read(left), _right_side(question, plain_text(right))


def _right_side(question: Question, words: str) -> Rich:
    """Moodle keeps right sides as plain text, but shows each reader their language of it."""
    question.parts.append(html(words) if is_multilang(words) else plain(words))
    return question.parts[-1]


def _true_false(question: Question) -> TrueFalse:
    word, *comments = question.body.split("#", 2)
    right = word.strip() in _TRUE
    wrong_said, right_said = [question.read(text) for text in [*comments, "", ""][:2]]
    return TrueFalse(
        right=right,
        feedback_true=question.said(right_said if right else wrong_said),
        feedback_false=question.said(wrong_said if right else right_said),
        **question.common(),
    )
