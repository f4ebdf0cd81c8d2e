"""HTTP in: load, call one use case, dump."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, current_app, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session
from werkzeug.exceptions import UnsupportedMediaType

from services.quarantines import (
    asking,
    asking_schemas,
    branch_import,
    branch_list,
    decisions,
    drafts,
    queries,
    schemas,
    steps,
    use_cases,
    views,
)
from services.quarantines.feed import Feed, events
from services.quarantines.report import report
from shared import csv_lines
from shared.auth import ANYONE, SERVICE, STAFF, caller, may_call
from shared.problems import Problem
from shared.web import PageQuery, context, etag, in_transaction, page, reading, require_match

branches = Blueprint("branches", __name__, url_prefix="/api/v1/branches", description="Branches and their hours")
quarantines = Blueprint(
    "quarantines", __name__, url_prefix="/api/v1/quarantines", description="Closures and what became of them"
)
BLUEPRINTS = [branches, quarantines]
Answer = tuple[Any, int, dict[str, str]]
CSV_TYPES = ("text/csv", "application/csv", "text/plain", "application/octet-stream", "")
FOLLOWERS = (STAFF, SERVICE)


@branches.get("")
@may_call(ANYONE)
@reading
@branches.arguments(PageQuery, location="query")
@branches.response(200, schemas.BranchPage)
def list_branches(session: Session, query: dict[str, Any]) -> Response:
    body = branch_list.body(session, query.get("cursor"), query["limit"])
    return Response(body, content_type="application/json")


@branches.get("/<branch_id>")
@may_call(ANYONE)
@reading
@branches.response(200, schemas.Branch)
def show_branch(session: Session, branch_id: str) -> Answer:
    branch = queries.branch(session, branch_id)
    return views.branches(session, [branch])[0], 200, {"ETag": etag(branch.version)}


@branches.post("")
@may_call("admin")
@in_transaction
@branches.arguments(schemas.BranchBody)
@branches.response(201, schemas.Branch)
def add_branch(session: Session, data: dict[str, Any]) -> Answer:
    branch = use_cases.add_branch(session, data)
    headers = {"Location": f"/api/v1/branches/{branch.id}", "ETag": etag(branch.version)}
    return views.branches(session, [branch])[0], 201, headers


@branches.patch("/<branch_id>")
@may_call("admin")
@in_transaction
@branches.arguments(schemas.BranchChange)
@branches.response(200, schemas.Branch)
def change_branch(session: Session, data: dict[str, Any], branch_id: str) -> Answer:
    branch = queries.branch(session, branch_id, to_change=True)
    require_match(branch.version)
    use_cases.change_branch(session, branch, data)
    return views.branches(session, [branch])[0], 200, {"ETag": etag(branch.version)}


@branches.post("/import")
@may_call("admin", SERVICE)
@branches.response(200, schemas.ImportReport)
def import_branches() -> dict[str, Any]:
    """A CSV file; every line is taken or refused by itself. For who holds the role everywhere."""
    caller().require_everywhere("admin")
    request.max_content_length = csv_lines.LARGEST_FILE
    if request.mimetype not in CSV_TYPES:
        raise UnsupportedMediaType
    return branch_import.import_branches(context().database, request.stream).as_json()


@quarantines.post("")
@may_call("operator")
@in_transaction
@quarantines.arguments(schemas.Declaration)
@quarantines.response(201, schemas.Quarantine)
def declare(session: Session, body: dict[str, Any]) -> Answer:
    quarantine = use_cases.declare(session, body)
    headers = {"Location": f"/api/v1/quarantines/{quarantine.id}", "ETag": etag(quarantine.version)}
    return views.quarantines(session, [quarantine])[0], 201, headers


@quarantines.patch("/<uuid:quarantine_id>")
@may_call("operator")
@in_transaction
@quarantines.arguments(schemas.Change)
@quarantines.response(200, schemas.Quarantine)
def change(session: Session, body: dict[str, Any], quarantine_id: uuid.UUID) -> Answer:
    return _decide(session, "change", body, quarantine_id)


@quarantines.post("/<uuid:quarantine_id>/lift")
@may_call("operator")
@in_transaction
@quarantines.arguments(schemas.Lift)
@quarantines.response(200, schemas.Quarantine)
def lift(session: Session, body: dict[str, Any], quarantine_id: uuid.UUID) -> Answer:
    return _decide(session, "lift", body, quarantine_id)


@quarantines.post("/<uuid:quarantine_id>/cancel")
@may_call("operator")
@in_transaction
@quarantines.arguments(schemas.Note, required=False)
@quarantines.response(200, schemas.Quarantine)
def cancel(session: Session, body: dict[str, Any], quarantine_id: uuid.UUID) -> Answer:
    return _decide(session, "cancel", body, quarantine_id)


def _decide(session: Session, decision: str, body: dict[str, Any], quarantine_id: uuid.UUID) -> Answer:
    quarantine = queries.quarantine(session, str(quarantine_id), to_decide=True)
    require_match(quarantine.version)
    use_cases.decide(session, quarantine, decision, body)
    return views.quarantines(session, [quarantine])[0], 200, {"ETag": etag(quarantine.version)}


@quarantines.get("")
@may_call(*FOLLOWERS)
@reading
@quarantines.arguments(schemas.QuarantineQuery, location="query")
@quarantines.response(200, schemas.QuarantinePage)
def list_quarantines(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    after = views.read_newest_cursor(query.get("cursor"))
    named = query.get("state"), query.get("branch")
    rows = queries.quarantines(session, *named, after, query["limit"] + 1, query["search"])
    items, following = page(rows, query["limit"], lambda row: [row.declared_at.isoformat(), row.id])
    return {"items": views.quarantines(session, items), "next": following}


@quarantines.get("/acts")
@may_call("admin")
@reading
@quarantines.arguments(schemas.ActQuery, location="query")
@quarantines.response(200, schemas.ActPage)
def list_decisions(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """Who decided what, the newest first."""
    caller().require_everywhere("admin")
    after = views.read_newest_cursor(query.get("cursor"))
    rows = queries.decisions(session, query, after, query["limit"] + 1)
    items, following = page(rows, query["limit"], lambda row: [row.decided_at.isoformat(), row.quarantine_id])
    return {"items": views.decisions(items), "next": following}


@quarantines.get("/report")
@may_call("librarian", "operator")
@quarantines.arguments(schemas.ReportQuery, location="query")
@quarantines.response(200, schemas.Report)
def show_report(query: dict[str, Any]) -> dict[str, Any]:
    """What was closed in a period, with the branches by name: loans and notify count by their ids; and attempts."""
    return report(context(), query["since"], query["until"])


@quarantines.get("/<uuid:quarantine_id>")
@may_call(*FOLLOWERS)
@reading
@quarantines.response(200, schemas.WholeQuarantine)
def show_quarantine(session: Session, quarantine_id: uuid.UUID) -> Answer:
    quarantine = queries.quarantine(session, str(quarantine_id))
    return views.whole_quarantine(session, quarantine), 200, {"ETag": etag(quarantine.version)}


@quarantines.get("/drafts")
@may_call("operator")
@reading
@quarantines.response(200, schemas.DraftPage)
def list_drafts(session: Session) -> dict[str, Any]:
    """One's own, the newest first."""
    return {"items": drafts.of_caller(session), "next": None}


