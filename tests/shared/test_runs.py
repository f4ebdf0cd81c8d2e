"""Long work: resumed after a kill, superseded, halved round a guilty unit, never the same chunk twice."""

import signal
import threading
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select, update

from shared import runs
from shared.runs import Runner
from shared.tables import outbox as outbox_table
from shared.tables import runs as runs_table
from shared.trying_again import start_again
from tests.support.eventually import eventually
from tests.support.sample import SAMPLE, Sample
from tests.support.sample_service.models import copied


def start(sample: Sample, key: str = "q1 1", **args) -> str | None:
    decision = {"quarantine_id": "q1", "version": 1, "units": 20}
    with sample.context.database.transaction() as session:
        return runs.start(session, "copy", key, decision | args)


def runner(sample: Sample) -> Runner:
    return Runner(sample.context.database, SAMPLE.runs)


def state(sample: Sample, run_id: str):
    (row,) = sample.read(runs_table, runs_table.c.id == run_id)
    return row


def units(sample: Sample, run_id: str) -> list[int]:
    return sorted(row.unit for row in sample.read(copied, copied.c.run_id == run_id))


def to_the_end(sample: Sample) -> int:
    chunks, one = 0, runner(sample)
    while one.advance_one():
        chunks += 1
        assert chunks < 200
    return chunks


def progress(sample: Sample) -> list[dict]:
    with sample.context.database.reading() as session:
        told = select(outbox_table.c.data).where(outbox_table.c.type == "step.progressed.v1")
        return list(session.scalars(told.order_by(outbox_table.c.id)))


def test_a_run_goes_chunk_by_chunk_and_tells_how_far_it_is(sample: Sample):
    run_id = start(sample)
    assert to_the_end(sample) == 3
    assert units(sample, run_id) == list(range(20))
    row = state(sample, run_id)
    assert (row.state, row.done, row.total, row.failed) == ("done", 20, 20, 0)
    told = progress(sample)
    assert [(each["state"], each["done"]) for each in told] == [("running", 8), ("running", 16), ("done", 20)]
    assert {each["step"] for each in told} == {"copy"}
    assert {each["run_id"] for each in told} == {run_id}


def test_the_same_work_is_started_once(sample: Sample):
    assert start(sample) is not None
    assert start(sample) is None
    assert start(sample, key="q1 2") is not None


def test_chunks_are_halved_until_the_guilty_unit_stands_alone(sample: Sample):
    run_id = start(sample, bad=[5, 13])
    to_the_end(sample)
    assert units(sample, run_id) == [unit for unit in range(20) if unit not in (5, 13)]
    row = state(sample, run_id)
    assert (row.state, row.done, row.failed) == ("done", 18, 2)
    assert progress(sample)[-1]["failed"] == 2


def test_what_can_be_neither_done_nor_passed_over_is_stuck_and_others_go_on(sample: Sample):
    stuck, other = start(sample, bad=[3], stubborn=True), start(sample, key="q1 2")
    to_the_end(sample)
    assert (state(sample, stuck).state, state(sample, other).state) == ("stuck", "done")
    assert "passed over either" in state(sample, stuck).error
    assert {each["state"] for each in progress(sample) if each["run_id"] == stuck} == {"running", "stuck"}


def try_again(sample: Sample) -> int:
    with sample.context.database.transaction() as session:
        return start_again(session, "q1", SAMPLE.runs)


def mend(sample: Sample, run_id: str, **args) -> None:
    known = state(sample, run_id).args
    with sample.context.database.transaction() as session:
        session.execute(update(runs_table).where(runs_table.c.id == run_id).values(args=known | args))


def test_what_failed_is_tried_again_and_what_was_done_stays_counted(sample: Sample):
    run_id = start(sample, "q1:1", bad=[5, 13])
    to_the_end(sample)
    mend(sample, run_id, bad=[13])
    assert try_again(sample) == 1
    told = progress(sample)[-1]
    assert (told["state"], told["done"], told["failed"]) == ("waiting", 18, 2)
    assert try_again(sample) == 0
    to_the_end(sample)
    told = progress(sample)[-1]
    assert (told["state"], told["done"], told["failed"], told["total"]) == ("done", 19, 1, 20)
    assert units(sample, run_id) == [unit for unit in range(20) if unit != 13]


