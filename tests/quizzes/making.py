"""Quizzes as a test wants them, made over HTTP as an editor does."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from services.quizzes.codec import to_json
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
    ShortText,
    Single,
    Texts,
    TrueFalse,
    even_choices,
    even_pairs,
)
from tests.quizzes.house import House


def words(text: str) -> Texts:
    """Another text in each language, so that a mistaken one is seen."""
    return Texts(kk=f"{text} (қазақша)", ru=f"{text} (по-русски)", en=text)


def single(text: str = "Who?", right: str = "Abai", *wrong: str) -> Single:
    others = wrong or ("Pushkin", "Goethe")
    return Single(
        text=words(text), choices=(Choice(words(right), Fraction(1)), *(Choice(words(each)) for each in others))
    )


ONE_OF_EACH: tuple[Item, ...] = (
    Single(
        text=words("Which of them wrote it?"),
        choices=(
            Choice(words("The wrong one"), feedback=words("Not he: SECRET-1")),
            Choice(words("The right one"), Fraction(1), words("He it is: SECRET-2")),
        ),
        feedback=words("Everybody knows: SECRET-3"),
    ),
    Multiple(text=words("Which two?"), choices=even_choices([words("a"), words("b")], [words("c"), words("d")])),
    TrueFalse(text=words("Is it so?"), right=True, feedback_true=words("SECRET-4"), feedback_false=words("SECRET-5")),
    ShortText(
        text=words("What is it called?"),
        accepted=(Accepted("SECRET-6"), Accepted("SECRET-7", Fraction(1, 2), words("SECRET-8"))),
        feedback_wrong=words("SECRET-9"),
    ),
    Number(text=words("How many?"), accepted=(AcceptedNumber(Decimal("918273"), Decimal("0.5")),)),
    Matching(text=words("Who wrote what?"), pairs=even_pairs([(words("l1"), words("r1")), (words("l2"), words("r2"))])),
    Ordering(text=words("In which order?"), entries=(words("first"), words("second"), words("third"))),
    Open(text=words("What do you think?"), points=Decimal(3), feedback=words("SECRET-10")),
)


def bank(house: House, name: str = "A bank") -> str:
    return str(house.ask("POST", "/banks", house.staff("editor"), json={"name": name})["id"])


def items(house: House, given: Sequence[Item], bank_id: str = "") -> list[str]:
    editor = house.staff("editor")
    into = bank_id or bank(house, f"Bank {len(house.ask('GET', '/banks', editor)['items'])}")
    bodies = [{"bank_id": into, "item": to_json(item)} for item in given]
    return [house.ask("POST", "/items", editor, status=201, json=body)["id"] for body in bodies]


def draft(house: House, given: Sequence[Item] | None = None, **terms: Any) -> dict[str, Any]:
    given = [single("First?"), single("Second?")] if given is None else given
    pools = terms.pop("pools", None) or [{"item_ids": items(house, given)}]
    body = {"title": {"kk": "Тест", "ru": "Тест", "en": "Quiz"}, "languages": ["kk", "ru", "en"], "pools": pools}
    return dict(house.ask("POST", "", house.staff("editor"), status=201, json=body | terms))


def published(house: House, given: Sequence[Item] | None = None, **terms: Any) -> dict[str, Any]:
    made = draft(house, given, **terms)
    return dict(house.ask("POST", f"/{made['id']}/publish", house.staff("editor")))
