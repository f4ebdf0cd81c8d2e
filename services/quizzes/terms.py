"""What hinders publishing a quiz, as faults with their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy.orm import Session

from services.quizzes import stored_items
from services.quizzes.checking import faults_of
from services.quizzes.drawing import Pool, faults_of_pools
from services.quizzes.faults import Fault
from services.quizzes.items import Item, languages_of
from services.quizzes.models import DRAFT, Quiz
from shared import clock


def pools_of(quiz: Quiz) -> list[Pool]:
    return [Pool(tuple(pool["item_ids"]), pool["draw"]) for pool in quiz.pools]


def faults_of_quiz(session: Session, quiz: Quiz) -> list[Fault]:
    ids = {item_id for pool in quiz.pools for item_id in pool["item_ids"]}
    items = stored_items.items_at(session, stored_items.newest(session, ids).items())
    return [*_of_terms(quiz), *faults_of_pools(pools_of(quiz)), *_of_items(items, quiz.languages)]


def _of_terms(quiz: Quiz) -> Iterator[Fault]:
    for language in quiz.languages:
        if not quiz.title.get(language):
            yield Fault(f"title.{language}", "The title is missing in a language the quiz is shown in.")
    if not quiz.pools:
        yield Fault("pools", "The quiz asks no questions yet.")
    if quiz.opens_on and quiz.closes_on and quiz.closes_on < quiz.opens_on:
        yield Fault("closes_on", "The last day is before the first.")
    if quiz.state == DRAFT and quiz.closes_at is not None and quiz.closes_at <= clock.now():
        yield Fault("closes_on", "The last day has passed: give a later one first.")
    if quiz.age_from is not None and quiz.age_to is not None and quiz.age_to < quiz.age_from:
        yield Fault("age_to", "The highest age is below the lowest.")


def _of_items(items: Mapping[str, Item], languages: Sequence[str]) -> Iterator[Fault]:
    for item_id, item in sorted(items.items()):
        yield from (Fault(f"items.{item_id}.{each.place}", each.message, each.values) for each in faults_of(item))
        for language in sorted(set(languages) - set(languages_of(item))):
            yield Fault(
                f"items.{item_id}.text.{language}", "This question is missing in a language the quiz is shown in."
            )
