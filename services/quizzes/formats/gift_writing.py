"""GIFT as Moodle reads it; what GIFT has no place for goes into a comment that only we read, and is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from services.quizzes.formats import Exported, refused
from services.quizzes.formats.extras import written
from services.quizzes.formats.gift_syntax import DIRECTIVE, escape
from services.quizzes.formats.giving import give, note_unseen
from services.quizzes.formats.rich import html_text, is_multilang, is_universal, question_html
from services.quizzes.formats.weights import percent_text, plain
from services.quizzes.formats.wildcards import pattern
from services.quizzes.items import (
    Item,
    Matching,
    Multiple,
    Number,
    Open,
    ShortText,
    Single,
    Texts,
    TrueFalse,
    languages_of,
)


def write_gift(items: Sequence[Item]) -> Exported:
    exported = Exported()
    blocks: list[str] = []
    category = ""
    for place, item, block in give(exported, items, _block):
        if item.category != category:
            category = item.category
            blocks.append(f"$CATEGORY: {category}".strip())
        blocks.append(block)
        note_unseen(exported, place, item, "GIFT")
    exported.content = "".join(f"{block}\n\n" for block in blocks).encode()
    return exported


def _block(item: Item) -> str:
    extras = written(item)
    comment = f"{DIRECTIVE}{extras}\n" if extras else ""
    picture = item.picture.source if item.picture else ""
    text = escape(question_html(item.text, item.picture, picture))
    lines = "".join(f"\n\t{line}" for line in _Writer(item).lines())
    return f"{comment}::{escape(item.title)}::[html]{text}{{{lines}}}"


class _Writer:
    def __init__(self, item: Item) -> None:
        self.item = item
        self.languages = languages_of(item)

    def lines(self) -> Iterator[str]:
        item = self.item
        if isinstance(item, Single | Multiple):
            yield from self._choices(item)
        elif isinstance(item, TrueFalse):
            yield self._true_false(item)
        elif isinstance(item, ShortText):
            yield from self._short_text(item)
        elif isinstance(item, Number):
            yield from self._number(item)
        elif isinstance(item, Matching):
            yield from self._matching(item)
        elif not isinstance(item, Open):
            raise refused("", "{format} has no question of this kind: {kind}.", format="GIFT", kind="ordering")
        if item.feedback:
            yield f"####{self._html(item.feedback)}"

    def _html(self, text: Texts) -> str:
        """A text in the question's format, which is HTML; named again where the text could be taken for a mark."""
        words = escape(html_text(text, self.languages))
        return f"[html]{words}" if words.startswith(("[", "%")) else words

    def _said(self, feedback: Texts) -> str:
        return f"#{self._html(feedback)}" if feedback else ""

    def _choices(self, item: Single | Multiple) -> Iterator[str]:
        """The first right one of a single choice has `=`; with `=` before all, Moodle would see typed answers."""
        first = isinstance(item, Single)
        for choice in item.choices:
            marked = first and choice.weight == 1
            first = first and not marked
            mark = "=" if marked else _mark(choice.weight)
            yield mark + self._html(choice.text) + self._said(choice.feedback)

    def _true_false(self, item: TrueFalse) -> str:
        said = (item.feedback_false, item.feedback_true) if item.right else (item.feedback_true, item.feedback_false)
        wrong, right = map(self._said, said)
        return ("TRUE" if item.right else "FALSE") + (wrong or ("#" if right else "")) + right

    def _short_text(self, item: ShortText) -> Iterator[str]:
        for each in item.accepted:
            if "->" in each.text:
                raise refused("", "GIFT cannot hold an answer with the signs -> in it.")
            words = escape(pattern(each.text))
            named = f"[plain]{words}" if words.startswith("[") else words
            yield f"=%{percent_text(each.weight)}%{named}{self._said(each.feedback)}"
        if item.feedback_wrong:
            yield f"=%0%*{self._said(item.feedback_wrong)}"

    def _number(self, item: Number) -> Iterator[str]:
        yield "#"
        for each in item.accepted:
            limits = f"{plain(each.value)}:{plain(each.tolerance)}"
            yield f"=%{percent_text(each.weight)}%{limits}{self._said(each.feedback)}"
        if item.feedback_wrong:
            yield f"~{self._said(item.feedback_wrong)}"

    def _matching(self, item: Matching) -> Iterator[str]:
        for pair in item.pairs:
            yield f"={self._html(pair.left)} -> {self._right(pair.right)}"
        for text in item.extra:
            yield f"= -> {self._right(text)}"

    def _right(self, text: Texts) -> str:
        """Moodle keeps right sides as plain text, with its spans for languages."""
        word = text[self.languages[0]]
        if is_universal(text, self.languages) and not is_multilang(word):
            return ("[plain]" if word.startswith("[") else "") + escape(word)
        return escape(question_html(text, None, ""))


def _mark(weight: Fraction) -> str:
    return f"~%{percent_text(weight)}%" if weight else "~"
