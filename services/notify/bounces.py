"""Mail that came back: what was told is not told any more, the address is not used again, the next channel is tried."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.notify import outcomes
from services.notify.models import Delivery, Notice
from shared.database import dump_json
from shared.observability import log
from shared.service import Context

_OURS = re.compile(r"<([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.([a-z]+)@[^>\s]+>", re.IGNORECASE)
REPORTS_AT_ONCE = 50
LARGEST_REPORT = 1024 * 1024


@dataclass(frozen=True)
class Bounce:
    """What came back of one notice. `complaint`: it arrived, and its reader called it spam."""

    notice_id: str
    channel: str
    reason: str
    complaint: bool = False


def read_report(raw: bytes) -> Bounce | None:
    """The bounce that a delivery status (RFC 3464) or an abuse report (RFC 5965) tells of; None when it is neither."""
    report = message_from_bytes(raw, policy=policy.default)
    parts = {part.get_content_type(): part for part in report.walk()}
    original = _original_id(report)
    if original is None:
        return None
    notice_id, channel = original
    if "message/feedback-report" in parts:
        return Bounce(notice_id, channel, "complaint", complaint=True)
    status = next(iter(_statuses(report)), None)
    return Bounce(notice_id, channel, status) if status else None


def _original_id(report: EmailMessage) -> tuple[str, str] | None:
    """The Message-ID of ours that the report carries: of the returned message, wherever it stands in it."""
    for part in report.walk():
        for name in ("Message-ID", "References", "In-Reply-To", "Original-Message-ID"):
            found = _OURS.search(str(part.get(name, "")))
            if found and part is not report:
                return found[1].lower(), found[2].lower()
    # Some servers return only the text of the headers.
    found = _OURS.search(_text(report))
    return (found[1].lower(), found[2].lower()) if found else None


def _text(report: EmailMessage) -> str:
    kinds = ("text/rfc822-headers", "text/plain")
    texts = (part.get_payload(decode=True) for part in report.walk() if part.get_content_type() in kinds)
    return "\n".join(text.decode(errors="replace") for text in texts if isinstance(text, bytes))


def _statuses(report: EmailMessage) -> Iterator[str]:
    """Of each recipient given up for good: the status and what the other server said."""
    for part in report.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in part.get_payload():
            status = str(block.get("Status", "")).strip()  # type: ignore[union-attr]
            action = str(block.get("Action", "")).strip().lower()  # type: ignore[union-attr]
            if action == "failed" and status.startswith("5"):
                said = str(block.get("Diagnostic-Code", ""))  # type: ignore[union-attr]
                yield " ".join(f"{status} {said.partition(';')[2].strip() or said}".split())[:300]


def came_back(session: Session, bounce: Bounce) -> bool:
    """Records a bounce or complaint; twice is once. False when no such delivery was sent."""
    delivery = session.scalars(
        select(Delivery).where(Delivery.notice_id == bounce.notice_id, Delivery.channel == bounce.channel)
    ).first()
    if delivery is None or delivery.address is None or delivery.state not in ("sent", "bounced"):
        return False
    outcomes.suppress(session, [(bounce.channel, delivery.address, bounce.reason)])
    if bounce.complaint or delivery.state == "bounced":
        return True
    delivery.state, delivery.last_error = "bounced", bounce.reason
    session.flush()
    _take_back_told(session, bounce)
    return True


def _take_back_told(session: Session, bounce: Bounce) -> None:
    """The next channel is tried; where there is none, nothing of the notice counts as told."""
    others = select(Delivery.id).where(
        Delivery.notice_id == bounce.notice_id, Delivery.state == "sent", Delivery.place > 0
    )
    known = update(Notice).where(Notice.id == bounce.notice_id, Notice.state == "sent", Notice.opened_at.is_(None))
    taken = known.where(~others.exists()).values(state="queued", told_at=None).returning(*outcomes.NAMES)
    if not (notices := session.execute(taken, execution_options=outcomes.PLAIN).all()):
        return
    untried = update(Delivery).where(Delivery.notice_id == bounce.notice_id, Delivery.state == "dropped")
    session.execute(untried.values(state="waiting"), execution_options=outcomes.PLAIN)
    failed = outcomes.hand_on(session, [bounce.notice_id])
    outcomes.say_failed(
        session, failed, {bounce.notice_id: bounce.channel}, {bounce.notice_id: f"bounced: {bounce.reason}"}
    )
    outcomes.report(session, notices)
    outcomes.NOTICES.labels(bounce.channel, "bounced").inc()


def read_returned(context: Context) -> bool:
    """The tick: reports in the Maildir `bounces` under home, read once and put aside. True when there may be more."""
    folder = context.settings.home / "bounces"
    if not (folder / "new").is_dir():
        return False
    files = sorted((folder / "new").iterdir())[:REPORTS_AT_ONCE]
    (folder / "cur").mkdir(exist_ok=True)
    bounces = [(file, _read(file)) for file in files]
    with context.database.transaction() as session:
        for _, bounce in bounces:
            if bounce is not None:
                came_back(session, bounce)
    _put_aside(folder / "cur", files)
    return len(files) == REPORTS_AT_ONCE


def _read(file: Path) -> Bounce | None:
    try:
        with file.open("rb") as opened:
            bounce = read_report(opened.read(LARGEST_REPORT))
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        # Written by strangers: whatever the parser stumbles over is put aside like any other mail.
        log.warning("a returned mail cannot be read", file=file.name, error=dump_json(str(error)[:200]))
        return None
    if bounce is None:
        log.info("a returned mail is no bounce of ours", file=file.name)
    return bounce


def _put_aside(folder: Path, files: Iterable[Path]) -> None:
    for file in files:
        file.rename(folder / f"{file.name.partition(':')[0]}:2,S")
