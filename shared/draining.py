"""What is left of a body is read before its connection closes: a client that is still sending would otherwise see the
connection break, and never the answer that says why (413 above all)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from gunicorn.http.errors import ParseException
from werkzeug.wsgi import ClosingIterator

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
MOST = 80 * 1024 * 1024
"""More than any file may have; beyond it the connection does break."""
BLOCK = 64 * 1024


def drained(app: WSGI) -> WSGI:
    def run(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body, answer = environ["wsgi.input"], app(environ, start_response)
        return ClosingIterator(answer, lambda: _drain(body))

    return run


def _drain(body: Any) -> None:
    left = MOST
    with suppress(OSError, ParseException):
        while left > 0 and (block := body.read(min(BLOCK, left))):
            left -= len(block)
