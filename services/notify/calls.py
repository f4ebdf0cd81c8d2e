"""Whom no message reaches: the work list of calls and letters, one row a family, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from services.notify import people, rendering, writing
from services.notify.channels_of import Recipient
from services.notify.digest import Digest
from services.notify.models import Call, Notice, Outcome, Viewing
from services.notify.queries import named
from services.notify.sight import own_notices
from services.notify.wording import render_call
from shared import clock
from shared.auth import Principal
from shared.bulk import dump_rows
from shared.database import rows_table
from shared.tables import Moment

# What nobody may miss; other kinds are worth no call.
FOR_EVERYBODY = ("digest", "correction")
AT_ONCE = 10
COUNTED_AT_ONCE = 500
TAKEN_FOR = timedelta(hours=2)
MOST_TRIES = 3
TOMORROW = timedelta(hours=20)
PRESSED_TWICE = timedelta(minutes=2)
TAKE = """
    INSERT INTO calls (quarantine_id, addressee, way, tries, taken_by, taken_until)
    SELECT quarantine_id, addressee, 'call', 0, taken_by, taken_until FROM {rows} WHERE true
    ON CONFLICT (quarantine_id, addressee) DO UPDATE
       SET taken_by = excluded.taken_by, taken_until = excluded.taken_until
     WHERE calls.taken_by IS NULL OR calls.taken_by = excluded.taken_by OR calls.taken_until <= :now
    RETURNING addressee"""


SAME_FAMILY = and_(Call.quarantine_id == Notice.quarantine_id, Call.addressee == Notice.addressee)


def _role(who: Principal) -> str:
    """Calls are a librarian's work; whoever is none counts them for the branches they may close."""
    return "librarian" if who.has("librarian") else "operator"


def _unreached(who: Principal) -> tuple[ColumnElement[bool], ...]:
    """Notices that reached nobody, the newest of a decision to each family, with something left to try."""
    newer = aliased(Notice)
    overtaken = select(newer.id).where(
        newer.addressee == Notice.addressee,
        newer.quarantine_id == Notice.quarantine_id,
        newer.created_at > Notice.created_at,
        newer.state.not_in(("replaced", "withdrawn")),
    )
    left = or_(Call.way.is_(None), Call.way != "none")
    mine = own_notices(who, _role(who))
    return Notice.state == "failed", Notice.kind.in_(FOR_EVERYBODY), ~overtaken.exists(), left, mine


def queues(session: Session, who: Principal) -> list[dict[str, Any]]:
    """`{quarantine_id, households}` of each with somebody of the caller's branches left to call or write to, now or
    later."""
    households = func.count(Notice.addressee.distinct())
    chosen = select(Notice.quarantine_id, households.label("households")).outerjoin(Call, SAME_FAMILY)
    # The notices of an erased reader stay countable, but nobody is left to be told.
    some = chosen.where(Notice.quarantine_id.is_not(None), Notice.recipient != "", *_unreached(who))
    rows = session.execute(some.group_by(Notice.quarantine_id).order_by(Notice.quarantine_id))
    return [{"quarantine_id": quarantine_id, "households": count} for quarantine_id, count in rows]


def waiting(
    session: Session,
    quarantine_id: str,
    who: Principal,
    after: Sequence[Any] | None,
    limit: int,
    language: str | None = None,
    *,
    only_mine: bool = False,
    search: str | None = None,
) -> Sequence[Any]:
    """Rows (notice, call or None) of families to be called or written to now; what others have taken is hidden.

    In order of what `who` has taken first, then addressee; `after` is the key of the last row seen.
    """
    now, by = clock.now(), who.subject
    mine = case((and_(Call.taken_by == by, Call.taken_until > now), 0), else_=1)
    rows = (
        select(Notice, Call)
        .outerjoin(Call, SAME_FAMILY)
        .where(Notice.quarantine_id == quarantine_id, *_unreached(who))
        .where(or_(Call.taken_until.is_(None), Call.taken_until <= now, Call.taken_by == by))
        .where(or_(Call.next_at.is_(None), Call.next_at <= now))
        .order_by(mine, Notice.addressee)
        .limit(limit)
    )
    if only_mine:
        rows = rows.where(Call.taken_by == by, Call.taken_until > now)
    if language:
        rows = rows.where(Notice.language == language)
    if search:
        rows = rows.where(named(search))
    if after:
        rows = rows.where(or_(mine > after[0], and_(mine == after[0], Notice.addressee > after[1])))
    return session.execute(rows).all()


def key_of(row: Any, who: Principal) -> list[Any]:
    """The sort key of a row of `waiting`."""
    notice, call = row
    taken = call is not None and call.taken_by == who.subject and call.taken_until is not None
    return [0 if taken and call.taken_until > clock.now() else 1, notice.addressee]


def rows_shown(session: Session, found: Sequence[Any], *, words: bool = True) -> list[dict[str, Any]]:
    """Who to ask for, the telephone, the readers' first names and (with `words`) what to say."""
    families = writing.families(session, {notice.addressee for notice, _ in found})
    recipients = writing.recipients(session, families)
    settings = session.info["settings"]
    shown = []
    for notice, call in found:
        if notice.addressee not in families or not notice.content:
            continue
        family = families[notice.addressee]
        row = _row(notice, call, recipients[notice.addressee], family, settings.consent_age)
        shown.append(row | {"say": _say(notice, settings)} if words else row)
    return shown


