"""Pages leave gzipped: on a slow line the page is most of the wait."""

from __future__ import annotations

import gzip

from flask import Flask, Request, Response, request

SMALLEST = 700
TEXTS = ("text/html", "text/css", "text/plain", "text/csv", "application/json", "image/svg+xml")


def takes_gzip(asked: Request) -> bool:
    return asked.accept_encodings.quality("gzip") > 0


def install(app: Flask) -> None:
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if response.mimetype not in TEXTS or response.is_streamed or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) >= SMALLEST and takes_gzip(request):
        response.set_data(gzip.compress(body, 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
