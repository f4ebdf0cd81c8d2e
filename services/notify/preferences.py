"""What readers want to be told, by kind and channel; what nobody may miss is always sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from services.notify import channels_of, people
from services.notify.claims import UNSUBSCRIBABLE
from services.notify.models import Preference, Unsubscribed
from shared import clock
from shared.problems import invalid

CHANNELS = ("email", "sms", "telegram", "push")
# What moves a date, and the way back in: missing it would cost the reader something.
ESSENTIAL = ("digest", "correction", "code")
OPTIONAL = ("due_soon", "overdue", "reopening", "announcement")
Off = Mapping[tuple[str, str], frozenset[str]]
"""(addressee, kind) -> channels they do not want."""


def shown(session: Session, card_number: str) -> dict[str, Any]:
    """`to_guardian`: the messages go to somebody else, whose wishes count. Raises a 404 problem."""
    person = people.require_person(session, card_number)
    addressee = f"card:{card_number}"
    off = unwanted(session, [addressee], OPTIONAL)
    kinds = [{"kind": kind, "essential": True, "off": []} for kind in ESSENTIAL if kind != "code"]
    kinds += [{"kind": each, "essential": False, "off": sorted(off.get((addressee, each), ()))} for each in OPTIONAL]
    return {"to_guardian": person.addressee != addressee, "channels": list(channels_of.BUILT), "kinds": kinds}


def replace(session: Session, card_number: str, off: Mapping[str, Sequence[str]]) -> None:
    """Raises a 422 problem for a kind that is always sent."""
    for kind in off:
        if kind in ESSENTIAL:
            raise invalid(
                "off",
                "Messages of this kind cannot be switched off: they say when your books are due. Kind: {kind}.",
                kind=kind,
            )
    people.require_person(session, card_number)
    addressee = f"card:{card_number}"
    session.execute(delete(Preference).where(Preference.addressee == addressee))
    session.execute(delete(Unsubscribed).where(Unsubscribed.addressee == addressee))
    session.add_all(
        Preference(addressee=addressee, kind=kind, channel=channel)
        for kind, channels in off.items()
        for channel in sorted(set(channels))
    )


def unwanted(session: Session, addressees: Iterable[str], kinds: Iterable[str]) -> Off:
    """Who does not want what over which channels; whoever has left a mailing wants it over none."""
    asked = {"addressees": sorted(set(addressees)), "kinds": sorted(set(kinds))}
    keys: Any = bindparam("addressees", expanding=True)
    named: Any = bindparam("kinds", expanding=True)
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    chosen = select(Preference).where(Preference.addressee.in_(keys), Preference.kind.in_(named))
    for each in session.scalars(chosen, asked):
        found[each.addressee, each.kind].add(each.channel)
    left = select(Unsubscribed).where(Unsubscribed.addressee.in_(keys), Unsubscribed.kind.in_(named))
    for gone in session.scalars(left, asked):
        found[gone.addressee, gone.kind].update(CHANNELS)
    return {key: frozenset(channels) for key, channels in found.items()}


def wished(chain: Sequence[tuple[str, str]], off: frozenset[str]) -> Sequence[tuple[str, str]]:
    """The (channel, address) pairs that the person wants."""
    return [each for each in chain if each[0] not in off]


def mailing(session: Session, addressee: str, kind: str) -> dict[str, Any]:
    """A kind of message as the page to leave it shows it."""
    left = session.get(Unsubscribed, (addressee, kind)) is not None
    return {"kind": kind, "may_leave": kind in UNSUBSCRIBABLE, "left": left}


def come_back(session: Session, addressee: str, kind: str) -> None:
    """Takes a leaving back; channels that the person does not want stay as they are."""
    if gone := session.get(Unsubscribed, (addressee, kind)):
        session.delete(gone)


def leave(session: Session, addressee: str, kind: str) -> bool:
    """No more of that kind; False for a kind that nobody may leave by one click."""
    if kind not in UNSUBSCRIBABLE:
        return False
    if session.get(Unsubscribed, (addressee, kind)) is None:
        session.add(Unsubscribed(addressee=addressee, kind=kind, at=clock.now()))
    return True
