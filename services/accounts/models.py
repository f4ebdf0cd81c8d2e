"""Tables of accounts. Branches and closures are kept here as their events told them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, String, Text, exists
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column

from shared.tables import Json, Key, Moment, Position


class Base(DeclarativeBase):
    pass


class Reader(Base):
    """`original_card_expires_on` is agreed and kept; `card_expires_on` is computed from it and the closures of the
    home branch, empty while nobody knows the day. `household` is the same for a guardian and their children."""

    __tablename__ = "readers"

    id: Mapped[str] = mapped_column(Key, primary_key=True)
    version: Mapped[int]
    card_number: Mapped[str] = mapped_column(Text, unique=True)
    card_folded: Mapped[str] = mapped_column(Text, index=True)
    family_name: Mapped[str] = mapped_column(Text)
    given_name: Mapped[str] = mapped_column(Text)
    name_folded: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    birth_date: Mapped[date | None]
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    telegram: Mapped[str | None] = mapped_column(Text)
    guardian_card_number: Mapped[str | None] = mapped_column(Text, index=True)
    guardian_name: Mapped[str | None] = mapped_column(Text)
    guardian_phone: Mapped[str | None] = mapped_column(Text)
    guardian_email: Mapped[str | None] = mapped_column(Text)
    guardian_language: Mapped[str | None] = mapped_column(String(2))
    household: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(20))
    school: Mapped[str | None] = mapped_column(Text)
    school_class: Mapped[str | None] = mapped_column(Text)
    home_branch_id: Mapped[str] = mapped_column(String(40))
    original_card_expires_on: Mapped[date | None]
    card_expires_on: Mapped[date | None]
    blocked: Mapped[bool]
    pin_hash: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(Moment)


Index("readers_by_expiry", Reader.home_branch_id, Reader.original_card_expires_on, Reader.card_expires_on)


class ExpiryChange(Base):
    """History: one row a card each time its date in force moved."""

    __tablename__ = "expiry_changes"

    id: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=True)
    reader_id: Mapped[str] = mapped_column(Key, index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    was: Mapped[date | None]
    now: Mapped[date | None]
    quarantine_id: Mapped[str] = mapped_column(Key)
    version: Mapped[int]


class ErasedCard(Base):
    """What is left of a reader who asked to be forgotten: a keyed hash, so that a file cannot bring them back, and
    the version a reader who comes back in person goes on from."""

    __tablename__ = "erased_cards"

    card_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int]
    erased_at: Mapped[datetime] = mapped_column(Moment)


class SecondFactor(Base):
    """A staff member's authenticator app: its key sealed, the last time step used, and a code an admin gave."""

    __tablename__ = "second_factors"

    staff_id: Mapped[str] = mapped_column(Key, primary_key=True)
    sealed_key: Mapped[str | None] = mapped_column(Text)
    sealed_new_key: Mapped[str | None] = mapped_column(Text)
    used_step: Mapped[int]
    code_hash: Mapped[str | None] = mapped_column(String(64))
    code_expires_at: Mapped[datetime | None] = mapped_column(Moment)


class Staff(Base):
    """`roles`: role -> branch ids or "all". `sample`: made by the first start, refused in production."""

    __tablename__ = "staff"

    id: Mapped[str] = mapped_column(Key, primary_key=True)
    version: Mapped[int]
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(Text)
    roles: Mapped[dict[str, Any]] = mapped_column(Json)
    password_hash: Mapped[str] = mapped_column(Text)
    disabled: Mapped[bool]
    sample: Mapped[bool]
    second_factor: Mapped[bool] = column_property(
        exists().where(SecondFactor.staff_id == id, SecondFactor.sealed_key.is_not(None))
    )
    changed_at: Mapped[datetime] = mapped_column(Moment)


class SignInSession(Base):
    """One sign-in; `subject` is `reader:<id>` or `staff:<id>`."""

    __tablename__ = "sign_in_sessions"

    id: Mapped[str] = mapped_column(Key, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, index=True)
    began_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class Tries(Base):
    """Failed tries by what was tried (a keyed hash of a login, a card or an address)."""

    __tablename__ = "tries"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Moment)


class OneTimeCode(Base):
    """A code on its way to a reader's contact; kept as a keyed hash."""

    __tablename__ = "one_time_codes"

    reader_id: Mapped[str] = mapped_column(Key, primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(Moment)


class Act(Base):
    """Who did what about whom. `about` is a reader's or staff's id, so that nothing personal outlives erasure."""

    __tablename__ = "acts"

    id: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(Moment)
    who: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(String(40))
    about: Mapped[str | None] = mapped_column(Text, index=True)
    reason: Mapped[str | None] = mapped_column(Text)


class Question(Base):
    """What a reader wrote to the library: something is wrong with their books."""

    __tablename__ = "questions"

    id: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(Moment)
    card_number: Mapped[str] = mapped_column(Text, index=True)
    text: Mapped[str] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    done_by: Mapped[str | None] = mapped_column(Text)


class Branch(Base):
    """Its row is the lock that whoever computes or changes expiry dates takes, shared or exclusive.

    Version 0: named by a decision only, not yet heard of itself.
    """

    __tablename__ = "branches"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int]


class Decision(Base):
    """The newest version of a quarantine, as heard; `branch_ids` is every branch any version of it closed."""

    __tablename__ = "decisions"

    quarantine_id: Mapped[str] = mapped_column(Key, primary_key=True)
    version: Mapped[int]
    branch_ids: Mapped[list[str]] = mapped_column(Json)


class Closure(Base):
    """A quarantine at one branch, with the calendar kept with the decision."""

    __tablename__ = "closures"

    quarantine_id: Mapped[str] = mapped_column(Key, primary_key=True)
    branch_id: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    grace_days: Mapped[int]
    open_days: Mapped[dict[str, Any]] = mapped_column(Json)
