"""What comes back by the clock."""

from __future__ import annotations

from services.loans import days, reminders
from services.loans.import_runs import forget_files
from shared.service import Context
from shared.ticks import Tick


def forget(context: Context) -> None:
    forget_files(context.database)


TICKS = (Tick("days", 60.0, days.begin_days), Tick("forget files", 3600.0, forget), reminders.TICK)
