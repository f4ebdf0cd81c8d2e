"""How far everyone is: reports twice, late and out of order; the stream of server-sent events."""

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.quarantines.feed import Feed, Snapshot, events
from services.quarantines.steps import ACTING
from tests.quarantines.library import BASE, Library, declaration, errors_of, report

WAITING = {step: ("waiting", 0, 0, 0) for _, step in ACTING}


@pytest.fixture
def library(library: Library) -> Library:
    library.branch("root")
    return library


def test_a_decision_sets_every_step_back_to_waiting(library):
    quarantine = library.declared()
    assert library.progress(quarantine["id"]) == WAITING
    library.finish(quarantine, ACTING)
    assert {state for state, *_ in library.progress(quarantine["id"]).values()} == {"done"}
    assert library.get(f"{BASE}").json["items"][0]["progress"][0]["service"] == "loans"
    library.patch(f"{BASE}/{quarantine['id']}", {"grace_days": 1})
    assert library.progress(quarantine["id"]) == WAITING


def test_without_any_branch_there_is_nothing_to_close(library):
    library.patch("/api/v1/branches/root", {"opening_hours": "Mo 09:00-10:00"})
    assert "Unknown branch" in str(errors_of(library.post(BASE, declaration(branch_ids=["leaf"])))["branch_ids"])


def test_reports_of_a_run_in_any_order_twice_and_late_come_to_the_same(library):
    quarantine = library.declared()
    run = [
        report(quarantine, total=10, state="waiting"),
        report(quarantine, done=4, total=10),
        report(quarantine, done=9, total=10, failed=1),
        report(quarantine, done=9, total=10, failed=1, state="done"),
    ]
    for order in itertools.permutations(run):
        library.patch(f"{BASE}/{quarantine['id']}", {"grace_days": 1})
        version = library.quarantine(quarantine["id"])["version"]
        said = [{**each, "version": version} for each in order]
        library.hear(*said[:2])
        for each in (*said[2:], said[0]):
            library.hear(each)
        assert library.progress(quarantine["id"])["move"] == ("done", 9, 10, 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"done": 5, "total": 5, "state": "done"}, {"done": 4, "total": 5, "failed": 1, "state": "done"}),
        ({"done": 4, "total": 5, "failed": 1, "state": "done"}, {"done": 5, "total": 5, "state": "done"}),
        ({"done": 8, "total": 10}, {"done": 8, "total": 8, "state": "done"}),
        ({"done": 0, "total": 0, "state": "done"}, {"done": 0, "total": 3}),
    ],
)
def test_of_equal_counts_the_later_said_holds(library, before, after):
    """A bounce, a retry that works, notices withdrawn, a late line."""
    quarantine = library.declared()
    first, second = report(quarantine, **before), report(quarantine, **after)
    for order in ([first, second], [second, first]):
        library.hear(*order)
        for each in order:
            library.hear(each)
        expected = {"failed": 0, "state": "running"} | after
        shown = dict(zip(("state", "done", "total", "failed"), library.progress(quarantine["id"])["move"], strict=True))
        assert shown == expected


def test_older_versions_and_unknown_quarantines_are_not_listened_to(library):
    quarantine = library.declared()
    changed = library.patch(f"{BASE}/{quarantine['id']}", {"ends_on": None}).json
    library.hear(
        report(quarantine, done=10, total=10, state="done"),
        report(changed, done=1, total=10, version=7),
        report({"id": "11111111-2222-4333-8444-555555555555", "version": 1}, done=3, total=3),
    )
    assert library.progress(quarantine["id"]) == WAITING


def test_a_later_run_of_the_same_version_is_added_and_shown_while_it_works(library):
    quarantine = library.declared()
    library.hear(report(quarantine, done=10, total=10, state="done", run_id="main"))
    library.hear(report(quarantine, done=1, total=3, run_id="drift"))
    assert library.progress(quarantine["id"])["move"] == ("running", 11, 13, 0)
    library.hear(report(quarantine, done=3, total=3, state="done", run_id="drift"))
    library.hear(report(quarantine, done=5, total=10, run_id="main"))
    assert library.progress(quarantine["id"])["move"] == ("done", 13, 13, 0)


def test_a_late_run_of_an_older_version_does_not_set_a_done_step_back(library):
    quarantine = library.declared()
    changed = library.patch(f"{BASE}/{quarantine['id']}", {"ends_on": "2026-02-20"}).json
    library.hear(report(changed, done=10, total=10, state="done"))
    library.hear(report(quarantine, done=1, total=3, run_id="drift of before"))
    assert library.progress(quarantine["id"])["move"] == ("done", 10, 10, 0)


def test_a_step_of_a_service_that_joined_later_is_shown_after_the_others(library):
    quarantine = library.declared()
    library.hear(report(quarantine, "contests", "deadlines of contests", done=2, total=2, state="done"))
    steps = [each["step"] for each in library.quarantine(quarantine["id"])["progress"]]
    assert steps == ["move", "cards", "deadlines", "notices", "deadlines of contests"]


