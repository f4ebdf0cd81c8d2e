"""Progress told live: finished pieces of the page over one stream, picked up where it broke off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest

from services.gateway import progress
from shared.language import long_date
from tests.gateway.console import change, look, sure, undo, wait_for_the_end
from tests.gateway.house import House, Visitor, in_days


def stream(visitor: Visitor, path: str, last: str = "") -> Iterator[str]:
    answer = visitor.get(f"{path}/stream", headers={"Last-Event-ID": last}, buffered=False)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    try:
        for part in answer.iter_encoded():
            yield part.decode()
    finally:
        answer.close()


def first_progress(visitor: Visitor, path: str, last: str = "") -> str:
    parts = stream(visitor, path, last)
    try:
        return next(part for part in parts if "event: progress" in part)
    finally:
        parts.close()  # type: ignore[attr-defined]


def test_the_stream_brings_finished_html_and_begins_where_it_broke_off(operator: Visitor, path: str) -> None:
    event = first_progress(operator, path)
    assert 'data: <ul class="rows">' in event and "Books moved: 4 of 4." in event
    known = re.search(r"^id: (\w+)$", event, re.MULTILINE)
    assert known
    parts = stream(operator, path, known[1])
    assert "retry: 1000" in next(parts)
    undo(operator, path)
    later = next(part for part in parts if "event: progress" in part)
    assert known[1] not in later and "has just been changed" in later
    assert "<strong>Undone</strong>" in later and "А. Сәрсенова" in later
    parts.close()  # type: ignore[attr-defined]


def test_a_page_of_ended_work_asks_now_and_then_and_says_what_a_colleague_changed(
    library: House, operator: Visitor, path: str
) -> None:
    page = operator.get(path).text
    assert f'hx-get="{path}/live?version=1"' in page and "every 30s" in page and "sse-connect" not in page
    assert "has just been changed" not in look(operator, f"{path}/live?version=1")
    sure(operator, path, "day", change(operator, path, "day", end="known", reopens_on=in_days(30), note="order 14"))
    wait_for_the_end(library, path)
    words = look(operator, f"{path}/live?version=1")
    assert "has just been changed. Load the page again Changed ·" in words
    assert "Note: order 14" in words and f"Opens again: {long_date(date.fromisoformat(in_days(30)), 'en')}" in words
    assert "has just been changed" not in look(operator, f"{path}/live?version=2")


def test_only_so_many_pages_are_told_live_and_a_place_left_is_free_again(operator: Visitor, path: str) -> None:
    most = operator.application._front.extensions["asking"].settings.threads // 4
    open_ones = [stream(operator, path) for _ in range(most)]
    for each in open_ones:
        next(each)
    refused = operator.get(f"{path}/stream")
    assert refused.status_code == 503 and refused.headers["Retry-After"]
    assert "Books moved" in look(operator, f"{path}/live")
    open_ones[0].close()  # type: ignore[attr-defined]
    assert "event: progress" in first_progress(operator, path)
    for each in open_ones[1:]:
        each.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("cut", [1, 7, 1000])
def test_events_are_read_however_the_bytes_are_cut(cut: int) -> None:
    sent = b'retry: 1000\n\n: still the same\n\nid: a1\ndata: {"n": 1}\n\n'
    parts = (sent[n : n + cut] for n in range(0, len(sent), cut))
    told = list(progress.events(parts))
    assert [(each.id, each.data) for each in told] == [("", None), ("", None), ("a1", {"n": 1})]
    assert b"".join(each.raw for each in told) == sent


def test_a_row_that_failed_or_stands_still_says_so(open_house: House) -> None:
    step = {"service": "notify", "step": "notices", "done": 1, "total": 4, "failed": 0, "moved_at": "x"}
    with open_house.app._front.test_request_context():
        from flask import g

        g.language = "en"

        def words(**more: object) -> list[str]:
            return [row.words for row in progress.rows([step | more], waits=bool(more.pop("waits", False)))]

        assert words(state="running") == ["under way"]
        assert words(state="stuck") == ["stalled"]
        assert words(state="stuck", waits=True) == ["waits"]
        assert words(state="done", failed=3) == ["done, but not for all"]
        (row,) = progress.rows([step | {"state": "done", "total": 0, "done": 0}])
        assert row.wide == 100
