"""Due dates as a calendar behind a private link (iCalendar, RFC 5545). Only a hash of the secret is kept."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from services.loans.models import ON_LOAN, Branch, Calendar, Loan, Reader
from shared import clock
from shared.language import known, text_in, translate
from shared.problems import not_found

LONGEST_LINE = 75
MOST_CALENDARS = 10
# A calendar holds at least one component (RFC 5545, 3.6); while no book has a date, this one, which shows nothing.
NO_EVENT = """BEGIN:VTIMEZONE
TZID:UTC
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0000
TZOFFSETTO:+0000
END:STANDARD
END:VTIMEZONE""".splitlines()


def add(session: Session, card_number: str, language: str) -> tuple[Calendar, str]:
    """A new private calendar of that card and the secret of its link; the oldest beyond ten are switched off."""
    secret = secrets.token_urlsafe(32)
    row = Calendar(
        id=str(uuid.uuid4()),
        secret_hash=_hash(secret),
        card_number=card_number,
        language=known(language),
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    surplus = [calendar.id for calendar in of_card(session, card_number)[:-MOST_CALENDARS]]
    session.execute(delete(Calendar).where(Calendar.id.in_(surplus)))
    return row, secret


def of_card(session: Session, card_number: str) -> Sequence[Calendar]:
    return session.scalars(
        select(Calendar).where(Calendar.card_number == card_number).order_by(Calendar.created_at, Calendar.id)
    ).all()


def remove(session: Session, card_number: str, calendar_id: str) -> None:
    """Switches a link off. Raises a 404 problem for one that is not this card's."""
    gone = delete(Calendar).where(Calendar.id == calendar_id, Calendar.card_number == card_number)
    if not session.execute(gone.returning(Calendar.id)).first():
        raise not_found()


def feed(session: Session, secret: str) -> str:
    """The calendar behind a link: loans with a date of that card and of the readers who name it as guardian."""
    calendar = session.scalar(select(Calendar).where(Calendar.secret_hash == _hash(secret)))
    if calendar is None:
        raise not_found()
    wards = select(Reader.card_number).where(Reader.guardian_card_number == calendar.card_number)
    due = (
        select(Loan, Branch.name)
        .join(Branch, Branch.id == Loan.branch_id)
        .where(or_(Loan.card_number == calendar.card_number, Loan.card_number.in_(wards)))
        .where(Loan.status == ON_LOAN, Loan.due_on.is_not(None))
        .order_by(Loan.due_on, Loan.id)
    )
    events = [_event(loan, name, calendar.language) for loan, name in session.execute(due)]
    return render(events, translate("Return dates of library books", calendar.language), clock.now())


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _event(loan: Loan, branch_name: dict[str, Any], language: str) -> dict[str, Any]:
    return {
        "uid": f"{hashlib.sha256(loan.id.encode()).hexdigest()[:32]}@kitaphana",
        "sequence": loan.version,
        "day": loan.due_on,
        "summary": translate("Return to the library: {title}", language, title=loan.title),
        "location": text_in(branch_name, language)[0],
    }


def render(events: Iterable[dict[str, Any]], name: str, now: datetime) -> str:
    """The text of a calendar; `events`: uid, sequence, day, summary, location."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Kitaphana//Loans//EN", "CALSCALE:GREGORIAN"]
    lines += ["METHOD:PUBLISH", f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT6H"]
    shown = [line for event in events for line in _event_lines(event, now)]
    lines += [*(shown or NO_EVENT), "END:VCALENDAR"]
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _event_lines(event: dict[str, Any], now: datetime) -> list[str]:
    day = event["day"]
    return [
        "BEGIN:VEVENT",
        f"UID:{event['uid']}",
        f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
        f"SEQUENCE:{event['sequence']}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(event['summary'])}",
        f"LOCATION:{escaped(event['location'])}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def escaped(text: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11); control characters are not allowed there."""
    text = re.sub(r"([\\;,])", r"\\\1", text)
    text = re.sub(r"\r\n?|\n", r"\\n", text)
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text)


def folded(line: str) -> str:
    """A content line cut into pieces of at most 75 octets, never inside a character (RFC 5545, 3.1)."""
    pieces, size = [""], 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > LONGEST_LINE:
            pieces.append(" ")
            size = 1
        pieces[-1] += letter
        size += octets
    return "\r\n".join(pieces)
