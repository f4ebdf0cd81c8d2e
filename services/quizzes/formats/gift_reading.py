"""GIFT read as Moodle documents it: one question a block, blocks divided by empty lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.quizzes.formats import Imported, Refused, refused, text_of
from services.quizzes.formats.extras import applied
from services.quizzes.formats.gift_answers import Question, build
from services.quizzes.formats.gift_syntax import DIRECTIVE, hide, read_text, reveal
from services.quizzes.formats.rich import EMPTY, Rich
from services.quizzes.formats.taking import note_markup, set_aside, take

_CATEGORY = "$CATEGORY:"
_GAP = "_____"


@dataclass
class _Block:
    line: int
    text: str
    directive: str


def read_gift(content: bytes, language: str) -> Imported:
    """Questions of a GIFT file; texts that are marked for no language are in `language`."""
    imported = Imported()
    try:
        text = text_of(content)
    except Refused as refusal:
        set_aside(imported, refusal, "file")
        return imported
    category = ""
    for block in _blocks(text):
        category, question = _without_category(block, category)
        if question:
            _take(imported, question, category, language)
    return imported


def _blocks(text: str) -> Iterator[_Block]:
    """Blocks without their comments; a line that is only a comment does not end a block."""
    lines: list[str] = []
    first, directive = 1, ""
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if line.strip().startswith("//"):
            directive = line.strip().removeprefix(DIRECTIVE) if line.strip().startswith(DIRECTIVE) else directive
            line = "//" if lines else ""
            if not lines:
                continue
        if line.strip():
            first = first if lines else number
            lines.append("" if line == "//" else line)
        else:
            if any(each.strip() for each in lines):
                yield _Block(first, "\n".join(lines), directive)
            lines, directive = [], ""


def _without_category(block: _Block, category: str) -> tuple[str, _Block | None]:
    lines = block.text.split("\n")
    at = 0
    while at < len(lines) and lines[at].startswith(_CATEGORY):
        category = lines[at].removeprefix(_CATEGORY).strip()
        at += 1
    rest = _Block(block.line + at, "\n".join(lines[at:]), block.directive)
    return category, rest if rest.text.strip() else None


def _take(imported: Imported, block: _Block, category: str, language: str) -> None:
    place = f"line {block.line}"
    try:
        question = _question(block.text, category, language)
        item = applied(build(question), block.directive)
    except Refused as refusal:
        set_aside(imported, refusal, place, block.text)
        return
    take(imported, item, place)
    note_markup(imported, place, question.texts, pictures_taken=1 if item.picture else 0)


def _question(text: str, category: str, language: str) -> Question:
    title, rest = _titled(hide(text.strip()))
    before, body, after = _parts(rest)
    words, form = read_text(before + (_GAP + after if after.strip() else ""), "moodle")
    body, feedback = _general_feedback(body, form)
    return Question(
        title=title, category=category, text=words, form=form, body=body, feedback=feedback, language=language
    )


def _titled(text: str) -> tuple[str, str]:
    if not text.startswith("::"):
        return "", text
    title, closed, rest = text[2:].partition("::")
    return (reveal(title), rest.strip()) if closed else ("", text[2:])


def _parts(text: str) -> tuple[str, str, str]:
    """The text before the answers, the answers, and the text after them."""
    if "{" not in text and "}" not in text:
        raise refused("", "A description asks nothing, so it is not taken as a question.")
    before, opened, rest = text.partition("{")
    body, closed, after = rest.partition("}")
    if not opened or not closed or "}" in before or "{" in body:
        raise refused("", "The curly brackets around the answers are not in pairs.")
    if "{" in after or "}" in after:
        raise refused("", "A question can have one set of answers in curly brackets only.")
    return before, body.strip(), after


def _general_feedback(body: str, form: str) -> tuple[str, Rich]:
    answers, marked, feedback = body.rpartition("####")
    if not marked:
        return body, EMPTY
    return answers.strip(), read_text(feedback, form)[0]
