"""Answers as a player sends them, one by one or what an offline spell has kept back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from services.quizzes import saving, stored_items
from services.quizzes.attempts import Shape, item_seed, shape_of
from services.quizzes.items import Item, languages_of
from services.quizzes.models import Answer
from services.quizzes.player import read_answer
from services.quizzes.saving import Said
from services.quizzes.takers import Taker
from shared import clock
from shared.problems import Problem, not_found, say


def save_one(session: Session, taker: Taker, attempt_id: str, item_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    shape = shape_of(session, attempt_id, taker)
    item = _item(session, shape, item_id)
    said = _said(shape, item, item_id, data)
    if saving.save(session, attempt_id, shape, [said]):
        return {"saved": True, "kept": saving.as_kept(said, item, shape), "server_now": clock.now()}
    if problem := saving.why_not(session, attempt_id, shape, said):
        raise problem
    kept = saving.kept(session, attempt_id, [item_id])[item_id]
    again = (kept.given_at, kept.device, kept.number) == said.order
    return {"saved": again, "kept": saving.as_kept(kept, item, shape), "server_now": clock.now()}


def _item(session: Session, shape: Shape, item_id: str) -> Item:
    if item_id not in shape.versions:
        raise not_found()
    return stored_items.items_at(session, [(item_id, shape.versions[item_id])])[item_id]


def _said(shape: Shape, item: Item, item_id: str, data: Mapping[str, Any]) -> Said:
    answer = read_answer(item, item_seed(shape.seed, item_id), data["answer"])
    given_at = saving.clamped(data["given_at"], shape, clock.now())
    # A language the question does not have is that of whatever was shown instead: not worth losing an answer for.
    language = data.get("language") if data.get("language") in languages_of(item) else None
    return Said(item_id, answer, data["device"], data["number"], given_at, language)


def save_many(
    session: Session, taker: Taker, attempt_id: str, answers: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Each judged by itself; what is wrong with one does not hold the others up."""
    shape = shape_of(session, attempt_id, taker)
    judged: list[Said | Problem] = [_read(session, shape, each) for each in answers]
    said = [each for each in judged if isinstance(each, Said)]
    saved = saving.save(session, attempt_id, shape, said) if said else set()
    kept = saving.kept(session, attempt_id, [each.item_id for each in said])
    return [
        {"item_id": str(given["item_id"])} | _judged(session, attempt_id, shape, each, saved, kept)
        for given, each in zip(answers, judged, strict=True)
    ]


def _read(session: Session, shape: Shape, data: Mapping[str, Any]) -> Said | Problem:
    item_id = str(data["item_id"])
    try:
        return _said(shape, _item(session, shape, item_id), item_id, data)
    except Problem as problem:
        return problem


def _judged(
    session: Session, attempt_id: str, shape: Shape, each: Said | Problem, saved: set[str], kept: Mapping[str, Answer]
) -> dict[str, Any]:
    if isinstance(each, Problem):
        return {"saved": False, "problem": _words(each)}
    row = kept.get(each.item_id)
    if row is not None and (row.given_at, row.device, row.number) == each.order:
        return {"saved": True}
    problem = None if each.item_id in saved else saving.why_not(session, attempt_id, shape, each)
    return {"saved": False} | ({"problem": _words(problem), "reason": problem.code} if problem else {})


def _words(problem: Problem) -> str:
    """The first error of a field, which is more exact than the title above it."""
    for messages in (problem.errors or {}).values():
        return str(messages[0])
    return say(problem.detail, **problem.values)
