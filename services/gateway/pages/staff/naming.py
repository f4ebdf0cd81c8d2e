"""Words on screen for what the services call by short names."""

from __future__ import annotations

from collections.abc import Callable

from services.gateway.words import say

WAYS = {
    "call": ("reached", "no_answer", "wrong_number", "refused", "taken_back"),
    "letter": ("handed_over", "refused", "taken_back"),
    "slip": ("handed_over", "refused", "taken_back"),
    "chat": ("reached", "handed_over", "no_answer", "refused", "taken_back"),
    "visit": ("reached", "no_answer", "refused", "taken_back"),
}
"""How somebody may be told besides a message, and what may come of it."""
POSTS = ("post: posted", "post: taken_back")


def _named(names: dict[str, str], value: str | None) -> str:
    return names.get(value or "", value or "")


def loan_status(value: str) -> str:
    return _named(loan_statuses(), value)


def loan_statuses() -> dict[str, str]:
    return {
        "on_loan": say("on loan"),
        "returned": say("received"),
        "lost": say("lost"),
        "claimed_returned": say("said to be returned"),
    }


def notice_kind(value: str) -> str:
    return _named(notice_kinds(), value)


def notice_kinds() -> dict[str, str]:
    return {
        "digest": say("new return dates"),
        "correction": say("correction of return dates"),
        "due_soon": say("reminder: due soon"),
        "overdue": say("reminder: the day has passed"),
        "reopening": say("the library opens again"),
        "announcement": say("the library closes (no book moved)"),
        "code": say("sign-in code"),
    }


def notice_state(value: str) -> str:
    return _named(notice_states(), value)


def notice_states() -> dict[str, str]:
    return {
        "queued": say("waiting to be sent"),
        "sent": say("sent"),
        "failed": say("reached nobody"),
        "replaced": say("replaced by a newer one"),
        "withdrawn": say("withdrawn"),
    }


def delivery_state(value: str) -> str:
    names = {
        "queued": say("waiting to be sent"),
        "sending": say("being sent"),
        "sent": say("sent"),
        "failed": say("failed"),
        "waiting": say("only if the one before fails"),
        "dropped": say("not needed any more"),
        "bounced": say("came back"),
    }
    return _named(names, value)


def channel(value: str) -> str:
    return _named(channels(), value)


def channels() -> dict[str, str]:
    return {
        "inbox": say("inbox on this site"),
        "email": say("e-mail"),
        "sms": say("SMS"),
        "telegram": "Telegram",
        "push": say("push message"),
    }


def way(value: str) -> str:
    names = {
        "call": say("call"),
        "letter": say("letter"),
        "slip": say("class slip"),
        "chat": say("class chat"),
        "visit": say("visit"),
        "post": say("social post"),
    }
    return names.get(value) or channel(value)


def result(value: str) -> str:
    names = {
        "reached": say("reached"),
        "no_answer": say("no answer"),
        "wrong_number": say("wrong number"),
        "refused": say("does not want to talk"),
        "handed_over": say("handed over"),
        "posted": say("put on record"),
        "taken_back": say("taken back"),
    }
    return names.get(value) or delivery_state(value)


def role(value: str) -> str:
    return _named(roles(), value)


def roles() -> dict[str, str]:
    return {
        "librarian": say("librarian"),
        "operator": say("operator (declares quarantines)"),
        "editor": say("editor (quizzes and the programme)"),
        "jury": say("member of a jury"),
        "admin": say("administrator"),
    }


def service(value: str) -> str:
    names = {
        "accounts": say("Readers and staff"),
        "quarantines": say("Quarantines and branches"),
        "loans": say("Books"),
        "notify": say("Messages"),
        "quizzes": say("Quizzes"),
    }
    return _named(names, value)


def reader_kind(value: str) -> str:
    return _named(reader_kinds(), value)


def reader_kinds() -> dict[str, str]:
    return {"person": say("person"), "institution": say("institution")}


def why_moved(value: str) -> str:
    """Why of a loan's history."""
    names = {
        "lent": say("lent"),
        "renewed": say("renewed"),
        "imported": say("came with a file"),
        "quarantine": say("the library is closed"),
        "hours": say("other opening hours"),
        "family": say("the family's day"),
        "drift": say("the day fell into a closure"),
    }
    return names.get(value, say("the library is closed"))


