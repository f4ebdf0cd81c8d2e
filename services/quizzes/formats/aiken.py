"""Aiken (docs.moodle.org, "Aiken format"): a question on one line, its answers by letter, then ANSWER: letter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from string import ascii_uppercase

from services.quizzes.faults import Fault
from services.quizzes.formats import Imported, Refused, refused, text_of
from services.quizzes.formats.taking import set_aside, take
from services.quizzes.items import Choice, Single, Texts

_ANSWER = "ANSWER:"


@dataclass
class _Question:
    line: int
    text: str
    answers: dict[str, str] = field(default_factory=dict)
    right: str = ""
    twice: str = ""


def read_aiken(content: bytes, language: str) -> Imported:
    """Questions of an Aiken file, all in `language`: the format knows one right answer and one language."""
    imported = Imported()
    try:
        lines = text_of(content).split("\n")
    except Refused as refusal:
        set_aside(imported, refusal, "file")
        return imported
    for question in _questions(lines, imported):
        try:
            take(imported, _item(question, language), f"line {question.line}")
        except Refused as refusal:
            set_aside(imported, refusal, f"line {question.line}", question.text)
    return imported


def _questions(lines: list[str], imported: Imported) -> Iterator[_Question]:
    """Whole questions; a question that another interrupts is handed on as it is, to be refused."""
    open_question: _Question | None = None
    for number, line in enumerate(lines, 1):
        words, letter = line.strip(), _letter(line.strip())
        if not words:
            continue
        if words.startswith(_ANSWER) and open_question:
            open_question.right = words.removeprefix(_ANSWER).strip()
            yield open_question
            open_question = None
        elif letter and open_question:
            open_question.twice = letter if letter in open_question.answers else open_question.twice
            open_question.answers[letter] = words[2:].strip()
        elif letter or words.startswith(_ANSWER):
            imported.refused.append(Fault(f"line {number}", "An answer stands here without a question before it."))
        else:
            if open_question:
                yield open_question
            open_question = _Question(number, words)
    if open_question:
        yield open_question


def _letter(words: str) -> str:
    """The letter of an answer `A) …` or `A. …`; empty for any other line."""
    return words[0] if words[:1] in ascii_uppercase and words[:1] and words[1:2] in (")", ".") and words[1:] else ""


def _item(question: _Question, language: str) -> Single:
    if not question.right:
        raise refused("", "The line ANSWER: is missing.")
    if question.twice:
        raise refused("", "The letter {letter} stands before two answers.", letter=question.twice)
    if question.right not in question.answers:
        raise refused("", "The right answer {letter} is not among the answers.", letter=question.right[:10])
    choices = tuple(
        Choice(Texts(**{language: words}), Fraction(letter == question.right))
        for letter, words in question.answers.items()
    )
    return Single(text=Texts(**{language: question.text}), choices=choices)
