"""Grading attempts and counting item statistics in one pass, at two sizes; certificates."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import orjson
from sqlalchemy import text

from benchmarks.figures import median, report, seconds
from benchmarks.quizzes import QUESTIONS, published
from benchmarks.spine import Nodes, Spine, vacuum
from services.quizzes import passes, stored_items
from services.quizzes.certificates import Certificate, Work, pdf
from services.quizzes.models import Quiz, Regrade
from services.quizzes.regrading import regrade
from services.quizzes.results import QuizTally
from shared import clock

SIZES = (10_000, 100_000)
MOST_GROWTH = 1.15
CERTIFICATES, MOST_SECONDS = 60, 0.025
FINISHED = text("""
    INSERT INTO attempts (id, quiz_id, taker, number, state, language, seed, items, started_at, to_be_marked)
    SELECT gen_random_uuid(), CAST(:quiz_id AS uuid), 'guest:' || n, 1, 'finished',
           CASE n % 3 WHEN 0 THEN 'ru' ELSE 'kk' END, 's', CAST(:items AS jsonb), now(), 0
      FROM generate_series(1, :count) n""")
ANSWERS = text("""
    INSERT INTO answers (attempt_id, item_id, answer, device, number, given_at, saved_at)
    SELECT a.id, CAST(item ->> 0 AS uuid), to_jsonb(floor(random() * 4)::int), 'tab', 1, now(), now()
      FROM attempts a, jsonb_array_elements(a.items) item""")


def measure(nodes: Nodes) -> None:
    spine = Spine.create(nodes, "grading", "quizzes")
    try:
        quiz_id = published(spine, QUESTIONS)
        # In turns, so that a machine whose speed drifts slows both.
        costs = [_graded(spine, quiz_id, size) / size for size in (*SIZES, *SIZES, SIZES[0])]
        small, large = median(costs[::2]), median(costs[1::2])
    finally:
        spine.close()
    for size, cost in zip(SIZES, (small, large), strict=True):
        report("grading and item statistics in one pass, 20 questions an attempt", size, 1 / cost, "attempts/s")
    growth = large / small
    report(
        "cost of grading an attempt at 100,000 against 10,000",
        SIZES[-1],
        large * 1e6,
        "us",
        against=small * 1e6,
        ratio=growth,
        at_most=MOST_GROWTH,
    )


def _graded(spine: Spine, quiz_id: str, size: int) -> float:
    _fill(spine, quiz_id, size)
    return seconds(lambda: _pass(spine, quiz_id, size))


def _fill(spine: Spine, quiz_id: str, size: int) -> None:
    database = spine.database("quizzes")
    with database.transaction() as session:
        for table in ("answers", "attempts", "regrade_changes", "outbox"):
            session.execute(text(f"TRUNCATE {table}"))
        quiz = session.get_one(Quiz, quiz_id)
        items = [[item_id, 1, None] for item_id in quiz.pools[0]["item_ids"]]
        session.execute(FINISHED, {"quiz_id": quiz_id, "items": orjson.dumps(items).decode(), "count": size})
        session.execute(ANSWERS)
    vacuum(database, "attempts", "answers", "regrade_changes", "outbox")


def _pass(spine: Spine, quiz_id: str, size: int) -> None:
    """As a regrade's run goes, a transaction a chunk, with the statistics counted on the way."""
    database = spine.database("quizzes")
    with database.transaction() as session:
        quiz = session.get_one(Quiz, quiz_id)
        versions = stored_items.newest(session, quiz.pools[0]["item_ids"])
        tally = QuizTally(stored_items.items_at(session, versions.items()))
        asked = Regrade(id=str(uuid.uuid4()), quiz_id=quiz_id, reason="bench", asked_by="bench", versions=versions)
        asked.asked_at = clock.now()
        session.add(asked)
    after, seen = "", 0
    while True:
        with database.transaction() as session:
            sheets = passes.chunk(session, quiz_id, after, passes.AT_ONCE, lock=True)
            if not sheets:
                break
            results = regrade(session, session.get_one(Regrade, asked.id), sheets)
            tally.add(sheets, [result["scores"] for result in results])
            after, seen = sheets[-1].attempt.id, seen + len(sheets)
    counted = [tally.of(item_id) for item_id in versions]
    if seen != size or any(found is None or found.count != size for found in counted):
        raise SystemExit(f"{seen} attempts graded of {size}")


def certificates(_nodes: Nodes) -> None:
    """Each of another name and code, with a compiler that is warm."""
    pdf(_certificate(0))
    taken = sorted(seconds(lambda number=number: pdf(_certificate(number))) for number in range(1, CERTIFICATES))  # type: ignore[misc]
    middle = taken[len(taken) // 2]
    report(
        "a certificate as PDF",
        CERTIFICATES,
        middle * 1000,
        "ms",
        against=MOST_SECONDS * 1000,
        ratio=middle / MOST_SECONDS,
        at_most=1,
    )


def _certificate(number: int) -> Certificate:
    code = f"{number:020}"
    return Certificate(
        language=("kk", "ru", "en")[number % 3],
        name=f"Әлия Серікқызы {number}",
        quiz="Соғыс туралы оқимын. А я читаю книги о войне...",
        works=(Work("Жау тылында", "Қасым Қайсенов"), Work("Опаленное детство")),
        day=date(2026, 2, 16),
        points=Decimal(number % 13),
        of=Decimal(12),
        passed=True,
        library="Балалар және жасөспірімдер кітапханасы",
        address=f"https://example.org/c/{code}",
        code=code,
    )