def test_what_has_not_moved_for_two_minutes_is_stuck_until_it_moves(library):
    quarantine = library.declared()
    library.hear(report(quarantine, done=1, total=10))
    library.pass_time(105)
    assert library.progress(quarantine["id"])["move"][0] == "running"
    library.pass_time(20)
    assert {state for state, *_ in library.progress(quarantine["id"]).values()} == {"stuck"}
    # Notices wait for the books: while those move, they do not hang.
    library.hear(report(quarantine, done=2, total=10))
    states = {step: state for step, (state, *_) in library.progress(quarantine["id"]).items()}
    assert states == {"move": "running", "cards": "stuck", "deadlines": "stuck", "notices": "waiting"}
    library.hear(report(quarantine, done=10, total=10, state="done"))
    library.finish(quarantine, ACTING[1:])
    library.pass_time(1000)
    assert {state for state, *_ in library.progress(quarantine["id"]).values()} == {"done"}


def streamed(body: bytes) -> list[dict[str, Any]]:
    """The data of each event in a stream."""
    return [orjson.loads(line[6:]) for line in body.split(b"\n") if line.startswith(b"data: ")]


def test_the_stream_of_a_quarantine_begins_with_how_far_it_is(library):
    quarantine = library.declared()
    answer = library.get(f"{BASE}/{quarantine['id']}/progress", buffered=False)
    assert answer.content_type.startswith("text/event-stream")
    parts = iter(answer.response)
    assert next(parts) == b"retry: 1000\n\n"
    (first,) = streamed(next(parts))
    assert (first["id"], first["version"], first["state"]) == (quarantine["id"], 1, "declared")
    assert [step["state"] for step in first["progress"]] == ["waiting"] * len(ACTING)
    library.hear(report(quarantine, done=3, total=10))
    (second,) = streamed(next(parts))
    assert second["progress"][0]["done"] == 3
    answer.close()


def test_only_a_quarter_of_the_threads_may_stream_and_a_place_left_is_free_again(library):
    quarantine = library.declared()
    path = f"{BASE}/{quarantine['id']}/progress"
    most = library.settings.threads // 4
    open_ones = [library.get(path, buffered=False) for _ in range(most)]
    refused = library.get(path, buffered=False)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    open_ones.pop().close()
    again = library.get(path, buffered=False)
    assert again.status_code == 200
    for each in (*open_ones, again):
        each.close()


def test_who_may_follow(library):
    path = f"{BASE}/{library.declared()['id']}/progress"
    assert library.get(path, token="").status_code == 401
    assert library.get(path, token=library.token({}, kind="reader")).status_code == 403


class Progress:
    """What a feed reads, changed by the test; counts who reads."""

    def __init__(self) -> None:
        self.done = 0
        self.readers: set[int | None] = set()
        self.asked = threading.Semaphore(0)
        self.fails = False

    def __call__(self, ids: Any) -> dict[str, dict[str, Any]]:
        self.readers.add(threading.get_ident())
        self.asked.release()
        if self.fails:
            raise OSError("the database is away")
        return {each: {"id": each, "done": self.done} for each in ids}


def followed(
    feed: Feed, name: str, lasts: float, last: str = "", step: Callable[[bytes], None] = lambda _: None
) -> bytes:
    parts: Iterator[bytes] = events(feed, name, last, lasts)
    body = b""
    for part in parts:
        body += part
        step(part)
    return body


def test_a_stream_ends_by_itself_and_asks_the_browser_to_come_back():
    body = followed(Feed(Progress(), 1, every=0.01), "q", lasts=0.2)
    assert body.startswith(b"retry: 1000\n\n")
    assert [each["done"] for each in streamed(body)] == [0]


def test_a_browser_that_comes_back_hears_only_what_is_new():
    progress = Progress()
    feed = Feed(progress, 1, every=0.01)
    seen = Snapshot.of({"id": "q", "done": 0}).id
    assert streamed(followed(feed, "q", lasts=0.2, last=seen)) == []
    progress.done = 1
    assert [each["done"] for each in streamed(followed(feed, "q", lasts=0.2, last=seen))] == [1]


def test_one_reader_feeds_all_streams_and_ends_with_the_last():
    progress = Progress()
    feed = Feed(progress, 8, every=0.01)
    bodies: list[bytes] = []
    follow = [threading.Thread(target=lambda n=n: bodies.append(followed(feed, f"q{n % 2}", 0.5))) for n in range(6)]
    for each in follow:
        each.start()
    for each in follow:
        each.join()
    assert [len(streamed(body)) for body in bodies] == [1] * 6
    assert len(progress.readers) == 1
    readers = [thread for thread in threading.enumerate() if thread.ident in progress.readers]
    for each in readers:
        each.join(5)
    assert not [each for each in readers if each.is_alive()]


def test_a_database_that_is_away_leaves_the_stream_open():
    progress = Progress()
    progress.fails = True
    feed = Feed(progress, 1, every=0.01)
    parts = events(feed, "q", "", 5)
    assert next(parts) == b"retry: 1000\n\n"
    come_back = threading.Thread(target=lambda: (progress.asked.acquire(), setattr(progress, "fails", False)))
    come_back.start()
    assert streamed(next(parts)) == [{"id": "q", "done": 0}]
    come_back.join()
    parts.close()


@given(st.dictionaries(st.sampled_from(["id", "done", "state"]), st.integers(0, 10**9)))
def test_the_same_progress_has_the_same_id_everywhere(progress):
    assert Snapshot.of(progress) == Snapshot.of(dict(progress))
