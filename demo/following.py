"""Watches a declared quarantine until every service has finished and the books balance."""

import time
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from demo.facts import Json
from demo.http_client import Client
from demo.problems import DemoError
from demo.system import System
from demo.words import Words

POLL_SECONDS = 0.2
STALLED_AFTER_SECONDS = 180
SETTLED_AFTER_SECONDS = 10
STEP_WORDS = {"loans": "books", "notify": "messages", "accounts": "cards", "quizzes": "deadlines"}


def follow(staff: Client, quarantine_id: str, system: System, words: Words, console: Console) -> None:
    """Show one bar a step until all are done; one that is stuck, or long without movement, ends the story."""
    columns = (TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bars: dict[str, TaskID] = {}
        for steps in _steps_until_done(staff, quarantine_id, system):
            for step in steps:
                _show(progress, bars, step, words)


def reconcile(staff: Client, quarantine_id: str, system: System) -> Json:
    """The last word of reconciliation: clean, or unchanged for ten seconds."""
    path = f"/api/v1/quarantines/{quarantine_id}/reconciliation"
    verdict, unchanged_since = staff.get(path), time.monotonic()
    while not verdict["clean"] and time.monotonic() - unchanged_since < SETTLED_AFTER_SECONDS:
        _pause(system)
        later = staff.get(path)
        if later != verdict:
            verdict, unchanged_since = later, time.monotonic()
    return verdict


def all_done(steps: list[Json]) -> bool:
    return bool(steps) and all(step["state"] == "done" for step in steps)


def _steps_until_done(staff: Client, quarantine_id: str, system: System) -> Iterator[list[Json]]:
    seen: list[Json] = []
    moved_at = time.monotonic()
    while not all_done(seen):
        steps: list[Json] = staff.get(f"/api/v1/quarantines/{quarantine_id}")["progress"]
        if steps != seen:
            seen, moved_at = steps, time.monotonic()
        _refuse_stuck(steps, time.monotonic() - moved_at)
        yield steps
        _pause(system)


def _refuse_stuck(steps: list[Json], unmoved_seconds: float) -> None:
    stuck = [f"{step['service']} {step['step']}" for step in steps if step["state"] == "stuck"]
    if stuck:
        raise DemoError(f"stuck: {', '.join(stuck)}; `kitaphana parked list` says why")
    if unmoved_seconds > STALLED_AFTER_SECONDS:
        raise DemoError(f"nothing has moved for {STALLED_AFTER_SECONDS} s; see demo.log in KITAPHANA_HOME")


def _show(progress: Progress, bars: dict[str, TaskID], step: Json, words: Words) -> None:
    key = f"{step['service']} {step['step']}"
    if key not in bars:
        bars[key] = progress.add_task(words.name_of(STEP_WORDS.get(step["service"], key)), total=None)
    done = step["state"] == "done"
    total = step["done"] if done else step["total"] or None
    progress.update(bars[key], completed=step["done"], total=total)


def _pause(system: System) -> None:
    time.sleep(POLL_SECONDS)
    system.check()
