"""JSON logs, the ids that travel from the HTTP request to the last worker, and the metrics' names."""

from __future__ import annotations

import logging
import re
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import orjson
import structlog
from prometheus_client import Counter, Gauge, Histogram

_correlation: ContextVar[str] = ContextVar("correlation", default="")
_causation: ContextVar[str] = ContextVar("causation", default="")
_traceparent: ContextVar[str] = ContextVar("traceparent", default="")

REQUESTS = Histogram("kitaphana_request_seconds", "Time of a request", ["service", "route", "status"])
HANDLED = Counter("kitaphana_events_handled_total", "Events handled", ["service", "type"])
HANDLING = Histogram("kitaphana_handler_seconds", "Time of one batch of one event type", ["service", "type"])
KEPT = Counter("kitaphana_events_kept_total", "Events kept for a later try", ["service", "type"])
PARKED = Counter("kitaphana_events_parked_total", "Events parked", ["service", "type"])
SENT = Counter("kitaphana_events_sent_total", "Events confirmed by the broker", ["service", "type"])
UNHEARD = Counter("kitaphana_events_unheard_total", "Events that nobody listens to", ["service", "type"])
RETURNED = Counter("kitaphana_events_returned_total", "Events that a listener's queue did not take", ["service"])
CHUNK = Histogram("kitaphana_run_chunk_seconds", "Time of one chunk of a run", ["service", "kind"])
BACKLOG = Gauge("kitaphana_outbox_backlog", "Events not sent yet", ["service"])
OLDEST = Gauge("kitaphana_outbox_oldest_seconds", "Age of the oldest event not sent", ["service"])
PARKED_NOW = Gauge("kitaphana_parked_events", "Events parked now", ["service"])
RUN_DONE = Gauge("kitaphana_run_done", "What a run has done", ["service", "kind", "key"])
RUN_TOTAL = Gauge("kitaphana_run_total", "What a run has to do", ["service", "kind", "key"])

log = structlog.get_logger()

# Private links, calendars, teachers' pages and certificates carry a secret as a path segment: what looks like one
# never reaches a log.
_SECRET_SEGMENT = re.compile(r"/(calendars|links|unsubscribe|l|class|by-link|c|certificates)/[^/?\s.]+")


def redact(path: str) -> str:
    return _SECRET_SEGMENT.sub(r"/\1/…", path)


def configure_logging(role: str) -> None:
    """One JSON line an event on standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _with_trail,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_as_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(role=role)


def _as_json(entry: Any, **options: Any) -> str:
    return orjson.dumps(entry, option=orjson.OPT_NON_STR_KEYS, **options).decode()


def _with_trail(_logger: Any, _method: str, entry: Any) -> Any:
    if _correlation.get():
        entry.setdefault("correlation_id", _correlation.get())
    return entry


def trail() -> dict[str, str | None]:
    """The ids an event written now carries."""
    return {
        "correlation_id": _correlation.get() or str(uuid.uuid4()),
        "causation_id": _causation.get() or None,
        "traceparent": _traceparent.get() or None,
    }


@contextmanager
def following(correlation_id: str, causation_id: str = "", traceparent: str = "") -> Iterator[None]:
    """Whatever is logged or emitted inside belongs to that request or event."""
    tokens = (
        _correlation.set(correlation_id or str(uuid.uuid4())),
        _causation.set(causation_id),
        _traceparent.set(traceparent),
    )
    try:
        yield
    finally:
        _correlation.reset(tokens[0])
        _causation.reset(tokens[1])
        _traceparent.reset(tokens[2])


def correlation_id() -> str:
    return _correlation.get()
