"""The item editor's form: the same item in and out, shares shared out, faults at the row where they were typed."""

from __future__ import annotations

from typing import Any

import pytest

from services.gateway import item_form
from services.gateway.item_form import Draft, item_of, shares


def choices(*rows: tuple[str, bool, str]) -> dict[str, str]:
    form = {"kind": "multiple"}
    for at, (text, right, share) in enumerate(rows, 1):
        form |= {f"choices.{at}.text.en": text, f"choices.{at}.share": share}
        form |= {f"choices.{at}.right": "yes"} if right else {}
    return form


def weights(form: dict[str, str]) -> list[str]:
    return [each["weight"] for each in item_of(form).item["choices"]]


def test_right_ones_share_the_points_and_wrong_ones_take_them_away() -> None:
    form = choices(("a", True, ""), ("b", True, ""), ("c", False, ""))
    assert weights(form) == ["1/2", "1/2", "-1"]
    assert weights(form | {"kind": "single"}) == ["1", "1", "0"]


@pytest.mark.parametrize("typed", ["1/3", "0,5", "50 %", "-1/2"])
def test_a_share_is_read_as_people_write_it(typed: str) -> None:
    expected = {"0,5": "1/2", "50 %": "1/2"}.get(typed, typed)
    assert weights(choices(("a", True, "1"), ("b", False, typed)))[1] == expected


def test_what_is_no_share_is_left_for_the_service_to_refuse() -> None:
    assert weights(choices(("a", True, "1"), ("b", False, "half")))[1] == "half"
    assert weights(choices(("a", True, "1"), ("b", False, "1/0")))[1] == "1/0"


def test_shares_are_shown_only_where_they_say_something() -> None:
    even = item_of(choices(("a", True, ""), ("b", False, ""))).item
    assert shares(even) == {"choices": ["", ""]}
    uneven = item_of(choices(("a", True, "1"), ("b", False, "1/4"))).item
    assert shares(uneven) == {"choices": ["1", "1/4"]}


def test_a_fault_is_told_at_the_row_where_it_was_typed() -> None:
    draft = item_of(choices(("a", True, ""), ("", False, ""), ("c", False, "")))
    assert len(draft.item["choices"]) == 2
    assert draft.field_of("choices.2.text.ru") == "choices.3.text.ru"
    assert draft.field_of("choices") == "choices" and draft.field_of("text.kk") == "text.kk"
    assert draft.field_of("choices.9") == "choices.9"


@pytest.mark.parametrize("kind", item_form.KINDS)
def test_an_empty_form_of_every_kind_is_an_item_that_can_be_written_on(kind: str) -> None:
    draft = item_of({"kind": kind})
    assert isinstance(draft, Draft) and draft.item == item_form.empty(kind) | _unticked(kind)
    assert shares(draft.item) == {name: [] for name in ("choices", "accepted", "pairs") if name in draft.item}


def _unticked(kind: str) -> dict[str, Any]:
    return {"shuffle": False} if "shuffle" in item_form.empty(kind) else {}
