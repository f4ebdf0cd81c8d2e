"""PINs: issued by staff on the phone, or set by the reader with a code sent to a contact on record."""

from __future__ import annotations

import hmac
from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.accounts import hashing
from services.accounts.lockout import ADDRESS, CODE_FOR_CARD, CODE_FROM_ADDRESS
from services.accounts.models import OneTimeCode, Reader
from services.accounts.use_cases import acts, sessions, tries
from services.accounts.use_cases.sign_in import reader_by_card
from shared import clock, outbox
from shared.auth import Principal
from shared.database import is_sqlite
from shared.folding import fold
from shared.sealed import READER_CODE, seal
from shared.settings import secret_of

CODE_LASTS = timedelta(minutes=15)
MOST_TRIES = 5


def issue(session: Session, who: Principal, reader: Reader, pin_hash: str, reason: str | None) -> None:
    """A PIN told by staff; recorded."""
    _set(session, reader, pin_hash)
    acts.record(session, who, "issued a PIN", reader.id, reason)


def _set(session: Session, reader: Reader, pin_hash: str) -> None:
    session.execute(update(Reader).where(Reader.id == reader.id).values(pin_hash=pin_hash))
    session.execute(delete(OneTimeCode).where(OneTimeCode.reader_id == reader.id))
    tries.forget(session, tries.key_of(session, "login", fold(reader.card_number)))
    sessions.end_all_of(session, f"reader:{reader.id}")


def request_code(session: Session, card_number: str, address: str) -> int:
    """Has a code sent to the reader's contact; returns the seconds to wait instead when asked too often.

    An unknown card is counted and answered the same.
    """
    seconds = tries.count(session, CODE_FOR_CARD, tries.key_of(session, "code for card", fold(card_number)))
    seconds = seconds or tries.count(session, CODE_FROM_ADDRESS, tries.key_of(session, "code from", address))
    reader = None if seconds else reader_by_card(session, card_number)
    if reader:
        _send_code(session, reader)
    return seconds


def _send_code(session: Session, reader: Reader) -> None:
    secret, code, ends = (
        secret_of(session.info["settings"]),
        hashing.digits(hashing.CODE_DIGITS),
        clock.now() + CODE_LASTS,
    )
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    row = {"code_hash": hashing.keyed(secret, f"code {reader.id}", code), "tries": 0, "expires_at": ends}
    kept = insert(OneTimeCode).values(reader_id=reader.id, **row)
    session.execute(kept.on_conflict_do_update(index_elements=["reader_id"], set_=row))
    sealed = seal(secret, READER_CODE, code)
    data = {"card_number": reader.card_number, "sealed_code": sealed, "expires_at": ends.isoformat()}
    outbox.add(session, "reader.code_requested.v1", reader.id, data)


def confirm_code(session: Session, card_number: str, code: str, pin_hash: str, address: str) -> tuple[bool, int]:
    """Sets the PIN when the code is right: (done, seconds to wait before the next try from this address)."""
    key = tries.key_of(session, "address", address)
    if seconds := tries.count(session, ADDRESS, key):
        return False, seconds
    reader = reader_by_card(session, card_number)
    if reader is None or not _right(session, reader, code):
        return False, 0
    _set(session, reader, pin_hash)
    tries.take_back(session, key)
    holder = Principal(f"reader:{reader.id}", "reader")
    acts.record(session, holder, "set a PIN with a code", reader.id)
    return True, 0


def _right(session: Session, reader: Reader, code: str) -> bool:
    one_more = update(OneTimeCode).where(OneTimeCode.reader_id == reader.id, OneTimeCode.tries < MOST_TRIES)
    still = one_more.where(OneTimeCode.expires_at > clock.now()).values(tries=OneTimeCode.tries + 1)
    kept = session.scalar(still.returning(OneTimeCode.code_hash))
    given = hashing.keyed(secret_of(session.info["settings"]), f"code {reader.id}", code.strip())
    return hmac.compare_digest(kept or "", given)
