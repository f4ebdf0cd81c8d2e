"""Pages leave gzipped: on a slow line the page is most of the wait."""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Request, Response, request
from werkzeug.http import parse_accept_header

SMALLEST = 700
LEVEL = 4
MOST_REMEMBERED = 256
TEXTS = ("text/html", "text/css", "text/plain", "text/csv", "application/json", "image/svg+xml")


def takes_gzip(asked: Request) -> bool:
    return _names_gzip(asked.headers.get("Accept-Encoding", ""))


@lru_cache(MOST_REMEMBERED)
def _names_gzip(accepted: str) -> bool:
    return parse_accept_header(accepted).quality("gzip") > 0


def install(app: Flask) -> None:
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if response.mimetype not in TEXTS or response.is_streamed or "Content-Encoding" in response.headers:
        return response
    response.headers.add("Vary", "Accept-Encoding")
    body = response.get_data()
    if len(body) >= SMALLEST and takes_gzip(request):
        response.set_data(gzip.compress(body, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
