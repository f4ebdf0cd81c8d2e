"""Playing: begin or go on, answer, hand in, look at what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.quizzes import finishing, reviewing, stored_items
from services.quizzes.attempts import draw, ends_of, item_seed, seed_for, versions_in
from services.quizzes.carrying import Carrying
from services.quizzes.closing import is_open, open_now
from services.quizzes.guardians import age_of, answers_for, child_of
from services.quizzes.items import Item
from services.quizzes.models import OPEN, PUBLISHED, Answer, Attempt, Certificate, Quiz, SchoolClass
from services.quizzes.player import public_view, shown_answer
from services.quizzes.takers import Taker
from services.quizzes.use_cases import certifying, naming, public
from services.quizzes.use_cases.rights import own_quizzes
from shared import clock
from shared.auth import Principal
from shared.database import is_sqlite
from shared.problems import Problem, invalid, not_found

MOST_OFFERED = 3
MOST_LOOKED_AT = 50


def begin(session: Session, taker: Taker, quiz_id: str, data: Mapping[str, Any]) -> tuple[Attempt, bool]:
    """The unfinished attempt of the taker, or of the child they name, or a new one; True when it is new."""
    quiz = public.quiz(session, quiz_id)
    taker = _player(session, taker, data.get("for_card"))
    if going_on := _unfinished(session, quiz.id, taker):
        return going_on, False
    _may_begin(quiz, taker, data)
    class_id = _class_of(session, quiz, data.get("class_code"))
    _name(session, quiz, taker, data.get("nickname"))
    number = _next_number(session, quiz, taker)
    return _insert(session, quiz, taker, number, data["language"], class_id)


def _player(session: Session, taker: Taker, for_card: str | None) -> Taker:
    if not for_card:
        return taker
    child = child_of(session, taker, for_card)
    if child is None:
        raise invalid("for_card", "This is not the card of a child of yours.")
    return child


def _name(session: Session, quiz: Quiz, taker: Taker, nickname: str | None) -> None:
    if nickname:
        naming.take(session, quiz.id, taker.name, nickname)
    elif taker.card_number is None and naming.of(session, quiz.id, taker.name) is None:
        raise invalid("nickname", "Make up a name for yourself: guests play under it.")


def _unfinished(session: Session, quiz_id: str, taker: Taker) -> Attempt | None:
    own = select(Attempt).where(Attempt.quiz_id == quiz_id, Attempt.taker == taker.name, Attempt.state == OPEN)
    found = session.scalars(own).first()
    return found if found and not _is_over(found) else None


def _is_over(attempt: Attempt) -> bool:
    return attempt.grace_until is not None and attempt.grace_until < clock.now()


def _may_begin(quiz: Quiz, taker: Taker, data: Mapping[str, Any]) -> None:
    now = clock.now()
    if quiz.state == PUBLISHED and quiz.opens_at is not None and now < quiz.opens_at:
        raise Problem(409, "The quiz has not opened yet.", code="not_open_yet")
    if not is_open(quiz, now):
        raise Problem(409, "The quiz has closed.", code="closed")
    if taker.card_number is None and not quiz.guests:
        raise Problem(403, "This quiz is for readers: sign in with your card.")
    if data["language"] not in quiz.languages:
        raise invalid("language", "The quiz is not shown in this language.")


def _class_of(session: Session, quiz: Quiz, code: str | None) -> str | None:
    if not code:
        return None
    plain = code.strip().upper()
    found = session.scalars(select(SchoolClass).where(SchoolClass.code == plain)).first()
    if found is None or found.ended_at is not None or found.quiz_id not in (None, quiz.id):
        raise invalid("class_code", "There is no class with this code: look at what your teacher wrote.")
    return found.id


def _next_number(session: Session, quiz: Quiz, taker: Taker) -> int:
    mine = select(Attempt).where(Attempt.quiz_id == quiz.id, Attempt.taker == taker.name)
    # Past its time but still waiting for what is late: to begin anew hands it in.
    finishing.finish(session, session.scalars(mine.where(Attempt.state == OPEN).with_for_update()).all())
    counted = select(func.count(), func.coalesce(func.max(Attempt.number), 0))
    count, last = session.execute(counted.where(Attempt.quiz_id == quiz.id, Attempt.taker == taker.name)).one()
    if quiz.attempts_allowed and count >= quiz.attempts_allowed:
        raise Problem(409, "You have used all attempts: {most}.", code="no_attempts_left", most=quiz.attempts_allowed)
    return int(last) + 1


def _insert(
    session: Session, quiz: Quiz, taker: Taker, number: int, language: str, class_id: str | None
) -> tuple[Attempt, bool]:
    now, seed = clock.now(), seed_for(session, quiz.id, taker.name, number)
    row = {
        "id": str(uuid.uuid4()),
        "quiz_id": quiz.id,
        "taker": taker.name,
        "card_number": taker.card_number,
        "class_id": class_id,
        "number": number,
        "state": OPEN,
        "language": language,
        "seed": seed,
        "items": draw(session, quiz, seed),
        "started_at": now,
        "to_be_marked": 0,
    } | ends_of(quiz, now, taker.card_number, class_id)
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    made = session.execute(insert(Attempt).values(row).on_conflict_do_nothing().returning(Attempt.id)).first()
    if made is None:
        # Begun twice at once: the other request's attempt is the one.
        going_on = _unfinished(session, quiz.id, taker)
        if going_on is None:
            raise Problem(409, "Somebody has changed this meanwhile. Load it again, look, and repeat your change.")
        return going_on, False
    return session.get_one(Attempt, row["id"]), True


def attempt_for(session: Session, who: Principal, taker: Taker | None, attempt_id: str) -> Attempt:
    """For its taker, their guardian, or a librarian of the quiz. Raises a 404 problem for everybody else."""
    found = session.get(Attempt, attempt_id)
    if found is None or not (answers_for(session, taker, found.taker) or _is_theirs(session, who, found)):
        raise not_found()
    return found


def _is_theirs(session: Session, who: Principal, attempt: Attempt) -> bool:
    quiz = select(Quiz.id).where(Quiz.id == attempt.quiz_id, own_quizzes(who, "librarian"))
    return who.has("librarian") and session.scalar(quiz) is not None


def view(session: Session, attempt: Attempt, by: Taker | None) -> dict[str, Any]:
    """All that a player needs to play on, on any device; nothing of what is right."""
    quiz = session.get_one(Quiz, attempt.quiz_id)
    items = items_of(session, attempt)
    ids = [item_id for item_id, _version, _points in attempt.items]
    answers = _kept(session, attempt, items)
    size = quiz.per_page or len(ids)
    return {
        "id": attempt.id,
        "quiz": public.face(quiz),
        "number": attempt.number,
        "state": attempt.state,
        "started_at": attempt.started_at,
        "server_now": clock.now(),
        "ends_at": attempt.ends_at,
        "language": attempt.language,
        "nickname": naming.of(session, attempt.quiz_id, attempt.taker),
        "pages": [ids[at : at + size] for at in range(0, len(ids), size)],
        "items": [_shown(attempt, items[item_id], item_id, points) for item_id, _version, points in attempt.items],
        "answers": answers,
        "answered": sum(each["answer"] not in (None, "", [], {}) for each in answers.values()),
        "result": None if attempt.state == OPEN else result(session, attempt, by),
    }


def items_of(session: Session, attempt: Attempt) -> dict[str, Item]:
    """Item id -> as it was shown."""
    return stored_items.items_at(session, [(item_id, version) for item_id, version, _points in attempt.items])


def _graded(session: Session, attempt: Attempt) -> tuple[dict[str, Item], Mapping[str, Any]]:
    """Items and answers by item id, as they were graded: once a question was corrected and graded again, what is right
    is what stands there now."""
    versions = attempt.graded_with or {}
    items = stored_items.by_version(session, versions_in([attempt]) | set(versions.items()))
    given = finishing.answers_of(session, [attempt.id]).get(attempt.id, {})
    answers = Carrying(items).answers(attempt.items, given, versions)
    return {item_id: items[item_id, versions.get(item_id, shown)] for item_id, shown, _points in attempt.items}, answers


def _shown(attempt: Attempt, item: Item, item_id: str, points: str | None) -> dict[str, Any]:
    shown = {"id": item_id} | public_view(item, item_seed(attempt.seed, item_id))
    return shown | {"points": points} if points is not None else shown


def _kept(session: Session, attempt: Attempt, items: Mapping[str, Item]) -> dict[str, dict[str, Any]]:
    rows = session.scalars(select(Answer).where(Answer.attempt_id == attempt.id))
    return {
        row.item_id: {
            "answer": shown_answer(items[row.item_id], item_seed(attempt.seed, row.item_id), row.answer),
            "number": row.number,
            "language": row.language or attempt.language,
            "saved_at": row.saved_at,
        }
        for row in rows
    }


def hand_in(session: Session, taker: Taker, attempt_id: str) -> Attempt:
    """Ends it and grades what can be graded; an attempt that has ended stays as it is."""
    found = session.get(Attempt, attempt_id, with_for_update=True, populate_existing=True)
    if found is None or not answers_for(session, taker, found.taker):
        raise not_found()
    finishing.finish(session, [found])
    return found


def result(session: Session, attempt: Attempt, by: Taker | None) -> dict[str, Any]:
    """`by`: who looks."""
    if attempt.state == OPEN:
        raise Problem(409, "The answers have not been handed in yet.", code="open")
    quiz = session.get_one(Quiz, attempt.quiz_id)
    items, answers = _graded(session, attempt)
    certificate = session.scalars(select(Certificate).where(Certificate.attempt_id == attempt.id)).first()
    return reviewing.summary(quiz, attempt) | {
        "review": reviewing.review(quiz, attempt, items, answers),
        "certificate": {
            "allowed": certifying.deserved(quiz, attempt),
            "code": certificate.code if certificate else None,
            "name": certificate.name if certificate else None,
            "who": certifying.who_without_consent(session, attempt),
            "may_show_name": by is not None and not certifying.needs_consent(session, attempt, by),
        },
        "next": [public.face(each) for each in _offered(session, attempt)],
    }


def _offered(session: Session, attempt: Attempt) -> Sequence[Quiz]:
    """Open quizzes that the taker has not begun, may play and is of an age for."""
    begun = select(Attempt.quiz_id).where(Attempt.taker == attempt.taker)
    other = select(Quiz).where(open_now(clock.now()), Quiz.id.not_in(begun)).order_by(Quiz.created_at.desc(), Quiz.id)
    if attempt.card_number is None:
        other = other.where(Quiz.guests)
    ages = [age_of(session, attempt.card_number)]
    return [quiz for quiz in session.scalars(other.limit(MOST_LOOKED_AT)) if public.suits(quiz, ages)][:MOST_OFFERED]


def own(
    session: Session, who: Principal, taker_name: str, quiz_id: str | None, after: list[Any] | None, limit: int
) -> list[dict[str, Any]]:
    """The attempts of one taker, the newest first; of one quiz where it is named; for a librarian of their quizzes."""
    chosen = (
        select(Attempt, Quiz, SchoolClass.name)
        .join(Quiz, Quiz.id == Attempt.quiz_id)
        .outerjoin(SchoolClass, SchoolClass.id == Attempt.class_id)
        .where(Attempt.taker == taker_name)
        .order_by(Attempt.started_at.desc(), Attempt.id.desc())
        .limit(limit + 1)
    )
    if quiz_id:
        chosen = chosen.where(Attempt.quiz_id == quiz_id)
    if who.has("librarian"):
        chosen = chosen.where(own_quizzes(who, "librarian"))
    if after:
        before = session.get(Attempt, after[0])
        if before is None:
            raise invalid("cursor", "Use the value of next from the page before.")
        same = (Attempt.started_at == before.started_at) & (Attempt.id < before.id)
        chosen = chosen.where((Attempt.started_at < before.started_at) | same)
    return [_listed(attempt, quiz) | {"school_class": name} for attempt, quiz, name in session.execute(chosen)]


def _listed(attempt: Attempt, quiz: Quiz) -> dict[str, Any]:
    told = ("id", "quiz_id", "number", "state", "language", "started_at", "finished_at")
    shown = {name: getattr(attempt, name) for name in told}
    seen = reviewing.summary(quiz, attempt)
    return shown | {"quiz": public.face(quiz)} | {name: seen[name] for name in ("points", "of", "percent", "passed")}
