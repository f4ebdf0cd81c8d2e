"""Certificates: given to who has earned one, checked by anybody, taken back by staff."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.quizzes import certificates, closing
from services.quizzes.checking import is_text
from services.quizzes.items import tidy
from services.quizzes.models import GRADED, Attempt, Certificate, Nickname, Quiz, Reader
from shared import clock
from shared.auth import Principal
from shared.language import text_in, translate_n
from shared.problems import Problem, invalid, language, not_found

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH, GROUP = 20, 5


def deserved(quiz: Quiz, attempt: Attempt) -> bool:
    return quiz.certificate and attempt.state == GRADED and attempt.passed is not False


def issue(session: Session, attempt: Attempt, data: Mapping[str, Any]) -> Certificate:
    """The attempt's certificate; once more puts the name right and leaves the code as it is."""
    quiz = session.get_one(Quiz, attempt.quiz_id)
    if not deserved(quiz, attempt):
        raise Problem(409, "There is no certificate for this attempt.")
    name = tidy(data["name"]).replace("\n", " ")
    if not name or not is_text(name):
        raise invalid("name", "Write the name as it should stand on the certificate.")
    given = {"name": name, "language": data["language"], "show_name": data["show_name"]}
    known = session.scalars(select(Certificate).where(Certificate.attempt_id == attempt.id).with_for_update()).first()
    if known is not None and known.withdrawn_at is not None:
        raise Problem(409, "This certificate has been withdrawn.")
    if known is None:
        known = Certificate(code=_code(), attempt_id=attempt.id, quiz_id=quiz.id, issued_at=clock.now(), **given)
        known.who = _reader(session, attempt)
        _certify(known, attempt)
        session.add(known)
    elif (attempt.percent or 0.0) > known.percent:
        _certify(known, attempt)
    for field, value in given.items():
        setattr(known, field, value)
    session.flush()
    return known


def _certify(certificate: Certificate, attempt: Attempt) -> None:
    """It says what was achieved when it was given: a regrade does not change it, unless its owner asks for it again
    after one that was to their advantage."""
    certificate.points, certificate.of = attempt.points or 0.0, attempt.of or 0.0
    certificate.percent, certificate.passed = attempt.percent or 0.0, attempt.passed


def _code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def _reader(session: Session, attempt: Attempt) -> dict[str, Any] | None:
    """First name and age on the day, of a reader the library knows."""
    reader = session.get(Reader, attempt.card_number) if attempt.card_number else None
    if reader is None or not reader.given_name:
        return None
    born, today = reader.birth_date, _day(session, attempt)
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day)) if born else None
    return {"first_name": reader.given_name, "age": age}


def find(session: Session, code: str) -> Certificate:
    """By its code as it is printed or in the address. Raises a 404 problem."""
    plain = code.replace("-", "").replace(" ", "").upper()
    found = session.get(Certificate, plain)
    if found is None:
        raise not_found("There is no certificate with this code.")
    return found


def checked(session: Session, found: Certificate) -> dict[str, Any]:
    """What anybody may know. A withdrawn one says only that it is."""
    quiz, attempt = session.get_one(Quiz, found.quiz_id), session.get_one(Attempt, found.attempt_id)
    common = {"code": found.code, "quiz": {"id": quiz.id, "title": quiz.title}}
    if found.withdrawn_at is not None:
        return common | {"valid": False, "withdrawn_on": found.withdrawn_at.date()}
    who = found.name if found.show_name and found.name else _said(session, attempt, found.who)
    return common | {"valid": True, "day": _day(session, attempt), "percent": found.percent, "who": who}


def who_without_consent(session: Session, attempt: Attempt) -> str | None:
    """What the public page will say of the taker of this attempt: first name and age, or the nickname."""
    return _said(session, attempt, _reader(session, attempt))


def _said(session: Session, attempt: Attempt, who: Mapping[str, Any] | None) -> str | None:
    if who is None:
        named = (Nickname.quiz_id == attempt.quiz_id) & (Nickname.taker == attempt.taker)
        return session.scalar(select(Nickname.nickname).where(named, Nickname.hidden.is_(False)))
    if who["age"] is None:
        return str(who["first_name"])
    age = translate_n("{n} year old", "{n} years old", who["age"], language())
    return f"{who['first_name']}, {age}"


def pdf(session: Session, found: Certificate) -> bytes:
    """As it is printed. Raises a 404 problem once the person is erased, a 409 one once it is withdrawn."""
    if found.name is None:
        raise not_found("There is no certificate with this code.")
    if found.withdrawn_at is not None:
        raise Problem(409, "This certificate has been withdrawn.")
    quiz, attempt = session.get_one(Quiz, found.quiz_id), session.get_one(Attempt, found.attempt_id)
    settings = session.info["settings"]
    return certificates.pdf(
        certificates.Certificate(
            language=found.language,
            name=found.name,
            quiz=text_in(quiz.title, found.language)[0],
            works=[certificates.Work(work["title"], work["author"] or "") for work in quiz.works],
            day=_day(session, attempt),
            points=Decimal(str(found.points)),
            of=Decimal(str(found.of)),
            passed=bool(found.passed),
            library=settings.library_name(found.language),
            address=address(session, found),
            code="-".join(found.code[at : at + GROUP] for at in range(0, len(found.code), GROUP)),
        )
    )


def address(session: Session, found: Certificate) -> str:
    return f"{session.info['settings'].base_url()}/c/{found.code}"


def _day(session: Session, attempt: Attempt) -> date:
    """On which the answers were handed in, where the quiz is."""
    quiz = session.get_one(Quiz, attempt.quiz_id)
    zone = ZoneInfo(closing.zone_of(session, quiz.branch_id))
    return (attempt.finished_at or clock.now()).astimezone(zone).date()


def withdraw(found: Certificate, who: Principal, reason: str) -> None:
    """For good; the public page says so. Twice is once."""
    if found.withdrawn_at is None:
        found.withdrawn_at, found.withdrawn_by, found.reason = clock.now(), who.name or who.subject, reason
