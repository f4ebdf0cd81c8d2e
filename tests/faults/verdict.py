"""What the campaign left behind: read from the tables, judged by the oracle, never by the product's own word alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from email import message_from_bytes
from itertools import pairwise
from pathlib import Path

from services.__main__ import SERVICES
from tests.faults.house import House
from tests.whole import judge


@dataclass
class Verdict:
    wrong: list[str]
    untold: list[str]
    told_twice: list[str]
    lost: list[str]

    @property
    def good(self) -> bool:
        return not any(getattr(self, each.name) for each in fields(self))

    def line(self, injected: int) -> str:
        return (
            f"faults: {injected} injected, {len(self.wrong)} loans wrong, {len(self.untold)} untold, "
            f"{len(self.told_twice)} told twice, {len(self.lost)} events lost"
        )


def judged(
    house: House,
    imported: judge.Imported,
    decided: judge.Decided,
    quarantines: list[str],
    agreed: Mapping[str, date | None],
) -> Verdict:
    """`agreed`: the days that readers were told at the desk, by loan."""
    wrong = [
        f"{loan}: {stated}, expected {due}" for loan, stated, due in judge.wrong_loans(house.items, imported, decided)
    ]
    return Verdict(wrong, untold(house, quarantines, agreed), told_twice(house), lost_events(house))


# What was told of each book, in order: the lines of notices that went out or stand on the work list.
TOLD = """
    SELECT l.loan_id, l.now, n.id, n.claimed_at IS NOT NULL
      FROM notify.notice_lines l JOIN notify.notices n ON n.id = l.notice_id
     WHERE n.state IN ('sent', 'failed', 'queued')
     ORDER BY l.loan_id, coalesce(n.claimed_at, n.created_at), n.created_at"""
OUT = "SELECT id, due_on, original_due_on FROM loans.loans WHERE status = 'on_loan'"


def told_days(house: House) -> dict[str, list[date | None]]:
    told: dict[str, list[date | None]] = defaultdict(list)
    for loan_id, now, _notice, _claimed in house.rows(TOLD):
        told[loan_id].append(now)
    return told


def untold(house: House, quarantines: list[str], agreed: Mapping[str, date | None]) -> list[str]:
    """Books whose reader last heard another day than the one in force; and what reconciliation itself misses."""
    told = told_days(house)
    missed = []
    for loan_id, due_on, original in house.rows(OUT):
        last = told[loan_id][-1] if told[loan_id] else agreed.get(loan_id, original)
        missed += [f"{loan_id}: in force {due_on}, last told {last}"] if last != due_on else []
    for quarantine_id in quarantines:
        proof = house.get(f"/quarantines/{quarantine_id}/reconciliation")
        missed += [] if proof["clean"] else [f"{quarantine_id}: {proof}"]
    return missed


def told_twice(house: House) -> list[str]:
    """A book with the same new day in two notices one after the other; a mail twice under two Message-IDs."""
    twice = [
        f"{loan_id}: {first} twice"
        for loan_id, days in told_days(house).items()
        for first, second in pairwise(days)
        if first == second
    ]
    mails: dict[str, int] = defaultdict(int)
    for path in Path(house.folder, "mail", "new").iterdir():
        mails[message_from_bytes(path.read_bytes())["Message-ID"]] += 1
    sent = house.rows("SELECT count(*) FROM notify.deliveries WHERE channel = 'email' AND state = 'sent'")[0][0]
    return twice + ([] if len(mails) == sent else [f"{len(mails)} different mails for {sent} deliveries"])


def lost_events(house: House) -> list[str]:
    """Events that were not sent, or that a service which listens to them has not taken."""
    lost = []
    for sender in SERVICES:
        unsent = house.rows(f"SELECT count(*) FROM {sender.name}.outbox WHERE sent_at IS NULL")[0][0]
        lost += [f"{sender.name}: {unsent} unsent"] if unsent else []
        for taker in SERVICES:
            types = ", ".join(f"'{kind}'" for kind in taker.listens_to) or "''"
            missing = house.rows(
                f"SELECT o.type, o.event_id FROM {sender.name}.outbox o WHERE o.type IN ({types}) AND NOT EXISTS "
                f"(SELECT 1 FROM {taker.name}.inbox i WHERE i.event_id = o.event_id)"
            )
            lost += [f"{taker.name} never took {kind} {event_id}" for kind, event_id in missing]
    return lost


def kept_waiting(house: House) -> int:
    """Events that some service keeps for a later try."""
    return sum(
        house.rows(f"SELECT count(*) FROM {service.name}.kept_events WHERE parked_at IS NULL")[0][0]
        for service in SERVICES
    )
