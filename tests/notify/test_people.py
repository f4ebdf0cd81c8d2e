"""Readers as notify knows them: erased for good unless newly registered; grown up in time."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from services.notify import channels_of, people
from services.notify.models import Person
from tests.conftest import Footing
from tests.notify import builders as make
from tests.notify.test_release import Notify
from tests.support import library_time


@pytest.fixture
def notify(footing: Footing) -> Iterator[Notify]:
    made = Notify(footing.environment)
    yield made
    made.database.close()


def person(notify: Notify, card: str) -> Person:
    with notify.database.reading() as session:
        return session.scalars(select(Person).where(Person.card_number == card)).one()


def test_nobody_comes_back_by_a_late_event_but_may_register_anew(notify: Notify) -> None:
    registered = make.reader("R-1")
    erased = {"reader_id": registered.data["reader_id"], "version": 3, "card_number": "R-1"}
    notify.hear(make.event("reader.erased.v1", "accounts", erased))
    notify.hear(registered)
    assert (person(notify, "R-1").erased, person(notify, "R-1").family_name) == (True, "")
    notify.hear(make.reader("R-1", version=4))
    assert (person(notify, "R-1").erased, person(notify, "R-1").email is None) == (False, False)


def test_who_has_come_of_age_is_written_to_in_person(notify: Notify) -> None:
    today = library_time.today()
    grown, child = today - timedelta(days=17 * 366), today - timedelta(days=10 * 365)
    notify.hear(make.reader("M-1"), make.child("M-1", card="C-1", birth_date=child.isoformat()))
    notify.hear(make.child("M-1", card="C-2", birth_date=child.isoformat()))
    with notify.database.transaction() as session:
        session.get_one(Person, "C-2").birth_date = grown
    with notify.database.transaction() as session:
        assert people.come_of_age(session) == 1
    assert [person(notify, card).addressee for card in ("C-1", "C-2")] == ["card:M-1", "card:C-2"]


def test_an_institution_is_written_to_by_its_own_name_and_is_never_a_child(notify: Notify) -> None:
    born = (library_time.today() - timedelta(days=8 * 365)).isoformat()
    names = {"family_name": "№12 мектеп", "given_name": "", "kind": "institution", "birth_date": born}
    named = {"household": "institution:S-1", "guardian": {"name": "Ахметова", "phone": "+77011112233"}}
    notify.hear(make.reader("S-1", **names, **named))
    school = person(notify, "S-1")
    assert school.addressee == "card:S-1"
    row = {name: getattr(school, name) for name in ("card_number", "language", "email", "phone", "telegram")}
    row |= {"family_name": school.family_name, "given_name": school.given_name}
    assert channels_of.recipient_of(school.addressee, [row], {"S-1": row}).name == "№12 мектеп"
    assert not people.without_guardian({"kind": "institution", "birth_date": school.birth_date, "guardian": None}, 16)
    assert people.without_guardian({"kind": "person", "birth_date": school.birth_date, "guardian": None}, 16)
