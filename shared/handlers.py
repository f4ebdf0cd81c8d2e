"""A service's reactions: one table, event type -> function of (session, events)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from sqlalchemy.orm import Session

from shared import observability
from shared.events import Event

Handler = Callable[[Session, list[Event]], None]
Handlers = Mapping[str, Handler]


def each(handle: Callable[[Session, Event], None]) -> Handler:
    """A handler for events that are rare enough to be taken one by one."""

    def handle_all(session: Session, events: list[Event]) -> None:
        for event in events:
            with observability.following(event.correlation_id, event.id, event.traceparent):
                handle(session, event)

    return handle_all


def dispatch(session: Session, handlers: Handlers, events: Sequence[Event]) -> None:
    """Hands events over in their order, neighbours of one type together."""
    service = session.info["service"]
    for kind, group in groupby(events, key=lambda event: event.type):
        same = list(group)
        if kind not in handlers:
            continue
        with (
            observability.HANDLING.labels(service, kind).time(),
            observability.following(same[0].correlation_id, same[0].id, same[0].traceparent),
        ):
            handlers[kind](session, same)
        observability.HANDLED.labels(service, kind).inc(len(same))
