"""What a librarian should look at in an item's statistics, as words for programs."""

from __future__ import annotations

from collections.abc import Iterator

from services.quizzes.items import Item, Multiple, Single
from services.quizzes.statistics import FEWEST, ItemStatistics

EASY, HARD = 0.95, 0.2
WEAK = 0.1
"""Below this correlation with the rest of the attempt an item hardly tells readers apart."""
FEWEST_CHOOSERS = 10


def flags_of(item: Item, found: ItemStatistics) -> list[str]:
    """`too_easy`, `too_hard`, `weak_discrimination`, `negative_discrimination`, `harder_in_<language>`,
    `distractor_unused`, `distractor_better`. With fewer than 30 answers none: chance would raise them."""
    if found.count < FEWEST:
        return []
    return [*_difficulty(found), *_discrimination(found), *_languages(found), *_distractors(item, found)]


def _difficulty(found: ItemStatistics) -> Iterator[str]:
    if found.facility >= EASY:
        yield "too_easy"
    elif found.facility <= HARD:
        yield "too_hard"


def _discrimination(found: ItemStatistics) -> Iterator[str]:
    if found.discrimination is not None and found.discrimination < WEAK:
        yield "negative_discrimination" if found.discrimination < 0 else "weak_discrimination"


def _languages(found: ItemStatistics) -> Iterator[str]:
    return (f"harder_in_{language}" for language, each in found.languages.items() if each.harder)


def _distractors(item: Item, found: ItemStatistics) -> Iterator[str]:
    if not isinstance(item, Single | Multiple):
        return
    right = [at for at, choice in enumerate(item.choices) if choice.weight > 0]
    wrong = [at for at, choice in enumerate(item.choices) if choice.weight <= 0]
    if any(not found.chosen.get(at) for at in wrong):
        yield "distractor_unused"
    best = max((_rest(found, at) for at in right), default=0.0)
    if any(found.chosen.get(at, 0) >= FEWEST_CHOOSERS and _rest(found, at) > best for at in wrong):
        yield "distractor_better"


def _rest(found: ItemStatistics, at: int) -> float:
    """What those who chose it earned elsewhere; nothing where too few did."""
    return found.chosen_rest[at] if found.chosen.get(at, 0) >= FEWEST_CHOOSERS else 0.0
