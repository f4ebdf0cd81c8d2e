"""A short announcement to readers of the closed branches whose books did not move, where staff asked for it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, not_, select
from sqlalchemy.orm import Session

from services.notify import closures, progress, writing
from services.notify.channels_of import Recipient
from services.notify.lines import not_begun
from services.notify.models import Decision, Notice, Person, Unsubscribed
from services.notify.occasions import Announcement
from services.notify.people import ZONE
from services.notify.writing import Draft
from shared import clock, runs
from shared.runs import Run

KIND = "announcement"
SPACE = uuid.UUID("c0f7e6a2-93f1-4d2e-8f0a-7d8f6b1f3c55")
CHUNK = 500


def start_if_asked(session: Session, quarantine_id: str, version: int) -> bool:
    """Once the digests of a version are queued: the announcement, if staff asked for one. True when it has begun."""
    decision = session.get_one(Decision, quarantine_id)
    if decision.version != version or decision.state == "cancelled" or not decision.data["announce"]:
        return False
    args = {"quarantine": quarantine_id, "announced": version}
    return runs.start(session, KIND, f"{quarantine_id}:{version}:", args) is not None


class Announcements:
    """One pass over the readers whose home is one of the closed branches."""

    step = ""

    def chunk_size(self, session: Session) -> int:
        return CHUNK

    def advance(self, session: Session, run: Run, size: int) -> None:
        quarantine_id, version = run.args["quarantine"], run.args["announced"]
        decision = session.get_one(Decision, quarantine_id)
        chunk = _in_scope(session, decision, run.cursor.get("after", ""), size)
        if decision.version != version or not chunk:
            run.finish()
        else:
            run.done += len(write_chunk(session, decision, chunk))
            run.cursor = {"after": chunk[-1]}
        progress.report(session, quarantine_id, version, released=run.state == "done")

    def skip(self, session: Session, run: Run, error: str) -> None:
        decision = session.get_one(Decision, run.args["quarantine"])
        chunk = _in_scope(session, decision, run.cursor.get("after", ""), 1)
        run.cursor = {"after": chunk[-1] if chunk else run.cursor.get("after", "")}
        run.failed += 1


def _in_scope(session: Session, decision: Decision, after: str, size: int) -> Sequence[str]:
    chosen = at_home(decision.data).where(Person.addressee > after)
    return session.scalars(chosen.order_by(Person.addressee).limit(size)).all()


def at_home(quarantine: Mapping[str, Any]) -> Select[str]:
    """The addressees of readers whose home is one of the closed branches."""
    branches = [branch["branch_id"] for branch in quarantine["branches"]]
    return select(Person.addressee).distinct().where(Person.erased.is_(False), Person.home_branch_id.in_(branches))


def told_otherwise(quarantine_id: str) -> Select[str]:
    """The addressees who got a digest of this decision."""
    return select(Notice.addressee).where(
        Notice.quarantine_id == quarantine_id,
        Notice.kind.in_(("digest", "correction")),
        Notice.state.not_in(("replaced", "withdrawn")),
    )


def left() -> Select[str]:
    """The addressees who do not want to be told what does not concern their books."""
    return select(Unsubscribed.addressee).where(Unsubscribed.kind == KIND)


def foresee(session: Session, quarantine: Mapping[str, Any], with_digest: Collection[str]) -> int:
    """How many announcements a decision would send beside the digests to these addressees."""
    if quarantine["state"] == "cancelled" or not quarantine["announce"]:
        return 0
    told = told_otherwise(quarantine["quarantine_id"]).where(not_(and_(*not_begun(quarantine["quarantine_id"]))))
    return len(
        {*session.scalars(at_home(quarantine))} - {*with_digest, *session.scalars(told), *session.scalars(left())}
    )


def write_chunk(session: Session, decision: Decision, addressees: Sequence[str]) -> set[str]:
    """Queues the announcement for those of them who got no digest of this decision; returns the new ids."""
    told = session.scalars(told_otherwise(decision.quarantine_id).where(Notice.addressee.in_(addressees)))
    unwanted = session.scalars(left().where(Unsubscribed.addressee.in_(addressees)))
    families = writing.families(session, set(addressees) - {*told, *unwanted})
    recipients = writing.recipients(session, families)
    branches = closures.closed_branches(closures.standing(session), decision.data)
    return writing.write(
        session,
        [
            _draft(decision, branches, addressee, recipients[addressee], family)
            for addressee, family in sorted(families.items())
        ],
    )


def _draft(
    decision: Decision, branches: Any, addressee: str, to: Recipient, family: Sequence[Mapping[str, Any]]
) -> Draft:
    data = decision.data
    words = Announcement(
        language=to.language,
        name=to.name,
        written_on=clock.today(ZONE),
        first_closed=date.fromisoformat(data["starts_on"]),
        branches=tuple(branches),
        reason=data["reason"],
    )
    return Draft(
        id=str(uuid.uuid5(SPACE, f"{decision.quarantine_id}:{decision.version}:{addressee}")),
        kind=KIND,
        addressee=addressee,
        to=to,
        about=[reader["card_number"] for reader in family],
        words=words,
        quarantine_id=decision.quarantine_id,
        version=decision.version,
    )
