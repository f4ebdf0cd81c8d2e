"""The Flask app of one service: problems, who may call, request ids, health, metrics, OpenAPI."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import orjson
from flask import Flask, Response, g, request
from flask.json.provider import JSONProvider
from flask_smorest import Api
from prometheus_client import CONTENT_TYPE_LATEST, Histogram, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import DataError, DBAPIError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from shared import auth, observability, peers
from shared.database import is_down
from shared.ended_sessions import EndedSessions
from shared.language import negotiate
from shared.observability import log
from shared.parked_routes import parked
from shared.peers import PeerDown
from shared.problems import Problem, answer
from shared.run_routes import run_routes
from shared.service import Context
from shared.settings import secret_of

LARGEST_BODY = 1024 * 1024
AWAY = "A part of the system is not answering ({part}). Try again in {seconds} s."
FAULT = "This is our fault and has been recorded. The number to quote: {request_id}."
REQUEST_ID = re.compile(r"^[\w.:-]{1,80}$")


class OrjsonProvider(JSONProvider):
    def dumps(self, obj: Any, **_: Any) -> str:
        return orjson.dumps(obj, default=str, option=orjson.OPT_NON_STR_KEYS).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)


class Plain(Flask):
    """No view of ours is a coroutine; Flask would look at each several times a request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(context: Context) -> Flask:
    """The app that answers for one service. Raises RuntimeError for a route that does not say who may call it."""
    app = Plain(context.service.package, static_folder=None)
    app.json = OrjsonProvider(app)
    app.extensions["kitaphana"] = context
    app.config.update(
        API_TITLE=f"Kitaphana: {context.service.name}",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        PROPAGATE_EXCEPTIONS=False,
    )
    secret = secret_of(context.settings)
    follow_requests(app, context.service.name)
    ended = EndedSessions(context.database)
    app.before_request(lambda: _check_caller(app, secret, ended))
    app.before_request(lambda: _check_body(app))
    api = Api(app)
    for blueprint in context.service.blueprints:
        api.register_blueprint(blueprint)
    app.register_blueprint(parked)
    app.register_blueprint(run_routes)
    _add_own_routes(app, context, api)
    _handle_errors(app)
    _require_may_call(app)
    if context.settings.trust_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=context.settings.trust_proxies)  # type: ignore[method-assign]
    return app


def follow_requests(app: Flask, service: str) -> None:
    """Every request gets its id, its language, a line in the log and a place in the metrics."""
    app.before_request(_begin)
    app.after_request(lambda response: _end(service, response))
    app.teardown_request(_forget_trail)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    trail = observability.following(given if REQUEST_ID.match(given) else "", traceparent=_traceparent())
    trail.__enter__()
    g.trail, g.started = trail, time.perf_counter()
    g.language = negotiate(request.headers.get("Accept-Language"))


def _traceparent() -> str:
    given = request.headers.get("traceparent", "")
    return given if given and re.fullmatch(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", given) else ""


def _check_caller(app: Flask, secret: str, ended: EndedSessions) -> None:
    view = app.view_functions.get(request.endpoint or "")
    if view is None:
        return
    allowed: tuple[str, ...] = vars(view)["may_call"]
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise Problem(401, "Sign in and try again.")
        try:
            g.principal = _lasting(auth.verify(secret, token.strip()), ended)
        except Problem:
            if auth.ANYONE not in allowed:
                raise
    principal = auth.caller()
    _believe_address(principal, secret)
    if auth.ANYONE in allowed:
        return
    if principal is auth.NOBODY:
        raise Problem(401, "Sign in and try again.")
    if not principal.has(*allowed):
        raise Problem(403, "You do not have the right to do this.")


def _believe_address(principal: auth.Principal, secret: str) -> None:
    """A service that asks for somebody says from where, so that tries are counted against them, not against it."""
    address = request.headers.get(peers.CLIENT_ADDRESS, "")
    if address and (principal.kind == auth.SERVICE or _asked_by_a_service(secret)):
        request.remote_addr = address[:64]


def _asked_by_a_service(secret: str) -> bool:
    try:
        return auth.verify(secret, request.headers.get(peers.ASKED_BY, "")).kind == auth.SERVICE
    except Problem:
        return False


def _check_body(app: Flask) -> None:
    """415 for a body of another type than the JSON that the route takes; NUL, which PostgreSQL keeps in no text."""
    if "\0" in request.path or b"%00" in request.query_string:
        raise Problem(404, "There is nothing at this address, or you may not see it.")
    if request.method == "GET":
        return
    described = vars(app.view_functions.get(request.endpoint or "", _check_body)).get("_apidoc", {})
    takes_json = any(each.get("in") == "json" for each in described.get("arguments", {}).get("parameters", ()))
    if takes_json and request.content_length and not request.is_json:
        raise Problem(415, "Only this type is taken here: {expected}.", expected="application/json")
    if takes_json and rb"\u0000" in request.get_data() and (errors := _fields_with_nul(request.get_json())):
        raise Problem(422, "Some fields are not right: see the list.", errors=errors)


def _fields_with_nul(body: Any) -> dict[str, list[str]]:
    """The fields of a JSON body that hold a NUL anywhere below them."""
    fields = body if isinstance(body, dict) else {"_schema": body}
    return {str(name): ["Not a valid string."] for name, value in fields.items() if _has_nul([name, value])}


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    inside = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_has_nul(each) for each in inside)


