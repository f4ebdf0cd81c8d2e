"""Prints what happened so that a librarian understands it."""

from collections import Counter
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from demo.facts import BranchFacts, Json, bars, count_of
from demo.words import LANGUAGES, Words

MISSING_SHOWN = 5
PREVIEWED = {
    "books": "loans",
    "readers": "readers",
    "messages": "notices",
    "cards": "cards",
    "deadlines": "deadlines",
    "to_call": "unreachable",
}


class Summary:
    def __init__(self, console: Console, words: Words) -> None:
        self._console = console
        self._words = words
        self.language = words.language

    def branches(self, facts: list[BranchFacts], names: dict[str, str]) -> None:
        words = self._words
        table = Table(*(words(key) for key in ("branch", "moved", "new_dates", "late", "left_alone")))
        table.columns[0].overflow = "fold"
        for column in table.columns[1:]:
            column.justify = "right"
        table.columns[2].no_wrap = True
        for branch in facts:
            table.add_row(
                names[branch.branch_id],
                str(branch.moved),
                self._span(branch),
                str(branch.already_late),
                str(branch.left_alone),
            )
        table.add_section()
        table.add_row(words("all"), *_totals(facts), style="bold")
        self._console.print(table)

    def returns(self, facts: list[BranchFacts], names: dict[str, str], days: list[date]) -> None:
        words = self._words
        tallest = max([1, *(count for branch in facts for count in branch.before + branch.after)])
        table = Table(title=words("returns"), title_justify="left", box=None, show_header=False, padding=(0, 1, 0, 0))
        table.add_column(ratio=1)
        table.add_column()
        table.add_column(no_wrap=True)
        for branch in facts:
            table.add_row(names[branch.branch_id], words("before"), bars(branch.before, tallest))
            table.add_row("", words("after"), bars(branch.after, tallest))
        self._console.print(table)
        self._console.print(words("scale", first=words.day(days[0]), last=words.day(days[-1]), tallest=tallest))

    def told(self, told: dict[str, Counter[str]], unreachable: int) -> None:
        words = self._words
        channels = sorted({channel for counts in told.values() for channel in counts})
        headings = (words("language"), *(words.name_of(channel) for channel in channels))
        table = Table(*headings, title=words("told"), title_justify="left")
        for language in (language for language in LANGUAGES if language in told):
            table.add_row(words(language), *(str(told[language][channel]) for channel in channels))
        self._console.print(table)
        self._console.print(words("unreachable", n=unreachable))

    def deadlines(self, moved: int) -> None:
        self._console.print(self._words("deadlines_moved", n=moved))

    def verdict(self, verdict: Json) -> None:
        words = self._words
        style = "bold green" if verdict["clean"] else "bold red"
        self._console.print(words("clean" if verdict["clean"] else "not_clean"), style=style)
        self._console.print(
            words(
                "proof",
                right=verdict["loans_right"],
                scope=verdict["loans_in_scope"],
                told=verdict["readers_told"],
                affected=verdict["readers_affected"],
                pending=count_of(verdict["pending"]),
                missing=count_of(verdict["missing"]),
            ),
            soft_wrap=True,
        )
        for untold in verdict["missing"][:MISSING_SHOWN]:
            self._console.print(f"  {untold}")

    def whereabouts(self, address: str, mail: Path, accounts: Path) -> None:
        for key, place in (("mail", mail), ("site", address), ("sign_ins", accounts)):
            self._console.print(f"{self._words(key)}: {place}", soft_wrap=True, highlight=False)

    def _span(self, branch: BranchFacts) -> str:
        if branch.earliest is None or branch.latest is None:
            return "–"
        return f"{self._words.short_day(branch.earliest)} – {self._words.short_day(branch.latest)}"


def _totals(facts: list[BranchFacts]) -> tuple[str, str, str, str]:
    moved = sum(branch.moved for branch in facts)
    late = sum(branch.already_late for branch in facts)
    left_alone = sum(branch.left_alone for branch in facts)
    return str(moved), "", str(late), str(left_alone)
