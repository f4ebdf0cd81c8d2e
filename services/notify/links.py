"""Private links: 30 days, open one family's books, can be switched off."""

from __future__ import annotations

import hashlib
import hmac
import string
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.notify.models import Link, Notice, Person
from shared import clock
from shared.bulk import insert_rows
from shared.problems import Problem
from shared.settings import Settings, secret_of

LASTS = timedelta(days=30)
# 11 of 62 letters are 65 bits: beyond guessing online for a month, and short enough for an SMS.
LETTERS = string.digits + string.ascii_letters
LENGTH = 11
HIDDEN = "…"
OFF = "This link has expired or was switched off. Sign in, or ask the library."


def token_of(secret: str, notice_id: str) -> str:
    """The notice's token: nobody without the system's secret can make it, and every sending carries the same."""
    number = int.from_bytes(hmac.digest(secret.encode(), f"private link {notice_id}".encode(), "sha256"), "big")
    letters = []
    for _ in range(LENGTH):
        number, letter = divmod(number, len(LETTERS))
        letters.append(LETTERS[letter])
    return "".join(letters)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def address(settings: Settings, token: str = HIDDEN) -> str:
    """The link as it stands in a notice; without a token, as it is kept."""
    return f"{settings.base_url()}/l/{token}"


def page_to_leave(token: str) -> str:
    """Path of the website's page that a mail program posts one click to (RFC 8058) and a person opens."""
    return f"/unsubscribe/{token}"


def unsubscribe_address(settings: Settings, token: str = HIDDEN) -> str:
    """Where a kind of message is left, as it stands in a notice; without a token, as it is kept."""
    return f"{settings.base_url()}{page_to_leave(token)}"


def open_for(session: Session, notices: Iterable[Mapping[str, Any]]) -> None:
    """Keeps the links of notices being claimed (`id`, `addressee`); one that was switched off stays off."""
    secret = secret_of(session.info["settings"])
    until = clock.now() + LASTS
    rows = [
        {
            "token_hash": hash_of(token_of(secret, notice["id"])),
            "notice_id": notice["id"],
            "addressee": notice["addressee"],
            "until": until,
            "off": False,
        }
        for notice in notices
    ]
    insert_rows(session, Link.__table__, rows, then="ON CONFLICT DO NOTHING")  # type: ignore[arg-type]


def find(session: Session, token: str) -> Link:
    """The link of a token that still holds. Raises a 404 problem."""
    link = session.get(Link, hash_of(token))
    if link is None or link.off or link.until <= clock.now():
        raise Problem(404, OFF)
    return link


def find_to_leave(session: Session, token: str) -> Link:
    """The same, also after the link has ended: nobody must be held in a mailing. Raises a 404 problem."""
    link = session.get(Link, hash_of(token))
    if link is None:
        raise Problem(404, OFF)
    return link


def family_of(session: Session, link: Link) -> dict[str, Any]:
    """Whose books a link opens: first names, as in the notice it came with; no contacts."""
    notice = session.get_one(Notice, link.notice_id)
    mine = (Person.addressee == link.addressee) & Person.erased.is_(False)
    chosen = select(Person.card_number, Person.given_name).where(mine).order_by(Person.card_number)
    readers = [dict(row._mapping) for row in session.execute(chosen)]
    return {
        "notice_id": link.notice_id,
        "addressee": link.addressee,
        "cards": [reader["card_number"] for reader in readers],
        "readers": readers,
        "quarantine_id": notice.quarantine_id,
        "language": notice.language,
        "until": link.until,
    }


def switch_off(session: Session, token: str) -> None:
    """The link opens nothing any more. Raises a 404 problem for one that does not hold."""
    find(session, token).off = True


def switch_off_of(session: Session, notice_id: str) -> None:
    """The same by the notice, for staff and for the reader it was written to; nothing to do is fine."""
    session.execute(update(Link).where(Link.notice_id == notice_id).values(off=True))
