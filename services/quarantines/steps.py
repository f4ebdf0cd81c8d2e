"""How far the work is that a decision caused. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

ACTING = (("loans", "move"), ("accounts", "cards"), ("quizzes", "deadlines"), ("notify", "notices"))
"""(service, step) of every service that acts on a decision and ends each version of it with a step done."""
AFTER_THE_OTHERS = {("notify", "notices")}
PROOF = {("loans", "move"), ("notify", "notices")}
"""The steps without which nothing can be said about whether everybody is told."""
NO_RUN = ""
STALLED_AFTER = timedelta(minutes=2)


class Report(Protocol):
    """What one run of a step said last."""

    service: str
    step: str
    run_id: str
    state: str
    done: int
    total: int
    failed: int
    moved_at: datetime


@dataclass(frozen=True)
class Step:
    """One line of `progress`."""

    service: str
    step: str
    state: str
    done: int
    total: int
    failed: int
    moved_at: datetime


def progress(reports: Iterable[Report], now: datetime, hold: timedelta) -> list[Step]:
    """The steps of one version, those of `ACTING` first. `hold`: how long notices are kept back on purpose.

    A step with several runs (the main one, then one for dates that drifted) shows their sum and is done when all are.
    """
    ordered = sorted(reports, key=_place)
    steps = [_together(list(runs)) for _, runs in groupby(ordered, key=_place)]
    moved_last = max((step.moved_at for step in steps), default=now)
    return [_shown(step, moved_last, now, hold) for step in steps]


def unfinished(steps: Iterable[Step]) -> list[str]:
    """Names of the steps of `PROOF` that are not done."""
    done = {(step.service, step.step) for step in steps if step.state == "done"}
    return names(PROOF - done)


def names(places: Iterable[tuple[str, str]]) -> list[str]:
    return sorted(f"{service} {step}" for service, step in places)


def _place(report: Report) -> tuple[int, str, str]:
    name = (report.service, report.step)
    return (ACTING.index(name) if name in ACTING else len(ACTING), *name)


def _together(reports: Sequence[Report]) -> Step:
    runs = [report for report in reports if report.run_id != NO_RUN] or reports
    states = {run.state for run in runs}
    state = states.pop() if len(states) == 1 else "running"
    return Step(
        runs[0].service,
        runs[0].step,
        state,
        sum(run.done for run in runs),
        sum(run.total for run in runs),
        sum(run.failed for run in runs),
        max(run.moved_at for run in runs),
    )


def _shown(step: Step, moved_last: datetime, now: datetime, hold: timedelta) -> Step:
    follows = (step.service, step.step) in AFTER_THE_OTHERS
    since = moved_last + hold if follows else step.moved_at
    if step.state == "done" or now - since <= STALLED_AFTER:
        return step
    return Step(step.service, step.step, "stuck", step.done, step.total, step.failed, step.moved_at)