@quarantines.get("/drafts/<uuid:draft_id>")
@may_call("operator")
@reading
@quarantines.response(200, schemas.Draft)
def show_draft(session: Session, draft_id: uuid.UUID) -> Any:
    return drafts.find(session, str(draft_id))


@quarantines.put("/drafts/<uuid:draft_id>")
@may_call("operator")
@in_transaction
@quarantines.arguments(schemas.DraftBody)
@quarantines.response(200, schemas.Draft)
def save_draft(session: Session, body: dict[str, Any], draft_id: uuid.UUID) -> Any:
    return drafts.save(session, str(draft_id), body["content"])


@quarantines.delete("/drafts/<uuid:draft_id>")
@may_call("operator")
@in_transaction
@quarantines.response(204)
def throw_draft_away(session: Session, draft_id: uuid.UUID) -> None:
    drafts.throw_away(session, str(draft_id))


@quarantines.post("/preview")
@may_call("operator")
@quarantines.arguments(schemas.Declaration)
@quarantines.response(200, asking_schemas.Preview)
def preview_declaration(body: dict[str, Any]) -> dict[str, Any]:
    with context().database.reading() as session:
        decision = decisions.declare(session, body)
    return asking.preview(context(), decision, "declare")


@quarantines.post("/<uuid:quarantine_id>/preview")
@may_call("operator")
@quarantines.arguments(schemas.Previewed)
@quarantines.response(200, asking_schemas.Preview)
def preview_decision(body: dict[str, Any], quarantine_id: uuid.UUID) -> dict[str, Any]:
    """`{"decision": "change", "lift" or "cancel", …}` with what the deed itself takes."""
    name = body["decision"]
    with context().database.reading() as session:
        quarantine = queries.quarantine(session, str(quarantine_id))
        require_match(quarantine.version)
        decision = decisions.LATER_DECISIONS[name](session, quarantine, body["body"])
    return asking.preview(context(), decision, name)


