"""Services beside quarantines, as it asks them over HTTP."""

from typing import Any

from flask import Flask, Response, jsonify, request

from shared import auth
from shared.settings import secret_of
from tests.quarantines.library import Library


class Peer:
    """A service of its own behind WSGI that keeps what it was asked."""

    def __init__(self, library: Library, name: str) -> None:
        self.app = Flask(name)
        self.asked: list[Any] = []
        self.tokens: list[auth.Principal] = []
        self.secret = secret_of(library.settings)
        library.connect(name, self.app)

    def answers(self, path: str, answer: Any, status: int = 200) -> None:
        def view() -> Response:
            self.tokens.append(auth.verify(self.secret, request.headers["Authorization"].removeprefix("Bearer ")))
            self.asked.append(request.get_json() if request.method == "POST" else request.args.to_dict())
            said = answer(self.asked[-1]) if callable(answer) else answer
            response = jsonify(said)
            response.status_code = status
            return response

        self.app.add_url_rule(path, path, view, methods=["GET", "POST"])
