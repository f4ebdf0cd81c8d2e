"""Readers: registered, changed, erased; and who may touch whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.accounts.expiry import ExpiryRule, unknown_branches
from services.accounts.hashing import keyed
from services.accounts.models import ErasedCard, ExpiryChange, OneTimeCode, Question, Reader
from services.accounts.reader_events import CHANGED, REGISTERED, row_of, tell
from services.accounts.saving import Row, changed_row, new_row
from services.accounts.use_cases import acts, sessions
from shared import clock, outbox, tables
from shared.auth import READER, SERVICE, Principal
from shared.heard_decisions import NO_BRANCH, lock_branches
from shared.problems import Problem, invalid, not_found
from shared.settings import Settings, secret_of

BY_THE_READER = frozenset({"language", "email", "phone", "telegram"})


def find(session: Session, key: str, *, lock: bool = False) -> Reader | None:
    """A reader by id or card number."""
    chosen = select(Reader).where((Reader.id == key) if _is_uuid(key) else (Reader.card_number == key))
    return session.scalars(chosen.with_for_update() if lock else chosen).first()


def _is_uuid(key: str) -> bool:
    try:
        return str(UUID(key)) == key.lower()
    except ValueError:
        return False


def reader_for(session: Session, who: Principal, key: str, *, lock: bool = False) -> Reader:
    """The reader, if the caller may know that they exist. Raises a 404 problem otherwise."""
    reader = find(session, key, lock=lock)
    if reader is None or not may_see(who, reader):
        raise not_found()
    return reader


def reader_to_act_for(session: Session, who: Principal, key: str, *, lock: bool = False) -> Reader:
    """The same with all that is kept, for whoever answers for them: a guardian only until the child is of age.

    Raises 403 and 404 problems.
    """
    reader = reader_for(session, who, key, lock=lock)
    if who.kind == READER and who.card_number != reader.card_number and _is_of_age(session, reader):
        raise Problem(403, "You do not have the right to do this.")
    return reader


def _is_of_age(session: Session, reader: Reader) -> bool:
    """As far as is known."""
    settings: Settings = session.info["settings"]
    born, today = reader.birth_date, clock.today(settings.time_zone)
    if born is None:
        return False
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) >= settings.consent_age


def may_see(who: Principal, reader: Reader) -> bool:
    """Readers see themselves and the children who name them; librarians the readers of their branches."""
    if who.kind == SERVICE:
        return True
    if who.kind == READER:
        return who.card_number in (reader.card_number, reader.guardian_card_number)
    held = who.branches("librarian")
    return held is None or (bool(held) and reader.home_branch_id in {*held, ""})


def family_of(session: Session, who: Principal, reader: Reader) -> list[Reader]:
    """The guardian first, then by card number; only those whom the caller may see."""
    chosen = select(Reader).where(Reader.household == reader.household).order_by(Reader.card_number)
    found = [each for each in session.scalars(chosen) if may_see(who, each)]
    return sorted(found, key=lambda each: each.guardian_card_number is not None)


def register(session: Session, who: Principal, fields: Mapping[str, Any]) -> Reader:
    """A new reader; one who was erased under this card and came back begins anew. Raises 409, 422."""
    _check_references(session, who, fields)
    home = fields.get("home_branch_id", NO_BRANCH)
    if find_card(session, fields["card_number"]):
        raise Problem(409, "There is a reader with this card already.")
    lock_branches(session, {home}, exclusive=False)
    rule = ExpiryRule(session, {home})
    reader = Reader(**new_row(fields, rule, version=_version_after_erasure(session, fields["card_number"])))
    session.add(reader)
    session.flush()
    tell(session, REGISTERED, reader)
    acts.record(session, who, "registered a reader", reader.id)
    return reader


def find_card(session: Session, card_number: str) -> Reader | None:
    return session.scalars(select(Reader).where(Reader.card_number == card_number)).first()


def _version_after_erasure(session: Session, card_number: str) -> int:
    card_hash = keyed(secret_of(session.info["settings"]), "card", card_number)
    gone = delete(ErasedCard).where(ErasedCard.card_hash == card_hash).returning(ErasedCard.version)
    return (session.scalar(gone) or 0) + 1


def _check_references(session: Session, who: Principal, fields: Mapping[str, Any]) -> None:
    home = fields.get("home_branch_id")
    if home and unknown_branches(session, {home}):
        raise invalid("home_branch_id", "Unknown branch: {branch_id}.", branch_id=home)
    if home and who.kind != READER:
        who.require_branches("librarian", [home])
    guardian = fields.get("guardian_card_number")
    if guardian and not find_card(session, guardian):
        raise invalid("guardian_card_number", "Unknown guardian card: {card_number}.", card_number=guardian)


def change(session: Session, who: Principal, reader: Reader, fields: Mapping[str, Any]) -> Reader:
    """The reader's next version, unless nothing changes. Raises 403 for what readers may not change themselves."""
    if who.kind == READER and (foreign := sorted(set(fields) - BY_THE_READER)):
        raise Problem(403, "Only the library can change this: {fields}.", fields=", ".join(foreign))
    _check_references(session, who, fields)
    if fields.get("guardian_card_number") == reader.card_number:
        raise invalid("guardian_card_number", "Nobody is their own guardian.")
    home = fields.get("home_branch_id", reader.home_branch_id)
    lock_branches(session, {home}, exclusive=False)
    row = changed_row(row_of(reader), fields, ExpiryRule(session, {home}))
    write(session, reader, row)
    if row is not None:
        acts.record(session, who, "changed a reader", reader.id, ", ".join(sorted(fields)))
    return reader


