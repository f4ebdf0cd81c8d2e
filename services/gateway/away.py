"""What a reader cannot do while a service is away, and what still works."""

from __future__ import annotations

from collections.abc import Iterable

from services.gateway import sessions
from services.gateway.words import say
from shared.auth import STAFF


def sentence(service: str) -> str:
    """Empty for a service that readers do not know of."""
    return {
        "accounts": say(
            "Signing in, PINs and the names of the family are out of reach right now. If you are signed in, you still "
            "see your books; books can be renewed with card number and surname."
        ),
        "loans": say(
            "Dates cannot be brought up to date and nothing can be renewed right now; nothing becomes late because "
            "of this. Messages, online tests and opening hours still work."
        ),
        "notify": say(
            "Messages cannot be brought up to date, and private links in them do not open right now. Books, renewals "
            "and online tests still work."
        ),
        "quarantines": say(
            "Which libraries are open may have changed meanwhile. Books, renewals, messages and online tests still "
            "work."
        ),
        "quizzes": say(
            "Online tests cannot be begun or handed in right now; answers given in this browser are kept and sent "
            "later. Books, renewals and messages still work."
        ),
    }.get(service, "")


def sentences(services: Iterable[str]) -> list[str]:
    """For the note at the top of a page. Staff have pages of their own, which say it in their places."""
    who = sessions.caller()
    if who and who.kind == STAFF:
        return []
    return [said for said in map(sentence, services) if said]
