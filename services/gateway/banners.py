"""The front page's banners: what is closed or will close, and until when; for people, and as data for machines.

Nothing of a visitor but the language is in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from services.gateway import words
from services.gateway.opening import Branch
from services.gateway.words import say
from shared.settings import Settings

CLOSED, REOPENING, COMING = "closed", "reopening", "coming"


@dataclass(frozen=True)
class Banner:
    """Branches that are closed, of which it is settled that they open again, or that will close.

    `everywhere`: they are all the library has. `starts`: the first day of a closure that is to come.
    """

    kind: str
    branches: Sequence[Branch]
    everywhere: bool
    starts: date | None = None

    def opens_again(self, branch: Branch) -> date | None:
        return branch.opens_after if self.kind == COMING else branch.reopens_on

    @property
    def days(self) -> set[date | None]:
        return {self.opens_again(branch) for branch in self.branches}

    @property
    def opens(self) -> date | None:
        """The day the first of them opens again; none while that is not known of every one."""
        return None if None in self.days else min(filter(None, self.days))

    @property
    def together(self) -> bool:
        return len(self.days) == 1

    @property
    def open_ended(self) -> bool:
        """Of none of them the day is known."""
        return self.days == {None}

    @property
    def reason(self) -> Mapping[str, str | None] | None:
        """The one of them all; none where they differ."""
        first = self.branches[0].reason
        return first if all(branch.reason == first for branch in self.branches) else None

    @property
    def title(self) -> str:
        return {
            (CLOSED, True): say("The library is closed for now"),
            (CLOSED, False): say("Some libraries are closed for now"),
            (REOPENING, True): say("We open again"),
            (REOPENING, False): say("Some libraries open again"),
            (COMING, True): say("The library will close for a while"),
            (COMING, False): say("Some libraries will close for a while"),
        }[self.kind, self.everywhere]

    @property
    def advice(self) -> str:
        """What it means for who has books at home."""
        if self.kind == COMING:
            return say("Return dates that fall into it move by themselves.")
        if self.kind == REOPENING:
            return say("See your return day in My books.")
        if self.open_ended:
            return say("No need to return books until we open.")
        return say("Return dates have been moved by themselves. You do not need to do anything.")


def now_closed(branches: Sequence[Branch]) -> Banner | None:
    closed = [branch for branch in branches if branch.closed]
    if not closed:
        return None
    reopening = all(branch.closure and branch.closure.lifted and branch.reopens_on for branch in closed)
    return Banner(REOPENING if reopening else CLOSED, closed, len(closed) == len(branches))


def coming(branches: Sequence[Branch]) -> list[Banner]:
    """One for each pair of first day and day of opening, the first to close first."""
    closing = sorted((branch for branch in branches if branch.closes_on), key=_when)
    grouped = [list(alike) for _, alike in groupby(closing, key=_when)]
    return [Banner(COMING, alike, len(alike) == len(branches), alike[0].closes_on) for alike in grouped]


def _when(branch: Branch) -> tuple[date, date]:
    return branch.closes_on or date.max, branch.opens_after or date.max


def announcement(banner: Banner, settings: Settings, language: str) -> dict[str, Any]:
    """schema.org's SpecialAnnouncement as JSON-LD, in that language: data, which no browser runs."""
    closures = [branch.coming if banner.kind == COMING else branch.closure for branch in banner.branches]
    posted = [closure.decided_at for closure in closures if closure and closure.decided_at]
    about: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "SpecialAnnouncement",
        "name": banner.title,
        "text": " ".join(_sentences(banner)),
        "category": _category({closure.kind for closure in closures if closure}),
        "url": settings.base_url(),
        "inLanguage": language,
        "announcementLocation": [_library(branch, settings) for branch in banner.branches],
    }
    expires = {"expires": max(filter(None, banner.days)).isoformat()} if banner.opens else {}
    return about | ({"datePosted": max(posted)} if posted else {}) | expires


def _library(branch: Branch, settings: Settings) -> dict[str, Any]:
    return {
        "@type": "Library",
        "name": words.named(branch.name),
        "telephone": branch.phone or settings.library_phone,
        "address": {"@type": "PostalAddress", "addressCountry": settings.country},
    }


def _category(kinds: set[str]) -> str:
    names = {"quarantine": say("Quarantine"), "repair": say("Repair")}
    return ", ".join(sorted({names.get(kind, say("Closed for now")) for kind in kinds}))


def _sentences(banner: Banner) -> list[str]:
    """The banner as one text, whatever is closed and until when."""
    said = [banner.title]
    if not banner.everywhere:
        said.append(", ".join(words.named(branch.name) for branch in banner.branches))
    if banner.starts:
        said.append(f"{say('First day closed:')} {words.day(banner.starts)}")
    if banner.together:
        said.append(_opening(banner.opens))
    else:
        said += [f"{words.named(each.name)}: {_opening(banner.opens_again(each))}" for each in banner.branches]
    return [_ended(sentence) for sentence in [*said, banner.advice]]


def _opening(day: date | None) -> str:
    if day is None:
        return say("We will tell you the opening day later.")
    return say("Opens again: {date}", date=words.day(day))


def _ended(sentence: str) -> str:
    """A Russian date ends with a full stop of its own."""
    return sentence if sentence.endswith(".") else f"{sentence}."
