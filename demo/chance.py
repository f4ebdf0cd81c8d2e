"""Weighted choice, prepared once and drawn many times."""

from collections.abc import Mapping
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

Choice = TypeVar("Choice")


class Weighted(Generic[Choice]):
    def __init__(self, weights: Mapping[Choice, int]) -> None:
        self._choices = list(weights)
        self._cumulative = list(accumulate(weights.values()))

    def draw(self, rng: Random) -> Choice:
        return rng.choices(self._choices, cum_weights=self._cumulative)[0]