def _row(
    notice: Notice, call: Call | None, to: Recipient, family: Sequence[Mapping[str, Any]], age: int
) -> dict[str, Any]:
    phone = to.contacts.get("sms")
    way = call.way if call else "call"
    return {
        "notice_id": notice.id,
        "ask_for": to.name,
        "phone": phone,
        "language": to.language,
        "readers": [reader["given_name"] or reader["family_name"] for reader in family],
        "cards": [reader["card_number"] for reader in family],
        "way": way if phone else "letter",
        "tries": call.tries if call else 0,
        "taken_until": call.taken_until if call and call.taken_by else None,
        "no_guardian": any(people.without_guardian(reader, age) for reader in family),
    }


def _say(notice: Notice, settings: Any) -> str:
    words = rendering.plain(notice.content)
    library = rendering.library(settings)
    if isinstance(words, Digest):
        return render_call(words, library)
    return rendering.words_kept(notice.content, settings).subject


def totals(session: Session, quarantine_id: str, who: Principal) -> dict[str, int]:
    """How much of the work list is left for `who`: families to call and to write to, readers without a guardian."""
    counted = {"calls": 0, "letters": 0, "no_guardian": 0}
    after: Sequence[Any] | None = None
    while found := waiting(session, quarantine_id, who, after, COUNTED_AT_ONCE):
        after = key_of(found[-1], who)
        for row in rows_shown(session, found, words=False):
            counted["calls" if row["way"] == "call" else "letters"] += 1
            counted["no_guardian"] += row["no_guardian"]
    now = clock.now()
    own = exists().where(SAME_FAMILY, own_notices(who, _role(who)))
    mine = select(func.count()).select_from(Call).where(Call.quarantine_id == quarantine_id, Call.way == "call", own)
    taken = mine.where(Call.taken_until > now, Call.taken_by != who.subject)
    later = mine.where(Call.next_at > now)
    return counted | {"taken": session.scalar(taken) or 0, "later": session.scalar(later) or 0}


def take(session: Session, quarantine_id: str, who: Principal, language: str | None = None) -> list[dict[str, Any]]:
    """Ten families to call, kept for `who` for two hours: first those taken before and not dealt with."""
    taken: list[dict[str, Any]] = []
    after: Sequence[Any] | None = None
    while len(taken) < AT_ONCE:
        found = waiting(session, quarantine_id, who, after, 50, language)
        if not found:
            break
        after = key_of(found[-1], who)
        callable_ones = [pair for pair in _with_rows(session, found) if pair[1]["way"] == "call"]
        taken += _hold(session, callable_ones[: AT_ONCE - len(taken)], quarantine_id, who.subject)
    return taken


def _with_rows(session: Session, found: Sequence[Any]) -> list[tuple[Any, dict[str, Any]]]:
    notices = {notice.id: notice for notice, _ in found}
    return [(notices[row["notice_id"]], row) for row in rows_shown(session, found)]


def _hold(
    session: Session, pairs: Sequence[tuple[Any, dict[str, Any]]], quarantine_id: str, by: str
) -> list[dict[str, Any]]:
    """Two clerks may want the same row: only who gets it back from the statement has it."""
    if not pairs:
        return []
    now = clock.now()
    rows = [
        {"quarantine_id": quarantine_id, "addressee": notice.addressee, "taken_by": by, "taken_until": now + TAKEN_FOR}
        for notice, _ in pairs
    ]
    shape = {"quarantine_id": "uuid", "addressee": "text", "taken_by": "text", "taken_until": "timestamptz"}
    statement = text(TAKE.format(rows=rows_table(session, "rows", shape))).bindparams(bindparam("now", type_=Moment))
    mine = set(session.scalars(statement, {"rows": dump_rows(session, rows), "now": now}))
    return [row | {"taken_until": now + TAKEN_FOR} for notice, row in pairs if notice.addressee in mine]


def seen(session: Session, quarantine_id: str, rows: Sequence[Mapping[str, Any]], by: str) -> None:
    """Looking at telephone numbers is recorded."""
    notices = [row["notice_id"] for row in rows if row["phone"]]
    if notices:
        session.add(Viewing(quarantine_id=quarantine_id, by=by, at=clock.now(), addressees=notices))


def after_outcome(session: Session, notice: Notice, way: str, result: str) -> None:
    """What comes next for the family: nothing, the telephone tomorrow, or a letter."""
    if notice.quarantine_id is None:
        return
    call = session.get(Call, (notice.quarantine_id, notice.addressee))
    if call is None:
        call = Call(quarantine_id=notice.quarantine_id, addressee=notice.addressee, way="call", tries=0)
        session.add(call)
    call.taken_by = call.taken_until = None
    if way == "call" and result == "no_answer":
        call.tries += 1
        call.next_at = clock.now() + TOMORROW
    call.way = next_way(way, result, call.tries)
    if call.way != "call":
        call.next_at = None


def put_back(session: Session, notice: Notice, mistaken: Outcome, by: str) -> None:
    """The family stands on the work list as before that result; a call goes back to whoever recorded it."""
    if notice.quarantine_id is None or (call := session.get(Call, (notice.quarantine_id, notice.addressee))) is None:
        return
    if (mistaken.way, mistaken.result) == ("call", "no_answer"):
        call.tries = max(0, call.tries - 1)
    call.way, call.next_at = "letter" if mistaken.way == "letter" else "call", None
    if call.way == "call":
        call.taken_by, call.taken_until = by, clock.now() + TAKEN_FOR


def next_way(way: str, result: str, tries: int) -> str:
    """`tries`: calls that nobody answered, this one included."""
    if result in ("reached", "handed_over", "refused"):
        return "none"
    if way == "call" and result == "no_answer" and tries < MOST_TRIES:
        return "call"
    return "letter"
