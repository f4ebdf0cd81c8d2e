"""What a player may be called before others: a made-up name, never name and surname, never an insult."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from services.quizzes.surnames import looks_like_a_person
from shared.folding import fold
from shared.problems import invalid

SHORTEST, LONGEST = 2, 20
_WORDS = re.compile(r"[^\W_]+([ _-][^\W_]+)*")
# Figures written for letters, as those do who want to be misunderstood.
_FIGURES = str.maketrans("0134569", "оизчбвд")


def checked(nickname: str) -> str:
    """The nickname with single spaces. Raises a 422 problem saying what is wrong with it."""
    plain = " ".join(nickname.split())
    if not SHORTEST <= len(plain) <= LONGEST:
        raise invalid("nickname", "Use {least} to {most} characters.", least=SHORTEST, most=LONGEST)
    if not _WORDS.fullmatch(plain):
        raise invalid("nickname", "Use letters and digits only.")
    if has_a_telephone(plain):
        raise invalid("nickname", "Do not write a telephone number here: everybody sees it.")
    if looks_like_a_person(plain):
        raise invalid("nickname", "Do not write your name and surname here: everybody sees it. Make a name up.")
    if is_bad(plain):
        raise invalid("nickname", "Choose another nickname.")
    return plain


def folded(nickname: str) -> str:
    """Equal for nicknames that one cannot tell apart."""
    return re.sub(r"[ _-]", "", fold(nickname))


def has_a_telephone(nickname: str) -> bool:
    return re.search(r"\d{7}", re.sub(r"[ _-]", "", nickname)) is not None


def is_bad(nickname: str) -> bool:
    """Whether it holds one of the words of the list, at the beginning of a word or anywhere when it is long."""
    forms = {fold(nickname), fold(nickname.translate(_FIGURES)), nickname.casefold()}
    return any(_holds(form, word) for form in forms for word in _bad_words())


def _holds(form: str, word: str) -> bool:
    anywhere = len(word) > 4 and word in re.sub(r"[ _-]", "", form)
    return anywhere or any(part.startswith(word) for part in re.split(r"[ _-]", form))


@cache
def _bad_words() -> frozenset[str]:
    listed = (Path(__file__).parent / "bad_words.txt").read_text("utf-8").split("\n")
    return frozenset(form for word in listed if word.strip() for form in (fold(word), word.strip().casefold()))
