"""Several calls at once, by many callers at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask

from shared.peers import Answer, Peers
from shared.settings import Settings

CALLERS = 16


def test_callers_inside_calls_do_not_wait_for_each_others_threads() -> None:
    peers = Peers(Settings())
    all_are_inside = Barrier(CALLERS, timeout=30)
    inner, outer = Flask("inner"), Flask("outer")

    @inner.get("/leaf")
    def leaf() -> str:
        return "leaf"

    @outer.get("/whole")
    def whole() -> str:
        all_are_inside.wait()
        (answer,) = peers.ask_all([("inner", "/leaf")])
        return answer.body.decode() if isinstance(answer, Answer) else "down"

    peers.connect("inner", inner)
    peers.connect("outer", outer)

    def ask(_: int) -> Any:
        return peers.ask_all([("outer", "/whole")])[0]

    threads = ThreadPoolExecutor(CALLERS)
    waiting = [threads.submit(ask, number) for number in range(CALLERS)]
    assert {each.result(30).body for each in waiting} == {b"leaf"}
