"""`python -m benchmarks.bare service|page CALLS`: the least a page costs, on the same server and client."""

from __future__ import annotations

import sys

import orjson
from flask import Flask, Response

from shared.peers import Answer, Peers
from shared.server import Server
from shared.settings import Settings, load

BOOK = {"id": "L1", "title": "Менің атым Қожа", "author": "Бердібек Соқпақбаев", "due_on": "2026-02-16", "changes": []}


def service(_settings: Settings, _calls: int) -> Flask:
    app = Flask(__name__)

    @app.get("/items")
    def items() -> Response:
        return Response(orjson.dumps({"items": [BOOK] * 3, "next": None}), content_type="application/json")

    return app


def page(settings: Settings, calls: int) -> Flask:
    app, peers = Flask(__name__), Peers(settings)
    asked = [(name, "/items") for name in sorted(settings.peers)[:calls]]

    @app.get("/")
    def show() -> str:
        answers = peers.ask_all(asked)
        items = [item for answer in answers if isinstance(answer, Answer) for item in answer.json()["items"]]
        return f"<!doctype html><title>Books</title><p>{len(items)}"

    return app


KINDS = {"service": service, "page": page}


def main(kind: str, calls: str) -> None:
    settings = load()
    Server(settings, lambda: KINDS[kind](settings, int(calls)), settings.port).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
