"""A service's stream as another service hears it: bit by bit, inside one process and over HTTP; closed for good."""

import dataclasses
import threading
from collections.abc import Iterator

import pytest
from flask import Flask, Response

from shared.peers import PeerDown, Peers
from shared.settings import Settings
from tests.gateway.house import served


class Talker:
    """Says one word at a time, each when it is let; knows whether its listener has gone."""

    def __init__(self) -> None:
        self.may_speak, self.left = threading.Semaphore(0), threading.Event()
        self.app = Flask(__name__)
        self.app.add_url_rule("/words", view_func=self.words)

    def words(self) -> Response:
        def said() -> Iterator[bytes]:
            yield b"data: one\n\n"
            while self.may_speak.acquire(timeout=20):
                yield b"data: more\n\n"

        response = Response(said(), content_type="text/event-stream")
        response.call_on_close(self.left.set)
        return response


@pytest.mark.parametrize("where", ["inside", "over HTTP"])
def test_words_come_as_they_are_said_and_closing_is_noticed(tmp_path, where):
    talker = Talker()
    with served(talker.app) as (url, _):
        settings = Settings(home=tmp_path)
        peers = Peers(settings if where == "inside" else dataclasses.replace(settings, peers={"talker": url}))
        if where == "inside":
            peers.connect("talker", talker.app)
        stream = peers.stream("talker", "/words", {})
        assert stream.status == 200
        assert next(stream.parts) == b"data: one\n\n"
        talker.may_speak.release()
        assert next(stream.parts) == b"data: more\n\n"
        stream.close()
        talker.may_speak.release(20)
        assert talker.left.wait(20)


def test_a_stream_of_nobody_is_a_peer_that_is_down(tmp_path):
    peers = Peers(Settings(home=tmp_path, peers={"gone": "http://127.0.0.1:9"}))
    for service in ("gone", "unknown"):
        with pytest.raises(PeerDown):
            peers.stream(service, "/words", {})
