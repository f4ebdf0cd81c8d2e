"""Whether somebody has written who they are: a surname, or a name with more of it, in whatever case.

Kazakh and Russian surnames and patronymics are known by their endings. Given names are too many to know and are often
words as well, so that one alone is taken; with another word beside it it says too much.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

from shared.folding import fold

# As `fold` leaves them: Kazakh letters as Russian ones, ё as е.
_ENDINGS = re.compile(r".{3,}(ов|ова|ев|ева|овна|евна|ович|евич)|.{2,}(улы|кызы|ский|ская|цкий|цкая|енко)")
_LATIN_ENDINGS = re.compile(
    r".{3,}(ov|ova|ev|eva|yev|yeva|ovna|evna|ovich|evich)|.{2,}(uly|kyzy|qyzy|skii|skij|skiy|skaya|tsky|enko)|.{4,}sky"
)
# Words that end so and are nobody.
_NOBODY = frozenset(
    [
        *("корова", "голова", "основа", "подкова", "обнова", "королева", "готов", "здоров", "остров", "покров"),
        *("засов", "часов", "нагрев", "посев", "напев", "припев", "обогрев", "русский", "русская", "детский"),
        *("детская", "морская", "городской", "городская", "казахский", "казахская", "английский", "английская"),
        *("космический", "советский", "сельская", "женский", "мужской", "supernova", "casanova", "bossanova"),
        *("nightsky", "moonlitsky"),
    ]
)
_CYRILLIC = re.compile("[а-яё\u0400-\u04ff]+")


def looks_like_a_person(nickname: str) -> bool:
    words = _words(nickname)
    return any(is_surname(word) for word in words) or _is_a_whole_name(words)


def _words(nickname: str) -> list[str]:
    """Without the figures at their ends; a capital after a small letter begins a word too. What is left of one word
    as a single letter is no initial."""
    apart = "".join(
        f" {here}" if before.islower() and here.isupper() else here for before, here in pairwise(" " + nickname)
    )
    found = [(word, word.rstrip("0123456789")) for word in re.split(r"[\s_-]+", apart)]
    return [plain for word, plain in found if plain.isalpha() and (len(plain) > 1 or plain == word)]


def is_surname(word: str) -> bool:
    folded, plain = fold(word), word.casefold()
    if {folded, plain} & _NOBODY:
        return False
    # Folding makes Cyrillic of Latin letters that look alike: right for a word that mixes them, not for a Latin one.
    return bool(_LATIN_ENDINGS.fullmatch(plain) if plain.isascii() else _ENDINGS.fullmatch(folded))


def _is_a_whole_name(words: list[str]) -> bool:
    """A name with an initial, a known given name with another word, two words written with capitals as names are."""
    whole = [word for word in words if len(word) > 1]
    if len(whole) == 1 and len(words) > 1:
        return True
    return len(whole) > 1 and (any(fold(word) in _given_names() for word in whole) or _are_written_as_names(whole))


def _are_written_as_names(words: list[str]) -> bool:
    """In Cyrillic only: in English every word of a made-up name begins so, Book Worm."""
    named = [word for word in words if _CYRILLIC.fullmatch(word.casefold()) and (word.istitle() or word.isupper())]
    return len(named) > 1


@cache
def _given_names() -> frozenset[str]:
    listed = (Path(__file__).parent / "given_names.txt").read_text("utf-8").split()
    return frozenset(fold(name) for name in listed)
