"""What a preview means for the one who decides: the warnings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.gateway import words
from services.gateway.words import say

Preview = Mapping[str, Any]


def parts() -> dict[str, str]:
    """What a service is to people who never heard of services."""
    return {
        "loans": say("the books"),
        "accounts": say("reader cards"),
        "notify": say("messages"),
        "holds": say("holds"),
        "quizzes": say("online tests"),
        "contests": say("contests"),
        "programme": say("meetings"),
    }


def part_name(part: str) -> str:
    return parts().get(part, part)


def channel_names() -> dict[str, str]:
    return {
        "email": say("E-mail"),
        "sms": say("SMS"),
        "telegram": "Telegram",
        "push": say("Phone notification"),
        "inbox": say("On the site"),
    }


def warnings(preview: Preview, form: Mapping[str, Any]) -> list[str]:
    """What one should know before declaring, the gravest first."""
    found = general_warnings(preview, form["branches"])
    shut = [branch for branch in form["chosen"] if branch in form["branches"] and form["branches"][branch].closed]
    if shut:
        where = branch_list(shut, form["branches"])
        found.append(say("Closed already: {branches}. The dates are counted over both closures.", branches=where))
    if form["starts_on"] and form["starts_on"] < form["today"]:
        found.append(say("The first closed day lies in the past: {date}", date=words.day(form["starts_on"])))
    for each in form["missing_languages"]:
        missing = words.NAMES[each]
        found.append(say("The reason is missing in: {language}. Readers will see another language.", language=missing))
    return found


def general_warnings(preview: Preview, branches: Mapping[str, Any]) -> list[str]:
    """Those that any decision may bring."""
    found = [say("No answer about: {what}. These numbers are not known.", what=w) for w in _missing(preview)]
    if preview["never_open"]:
        shut = branch_list(preview["never_open"], branches)
        found.append(say("Never open in the two years after the closure: {branches}. Check the hours.", branches=shut))
    found += [sentence(count) for name, sentence in _counted().items() if (count := preview[name])]
    return found + ([say("No book changes its date.")] if preview["loans"] == 0 else [])


def _missing(preview: Preview) -> list[str]:
    return [part_name(service) for service in preview["missing_parts"]]


def _counted() -> dict[str, Callable[[int], str]]:
    return {
        "nearer": lambda n: say("Books whose date comes nearer than it was: {n}.", n=words.count(n)),
        "due_within_three_days": lambda n: say("Due within three days from now: {n}.", n=words.count(n)),
        "already_past": lambda n: say(
            "The new date has passed already: {n}. These readers get three open days more.", n=words.count(n)
        ),
        "no_guardian": lambda n: say(
            "Children with no guardian on record: {n}. They are written to themselves and listed for you.",
            n=words.count(n),
        ),
        "unreachable": lambda n: say(
            "Households that no message reaches: {n}. They will stand on the call list.", n=words.count(n)
        ),
    }


def branch_list(branch_ids: Sequence[str], branches: Mapping[str, Any]) -> str:
    return ", ".join(words.text(branches[each].name).striptags() if each in branches else each for each in branch_ids)