ACTS_ON_READERS = (
    *("registered a reader", "changed a reader", "erased a reader", "issued a PIN", "set a PIN with a code"),
    *("exported one reader", "answered a question"),
)


def act(value: str) -> str:
    return _named(acts(), value)


def acts() -> dict[str, str]:
    return {
        "registered a reader": say("registered a reader"),
        "changed a reader": say("changed a reader"),
        "erased a reader": say("erased a reader"),
        "issued a PIN": say("issued a PIN"),
        "set a PIN with a code": say("set a PIN with a code"),
        "exported readers": say("took all readers as a file"),
        "exported one reader": say("took a reader's data as a file"),
        "added staff": say("added a member of staff"),
        "changed staff": say("changed a member of staff"),
        "ended a sign-in": say("ended a sign-in"),
        "answered a question": say("answered a question"),
        "set up a second factor": say("set up sign-in from home"),
        "gave a sign-in code": say("gave a code for signing in from home"),
        "took a second factor away": say("took sign-in from home away"),
    }


def program(name: str) -> str:
    """Who acted where no person did; a person's name as it is."""
    return _named({"first start": say("the first start"), "command line": say("the command line")}, name)


def decision(value: str) -> str:
    return _named(decisions(), value)


def decisions() -> dict[str, str]:
    return {
        "declared": say("declared a quarantine"),
        "changed": say("changed a quarantine"),
        "lifted": say("ended a quarantine"),
        "cancelled": say("undid a quarantine"),
    }


def outcome(value: str) -> str:
    """What came of a message told in another way (`call: reached`), or that telephone numbers were seen."""
    way_told, _, came_of_it = value.partition(": ")
    if not came_of_it:
        return say("saw phone numbers of the call queue")
    mistaken = came_of_it == "taken_back" and way_told in WAYS
    words = say("recorded by mistake, taken back") if mistaken else _of_way(way_told, came_of_it)
    return f"{way(way_told)}: {words}"


def _of_way(way_told: str, came_of_it: str) -> str:
    """A letter that is refused is not one that does not want to talk."""
    return say("not taken") if came_of_it == "refused" and way_told in ("letter", "slip") else result(came_of_it)


def told_in() -> dict[str, str]:
    """What may be recorded of a message by hand."""
    told = [f"{each}: {came_of_it}" for each, results in WAYS.items() for came_of_it in results]
    return {each: outcome(each) for each in told}


def outcomes() -> dict[str, str]:
    """All that there is in the record of messages."""
    others = {each: outcome(each) for each in ("viewed", *POSTS)}
    return {"viewed": others["viewed"], **told_in(), **others}


def changed_fields(reason: str | None) -> str:
    """Why, or which fields were changed: those by the words of their form."""
    return ", ".join(_named(fields(), part) for part in (reason or "").split(", "))


def fields() -> dict[str, str]:
    return {
        "family_name": say("Surname"),
        "given_name": say("First name"),
        "birth_date": say("Born"),
        "language": say("Language"),
        "home_branch_id": say("Library"),
        "card_expires_on": say("Card valid until"),
        "kind": say("Kind"),
        "phone": say("Phone"),
        "email": say("E-mail"),
        "telegram": "Telegram",
        "guardian_card_number": say("Guardian's card number"),
        "guardian_name": say("Guardian's name"),
        "guardian_phone": say("Guardian's phone"),
        "guardian_email": say("Guardian's e-mail"),
        "guardian_language": say("Guardian's language"),
        "school": say("School"),
        "school_class": say("Class"),
        "blocked": say("Blocked"),
        "name": say("Name"),
        "roles": say("Roles"),
        "password": say("Password"),
        "disabled": say("Access"),
    }


NAMES: dict[str, Callable[[str], str]] = {
    each.__name__: each
    for each in (
        *(loan_status, notice_kind, notice_state, delivery_state, channel, way, result, role, service),
        *(reader_kind, why_moved, act, decision),
    )
}


def quiz_state(value: str) -> str:
    return _named({"draft": say("draft"), "published": say("published"), "closed": say("closed")}, value)