def test_what_needs_nothing_any_more_counts_as_done(sample: Sample):
    """Else fewer would be counted than before, and a smaller count is taken for old news."""
    run_id = start(sample, "q1:1", bad=[19])
    to_the_end(sample)
    mend(sample, run_id, units=19)
    assert try_again(sample) == 1
    to_the_end(sample)
    assert (state(sample, run_id).done, state(sample, run_id).failed) == (20, 0)


def test_a_stuck_run_begins_anew_and_one_overtaken_does_not(sample: Sample):
    stuck = start(sample, "q1:1", bad=[3], stubborn=True)
    to_the_end(sample)
    mend(sample, stuck, bad=[])
    assert try_again(sample) == 1
    to_the_end(sample)
    assert (state(sample, stuck).state, units(sample, stuck)) == ("done", list(range(20)))
    older = start(sample, "q1:1:drift", bad=[3])
    to_the_end(sample)
    newer = start(sample, "q1:2", version=2)
    to_the_end(sample)
    assert try_again(sample) == 0
    assert (state(sample, older).failed, state(sample, newer).failed) == (1, 0)


def test_an_older_run_ends_where_it_is(sample: Sample):
    older = start(sample, key="q1 1")
    runner(sample).advance_one()
    newer = start(sample, key="q1 2")
    with sample.context.database.transaction() as session:
        assert runs.end_older(session, "copy", "q1 ", but="q1 2") == 1
    to_the_end(sample)
    assert (state(sample, older).state, state(sample, older).done) == ("superseded", 8)
    assert units(sample, older) == list(range(8))
    assert state(sample, newer).state == "done"


def test_two_workers_never_do_the_same_unit(sample: Sample):
    run_id = start(sample, units=200, slow=0.002)
    with sample.running(runner(sample), runner(sample), runner(sample)):
        eventually(lambda: state(sample, run_id).state == "done", 60)
    assert units(sample, run_id) == list(range(200))


def test_workers_that_meet_a_guilty_unit_together_pass_over_it_alone(sample: Sample):
    run_id = start(sample, units=60, bad=[0, 7, 8, 30], slow=0.002)
    with sample.running(runner(sample), runner(sample)):
        eventually(lambda: state(sample, run_id).state == "done", 60)
    assert units(sample, run_id) == [unit for unit in range(60) if unit not in (0, 7, 8, 30)]
    assert state(sample, run_id).failed == 4


def test_a_run_waits_for_its_time(sample: Sample, set_clock):
    from datetime import timedelta

    from shared import clock

    with sample.context.database.transaction() as session:
        runs.start(session, "copy", "later", {"units": 3}, next_at=clock.now() + timedelta(hours=1))
    assert not runner(sample).advance_one()
    set_clock.forward(3601)
    assert runner(sample).advance_one()


def test_a_stalled_run_is_found(sample: Sample, set_clock):
    from datetime import timedelta

    run_id = start(sample)
    set_clock.forward(120)
    with sample.context.database.reading() as session:
        assert [row["id"] for row in runs.stalled(session, timedelta(minutes=1))] == [run_id]
        assert runs.stalled(session, timedelta(minutes=5)) == []


@pytest.mark.faults
def test_a_worker_killed_in_the_middle_of_a_chunk_leaves_no_trace_of_it(
    postgres_url: str, broker_url: str, tmp_path: Path
):
    variables = {
        "KITAPHANA_FOOTING": "real",
        "KITAPHANA_HOME": str(tmp_path),
        "KITAPHANA_DATABASE_URL": postgres_url,
        "KITAPHANA_BROKER_URL": broker_url,
    }
    sample = Sample.create(variables)
    run_id = start(sample, units=40, slow=0.4)
    for _ in range(2):
        worker = sample.spawn("work", "sample_service")
        done = state(sample, run_id).done
        eventually(lambda d=done: state(sample, run_id).done > d, 30)
        threading.Event().wait(0.2)  # into the next chunk, which takes 0.4 s
        worker.kill()
        worker.wait(20)
        assert len(units(sample, run_id)) == state(sample, run_id).done
    worker = sample.spawn("work", "sample_service")
    eventually(lambda: state(sample, run_id).state == "done", 30)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert units(sample, run_id) == list(range(40))
    assert len({row.by.split()[0] for row in sample.read(copied)}) == 3
    assert orjson.loads(orjson.dumps(progress(sample)))[-1]["state"] == "done"
    sample.system.close()
