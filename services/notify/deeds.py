"""Who did what with messages: what came of calls and letters, who has seen telephone numbers, what was posted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, literal, select, tuple_, union_all
from sqlalchemy.orm import Session

from services.notify.models import Notice, Outcome, Post, Viewing
from shared.folding import fold, sql_folded
from shared.tables import Moment


def deeds(session: Session, query: Mapping[str, Any], before: Sequence[Any] | None, limit: int) -> list[dict[str, Any]]:
    """The newest first. `before`: the key of the last one seen, (at, kind, number)."""
    outcomes = select(
        Outcome.at.label("at"),
        literal("outcome").label("kind"),
        Outcome.id.label("number"),
        Outcome.by.label("who"),
        (Outcome.way + ": " + Outcome.result).label("what"),
        Outcome.notice_id.label("notice_id"),
        Notice.recipient.label("recipient"),
        Outcome.note.label("note"),
    ).outerjoin(Notice, Notice.id == Outcome.notice_id)
    viewings = select(
        Viewing.at.label("at"),
        literal("viewing").label("kind"),
        Viewing.id.label("number"),
        Viewing.by.label("who"),
        literal("viewed").label("what"),
        func.nullif(Viewing.quarantine_id, Viewing.quarantine_id).label("notice_id"),
        literal("").label("recipient"),
        literal("").label("note"),
    )
    all_of_them = union_all(outcomes, viewings, *_posts()).subquery()
    columns = all_of_them.c
    chosen = select(all_of_them).order_by(columns.at.desc(), columns.kind.desc(), columns.number.desc()).limit(limit)
    for name in ("who", "what"):
        if query.get(name):
            chosen = chosen.where(columns[name] == query[name])
    for word in fold(query.get("search", "")).split():
        texts = sql_folded(func.coalesce(columns.recipient, "") + " " + func.coalesce(columns.note, ""))
        chosen = chosen.where(texts.contains(word, autoescape=True))
    if query.get("since"):
        chosen = chosen.where(columns.at >= query["since"])
    if query.get("until"):
        chosen = chosen.where(columns.at < query["until"])
    if before:
        key = tuple_(literal(before[0], Moment), literal(before[1]), literal(before[2]))
        chosen = chosen.where(key > tuple_(columns.at, columns.kind, columns.number))
    return [{"".join(name): value for name, value in row._mapping.items()} for row in session.execute(chosen)]


def _posts() -> list[Select[Any]]:
    """Put on record, and taken back, each in its own time."""
    return [
        select(
            at.label("at"),
            literal(f"post {result}").label("kind"),
            Post.id.label("number"),
            by.label("who"),
            literal(f"post: {result}").label("what"),
            func.nullif(Post.quarantine_id, Post.quarantine_id).label("notice_id"),
            literal("").label("recipient"),
            Post.url.label("note"),
        ).where(at.is_not(None))
        for result, at, by in (("posted", Post.at, Post.by), ("taken_back", Post.withdrawn_at, Post.withdrawn_by))
    ]
