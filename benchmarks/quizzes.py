"""Answers of a whole library's readers, each saved over HTTP, against a bare Flask route with one INSERT."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from fractions import Fraction
from typing import Any

import orjson
import psycopg
from sqlalchemy import select

from benchmarks.bare_flask import TABLE
from benchmarks.figures import report, seconds, until
from benchmarks.spine import Nodes, Spine, vacuum
from deploy.nodes import free_port
from services.quizzes import attempts, stored_items
from services.quizzes.drawing import opaque
from services.quizzes.items import Choice, Item, Single, Texts
from services.quizzes.models import Answer, Attempt, Bank, Quiz
from services.quizzes.takers import of_card
from services.quizzes.use_cases import quizzes as making
from shared import clock
from shared.auth import Principal, issue
from shared.bulk import insert_rows
from shared.settings import secret_of

READERS, QUESTIONS = 5_000, 20
GOAL = 0.3
CONNECTIONS = 16
EDITOR = Principal("staff:bench", "staff", roles={"editor": "all"})


def measure(nodes: Nodes) -> None:
    spine = Spine.create(nodes, "quizzes", "quizzes")
    try:
        requests = _playing(spine)
        bare = [_bare(spine, requests) for _ in range(1)]
        saved = _saved(spine, requests)
        bare.append(_bare(spine, requests))
        floor = sum(bare) / len(bare)
        report(
            "answers saved against a bare Flask route with one INSERT",
            READERS * QUESTIONS,
            saved,
            "answers/s",
            against=floor,
            ratio=saved / floor,
            at_least=GOAL,
        )
    finally:
        spine.close()


def question(at: int) -> Item:
    texts = [Texts(f"Жауап {at}.{n}", f"Ответ {at}.{n}", f"Answer {at}.{n}") for n in range(4)]
    choices = (Choice(texts[0], Fraction(1)), *(Choice(text) for text in texts[1:]))
    return Single(text=Texts(f"Сұрақ {at}?", f"Вопрос {at}?", f"Question {at}?"), choices=choices)


def published(spine: Spine, count: int) -> str:
    """The id of a published quiz of that many questions."""
    with spine.database("quizzes").transaction() as session:
        bank = Bank(id=str(uuid.uuid4()), name="bench", created_at=clock.now())
        session.add(bank)
        session.flush()
        ids = stored_items.add(session, bank.id, [question(at) for at in range(count)])
        pool = {"item_ids": ids, "draw": None, "points": None}
        terms = {"title": {"kk": "Тест"}, "about": {}, "languages": ["kk"], "branch_id": None, "works": []}
        more = {"opens_on": None, "closes_on": None, "pools": [pool], "shuffle_items": True, "per_page": 1}
        rules = {
            "attempts_allowed": 0,
            "counts": "best",
            "time_limit_minutes": None,
            "grace_minutes": 2,
            "late_minutes": 60,
        }
        review = {"answers": "never", "points": "after_finish"}
        rest = {"extra_time": [], "pass_percent": 50, "review": review, "feedback": [], "certificate": False}
        who = {"guests": True, "age_from": None, "age_to": None, "leaderboard": False}
        quiz = making.add(session, EDITOR, terms | more | rules | rest | who)
        making.publish(session, quiz)
        return quiz.id


def _playing(spine: Spine) -> list[bytes]:
    """Readers who have begun; every answer of theirs as it goes over the wire, mixed as in life."""
    quiz_id, database = published(spine, QUESTIONS), spine.database("quizzes")
    cards = [f"KZ{at:07}" for at in range(READERS)]
    with database.transaction() as session:
        quiz = session.get_one(Quiz, quiz_id)
        rows = [_attempt(session, quiz, card) for card in cards]
        insert_rows(session, attempts_table(), rows)
    vacuum(database, "attempts", "answers", "quizzes", "item_versions")
    signed_in = [_token(spine, card) for card in cards]
    return [_request(token, row, at) for at in range(QUESTIONS) for token, row in zip(signed_in, rows, strict=True)]


def attempts_table() -> Any:
    return Attempt.__table__


def _attempt(session: Any, quiz: Quiz, card: str) -> dict[str, Any]:
    taker = of_card(card)
    seed = attempts.seed_for(session, quiz.id, taker.name, 1)
    return {
        "id": str(uuid.uuid4()),
        "quiz_id": quiz.id,
        "taker": taker.name,
        "card_number": taker.card_number,
        "number": 1,
        "state": "open",
        "language": "kk",
        "seed": seed,
        "items": attempts.draw(session, quiz, seed),
        "started_at": clock.now(),
        "to_be_marked": 0,
    }


def _token(spine: Spine, card: str) -> str:
    reader = Principal(f"reader:{card}", "reader", card_number=card, session=f"sign-in {card}")
    return issue(secret_of(spine.system.settings), reader, timedelta(hours=12))


def _request(token: str, attempt: dict[str, Any], at: int) -> bytes:
    item_id = attempt["items"][at][0]
    answer = opaque(attempts.item_seed(attempt["seed"], item_id), "choice", at % 4)
    body = orjson.dumps({"answer": answer, "device": "tab", "number": at, "given_at": clock.now()})
    return (
        f"PUT {{prefix}}/attempts/{attempt['id']}/answers/{item_id} HTTP/1.1\r\nHost: bench\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def _saved(spine: Spine, requests: Sequence[bytes]) -> float:
    with _served(spine, ["-m", "services", "web", "quizzes"], "/healthz") as port:
        rate = _rate(port, requests, b"/api/v1/quizzes")
    with spine.database("quizzes").reading() as session:
        kept = len(session.execute(select(Answer.item_id)).all())
    if kept != len(requests):
        raise RuntimeError(f"{kept} answers kept of {len(requests)}")
    return rate


def _bare(spine: Spine, requests: Sequence[bytes]) -> float:
    with psycopg.connect(spine.variables["KITAPHANA_DATABASE_URL"].replace("+psycopg", "", 1)) as connection:
        connection.execute("DROP TABLE IF EXISTS bare_answers")
        connection.execute(TABLE)
    with _served(spine, ["-m", "benchmarks.bare_flask"], "/none") as port:
        return _rate(port, requests, b"")


@contextmanager
def _served(spine: Spine, command: Sequence[str], path: str) -> Iterator[int]:
    port = free_port()
    words = [sys.executable, *command, *([str(port)] if "bare" in command[-1] else [])]
    with subprocess.Popen(
        words,
        env=os.environ | spine.variables | {"PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as child:
        until(lambda: _answers(port), 60)
        yield port
        child.terminate()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False


def _rate(port: int, requests: Sequence[bytes], prefix: bytes) -> float:
    """Requests a second over connections that stay open, each its share in order."""
    ready = [request.replace(b"{prefix}", prefix, 1) for request in requests]
    threads = [threading.Thread(target=_send, args=(port, ready[at::CONNECTIONS])) for at in range(CONNECTIONS)]

    def work() -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return len(requests) / seconds(work)


def _send(port: int, requests: Sequence[bytes]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for request in requests:
            connection.sendall(request)
            _read(connection)


def _read(connection: socket.socket) -> None:
    held = b""
    while b"\r\n\r\n" not in held:
        if not (more := connection.recv(65536)):
            raise ConnectionError("closed")
        held += more
    head, _, body = held.partition(b"\r\n\r\n")
    if b" 200 " not in head[:16]:
        raise RuntimeError(head.decode() + body.decode())
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
