"""Quizzes as a test wants them, made over HTTP as an editor does."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from services.quizzes import stored_items
from services.quizzes.attempts import item_seed
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
from services.quizzes.models import Attempt
from services.quizzes.player import shown_answer
from services.quizzes.takers import GUEST_KEY
from shared import clock
from tests.quizzes.house import House

_LETTERS = str.maketrans("0123456789", "ghijlmpqrt")


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


def nickname() -> str:
    """One that nobody else has."""
    return f"сова {uuid.uuid4().hex[:6].translate(_LETTERS)}"


@dataclass
class Player:
    """Somebody at an attempt, with one tab open."""

    house: House
    headers: dict[str, str]
    view: dict[str, Any]
    device: str = "tab"
    count: int = 0

    @classmethod
    def begins(cls, house: House, quiz_id: str, headers: dict[str, str] | None = None, **said: Any) -> Player:
        who = headers or house.guest()
        said.setdefault("language", "kk")
        if GUEST_KEY in who:
            said.setdefault("nickname", nickname())
        return cls(house, who, house.ask("POST", f"/{quiz_id}/attempts", who, json=said))

    @property
    def id(self) -> str:
        return str(self.view["id"])

    def item(self, at: int) -> dict[str, Any]:
        return dict(self.view["items"][at])

    def known_as(self, item_id: str, answer: Any) -> Any:
        """An answer in positions, in the identifiers of this player's view."""
        with self.house.database.reading() as session:
            attempt = session.get_one(Attempt, self.id)
            versions = [(item, version) for item, version, _points in attempt.items if item == item_id]
            item = stored_items.items_at(session, versions)[item_id]
        return shown_answer(item, item_seed(attempt.seed, item_id), answer)

    def saving(self, shown: Any, ago: float = 0.0, **others: Any) -> dict[str, Any]:
        """The body of a save, given `ago` seconds before now."""
        self.count += 1
        at = clock.now() - timedelta(seconds=ago)
        body = {"answer": shown, "device": self.device, "number": self.count, "given_at": at.isoformat()}
        return body | others

    def saves(self, item_id: str, shown: Any, **others: Any) -> Any:
        body = self.saving(shown, **others)
        return self.house.call("PUT", f"/attempts/{self.id}/answers/{item_id}", self.headers, json=body)

    def answers(self, item_id: str, answer: Any, **others: Any) -> dict[str, Any]:
        saved = self.saves(item_id, self.known_as(item_id, answer), **others)
        assert saved.status_code == 200, saved.text
        return dict(saved.json)

    def sends(self, *answers: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
        body = {"answers": [{"item_id": item_id} | answer for item_id, answer in answers]}
        sent = self.house.ask("POST", f"/attempts/{self.id}/answers", self.headers, json=body)
        return list(sent["results"])

    def looks(self) -> dict[str, Any]:
        return dict(self.house.ask("GET", f"/attempts/{self.id}", self.headers))

    def finishes(self) -> dict[str, Any]:
        return dict(self.house.ask("POST", f"/attempts/{self.id}/finish", self.headers))

    def kept(self) -> dict[str, Any]:
        return {item_id: each["answer"] for item_id, each in self.looks()["answers"].items()}
