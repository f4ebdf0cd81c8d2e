"""Gathering and release: in any order, twice, late; one digest per person and decision."""

import itertools
import random
import uuid
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from services.notify import rendering
from services.notify.models import Book, Delivery, Notice, NoticeLine
from shared import clock, inbox
from shared.database import Database
from shared.handlers import dispatch
from shared.migrate import migrate
from shared.runs import Runner
from shared.service import load
from shared.settings import load as load_settings
from tests.conftest import Footing
from tests.notify import builders as make
from tests.support import library_time


class Notify:
    """The service's database with its handlers and runs, driven by hand."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.service = load("services.notify")
        self.database = Database("notify", load_settings(environment))
        migrate(self.service, self.database)
        self.runner = Runner(self.database, self.service.runs)

    def hear(self, *events: Any) -> None:
        with self.database.transaction() as session:
            dispatch(session, self.service.handlers, inbox.take(session, "notify", list(events)))

    def work(self) -> None:
        while self.runner.advance_one():
            pass

    def notices(self, **having: Any) -> list[Any]:
        with self.database.reading() as session:
            return list(session.scalars(select(Notice).filter_by(**having).order_by(Notice.created_at)))

    def lines(self, notice: Any) -> list[tuple[str, str | None, str | None]]:
        with self.database.reading() as session:
            rows = session.scalars(select(NoticeLine).filter_by(notice_id=notice.id).order_by(NoticeLine.loan_id))
            return [(row.loan_id, *(day.isoformat() if day else None for day in (row.was, row.now))) for row in rows]

    def claim_all(self) -> None:
        """As the delivery does at claim: what is claimed counts as told."""
        with self.database.transaction() as session:
            now = clock.now()
            session.execute(update(Notice).where(Notice.state == "queued").values(state="sent", claimed_at=now))
            session.execute(
                update(Book)
                .where(Book.queued_by.is_not(None))
                .values(told_on=Book.queued_on, told_by=Book.queued_by, queued_by=None, queued_on=None)
            )
            session.execute(update(Delivery).where(Delivery.state == "queued").values(state="sent"))


@pytest.fixture
def notify(footing: Footing) -> Iterator[Notify]:
    made = Notify(footing.environment)
    made.hear(make.branch())
    yield made
    made.database.close()


@pytest.fixture
def ids() -> SimpleNamespace:
    return SimpleNamespace(quarantine=str(uuid.uuid4()), run=str(uuid.uuid4()), other=str(uuid.uuid4()))


def declared(ids: SimpleNamespace, *moves: Any, version: int = 1, state: str = "declared", run: str = "") -> list[Any]:
    run = run or ids.run
    return [
        make.quarantine(ids.quarantine, version, state),
        *moves,
        make.ended(ids.quarantine, run, len(moves), version),
        *make.others_ended(ids.quarantine, version),
    ]


def test_one_digest_a_family_in_any_order_and_twice(notify: Notify, ids: SimpleNamespace) -> None:
    mother = make.reader("M-1", language="ru")
    sister, brother = make.child("M-1", card="C-1"), make.child("M-1", card="C-2")
    notify.hear(mother, sister, brother)
    moves = [
        make.moved(ids.quarantine, ids.run, "M-1", make.change("a", "2026-12-01", "2026-12-20")),
        make.moved(ids.quarantine, ids.run, "C-1", make.change("b", "2026-12-02", "2026-12-20")),
        make.moved(ids.quarantine, ids.run, "C-2", make.change("c", "2026-12-03", None)),
    ]
    events = declared(ids, *moves) * 2
    random.Random(5).shuffle(events)
    for each in events:
        notify.hear(each)
    notify.work()
    [notice] = notify.notices()
    assert (notice.addressee, notice.language, notice.about) == ("card:M-1", "ru", ["C-1", "C-2", "M-1"])
    assert notify.lines(notice) == [
        ("a", "2026-12-01", "2026-12-20"),
        ("b", "2026-12-02", "2026-12-20"),
        ("c", "2026-12-03", None),
    ]


@pytest.mark.parametrize("order", list(itertools.permutations(range(5))))
def test_whichever_event_comes_last_releases(order: tuple[int, ...], tmp_path: Any) -> None:
    notify = Notify({"KITAPHANA_HOME": str(tmp_path)})
    ids = SimpleNamespace(quarantine=str(uuid.uuid4()), run=str(uuid.uuid4()))
    notify.hear(make.branch(), make.reader("R-1"))
    events = declared(ids, make.moved(ids.quarantine, ids.run, "R-1", make.change("a", "2026-12-01", "2026-12-20")))
    for place in order[:-1]:
        notify.hear(events[place])
        notify.work()
    assert notify.notices() == []
    notify.hear(events[order[-1]])
    notify.work()
    assert len(notify.notices()) == 1


def test_what_a_run_moves_when_it_is_tried_again_is_told_too(notify: Notify, ids: SimpleNamespace) -> None:
    notify.hear(make.reader("R-1"), make.reader("R-2"))
    change = make.change("a", "2026-12-01", "2026-12-20")
    notify.hear(*declared(ids, make.moved(ids.quarantine, ids.run, "R-1", change)))
    notify.work()
    notify.claim_all()
    again = make.moved(ids.quarantine, ids.run, "R-2", make.change("b", "2026-12-02", "2026-12-20"))
    notify.hear(make.ended(ids.quarantine, ids.run, 2))
    notify.work()
    assert len(notify.notices()) == 1
    notify.hear(again, make.ended(ids.quarantine, ids.run, 1))
    notify.work()
    assert [notice.addressee for notice in notify.notices()] == ["card:R-1", "card:R-2"]
    notify.hear(make.ended(ids.quarantine, ids.run, 2))
    notify.work()
    assert len(notify.notices()) == 2


def test_a_newer_version_replaces_what_has_not_gone_out(notify: Notify, ids: SimpleNamespace) -> None:
    notify.hear(make.reader("R-1"))
    first = make.moved(ids.quarantine, ids.run, "R-1", make.change("a", "2026-12-01", "2026-12-20", 2))
    notify.hear(*declared(ids, first))
    notify.work()
    second = make.moved(ids.quarantine, ids.other, "R-1", make.change("a", "2026-12-20", "2026-12-27", 3), version=2)
    notify.hear(*declared(ids, second, version=2, state="changed", run=ids.other))
    notify.work()
    old, new = notify.notices()
    assert (old.state, new.state) == ("replaced", "queued")
    assert notify.lines(new) == [("a", "2026-12-01", "2026-12-27")]


def test_cancelled_before_sending_withdraws_and_says_nothing(notify: Notify, ids: SimpleNamespace) -> None:
    notify.hear(make.reader("R-1"))
    first = make.moved(ids.quarantine, ids.run, "R-1", make.change("a", "2026-12-01", "2026-12-20", 2))
    notify.hear(*declared(ids, first))
    notify.work()
    back = make.moved(ids.quarantine, ids.other, "R-1", make.change("a", "2026-12-20", "2026-12-01", 3), version=2)
    notify.hear(*declared(ids, back, version=2, state="cancelled", run=ids.other))
    notify.work()
    assert [notice.state for notice in notify.notices()] == ["withdrawn"]


def test_cancelled_after_sending_corrects_exactly_those_told(notify: Notify, ids: SimpleNamespace) -> None:
    notify.hear(make.reader("R-1"), make.reader("R-2"))
    moves = [
        make.moved(ids.quarantine, ids.run, card, make.change(f"loan-{card}", "2026-12-01", "2026-12-20", 2))
        for card in ("R-1", "R-2")
    ]
    notify.hear(*declared(ids, *moves))
    notify.work()
    notify.claim_all()
    back = make.moved(
        ids.quarantine, ids.other, "R-1", make.change("loan-R-1", "2026-12-20", "2026-12-01", 3), version=2
    )
    notify.hear(*declared(ids, back, version=2, state="cancelled", run=ids.other))
    notify.work()
    [correction] = notify.notices(state="queued")
    assert correction.kind == "correction"
    assert notify.lines(correction) == [("loan-R-1", "2026-12-20", "2026-12-01")]


def test_of_two_decisions_the_first_released_tells(notify: Notify, ids: SimpleNamespace) -> None:
    notify.hear(make.reader("R-1"))
    other = SimpleNamespace(quarantine=str(uuid.uuid4()), run=str(uuid.uuid4()))
    first = make.moved(ids.quarantine, ids.run, "R-1", make.change("a", "2026-12-01", "2026-12-20", 2))
    second = make.moved(other.quarantine, other.run, "R-1", make.change("a", "2026-12-20", "2027-01-09", 3))
    notify.hear(first, second)
    notify.hear(*declared(other, second))
    notify.work()
    notify.hear(*declared(ids, first))
    notify.work()
    [only] = notify.notices()
    assert only.quarantine_id == other.quarantine
    assert notify.lines(only) == [("a", "2026-12-01", "2027-01-09")]


def test_returned_books_are_left_out(notify: Notify, ids: SimpleNamespace) -> None:
    notify.hear(make.reader("R-1"))
    loan = {
        "loan_id": "a",
        "version": 5,
        "card_number": "R-1",
        "title": "Ұлпан",
        "branch_id": "ortalyq",
        "lent_on": "2026-11-01",
        "original_due_on": "2026-12-01",
        "due_on": "2026-12-20",
        "status": "returned",
    }
    notify.hear(make.event("loan.returned.v1", "loans", loan))
    late = make.moved(ids.quarantine, ids.run, "R-1", make.change("a", "2026-12-01", "2026-12-20", 2))
    notify.hear(*declared(ids, late))
    notify.work()
    assert notify.notices() == []


def test_others_are_waited_for_ten_minutes_at_most(notify: Notify, ids: SimpleNamespace, tmp_path: Any) -> None:
    notify.hear(make.reader("R-1"))
    events = declared(ids, make.moved(ids.quarantine, ids.run, "R-1", make.change("a", "2026-12-01", "2026-12-20")))
    notify.hear(*events[:-1])
    notify.work()
    assert notify.notices() == []
    shift = tmp_path / "clock"
    shift.write_text(str(timedelta(minutes=11).total_seconds()))
    clock.shift_by_file(str(shift))
    try:
        notify.hear(make.reader("R-2"), make.ended(str(uuid.uuid4()), str(uuid.uuid4()), 0))
        notify.work()
    finally:
        clock.shift_by_file("")
    assert len(notify.notices()) == 1


def test_nobody_without_a_channel_is_forgotten(notify: Notify, ids: SimpleNamespace) -> None:
    notify.hear(make.reader("R-1", email=None))
    events = declared(ids, make.moved(ids.quarantine, ids.run, "R-1", make.change("a", "2026-12-01", "2026-12-20")))
    notify.hear(*events)
    notify.work()
    [notice] = notify.notices()
    assert notice.state == "failed"


@pytest.mark.parametrize(("language", "line"), [("kk", "Ұлпан – Ғабит Мүсірепов"), ("ru", "Ұлпан — Ғабит Мүсірепов")])
def test_a_book_is_told_with_who_wrote_it(notify: Notify, ids: SimpleNamespace, language: str, line: str) -> None:
    notify.hear(make.reader("R-1", language=language))
    known = make.change("a", "2026-12-01", "2026-12-20", title="Ұлпан", author="Ғабит Мүсірепов")
    unknown = make.change("b", "2026-12-02", "2026-12-20", title="Ер Төстік")
    del unknown["author"]
    notify.hear(*declared(ids, make.moved(ids.quarantine, ids.run, "R-1", known, unknown)))
    notify.work()
    [notice] = notify.notices()
    said = rendering.words_kept(notice.content, notify.database.settings)
    lines = [each.strip() for each in said.body.splitlines()]
    assert line in lines and "Ер Төстік" in lines


def test_a_loan_taken_out_anew_keeps_who_wrote_the_book(notify: Notify, ids: SimpleNamespace) -> None:
    notify.hear(make.reader("R-1"))
    loan = {"loan_id": "a", "version": 5, "card_number": "R-1", "title": "Ұлпан", "author": "Ғабит Мүсірепов"}
    days = {"lent_on": "2026-11-01", "original_due_on": "2026-12-01", "due_on": "2026-12-01"}
    notify.hear(make.event("loan.checked_out.v1", "loans", loan | days | {"branch_id": "ortalyq", "status": "on_loan"}))
    with notify.database.reading() as session:
        assert session.get_one(Book, "a").author == "Ғабит Мүсірепов"
    older = make.moved(ids.quarantine, ids.run, "R-1", make.change("a", "2026-10-01", "2026-10-20", 2, author="-"))
    notify.hear(*declared(ids, older))
    with notify.database.reading() as session:
        assert session.get_one(Book, "a").author == "Ғабит Мүсірепов"


@pytest.mark.parametrize(("days", "late"), [(-1, True), (0, False), (3, False)])
def test_books_were_late_only_if_their_old_day_lies_before_today(
    notify: Notify, ids: SimpleNamespace, days: int, late: bool
) -> None:
    """A second closure is declared ahead: an old day before its first day has not passed yet."""
    today = library_time.today()
    notify.hear(make.reader("R-1"))
    ahead = make.quarantine(ids.quarantine, ends_in=30)
    ahead.data["starts_on"] = (today + timedelta(days=10)).isoformat()
    was, now = (today + timedelta(days=days)).isoformat(), (today + timedelta(days=31)).isoformat()
    moved = make.moved(ids.quarantine, ids.run, "R-1", make.change("a", was, now))
    notify.hear(ahead, moved, make.ended(ids.quarantine, ids.run, 1), *make.others_ended(ids.quarantine))
    notify.work()
    [notice] = notify.notices()
    [line] = notice.content["data"]["readers"][0]["books"]
    assert line["was_late"] is late
