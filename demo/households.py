"""Draws the readers of the sample library, one household at a time."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from demo.catalogue import Branch
from demo.chance import Weighted
from demo.names import (
    ADULTS,
    CHILDREN,
    Gender,
    People,
    Surname,
    draw_childrens_surname,
    draw_surname,
    in_latin,
)

FIRST_CARD = 2_400_001
FIRST_PHONE = 77_232_000_001
LANGUAGES = Weighted({"kk": 60, "ru": 35, "en": 5})
PEOPLES: dict[str, Weighted[People]] = {
    "kk": Weighted({"kazakh": 100}),
    "ru": Weighted({"russian": 75, "kazakh": 25}),
    "en": Weighted({"english": 60, "kazakh": 40}),
}
HOUSEHOLDS = Weighted(
    {
        "parent_with_card": 27,
        "parent_as_contact": 47,
        "teenager": 12,
        "adult": 8,
        "child_alone": 5,
        "institution": 1,
    }
)
SIBLINGS = Weighted({1: 50, 2: 34, 3: 13, 4: 3})
CONTACTS = Weighted({"email": 34, "email_and_phone": 34, "phone": 18, "telegram": 5, "none": 9})
GENDERS: tuple[Gender, Gender] = ("m", "f")
CLASS_LETTERS = ("А", "Ә", "Б", "В")


class Reader(NamedTuple):
    """A row of readers.csv, every value as the file has it."""

    card_number: str
    family_name: str
    given_name: str
    language: str
    birth_date: str = ""
    email: str = ""
    phone: str = ""
    telegram: str = ""
    guardian_card_number: str = ""
    home_branch_id: str = ""
    card_expires_on: str = ""
    guardian_name: str = ""
    guardian_phone: str = ""
    guardian_email: str = ""
    guardian_language: str = ""
    school: str = ""
    school_class: str = ""
    kind: str = ""
    blocked: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    email: str = ""
    phone: str = ""
    telegram: str = ""


@dataclass(frozen=True, slots=True)
class Household:
    """What its members share."""

    language: str
    people: People
    surname: Surname
    branch: Branch


class HouseholdDraw:
    """Draws households until they hold the readers wanted; the same random source, the same readers."""

    def __init__(self, rng: Random, today: date, branches: list[Branch]) -> None:
        self._rng = rng
        self._today = today
        self._branches = Weighted({branch: 5 if n == 0 else 2 for n, branch in enumerate(branches)})
        self._cards = 0
        self._contacts = 0

    def readers(self, wanted: int) -> Iterator[Reader]:
        while self._cards < wanted:
            yield from self._household(wanted - self._cards)

    def _household(self, room: int) -> list[Reader]:
        home = self._draw_home()
        match HOUSEHOLDS.draw(self._rng):
            case "parent_with_card" if room > 1:
                return self._parent_with_card(home, room - 1)
            case "parent_as_contact":
                return self._parent_as_contact(home, room)
            case "teenager":
                return [self._teenager(home)]
            case "institution":
                return [self._institution(home)]
            case "child_alone":
                return [self._child(home, youngest=8, oldest=15)]
            case _:
                return [self._adult(home, youngest=18, oldest=70)]

    def _draw_home(self) -> Household:
        language = LANGUAGES.draw(self._rng)
        people = PEOPLES[language].draw(self._rng)
        branch = self._branches.draw(self._rng)
        return Household(language, people, draw_surname(self._rng, people), branch)

    def _parent_with_card(self, home: Household, room: int) -> list[Reader]:
        parent = self._adult(home, youngest=34, oldest=49)
        children = self._siblings(home, room)
        return [parent, *(child._replace(guardian_card_number=parent.card_number) for child in children)]

    def _parent_as_contact(self, home: Household, room: int) -> list[Reader]:
        gender, given = self._parents_name(home)
        contact = self._contact(given, home.surname.of(gender))
        language = home.language if self._rng.random() < 0.9 else self._rng.choice(("kk", "ru"))
        return [
            child._replace(
                guardian_name=f"{home.surname.of(gender)} {given}",
                guardian_phone=contact.phone,
                guardian_email=contact.email,
                guardian_language=language,
            )
            for child in self._siblings(home, room)
        ]

    def _siblings(self, home: Household, room: int) -> list[Reader]:
        shared = replace(home, surname=draw_childrens_surname(self._rng, home.people, home.surname))
        count = min(room, SIBLINGS.draw(self._rng))
        siblings: list[Reader] = []
        while len(siblings) < count:
            taken = {sibling.given_name for sibling in siblings}
            siblings.append(self._child(shared, youngest=4, oldest=16, taken=taken))
        return siblings

    def _child(self, home: Household, youngest: int, oldest: int, taken: Collection[str] = frozenset()) -> Reader:
        gender: Gender = self._rng.choice(GENDERS)
        given = self._rng.choice([name for name in CHILDREN[home.people][gender] if name not in taken])
        born = self._birth_date(youngest, oldest)
        school, school_class = self._school(born)
        reader = self._reader(home, home.surname.of(gender), given, born)
        return reader._replace(school=school, school_class=school_class)

    def _teenager(self, home: Household) -> Reader:
        reader = self._child(home, youngest=14, oldest=17)
        return _reached_by(reader, self._contact(reader.given_name, reader.family_name))

    def _adult(self, home: Household, youngest: int, oldest: int) -> Reader:
        gender, given = self._parents_name(home)
        family = home.surname.of(gender)
        contact = self._contact(given, family)
        return _reached_by(self._reader(home, family, given, self._birth_date(youngest, oldest)), contact)

    def _institution(self, home: Household) -> Reader:
        number = self._rng.randint(1, 48)
        kk, ru = f"№{number} мектеп", f"Школа №{number}"
        name, room = (ru, "Школьная библиотека") if home.language == "ru" else (kk, "Мектеп кітапханасы")
        contact = Contact(f"school{self._next_contact()}@example.org", _phone(self._contacts))
        reader = _reached_by(self._reader(home, name, room, None), contact)
        language = "ru" if home.language == "ru" else "kk"
        return reader._replace(kind="institution", card_expires_on="", language=language)

    def _parents_name(self, home: Household) -> tuple[Gender, str]:
        gender: Gender = "f" if self._rng.random() < 0.75 else "m"
        return gender, self._rng.choice(ADULTS[home.people][gender])

    def _reader(self, home: Household, family: str, given: str, born: date | None) -> Reader:
        self._cards += 1
        return Reader(
            card_number=str(FIRST_CARD + self._cards - 1),
            family_name=family,
            given_name=given,
            language=home.language,
            birth_date=born.isoformat() if born else "",
            home_branch_id=home.branch.branch_id,
            card_expires_on=self._expiry().isoformat(),
            blocked="true" if self._rng.random() < 0.008 else "",
        )

    def _contact(self, given: str, family: str) -> Contact:
        means = CONTACTS.draw(self._rng)
        if means == "none":
            return Contact()
        number = self._next_contact()
        phone, mailbox = _phone(number), f"{in_latin(given)}.{in_latin(family)}.{number}"
        return Contact(
            email=f"{mailbox}@example.org" if means.startswith("email") else "",
            phone=phone if means != "email" else "",
            telegram=f"@sample_{number}" if means == "telegram" else "",
        )

    def _next_contact(self) -> int:
        self._contacts += 1
        return self._contacts

    def _birth_date(self, youngest: int, oldest: int) -> date:
        age_in_days = self._rng.uniform(youngest, oldest + 1) * 365.2425
        return self._today - timedelta(days=int(age_in_days))

    def _school(self, born: date) -> tuple[str, str]:
        """Classes begin on 1 September of the year a child turns seven, and there are eleven."""
        school_year = self._today.year - (self._today.month < 9)
        grade = school_year - born.year - 6
        if not 1 <= grade <= 11:
            return "", ""
        return f"№{self._rng.randint(1, 48)} мектеп", f"{grade}{self._rng.choice(CLASS_LETTERS)}"

    def _expiry(self) -> date:
        soon = self._rng.random() < 0.06
        return self._today + timedelta(days=self._rng.randint(1, 14) if soon else self._rng.randint(60, 700))


def _reached_by(reader: Reader, contact: Contact) -> Reader:
    return reader._replace(email=contact.email, phone=contact.phone, telegram=contact.telegram)


def _phone(number: int) -> str:
    return f"+{FIRST_PHONE + number - 1}"