def write(session: Session, reader: Reader, row: Row | None) -> None:
    if row is None:
        return
    for name, value in row.items():
        setattr(reader, name, value)
    session.flush()
    tell(session, CHANGED, reader)


def erase(session: Session, who: Principal, reader: Reader) -> None:
    """The person goes, here and by event in every service; loans stay countable. Children keep their cards."""
    reader_id, card, version = reader.id, reader.card_number, reader.version + 1
    for child in session.scalars(select(Reader).where(Reader.guardian_card_number == card).with_for_update()):
        rule = ExpiryRule(session, {child.home_branch_id})
        write(session, child, changed_row(row_of(child), {"guardian_card_number": None}, rule))
    sessions.end_all_of(session, f"reader:{reader_id}")
    for table, column in ((OneTimeCode, OneTimeCode.reader_id), (ExpiryChange, ExpiryChange.reader_id)):
        session.execute(delete(table).where(column == reader_id))
    session.execute(delete(Question).where(Question.card_number == card))
    _forget_sent_events(session, reader_id)
    session.delete(reader)
    card_hash = keyed(secret_of(session.info["settings"]), "card", card)
    session.add(ErasedCard(card_hash=card_hash, version=version, erased_at=clock.now()))
    data = {"reader_id": reader_id, "version": version, "card_number": card}
    outbox.add(session, "reader.erased.v1", reader_id, data)
    acts.record(session, who, "erased a reader", reader_id)


def _forget_sent_events(session: Session, reader_id: str) -> None:
    """The outbox keeps sent events for a month; this person's go now."""
    sent = tables.outbox.c.sent_at.is_not(None)
    mine = (tables.outbox.c.subject == reader_id) & tables.outbox.c.type.in_((REGISTERED, CHANGED))
    session.execute(delete(tables.outbox).where(sent, mine))


def all_about(session: Session, reader: Reader) -> dict[str, Any]:
    """What the library holds about a reader here, ready for JSON; secrets are named, not shown."""
    row = row_of(reader)
    has_pin = row.pop("pin_hash") is not None
    for internal in ("card_folded", "name_folded"):
        del row[internal]
    history = select(ExpiryChange).where(ExpiryChange.reader_id == reader.id).order_by(ExpiryChange.id)
    asked = select(Question).where(Question.card_number == reader.card_number).order_by(Question.id)
    questions = [{"at": each.at, "text": each.text, "phone": each.phone} for each in session.scalars(asked)]
    moved = [{"at": c.at, "from": c.was, "to": c.now} for c in session.scalars(history)]
    more = {"card_expiry_changes": moved, "questions": questions, "sign_ins": sessions.of(session, reader.id)}
    return row | {"has_pin": has_pin} | more
