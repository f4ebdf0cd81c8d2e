"""The only clock. Tests and fault campaigns shift it through a file that holds an offset in seconds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

_offset_file: Path | None = None


def shift_by_file(path: str) -> None:
    """From now on the clock is shifted by the number of seconds written in `path` (absent or empty: 0)."""
    global _offset_file
    _offset_file = Path(path) if path else None


def now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC) + _offset()


def today(time_zone: str) -> date:
    """The calendar day in that zone."""
    return now().astimezone(_zone(time_zone)).date()


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _offset() -> timedelta:
    if _offset_file is None:
        return timedelta()
    try:
        return timedelta(seconds=float(_offset_file.read_text() or 0))
    except (FileNotFoundError, ValueError):
        return timedelta()
