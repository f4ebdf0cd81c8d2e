"""Files that were brought and are taken by a run: which there have been, and who may look at one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate
from sqlalchemy import Row, Select, literal, select, tuple_
from sqlalchemy.orm import Session

from shared.auth import Principal
from shared.folding import fold, sql_folded
from shared.problems import invalid, not_found
from shared.tables import Key, Moment
from shared.tables import runs as runs_table
from shared.web import PageQuery, page, page_of, read_cursor

STATES = ("waiting", "running", "done", "stuck")


class ImportQuery(PageQuery):
    """`search`: in the name of whoever brought the file."""

    state = fields.String(validate=validate.OneOf(STATES))
    search = fields.String(validate=validate.Length(min=1, max=200))


class ImportListed(Schema):
    """`accepted`, `refused`: lines, as far as is known now; `name`: of `who`, empty for a program."""

    id = fields.String()
    state = fields.String()
    at = fields.AwareDateTime()
    who = fields.String()
    name = fields.String()
    done = fields.Integer()
    total = fields.Integer()
    accepted = fields.Integer()
    refused = fields.Integer()


ImportPage = page_of(ImportListed)


def args_of(file: str, who: Principal, report: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a run that takes a file. `report`: what was said of its lines when it came."""
    return {"file": file, "who": who.subject, "name": who.name, "report": dict(report)}


def find(session: Session, kind: str, run_id: str, who: Principal) -> Row[Any]:
    """Raises a 404 problem for a file of somebody else, unless an administrator of all asks: its lines name readers."""
    row = session.execute(_visible(kind, who).where(runs_table.c.id == run_id)).first()
    if row is None:
        raise not_found()
    return row


def listed(session: Session, kind: str, who: Principal, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of files, the newest first: one's own, for an administrator everybody's."""
    newest = (runs_table.c.started_at, runs_table.c.id)
    chosen = _visible(kind, who).order_by(*(each.desc() for each in newest)).limit(query["limit"] + 1)
    if query.get("state"):
        chosen = chosen.where(runs_table.c.state == query["state"])
    if query.get("search"):
        name = sql_folded(runs_table.c.args["name"].as_string())
        chosen = chosen.where(name.contains(fold(query["search"]), autoescape=True))
    if after := _after(query.get("cursor")):
        chosen = chosen.where(tuple_(literal(after[0], Moment), literal(after[1], Key)) > tuple_(*newest))
    rows, following = page(
        session.execute(chosen).all(), query["limit"], lambda row: [row.started_at.isoformat(), row.id]
    )
    return {"items": [_shown(row) for row in rows], "next": following}


def _visible(kind: str, who: Principal) -> Select[Any]:
    chosen = select(runs_table).where(runs_table.c.kind == kind)
    all_of_them = who.has("admin") and who.branches("admin") is None
    return chosen if all_of_them else chosen.where(runs_table.c.args["who"].as_string() == who.subject)


def _after(cursor: str | None) -> Sequence[Any] | None:
    key = read_cursor(cursor, parts=2)
    if key is None:
        return None
    try:
        return datetime.fromisoformat(key[0]), str(UUID(key[1]))
    except (TypeError, ValueError, AttributeError) as error:
        raise invalid("cursor", "Use the value of next from the page before.") from error


def _shown(row: Row[Any]) -> dict[str, Any]:
    report = row.args["report"]
    lines = {"accepted": report["accepted"] - row.failed, "refused": len(report["rejected"]) + row.failed}
    who = {"who": row.args["who"], "name": row.args.get("name", ""), "at": row.started_at}
    return {"id": row.id, "state": row.state, "done": row.done, "total": report["accepted"]} | who | lines
