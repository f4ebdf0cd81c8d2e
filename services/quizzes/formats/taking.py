"""What every importer does with a question once read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from services.quizzes.checking import faults_of
from services.quizzes.faults import Fault
from services.quizzes.formats import MOST_ITEMS, Imported, Refused
from services.quizzes.formats.rich import Rich
from services.quizzes.items import Item

LONGEST_SNIPPET = 100
_TAG = re.compile(r"<[^<>]*>")


def take(imported: Imported, item: Item, place: str) -> None:
    """Adds the item, or says everything that is wrong with it."""
    faults = faults_of(item)
    if len(imported.items) >= MOST_ITEMS:
        faults = [Fault("", "At most {most} questions are taken at once.", {"most": MOST_ITEMS})]
    if faults:
        begins = snippet(next((item.text[language] for language in item.text.languages), ""))
        imported.refused.extend(replace(fault.under(place), snippet=begins) for fault in faults)
    else:
        imported.items.append(item)


def set_aside(imported: Imported, refusal: Refused, place: str, words: str = "") -> None:
    """`words`: of the question as the file has them, so that a person finds it there."""
    fault = replace(refusal.fault, snippet=snippet(words))
    imported.refused.append(fault if fault.place else fault.under(place))


def snippet(words: str) -> str:
    """How it begins, in one line, without markup."""
    plain = " ".join(_TAG.sub(" ", words).split())
    return plain if len(plain) <= LONGEST_SNIPPET else plain[: LONGEST_SNIPPET - 1].rstrip() + "…"


def note_markup(imported: Imported, place: str, texts: Iterable[Rich], pictures_taken: int = 0) -> None:
    """Says which markup and pictures of these texts were left out."""
    read = list(texts)
    names = list(dict.fromkeys(name for text in read for name in text.left_out))
    if len({source for text in read for _language, source, _alt in text.pictures}) > pictures_taken:
        names.append("img")
    if names:
        imported.notes.append(
            Fault(place, "Markup was left out, its words kept: {names}.", {"names": ", ".join(names)})
        )
