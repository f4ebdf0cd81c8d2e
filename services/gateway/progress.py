"""How far a quarantine is, in the words of the people who wait for it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from services.gateway.words import say

BOOKS, MESSAGES = ("loans", "move"), ("notify", "notices")
TRIED_AGAIN = ("loans", "accounts", "quizzes")
"""Services whose step is one run that may begin anew; messages are tried again one by one."""


@dataclass(frozen=True)
class Row:
    """`state`: waiting, running, done, stuck or failed (done, but not for all). `wide`: 0 to 100."""

    key: str
    name: str
    state: str
    words: str
    done: int
    total: int
    failed: int
    wide: float
    moved_at: str


def rows(progress: Sequence[Mapping[str, Any]], waits: bool = False) -> list[Row]:
    """`waits`: the messages are kept back on purpose, so that their standing still is no fault."""
    return [_row(step, waits and (step["service"], step["step"]) == MESSAGES) for step in progress]


def _row(step: Mapping[str, Any], waits: bool) -> Row:
    state = "failed" if step["failed"] and step["state"] == "done" else step["state"]
    state = "waiting" if waits and state == "stuck" else state
    finished = step["state"] == "done" and not step["total"]
    wide = 100.0 if finished else round(100 * step["done"] / step["total"], 1) if step["total"] else 0.0
    return Row(
        key=step["service"],
        name=_names().get(step["service"], step["service"]),
        state=state,
        words=_states().get(state, state),
        done=step["done"],
        total=step["total"],
        failed=step["failed"],
        wide=min(wide, 100.0),
        moved_at=step["moved_at"],
    )


def _names() -> dict[str, str]:
    return {
        "loans": say("Books"),
        "notify": say("Messages"),
        "accounts": say("Cards"),
        "quizzes": say("Online tests"),
        "contests": say("Contests"),
        "programme": say("Meetings"),
    }


def _states() -> dict[str, str]:
    return {
        "waiting": say("waits"),
        "running": say("under way"),
        "done": say("done"),
        "failed": say("done, but not for all"),
        "stuck": say("stalled"),
    }


def step_of(progress: Sequence[Mapping[str, Any]], name: tuple[str, str]) -> Mapping[str, Any] | None:
    return next((step for step in progress if (step["service"], step["step"]) == name), None)


def finished(progress: Sequence[Mapping[str, Any]]) -> bool:
    return bool(progress) and all(step["state"] == "done" for step in progress)


@dataclass(frozen=True)
class Sent:
    """One block of a stream of server-sent events; `data` none for a comment or a wish of the stream itself."""

    raw: bytes
    id: str = ""
    data: Any = None


def events(parts: Iterator[bytes]) -> Iterator[Sent]:
    """Blocks of a stream, however its bytes are cut."""
    left = b""
    for part in parts:
        *blocks, left = (left + part).split(b"\n\n")
        yield from map(_event, blocks)


def _event(block: bytes) -> Sent:
    fields = dict(line.split(b": ", 1) for line in block.split(b"\n") if b": " in line and not line.startswith(b":"))
    if b"data" not in fields:
        return Sent(block + b"\n\n")
    return Sent(block + b"\n\n", fields.get(b"id", b"").decode(), orjson.loads(fields[b"data"]))


def as_event(name: str, html: str, id: str) -> str:
    lines = "".join(f"data: {line}\n" for line in html.splitlines() if line.strip())
    return f"event: {name}\nid: {id}\n{lines}\n"
