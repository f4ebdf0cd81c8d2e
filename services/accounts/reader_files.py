"""A file of readers: every line checked while it streams in, then written chunk by chunk.

A guardian may be named before their own line comes, so nothing is written before the whole file is read; what
passed waits on disk, and memory holds the card numbers only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import IO, Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.accounts.expiry import unknown_branches
from services.accounts.hashing import keyed
from services.accounts.models import ErasedCard, Reader
from services.accounts.reader_fields import OPTIONAL, REQUIRED, checked
from shared.csv_lines import Line, Readable, Refused, Report, as_written, import_stream
from shared.database import Database
from shared.problems import say
from shared.references import wait_until_known
from shared.settings import secret_of

Chunk = Sequence[Mapping[str, Any]]
LOOKED_UP_AT_ONCE = 5000
DAYS = ("birth_date", "card_expires_on")


@dataclass
class CheckedFile:
    """`kept`: the lines that passed, on disk; `lines` and `guardians` by card number."""

    kept: IO[bytes]
    report: Report = field(default_factory=Report)
    lines: dict[str, int] = field(default_factory=dict)
    guardians: dict[str, str] = field(default_factory=dict)
    homes: set[str] = field(default_factory=set)
    refused: dict[str, Refused] = field(default_factory=dict)

    def read(self, stream: Readable) -> None:
        """Raises a 422 problem for a wrong header and a 413 problem for too large a file."""
        self.report = import_stream(stream, REQUIRED, OPTIONAL, self._take)
        self.kept.flush()

    def _take(self, lines: list[Line]) -> list[Refused]:
        return [refused for line in lines if (refused := self._take_line(line))]

    def _take_line(self, line: Line) -> Refused | None:
        fields, errors = checked({name: as_written(cell) for name, cell in line.given().items()})
        if errors:
            return Refused(line.number, errors)
        card = fields["card_number"]
        if card in self.lines:
            said = say("This id is already in the file, in line {line}: {id}.", line=self.lines[card], id=card)
            return Refused(line.number, {"card_number": [said]})
        self.lines[card] = line.number
        self.homes.add(fields["home_branch_id"])
        if fields["guardian_card_number"]:
            self.guardians[card] = fields["guardian_card_number"]
        self.kept.write(orjson.dumps(fields) + b"\n")
        return None

    def refuse(self, card: str, column: str, message: str, **values: Any) -> None:
        self.refused.setdefault(card, Refused(self.lines[card], {column: [say(message, **values)]}))

    def close_report(self) -> Report:
        self.report.accepted -= len(self.refused)
        self.report.rejected.extend(self.refused.values())
        return self.report

    def chunks(self, size: int) -> Iterator[list[dict[str, Any]]]:
        """What is to be written, `size` readers at a time."""
        self.kept.seek(0)
        taken = (fields for fields in map(restored, self.kept) if fields["card_number"] not in self.refused)
        while chunk := list(islice(taken, size)):
            yield chunk


def restored(line: bytes) -> dict[str, Any]:
    fields: dict[str, Any] = orjson.loads(line)
    for name in DAYS:
        fields[name] = date.fromisoformat(fields[name]) if fields[name] else None
    return fields


def look_up(file: CheckedFile, database: Database, branches: frozenset[str] | None) -> None:
    """Refuses the lines that name a branch, guardian or card that may not be named.

    `branches`: where the caller is a librarian, None for everywhere. Waits once for branches not heard of yet,
    before any transaction.
    """
    unknown = _unknown_branches(file, database)
    for chunk in file.chunks(LOOKED_UP_AT_ONCE):
        with database.reading() as session:
            _refuse_branches(file, session, chunk, unknown, branches)
            _refuse_erased(file, session, chunk)
            _refuse_unknown_guardians(file, session, chunk)
    with database.reading() as session:
        _refuse_children_of_refused(file, session)


def _unknown_branches(file: CheckedFile, database: Database) -> set[str]:
    def missing() -> set[str]:
        with database.reading() as session:
            return unknown_branches(session, file.homes)

    return wait_until_known(missing, database.settings.reference_wait)


def _refuse_branches(
    file: CheckedFile, session: Session, chunk: Chunk, unknown: set[str], held: frozenset[str] | None
) -> None:
    for fields in chunk:
        home = fields["home_branch_id"]
        if home in unknown:
            file.refuse(fields["card_number"], "home_branch_id", "Unknown branch: {branch_id}.", branch_id=home)
        elif held is not None and home and home not in held:
            message = "You do not hold this role at: {branches}."
            file.refuse(fields["card_number"], "home_branch_id", message, branches=home)
    if held is None:
        return
    elsewhere = _cards(session, chunk, Reader.home_branch_id.not_in({*held, ""}))
    for card in elsewhere:
        file.refuse(card, "card_number", "This card belongs to another branch.")


def _refuse_erased(file: CheckedFile, session: Session, chunk: Chunk) -> None:
    if not session.scalar(select(func.count()).select_from(ErasedCard)):
        return
    secret = secret_of(session.info["settings"])
    hashes = {keyed(secret, "card", fields["card_number"]): fields["card_number"] for fields in chunk}
    for card_hash in session.scalars(select(ErasedCard.card_hash).where(ErasedCard.card_hash.in_(hashes))):
        message = "This reader was erased on request. Register them by hand if they came back."
        file.refuse(hashes[card_hash], "card_number", message)


def _refuse_unknown_guardians(file: CheckedFile, session: Session, chunk: Chunk) -> None:
    asked = {fields["card_number"]: fields["guardian_card_number"] for fields in chunk}
    outside = {card: guardian for card, guardian in asked.items() if guardian and guardian not in file.lines}
    known = known_cards(session, set(outside.values()))
    for card, guardian in outside.items():
        if guardian not in known:
            _refuse_guardian(file, card, guardian)


def _refuse_guardian(file: CheckedFile, card: str, guardian: str) -> None:
    file.refuse(card, "guardian_card_number", "Unknown guardian card: {card_number}.", card_number=guardian)


def _refuse_children_of_refused(file: CheckedFile, session: Session) -> None:
    """A refused line leaves its children without a guardian, unless the guardian was here before."""
    children: dict[str, list[str]] = {}
    for card, guardian in file.guardians.items():
        children.setdefault(guardian, []).append(card)
    refused_parents = [card for card in file.refused if card in children]
    while refused_parents:
        gone = set(refused_parents) - known_cards(session, set(refused_parents))
        orphans = [child for guardian in gone for child in children[guardian] if child not in file.refused]
        for child in orphans:
            _refuse_guardian(file, child, file.guardians[child])
        refused_parents = [child for child in orphans if child in children]


def known_cards(session: Session, cards: set[str]) -> set[str]:
    found: set[str] = set()
    asked = sorted(cards)
    for start in range(0, len(asked), LOOKED_UP_AT_ONCE):
        some = asked[start : start + LOOKED_UP_AT_ONCE]
        found.update(session.scalars(select(Reader.card_number).where(Reader.card_number.in_(some))))
    return found


def _cards(session: Session, chunk: Chunk, condition: Any) -> set[str]:
    cards = [fields["card_number"] for fields in chunk]
    return set(session.scalars(select(Reader.card_number).where(Reader.card_number.in_(cards), condition)))
