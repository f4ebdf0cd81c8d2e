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
from services.quizzes.guardians import age_of, age_on, is_child
from services.quizzes.items import tidy
from services.quizzes.models import GRADED, Attempt, Certificate, Nickname, Quiz, Reader
from services.quizzes.takers import Taker
from shared import clock
from shared.auth import Principal
from shared.language import text_in, translate_n
from shared.problems import Problem, invalid, language, not_found

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH, GROUP = 20, 5


def deserved(quiz: Quiz, attempt: Attempt) -> bool:
    return quiz.certificate and attempt.state == GRADED and attempt.passed is not False


def issue(session: Session, attempt: Attempt, by: Taker, data: Mapping[str, Any]) -> Certificate:
    """The attempt's certificate; once more puts the name right and leaves the code as it is. `by`: who asks."""
    quiz = session.get_one(Quiz, attempt.quiz_id)
    if not deserved(quiz, attempt):
        raise Problem(409, "There is no certificate for this attempt.")
    name = tidy(data["name"]).replace("\n", " ")
    if not name or not is_text(name):
        raise invalid("name", "Write the name as it should stand on the certificate.")
    known = session.scalars(select(Certificate).where(Certificate.attempt_id == attempt.id).with_for_update()).first()
    if known is not None and known.withdrawn_at is not None:
        raise Problem(409, "This certificate has been withdrawn.")
    made = known or _new(session, attempt)
    if (attempt.percent or 0.0) > made.percent:
        _certify(made, attempt)
    if not (data["show_name"] and made.name == name and _allowed(session, made)):
        allow_name(session, made, attempt, by, data["show_name"])
    made.name, made.language = name, data["language"]
    session.add(made)
    session.flush()
    return made


def _new(session: Session, attempt: Attempt) -> Certificate:
    made = Certificate(code=_code(), attempt_id=attempt.id, quiz_id=attempt.quiz_id, issued_at=clock.now())
    made.who, made.show_name = _reader(session, attempt), False
    _certify(made, attempt)
    return made


def allow_name(session: Session, found: Certificate, attempt: Attempt, by: Taker | Principal, show: bool) -> None:
    """The public page may say the name from now on, or no longer. Raises a 422 problem for a child alone."""
    if show and isinstance(by, Taker) and needs_consent(session, attempt, by):
        raise invalid("show_name", "Ask a parent: they sign in and allow it, or a librarian does at their word.")
    who = by.name if isinstance(by, Taker) else by.name or by.subject
    found.show_name = show
    found.consent_by, found.consent_at = (who, clock.now()) if show else (None, None)


def needs_consent(session: Session, attempt: Attempt, by: Taker) -> bool:
    """Whether it is a child who asks: a guardian or staff has to allow that the full name is shown."""
    return by.name == attempt.taker and is_child(session, age_of(session, attempt.card_number))


def _allowed(session: Session, found: Certificate) -> bool:
    """Whether the name may be said: of a child only with a consent on record."""
    return found.show_name and bool(found.consent_by or not is_child(session, (found.who or {}).get("age")))


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
    return {"first_name": reader.given_name, "age": age_on(_day(session, attempt), reader.birth_date)}


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
    who = found.name if found.name and _allowed(session, found) else _said(session, attempt, found.who)
    return common | {"valid": True, "day": _day(session, attempt), "percent": found.percent, "who": who}


def who_without_consent(session: Session, attempt: Attempt) -> str | None:
    """What the public page will say of the taker of this attempt: first name, of a child the age too, or the
    nickname."""
    return _said(session, attempt, _reader(session, attempt))


def _said(session: Session, attempt: Attempt, who: Mapping[str, Any] | None) -> str | None:
    if who is None:
        named = (Nickname.quiz_id == attempt.quiz_id) & (Nickname.taker == attempt.taker)
        return session.scalar(select(Nickname.nickname).where(named, Nickname.hidden.is_(False)))
    if not is_child(session, who["age"]):
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
