"""What staff read of a quiz: how it went, question by question and language by language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from services.quizzes import passes, stored_items
from services.quizzes.attempts import versions_in
from services.quizzes.carrying import Carrying
from services.quizzes.flags import flags_of
from services.quizzes.items import Item, Multiple, Single
from services.quizzes.models import GRADED, Attempt, Quiz
from services.quizzes.passes import Sheet
from services.quizzes.statistics import ItemStatistics, ItemTally

BAND = 10


def counting(quiz: Quiz) -> Select[Any]:
    """The graded attempts that count: of each taker the best, the last or the first, as the quiz says."""
    order = {
        "best": (Attempt.percent.desc(), Attempt.number),
        "last": (Attempt.number.desc(),),
        "first": (Attempt.number,),
    }[quiz.counts]
    place = func.row_number().over(partition_by=Attempt.taker, order_by=order).label("place")
    mine = select(Attempt.__table__, place).where(Attempt.quiz_id == quiz.id, Attempt.state == GRADED).subquery()
    return select(mine).where(mine.c.place == 1)


def statistics(session: Session, quiz: Quiz) -> dict[str, Any]:
    """Attempts that count give the overall figures; first attempts those of the questions, because a second one
    knows the answers of the first."""
    states = select(Attempt.state, func.count()).where(Attempt.quiz_id == quiz.id).group_by(Attempt.state)
    by_state = {row.state: int(row[1]) for row in session.execute(states)}
    chosen = counting(quiz).subquery()
    rows = session.execute(select(chosen.c.language, chosen.c.percent, chosen.c.passed)).all()
    return {
        "attempts": sum(by_state.values()),
        "finished": sum(by_state.get(state, 0) for state in passes.ENDED),
        "distribution": _distribution(row.percent for row in rows),
        "by_language": {language: _figures(each) for language, each in sorted(_by_language(rows).items())},
        "items": item_statistics(session, quiz),
        **_figures(rows),
    }


def _by_language(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.language, []).append(row)
    return found


def _figures(rows: Sequence[Any]) -> dict[str, Any]:
    mean = round(sum(row.percent for row in rows) / len(rows), 2) if rows else None
    return {"counting": len(rows), "mean_percent": mean, "passed": sum(bool(row.passed) for row in rows)}


def _distribution(percents: Iterable[float]) -> list[dict[str, int]]:
    counts = [0] * (100 // BAND)
    for percent in percents:
        counts[min(len(counts) - 1, int(percent // BAND))] += 1
    return [{"lowest": at * BAND, "highest": (at + 1) * BAND, "count": count} for at, count in enumerate(counts)]


def item_statistics(session: Session, quiz: Quiz) -> list[dict[str, Any]]:
    """In the order of the quiz's pools; a question nobody has answered yet has no figures."""
    ids = [item_id for pool in quiz.pools for item_id in pool["item_ids"]]
    newest = stored_items.newest(session, ids)
    items = stored_items.items_at(session, newest.items())
    tally = QuizTally(items)
    for sheets in passes.chunks(session, quiz.id):
        tally.add(_as_now(session, sheets, newest))
    return [_shown(item_id, items[item_id], tally.of(item_id)) for item_id in ids if item_id in items]


def _as_now(session: Session, sheets: Sequence[Sheet], newest: Mapping[str, int]) -> list[Sheet]:
    """With the answers in positions of the questions as they are now: by these they are named."""
    versions = versions_in([sheet.attempt for sheet in sheets])
    carrying = Carrying(stored_items.by_version(session, versions | set(newest.items())))
    carried = (carrying.answers(sheet.attempt.items, sheet.answers, newest) for sheet in sheets)
    return [
        sheet if answers is sheet.answers else replace(sheet, answers=answers)
        for sheet, answers in zip(sheets, carried, strict=True)
    ]


class QuizTally:
    """Counts sheets, chunk by chunk. `items`: as they are named and weighed now."""

    def __init__(self, items: Mapping[str, Item]) -> None:
        self._items = items
        self._tallies = {item_id: ItemTally() for item_id in items}
        self._weights = {item_id: float(item.points) for item_id, item in items.items()}
        self._chosen = {item_id for item_id, item in items.items() if isinstance(item, Single | Multiple)}

    def add(self, sheets: Iterable[Sheet], scores: Iterable[Mapping[str, Any]] | None = None) -> None:
        """`scores`: instead of those kept with the attempts."""
        given = scores if scores is not None else (sheet.attempt.scores for sheet in sheets)
        for sheet, shares in zip(sheets, given, strict=True):
            if sheet.attempt.number == 1:
                self._add(sheet, shares)

    def _add(self, sheet: Sheet, scores: Mapping[str, Any]) -> None:
        weights = {item_id: _number(points) for item_id, _version, points in sheet.attempt.items if points is not None}
        known = [
            (item_id, _share(share), weights.get(item_id, self._weights[item_id]))
            for item_id, share in scores.items()
            if share is not None and item_id in self._items
        ]
        total = sum(share * weight for _item_id, share, weight in known)
        of = sum(weight for _item_id, _share, weight in known)
        for item_id, share, weight in known:
            rest = (total - share * weight) / (of - weight) if of - weight > 1e-9 else 0.0
            parts = _parts(sheet.answers.get(item_id)) if item_id in self._chosen else ()
            language = sheet.languages.get(item_id, sheet.attempt.language)
            self._tallies[item_id].add(share, rest, language, parts)

    def of(self, item_id: str) -> ItemStatistics | None:
        return self._tallies[item_id].statistics()


@lru_cache(maxsize=10_000)
def _share(text: str) -> float:
    return float(Fraction(text))


@lru_cache(maxsize=1_000)
def _number(text: str) -> float:
    return float(Decimal(text))


def _parts(answer: Any) -> Sequence[int]:
    if isinstance(answer, list):
        return answer
    return () if answer is None else (answer,)


def _shown(item_id: str, item: Item, found: ItemStatistics | None) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": item_id, "text": item.text.as_json(), "n": found.count if found else 0}
    if found is None:
        return shown | {"facility": None, "discrimination": None, "by_language": {}, "flags": [], "distractors": []}
    return shown | {
        "facility": round(found.facility, 4),
        "discrimination": None if found.discrimination is None else round(found.discrimination, 4),
        "by_language": {
            language: {"facility": round(each.facility, 4), "n": each.count}
            for language, each in found.languages.items()
        },
        "flags": flags_of(item, found),
        "distractors": _distractors(item, found),
    }


def _distractors(item: Item, found: ItemStatistics) -> list[dict[str, Any]]:
    if not isinstance(item, Single | Multiple):
        return []
    return [
        {
            "text": choice.text.as_json(),
            "right": choice.weight > 0,
            "count": found.chosen.get(at, 0),
            "share": round(found.chosen.get(at, 0) / found.count, 4),
        }
        for at, choice in enumerate(item.choices)
    ]
