"""The floor of saving an answer: Flask, one INSERT, one commit, on the same gunicorn; started by `quizzes`."""

from __future__ import annotations

import sys
import threading

import psycopg
from flask import Flask, request

from shared.server import Server
from shared.settings import load

TABLE = (
    "CREATE TABLE bare_answers (attempt_id uuid, item_id uuid, answer jsonb, device text, number bigint,"
    " given_at timestamptz, PRIMARY KEY (attempt_id, item_id))"
)
INSERT = "INSERT INTO bare_answers VALUES (%s, %s, %s, %s, %s, %s)"


def make_app(url: str) -> Flask:
    app = Flask(__name__)
    held = threading.local()

    @app.put("/attempts/<uuid:attempt_id>/answers/<uuid:item_id>")
    def save(attempt_id: str, item_id: str) -> dict[str, bool]:
        if not hasattr(held, "connection"):
            held.connection = psycopg.connect(url, autocommit=True)
        given = request.get_json()
        answer = psycopg.types.json.Jsonb(given["answer"])
        values = (attempt_id, item_id, answer, given["device"], given["number"], given["given_at"])
        held.connection.execute(INSERT, values)
        return {"saved": True}

    return app


if __name__ == "__main__":
    settings = load()
    address = settings.database_url.replace("+psycopg", "", 1)
    Server(settings, lambda: make_app(address), int(sys.argv[1])).run()
