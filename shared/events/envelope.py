"""CloudEvents 1.0, JSON structured mode."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson


class BadEvent(ValueError):
    """A message that can never be understood; the text says why."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event as received. `data` is plain JSON: dates are ISO text; `contract_of(type).load(data)` parses."""

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    data: Mapping[str, Any]
    correlation_id: str = ""
    causation_id: str = ""
    traceparent: str = ""
    body: bytes = field(default=b"", repr=False)


def decode(body: bytes) -> Event:
    """The event in a message's body. Raises BadEvent when it is none."""
    try:
        fields = orjson.loads(body)
        return Event(
            id=str(uuid.UUID(fields["id"])),
            type=_text(fields["type"]),
            source=_text(fields["source"]),
            subject=str(fields.get("subject", "")),
            time=datetime.fromisoformat(fields["time"]),
            data=_mapping(fields["data"]),
            correlation_id=fields.get("correlationid") or "",
            causation_id=fields.get("causationid") or "",
            traceparent=fields.get("traceparent") or "",
            body=body,
        )
    except KeyError as error:
        raise BadEvent(f"the envelope has no field {error}") from error
    except (orjson.JSONDecodeError, ValueError, TypeError, AttributeError) as error:
        raise BadEvent(f"not a CloudEvent: {error}") from error


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("type and source are non-empty texts")
    return value


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("data is not an object")
    return value


def encode(
    service: str,
    event_id: str,
    type: str,
    subject: str,
    time: datetime | str,
    data: bytes,
    correlation_id: str | None,
    causation_id: str | None,
    traceparent: str | None,
) -> bytes:
    """The message body. `data` is JSON already and `time` may be ISO text: the relay puts them in as they are."""
    head: dict[str, str] = {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/services/{service}",
        "type": type,
        "time": time if isinstance(time, str) else time.isoformat(),
        "subject": subject,
        "datacontenttype": "application/json",
    }
    if correlation_id:
        head["correlationid"] = correlation_id
    if causation_id:
        head["causationid"] = causation_id
    if traceparent:
        head["traceparent"] = traceparent
    return b'%s,"data":%s}' % (orjson.dumps(head)[:-1], data)
