"""Who is written to, and where: an addressee is a card holder, or the guardian of children who has no card."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from services.notify.models import Person
from shared.language import known


@dataclass(frozen=True)
class Addressee:
    """`card_number`: their own card, None for a guardian without one. `members`: the readers they are written to for."""

    key: str
    card_number: str | None
    name: str
    language: str
    email: str | None
    phone: str | None
    telegram: str | None
    members: tuple[Person, ...]


def find(session: Session, keys: Iterable[str]) -> dict[str, Addressee]:
    """The addressees of those keys; one of whom nobody is left is missing."""
    asked = select(Person).where(Person.addressee.in_(bindparam("keys", expanding=True)), Person.erased.is_(False))
    families: dict[str, list[Person]] = defaultdict(list)
    for person in session.scalars(asked.order_by(Person.card_number), {"keys": sorted(set(keys))}):
        families[person.addressee].append(person)
    return {key: addressee_of(key, members) for key, members in families.items()}


def addressee_of(key: str, members: Sequence[Person]) -> Addressee:
    """The holder of the card the key names; else the guardian on the children's cards; else the reader."""
    holder = next((person for person in members if key == f"card:{person.card_number}"), None)
    guardians = [person.guardian for person in members if person.guardian and person is not holder]
    first = members[0]
    guardian = next((each for each in guardians if each.get("email") or each.get("phone")), None) or {}
    if holder is not None:
        return Addressee(
            key,
            holder.card_number,
            full_name(holder),
            known(holder.language),
            holder.email or guardian.get("email"),
            holder.phone or guardian.get("phone"),
            holder.telegram,
            tuple(members),
        )
    return Addressee(
        key,
        key.removeprefix("card:") if key.startswith("card:") else None,
        guardian.get("name") or full_name(first),
        known(guardian.get("language") or first.language),
        guardian.get("email") or (None if guardian else first.email),
        guardian.get("phone") or (None if guardian else first.phone),
        None if guardian else first.telegram,
        tuple(members),
    )


def full_name(person: Person) -> str:
    return f"{person.given_name} {person.family_name}".strip()
