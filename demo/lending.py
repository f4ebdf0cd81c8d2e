"""Draws the loans of the sample library: what each reader has taken home, and when it is due."""

from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from demo.catalogue import TITLES, Branch, Title, lending_weekdays
from demo.chance import Weighted
from demo.households import Reader

LOAN_PERIOD_DAYS = 30
DUE_AHEAD_DAYS = 27
LATE_DAYS = 45
LATE_VISITS = 0.09
BORROWED_ELSEWHERE = 0.05
AFTERMATH = Weighted({"on_loan": 835, "returned": 120, "lost": 25, "claimed_returned": 20})
SHELVES = {language: tuple(title for title in TITLES if title.language == language) for language in ("kk", "ru", "en")}
TASTES = {
    "kk": Weighted({"kk": 84, "ru": 13, "en": 3}),
    "ru": Weighted({"ru": 76, "kk": 18, "en": 6}),
    "en": Weighted({"en": 45, "ru": 30, "kk": 25}),
}


class Loan(NamedTuple):
    """A row of loans.csv, every value as the file has it."""

    loan_id: str
    card_number: str
    title: str
    isbn: str
    branch_id: str
    lent_on: str
    due_on: str
    status: str
    author: str


class LoanDraw:
    """Shares `wanted` loans out among `readers`, some with none and some with an armful."""

    def __init__(self, rng: Random, today: date, branches: list[Branch], wanted: int, readers: int) -> None:
        self._rng = rng
        self._today = today
        self._branches = branches
        self._weekdays = {branch.branch_id: lending_weekdays(branch) for branch in branches}
        self._loans_left = wanted
        self._readers_left = readers
        self._drawn = 0

    def loans_of(self, reader: Reader) -> list[Loan]:
        count = self._share()
        if count == 0:
            return []
        titles = self._titles(reader, count)
        first_visit = self._rng.randint(1, count)
        visits = (titles[:first_visit], titles[first_visit:])
        return [loan for taken_home in visits if taken_home for loan in self._visit(reader, taken_home)]

    def _share(self) -> int:
        mean = self._loans_left / self._readers_left
        drawn = round(self._rng.triangular(0, 2 * mean))
        count = self._loans_left if self._readers_left == 1 else min(drawn, self._loans_left)
        self._readers_left -= 1
        self._loans_left -= count
        return count

    def _visit(self, reader: Reader, titles: list[Title]) -> list[Loan]:
        """Books taken home on one day from one desk are due together."""
        branch_id = self._desk(reader)
        lent_on = self._lent_on(branch_id)
        return [self._loan(reader, branch_id, lent_on, title) for title in titles]

    def _desk(self, reader: Reader) -> str:
        if self._rng.random() < BORROWED_ELSEWHERE:
            return self._rng.choice(self._branches).branch_id
        return reader.home_branch_id

    def _lent_on(self, branch_id: str) -> date:
        late = self._rng.random() < LATE_VISITS
        due_in = -self._rng.randint(1, LATE_DAYS) if late else self._rng.randint(0, DUE_AHEAD_DAYS)
        day = self._today + timedelta(days=due_in - LOAN_PERIOD_DAYS)
        while day.weekday() not in self._weekdays[branch_id]:
            day += timedelta(days=1)
        return day

    def _titles(self, reader: Reader, books: int) -> list[Title]:
        """Nobody takes a title twice while there are others."""
        taken: list[Title] = []
        while len(taken) < books:
            title = self._rng.choice(SHELVES[TASTES[reader.language].draw(self._rng)])
            if title not in taken or len(taken) >= len(TITLES):
                taken.append(title)
        return taken

    def _loan(self, reader: Reader, branch_id: str, lent_on: date, title: Title) -> Loan:
        self._drawn += 1
        status = AFTERMATH.draw(self._rng)
        return Loan(
            loan_id=f"ABN-{self._drawn:07}",
            card_number=reader.card_number,
            title=title.title,
            isbn="",
            branch_id=branch_id,
            lent_on=lent_on.isoformat(),
            due_on=(lent_on + timedelta(days=LOAN_PERIOD_DAYS)).isoformat(),
            status=status,
            author=title.author,
        )
