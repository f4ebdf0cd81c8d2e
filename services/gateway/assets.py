"""Static files: named by their content, compressed once, kept by browsers for a year."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from flask import Flask, Response, abort, request

from services.gateway.compression import takes_gzip
from shared.auth import ANYONE, may_call

PLACE = "/static"
A_YEAR = "public, max-age=31536000, immutable"
FROM_WHEELS = {
    "htmx.js": ("django_htmx", "static/django_htmx/htmx-2.min.js"),
    "sse.js": ("django_htmx", "static/django_htmx/ext/hx-sse-2.min.js"),
}
"""Files that come with an installed package: the name pages know them by -> (package, path in it)."""
KINDS = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".js": "text/javascript; charset=utf-8"}


@dataclass(frozen=True)
class Asset:
    """`name` carries a hash of the content: site.3f9a…c1.css"""

    name: str
    kind: str
    content: bytes
    compressed: bytes


@cache
def all_assets() -> dict[str, Asset]:
    """The files of `static/` and those from wheels, by the name pages know them by."""
    found = {file.name: file for file in (files(__package__) / "static").iterdir() if file.is_file()}
    found |= {name: files(package).joinpath(path) for name, (package, path) in FROM_WHEELS.items()}
    return {name: _asset(name, file.read_bytes()) for name, file in found.items()}


def _asset(name: str, content: bytes) -> Asset:
    stem, dot, suffix = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:12]
    kind = KINDS.get(dot + suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(f"{stem}.{digest}.{suffix}", kind, content, gzip.compress(content, 9, mtime=0))


def address_of(name: str) -> str:
    """The path of a static file; KeyError for one that does not exist."""
    return f"{PLACE}/{all_assets()[name].name}"


def install(app: Flask) -> None:
    by_hashed_name = {asset.name: asset for asset in all_assets().values()}

    @app.get(f"{PLACE}/<name>")
    @may_call(ANYONE)
    def asset(name: str) -> Response:
        found = by_hashed_name.get(name) or abort(404)
        small = takes_gzip(request)
        response = Response(found.compressed if small else found.content, content_type=found.kind)
        if small:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = A_YEAR
        return response

    app.jinja_env.globals["asset"] = address_of
