"""What comes back by the clock."""

from __future__ import annotations

from services.loans import days, reminders
from shared.ticks import Tick

TICKS = (Tick("days", 60.0, days.begin_days), reminders.TICK)
