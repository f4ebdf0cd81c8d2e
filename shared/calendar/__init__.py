"""Open days and the closure rule: what a closure does to a date, the same for every service."""

from shared.calendar.closures import (
    ALL_DAYS,
    Closure,
    ClosureRule,
    Moved,
    moved_by_changed_hours,
    shifts_for_changed_hours,
)
from shared.calendar.open_days import (
    BadOpeningHours,
    NoOpenDay,
    OpenDays,
    OutsideCalendar,
    UnknownCountry,
    check_opening_hours,
    end_of_search,
    never_opens,
    open_days,
)

__all__ = [
    "ALL_DAYS",
    "BadOpeningHours",
    "Closure",
    "ClosureRule",
    "Moved",
    "NoOpenDay",
    "OpenDays",
    "OutsideCalendar",
    "UnknownCountry",
    "check_opening_hours",
    "end_of_search",
    "moved_by_changed_hours",
    "never_opens",
    "open_days",
    "shifts_for_changed_hours",
]
