"""What comes back by the clock: quizzes past their last day, attempts past their time."""

from __future__ import annotations

from services.quizzes import finishing, published
from shared.service import Context
from shared.ticks import Tick


def close_quizzes(context: Context) -> bool:
    with context.database.transaction() as session:
        return published.close_those_past_their_day(session) == published.AT_ONCE


def finish_attempts(context: Context) -> bool:
    with context.database.transaction() as session:
        return finishing.finish_those_past_their_time(session) == finishing.AT_ONCE


TICKS = (Tick("close quizzes", 30.0, close_quizzes), Tick("finish attempts", 30.0, finish_attempts))
