"""A result recorded by mistake is taken back, and a button pressed twice records once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.notify import calls
from shared.auth import Principal
from tests.notify.house import AFTER, SOON, House
from tests.notify.test_console import DAYS, LIBRARIAN, PHONE, family, reader, take, totals

__all__ = ["family"]
LIBRARIAN_AND_ADMIN = Principal("staff:1", "staff", roles={"librarian": "all", "admin": "all"})


def record(house: House, notice_id: str, result: str, way: str = "call") -> int:
    body = {"way": way, "result": result}
    return house.call("POST", f"/notices/{notice_id}/outcome", LIBRARIAN, json=body).status_code


def tries(house: House) -> list[tuple[str, int]]:
    found = house.call("GET", "/notices/report", LIBRARIAN, query_string=DAYS).json["attempts"]
    return [(each["result"], each["tries"]) for each in found if each["way"] == "call"]


def test_no_answer_pressed_twice_is_one_try(family: House) -> None:
    (row,) = take(family)
    assert [record(family, row["notice_id"], "no_answer") for _ in range(3)] == [200, 200, 200]
    assert totals(family) == {"calls": 0, "letters": 1, "no_guardian": 0, "taken": 0, "later": 1}
    assert tries(family) == [("no_answer", 1)]


def test_another_try_the_next_day_counts(family: House, monkeypatch: pytest.MonkeyPatch) -> None:
    (row,) = take(family)
    record(family, row["notice_id"], "no_answer")
    monkeypatch.setattr(calls, "PRESSED_TWICE", timedelta(0))
    record(family, row["notice_id"], "no_answer")
    assert tries(family) == [("no_answer", 2)]
    record(family, row["notice_id"], "no_answer")
    assert totals(family)["letters"] == 2, "three tries, then a letter"


def test_told_by_mistake_is_untold_and_stands_in_the_queue_again(family: House) -> None:
    (row,) = take(family)
    record(family, row["notice_id"], "reached")
    assert family.book("L-N").told_on.isoformat() == AFTER
    assert record(family, row["notice_id"], "taken_back") == 200
    notice = family.notice(id=row["notice_id"])
    assert (notice.state, notice.told_at) == ("failed", None)
    assert family.book("L-N").told_on.isoformat() == SOON
    assert family.said("notice.failed.v1")[-1]["channel"] == "call"
    mine = f"/notices/unreachable?quarantine_id={family.quarantine_id}&mine=true"
    (again,) = family.call("GET", mine, LIBRARIAN).json["items"]
    assert (again["notice_id"], again["tries"], again["phone"]) == (row["notice_id"], 0, PHONE)
    assert tries(family) == []
    assert record(family, row["notice_id"], "reached") == 200
    assert family.book("L-N").told_on.isoformat() == AFTER and tries(family) == [("reached", 1)]
    deeds = [each["what"] for each in family.call("GET", "/notices/acts", LIBRARIAN_AND_ADMIN).json["items"]]
    assert "call: taken_back" in deeds


@pytest.mark.parametrize("mistake", ["no_answer", "wrong_number", "refused"])
def test_any_mistake_is_as_if_it_had_not_been(family: House, mistake: str) -> None:
    (row,) = take(family)
    record(family, row["notice_id"], mistake)
    assert totals(family)["calls"] == 0
    assert record(family, row["notice_id"], "taken_back") == 200
    assert totals(family) == {"calls": 1, "letters": 1, "no_guardian": 0, "taken": 0, "later": 0}
    assert record(family, row["notice_id"], "taken_back") == 200, "pressed twice"
    assert record(family, row["notice_id"], "taken_back", way="letter") == 409


def test_what_the_reader_knows_anyway_is_not_taken_back(family: House) -> None:
    (row,) = take(family)
    record(family, row["notice_id"], "reached")
    family.call("GET", f"/notices/{row['notice_id']}", reader("N-1"))
    assert record(family, row["notice_id"], "taken_back") == 409
    assert family.book("L-N").told_on.isoformat() == AFTER
