"""What the other services are asked, for people: the preview and the reconciliation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from services.quarantines.decisions import Decision
from services.quarantines.reconciliation import Item, Verdict, reconcile
from shared.auth import service_token
from shared.observability import log
from shared.peers import Answer, PeerDown, Peers
from shared.problems import say
from shared.service import Context
from shared.settings import secret_of

PAGE = 500
NOT_CONNECTED = ("holds", "contests", "programme")
OF_LOANS = (
    "loans",
    "readers",
    "by_branch",
    "returns",
    "overdue_frozen",
    "no_date",
    "never_open",
    "nearer",
    "due_within_three_days",
    "already_past",
    "loans_back",
)
OF_ACCOUNTS = ("cards",)
OF_QUIZZES = ("deadlines",)
OF_NOTIFY = (
    "households",
    "notices",
    "announcements",
    "by_language",
    "by_channel",
    "unreachable",
    "no_guardian",
    "already_told",
    "samples",
)


Part = Mapping[str, Any] | None
CHOICE_SECONDS = 6.0
"""How long each part of a choice is waited for: without numbers it still stands."""


def previews(context: Context, decided: Mapping[str, Decision]) -> dict[str, dict[str, Any]]:
    """Several decisions beside each other, by name, for somebody who has yet to choose one."""
    with ThreadPoolExecutor(max_workers=max(1, len(decided))) as threads:
        asked = {
            name: threads.submit(copy_context().run, preview, context, decision, name, CHOICE_SECONDS)
            for name, decision in decided.items()
        }
        return {name: each.result() for name, each in asked.items()}


def preview(context: Context, decision: Decision, name: str, patience: float | None = None) -> dict[str, Any]:
    """What a decision would do, asked of those who would do it. `name`: declare, change, lift or cancel.

    `patience`: seconds for each part; none: as long as a deed is waited for.
    """
    body = {"quarantine": decision.data, "decision": name}
    calls = [
        ("loans", "/api/v1/loans/preview"),
        ("accounts", "/api/v1/readers/preview"),
        ("quizzes", "/api/v1/quizzes/deadlines/preview"),
    ]
    options = {"method": "POST", "headers": _headers(context), "patience": patience}
    loans, accounts, quizzes = (_part(each) for each in context.peers.ask_all(calls, json=body, **options))
    notices = None
    if loans is not None:
        was_due, now_due = usual_days(loans["returns"], decision.data)
        moving = {"cards": loans["cards"], "again": loans["again"], "dates": other_days(accounts, quizzes)}
        to_write_to = body | moving | {"was_due": was_due, "now_due": now_due}
        (notices,) = map(
            _part, context.peers.ask_all([("notify", "/api/v1/notices/preview")], json=to_write_to, **options)
        )
    return merged(loans, accounts, quizzes, notices)


def other_days(accounts: Part, quizzes: Part) -> list[dict[str, Any]]:
    """What is told beside the books in the same digest; of a service that did not answer nothing is known."""
    cards = [{"service": "accounts", "kind": "card", **each} for each in (accounts or {}).get("changes", ())]
    tests = [{"service": "quizzes", "kind": "quiz", **each} for each in (quizzes or {}).get("changes", ())]
    return cards + tests


def usual_days(returns: Sequence[Mapping[str, Any]], quarantine: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The day from which most books leave, and the one most of them come to; none: until the library opens.

    `returns`: books `before` and `after` by branch and `day`. Where no book moves, the days of the closure itself.
    """
    leaving = [(row["before"] - row["after"], row["day"]) for row in returns if row["before"] > row["after"]]
    coming = [(row["after"] - row["before"], row["day"]) for row in returns if row["after"] > row["before"]]
    if not leaving and not coming:
        first, opens = quarantine["starts_on"], quarantine["reopens_on"]
        return (opens, first) if quarantine["state"] == "cancelled" else (first, opens)
    return max(leaving)[1] if leaving else None, max(coming)[1] if coming else None


def merged(loans: Part, accounts: Part, quizzes: Part, notices: Part) -> dict[str, Any]:
    """The parts in one; those of a service that did not answer are none, and it is named."""
    parts = {
        "loans": (loans, OF_LOANS),
        "accounts": (accounts, OF_ACCOUNTS),
        "quizzes": (quizzes, OF_QUIZZES),
        "notify": (notices, OF_NOTIFY),
    }
    numbers = {name: (part or {}).get(name) for part, names in parts.values() for name in names}
    missing = [service for service, (part, _) in parts.items() if part is None]
    return numbers | {"not_connected": list(NOT_CONNECTED), "missing_parts": missing}


def _part(answer: Answer | PeerDown) -> dict[str, Any] | None:
    if isinstance(answer, Answer) and answer.status == 200:
        part: dict[str, Any] = answer.json()
        return part
    log.warning("a part of the preview is missing", why=answer.status if isinstance(answer, Answer) else str(answer))
    return None


def _headers(context: Context) -> dict[str, str]:
    token = service_token(secret_of(context.settings), context.service.name)
    return {"Authorization": f"Bearer {token}"}


class Pages:
    """The items of one service's reconciliation, page by page; `first` is the first page whole.

    Raises PeerDown when the service does not answer as it should: a verdict on half the cards would be false.
    """

    def __init__(self, context: Context, service: str, path: str, quarantine_id: str) -> None:
        self._peers: Peers = context.peers
        self._headers = _headers(context)
        self._service, self._path, self._quarantine_id = service, path, quarantine_id
        self.first = self._page(None)

    def __iter__(self) -> Iterator[Item]:
        page = self.first
        yield from page["items"]
        while page["next"] is not None:
            page = self._page(page["next"])
            yield from page["items"]

    def _page(self, cursor: str | None) -> dict[str, Any]:
        query = {"quarantine_id": self._quarantine_id, "limit": PAGE} | ({"cursor": cursor} if cursor else {})
        answer = self._peers.ask(self._service, self._path, query=query, headers=self._headers)
        if answer.status != 200:
            raise PeerDown(self._service, f"answered {answer.status}")
        page: dict[str, Any] = answer.json()
        return page


def reconciliation(context: Context, quarantine_id: str) -> dict[str, Any]:
    """Whether every loan is right and every reader told, as far as loans and notify can say at this moment."""
    loans = Pages(context, "loans", "/api/v1/loans/reconciliation", quarantine_id)
    notices = Pages(context, "notify", "/api/v1/notices/reconciliation", quarantine_id)
    verdict = reconcile(loans, notices, loans.first["wrong"])
    totals = {name: loans.first[name] for name in ("loans_in_scope", "loans_right")}
    return totals | _said(verdict)


def _said(verdict: Verdict) -> dict[str, Any]:
    return {
        "readers_affected": verdict.affected,
        "readers_told": verdict.told,
        "pending": verdict.pending,
        "unreachable": verdict.unreachable,
        "missing_count": verdict.missing_count,
        "missing": [
            {
                "card_number": each.card_number,
                "reason": say(each.reason.message, **each.reason.values),
                "loans": each.loans,
            }
            for each in verdict.missing
        ],
    }


def concluded(found: Mapping[str, Any], unfinished: Sequence[str]) -> dict[str, Any]:
    """`clean` and `all_told`: only said once the steps they rest on are done."""
    right = found["loans_right"] == found["loans_in_scope"]
    clean = right and not unfinished and not found["pending"] and not found["missing_count"]
    told = {"clean": clean, "all_told": clean and not found["unreachable"]}
    return {**found, **told, "unfinished": list(unfinished)}