def _lasting(principal: auth.Principal, ended: EndedSessions) -> auth.Principal:
    if principal.session and ended.has(principal.session):
        raise Problem(401, "The sign-in has expired. Sign in again.")
    return principal


def _end(service: str, response: Response) -> Response:
    response.headers["X-Request-ID"] = observability.correlation_id()
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    route = request.url_rule.rule if request.url_rule else "-"
    _histogram(service, route, response.status_code).observe(seconds)
    if route not in ("/healthz", "/readyz", "/metrics"):
        log.info(
            "request",
            service=service,
            method=request.method,
            path=observability.redact(request.path),
            status=response.status_code,
            ms=round(seconds * 1000, 1),
        )
    return response


@cache
def _histogram(service: str, route: str, status: int) -> Histogram:
    """To look its labels up takes longer than to count."""
    return observability.REQUESTS.labels(service, route, status)


def _forget_trail(_error: BaseException | None) -> None:
    if trail := g.pop("trail", None):
        trail.__exit__(None, None, None)


def _add_own_routes(app: Flask, context: Context, api: Api) -> None:
    @app.get("/healthz")
    @auth.may_call(auth.ANYONE)
    def alive() -> dict[str, str]:
        return {"status": "alive", "service": context.service.name}

    @app.get("/readyz")
    @auth.may_call(auth.ANYONE)
    def ready() -> tuple[dict[str, Any], int]:
        try:
            with context.database.reading() as session:
                session.execute(text("SELECT count(*) FROM outbox WHERE id < 0"))
        except DBAPIError as error:
            log.warning("not ready", service=context.service.name, error=str(error).splitlines()[0][:200])
            return {"status": "not ready", "service": context.service.name}, 503
        return {"status": "ready", "service": context.service.name}, 200

    @app.get("/openapi.json")
    @auth.may_call(auth.ANYONE)
    def openapi() -> dict[str, Any]:
        document: dict[str, Any] = api.spec.to_dict()
        return document

    @app.get("/metrics")
    @auth.may_call(auth.ANYONE)
    def metrics() -> Response:
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _handle_errors(app: Flask) -> None:
    app.register_error_handler(Problem, answer)
    app.register_error_handler(PeerDown, _peer_down)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _peer_down(error: PeerDown) -> Response:
    return answer(Problem(503, AWAY, retry_after=5, part=error.service, seconds=5))


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    # flask-smorest hands the messages of the shape over in `data`.
    data = getattr(error, "data", None) or {}
    messages = data.get("messages")
    if status == 422 and isinstance(messages, dict):
        return answer(Problem(422, "Some fields are not right: see the list.", errors=_fields(messages)))
    problem = Problem(status, _DETAILS.get(status, error.description or error.name), **_limits(status))
    response = answer(problem)
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(allowed)
    return response


_DETAILS = {
    400: "The request could not be read: send valid JSON.",
    404: "There is nothing at this address, or you may not see it.",
    405: "Not possible here",
    413: "The most that can be taken at once is {limit} MB.",
    415: "Wrong type",
}


def _limits(status: int) -> dict[str, Any]:
    return {"limit": (request.max_content_length or LARGEST_BODY) >> 20} if status == 413 else {}


def _fields(messages: dict[str, Any]) -> dict[str, Any]:
    """Drops the location (json, query, …) that stands above the fields."""
    fields: dict[str, Any] = {}
    for location, inner in messages.items():
        fields.update(inner if isinstance(inner, dict) else {location: inner})
    return fields


def _unexpected(error: Exception) -> Response:
    if isinstance(error, DataError | OverflowError):
        return answer(Problem(422, "Some fields are not right: see the list."))
    if is_down(error):
        log.warning("database away", error=str(error).splitlines()[0][:200])
        return answer(Problem(503, AWAY, retry_after=5, part="database", seconds=5))
    log.exception("unexpected error", path=observability.redact(request.path))
    return answer(Problem(500, FAULT, request_id=observability.correlation_id()))


def _require_may_call(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if not hasattr(view, "may_call"):
            raise RuntimeError(f"who may call {rule.rule}? Say so with @may_call")
