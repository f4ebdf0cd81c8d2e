"""What a preview means for the one who decides: the warnings, and a message as it would be sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from services.gateway import asking, words
from services.gateway.asking import Refused
from services.gateway.words import say, say_n
from shared.language import text_in
from shared.peers import PeerDown

Preview = Mapping[str, Any]


def parts() -> dict[str, str]:
    return {"loans": say("books"), "accounts": say("reader cards"), "notify": say("messages")}


def warnings(preview: Preview, form: Mapping[str, Any]) -> list[str]:
    """What one should know before declaring, the gravest first."""
    found = general_warnings(preview, form["branches"])
    shut = [branch for branch in form["chosen"] if branch in form["branches"] and form["branches"][branch].closed]
    if shut:
        found.append(
            say("Closed already: {branches}. The dates are counted over both closures.", branches=_names(shut, form))
        )
    if form["starts_on"] and form["starts_on"] < form["today"]:
        found.append(say("The first closed day lies in the past: {date}.", date=words.day(form["starts_on"])))
    for language in form["missing_languages"]:
        found.append(
            say(
                "The reason is missing in: {language}. Readers will see another language.",
                language=words.NAMES[language],
            )
        )
    return found


def general_warnings(preview: Preview, branches: Mapping[str, Any]) -> list[str]:
    """Those that any decision may bring."""
    found = []
    for service in preview["missing_parts"]:
        found.append(
            say("No answer about: {what}. Those numbers are not known now.", what=parts().get(service, service))
        )
    if preview["never_open"]:
        closed = _names(preview["never_open"], {"branches": branches})
        found.append(
            say("Never open in the two years after the closure: {branches}. Check the hours.", branches=closed)
        )
    if preview["nearer"]:
        found.append(
            say_n(
                "{n} book gets a nearer date than before.",
                "{n} books get a nearer date than before.",
                preview["nearer"],
            )
        )
    if preview["due_within_three_days"]:
        found.append(say("Due within three days from now: {n}.", n=preview["due_within_three_days"]))
    if preview["already_past"]:
        found.append(
            say(
                "The new date has passed already: {n}. These readers get three open days more.",
                n=preview["already_past"],
            )
        )
    if preview["no_guardian"]:
        found.append(
            say(
                "Children with no guardian on record: {n}. They are written to themselves and listed for you.",
                n=preview["no_guardian"],
            )
        )
    if preview["unreachable"]:
        found.append(
            say("No message reaches: {n} households. They will stand on the call list.", n=preview["unreachable"])
        )
    if preview["loans"] == 0:
        found.append(say("No book changes its date."))
    return found


def _names(branch_ids: Sequence[str], form: Mapping[str, Any]) -> str:
    known = form["branches"]
    return ", ".join(text_in(known[each].name, words.g.language)[0] if each in known else each for each in branch_ids)


def samples(
    preview: Preview, body: Mapping[str, Any], branch_ids: Sequence[str], decision: str = "declared"
) -> list[Any]:
    """The message in each language about a book like most; none while it cannot be asked."""
    was, now = _usual_days(preview["returns"] or [], body["starts_on"])
    reason = {language: text for language, text in body["reason"].items() if text}
    asked = {"decision": decision, "branch_ids": list(branch_ids)[:500], "reason": reason}
    days = {"starts_on": body["starts_on"], "reopens_on": body.get("reopens_on"), "was_due": was, "now_due": now}
    with suppress(Refused, PeerDown):
        items: list[Any] = asking.act("notify", asking.path("/notices/samples"), body=asked | days)["items"]
        return items
    return []


def _usual_days(returns: Sequence[Mapping[str, Any]], starts_on: str) -> tuple[str | None, str | None]:
    """The day from which most books leave, and the one most of them come to."""
    leaving = [(row["before"] - row["after"], row["day"]) for row in returns if row["before"] > row["after"]]
    coming = [(row["after"] - row["before"], row["day"]) for row in returns if row["after"] > row["before"]]
    was = max(leaving, default=(0, date.fromisoformat(starts_on).isoformat()))[1]
    return was, max(coming)[1] if coming else None
