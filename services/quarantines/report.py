"""The report of a period: what was closed, and beside it the numbers of quizzes, which the report's page would else
have to ask for in a fourth call."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.quarantines import queries, views
from shared.auth import service_token
from shared.observability import log
from shared.peers import PeerDown
from shared.service import Context
from shared.settings import secret_of


def report(context: Context, since: date, until: date) -> dict[str, Any]:
    """`until` is the last day; `attempts` none while quizzes does not answer."""
    with context.database.reading() as session:
        closures = views.quarantines(session, queries.closing_between(session, since, until))
        names = [{"id": each.id, "name": each.name} for each in queries.all_branches(session).values()]
    return {"closures": closures, "branches": names, "attempts": _attempts(context, since, until)}


def _attempts(context: Context, since: date, until: date) -> list[dict[str, Any]] | None:
    token = service_token(secret_of(context.settings), context.service.name)
    days = {"since": since.isoformat(), "until": until.isoformat()}
    headers = {"Authorization": f"Bearer {token}"}
    try:
        answer = context.peers.ask("quizzes", "/api/v1/quizzes/report", query=days, headers=headers)
    except PeerDown as down:
        log.warning("the report lacks the attempts at quizzes", why=str(down))
        return None
    return list(answer.json()["by_language"]) if answer.status == 200 else None
