"""Which outside channels reach a person, in the order they are tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BUILT = ("email",)


@dataclass(frozen=True)
class Recipient:
    """Who a notice is written to. `card_number` is None for a guardian who is only a contact on a child's card."""

    name: str
    language: str
    card_number: str | None
    contacts: Mapping[str, str | None]

    def channels(self, suppressed: frozenset[tuple[str, str]] = frozenset()) -> Sequence[tuple[str, str]]:
        """(channel, address) of each that is built, has an address and is not suppressed."""
        chain = [(channel, self.contacts.get(channel)) for channel in BUILT]
        return [(channel, address) for channel, address in chain if address and (channel, address) not in suppressed]


def own(person: Mapping[str, Any]) -> Recipient:
    """The reader, or the guardian who is a card holder."""
    return Recipient(
        name=full_name(person),
        language=person["language"],
        card_number=person["card_number"],
        contacts={"email": person["email"], "sms": person["phone"], "telegram": person["telegram"]},
    )


def guardian_contact(child: Mapping[str, Any]) -> Recipient:
    """The guardian who is a contact on the child's card; the child's language when none is known."""
    guardian = child["guardian"]
    return Recipient(
        name=guardian.get("name") or full_name(child),
        language=guardian.get("language") or child["language"],
        card_number=None,
        contacts={"email": guardian.get("email"), "sms": guardian.get("phone")},
    )


def full_name(person: Mapping[str, Any]) -> str:
    return f"{person['given_name']} {person['family_name']}".strip()


def recipient_of(addressee: str, family: Sequence[Mapping[str, Any]], known: Mapping[str, Any]) -> Recipient:
    """Who is written to for an addressee. `family`: the readers it stands for; `known`: people by card number."""
    if addressee.startswith("card:"):
        person = known.get(addressee.removeprefix("card:"))
        return own(person) if person is not None else own(family[0])
    return guardian_contact(next(reader for reader in family if reader["guardian"]))
