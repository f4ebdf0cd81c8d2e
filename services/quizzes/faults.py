"""What is wrong, and where: a value, said in the caller's language only when shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from shared.language import translate


@dataclass(frozen=True)
class Fault:
    """`place`: a field path (`choices.2.text.ru`), a line (`line 12`) or an XML path; `message`: an English id;
    `snippet`: how the question in a file begins that it is about."""

    place: str
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    snippet: str = ""

    def said(self, language: str) -> str:
        return translate(self.message, language, **self.values)

    def under(self, place: str) -> Fault:
        return replace(self, place=f"{place}: {self.place}" if self.place else place)
