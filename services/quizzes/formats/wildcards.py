"""Moodle's short answers may hold `*` for any text; ours are texts only."""

from __future__ import annotations

import re

from services.quizzes.formats import refused

_STAR = re.compile(r"(?<!\\)\*")


def literal(pattern: str) -> str:
    """The text a pattern without free stars stands for. Raises Refused for one with them."""
    if _STAR.search(pattern):
        raise refused("", "An answer with * for any text cannot be taken: write the answers out.")
    return pattern.replace("\\*", "*")


def pattern(text: str) -> str:
    return text.replace("*", "\\*")