@quarantines.get("/<uuid:quarantine_id>/choices")
@may_call("operator")
@quarantines.response(200, asking_schemas.Choices)
def preview_choices(quarantine_id: uuid.UUID) -> dict[str, Any]:
    """What ending it on the next open day would do, and what undoing it: before one is chosen."""
    with context().database.reading() as session:
        quarantine = queries.quarantine(session, str(quarantine_id))
        shown = views.whole_quarantine(session, quarantine)
        bodies: dict[str, dict[str, Any]] = {"lift": {"reopens_on": shown["next_open_day"]}, "cancel": {}}
        decided = decisions.those_possible(session, quarantine, bodies, shown["decisions_left"])
    nothing = dict.fromkeys(bodies)
    found = nothing | asking.previews(context(), decided)
    return {"version": shown["version"], "reopens_on": shown["next_open_day"]} | found


@quarantines.get("/<uuid:quarantine_id>/reconciliation")
@may_call(*FOLLOWERS)
@quarantines.response(200, asking_schemas.Reconciliation)
def reconcile(quarantine_id: uuid.UUID) -> dict[str, Any]:
    name = str(quarantine_id)
    before = views.proven(context().database, name)
    found = asking.reconciliation(context(), name)
    after = views.proven(context().database, name)
    same = before.version == after.version
    unfinished = sorted({*before.unfinished, *after.unfinished} if same else steps.names(steps.PROOF))
    return asking.concluded({"quarantine_id": name, "version": after.version} | found, unfinished)


@quarantines.get("/<uuid:quarantine_id>/progress")
@may_call(*FOLLOWERS)
def stream_progress(quarantine_id: uuid.UUID) -> Response:
    """text/event-stream of the quarantine's progress; ends after a minute, the browser comes back by itself."""
    with context().database.reading() as session:
        queries.quarantine(session, str(quarantine_id))
    feed = _feed()
    if not feed.take_place():
        raise Problem(503, "Too many pages follow the progress live. This one asks again by itself.", retry_after=5)
    stream = events(feed, str(quarantine_id), request.headers.get("Last-Event-ID", ""))
    response = Response(stream, content_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
    response.call_on_close(feed.give_back)
    return response


def _feed() -> Feed:
    """This process's one reader of progress, made by the first page that asks."""
    kitaphana = context()
    made = Feed(lambda ids: views.how_far(kitaphana.database, ids), max(1, kitaphana.settings.threads // 4))
    feed: Feed = current_app.extensions.setdefault("progress feed", made)
    return feed
