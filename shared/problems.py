"""Problems as values (RFC 9457), in the caller's language."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

import orjson
from flask import Response, g, has_request_context

from shared.language import translate, translate_filled
from shared.messages import TITLES

TYPE = "application/problem+json"
A_MINUTE = 60


class Problem(Exception):
    """Raised anywhere below a route. `detail` is an English message id, translated when shown.

    `errors`: field -> list of messages (translated already or message ids without values). `code`: the reason for
    programs, answered as `reason`. `more`: further members of the answer (RFC 9457, extensions).
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
        code: str | None = None,
        more: Mapping[str, str] | None = None,
        **values: Any,
    ) -> None:
        super().__init__(detail.format(**values) if values else detail)
        self.status = status
        self.detail = detail
        self.values = values
        self.errors = errors
        self.retry_after = retry_after
        self.code = code
        self.more = more or {}


def not_found(what: str = "There is nothing at this address, or you may not see it.") -> Problem:
    return Problem(404, what)


def invalid(field: str, message: str, **values: Any) -> Problem:
    """A 422 about one field."""
    return Problem(422, "Some fields are not right: see the list.", errors={field: [say(message, **values)]})


def too_many_tries(seconds: int) -> Problem:
    """A 429; people are told a time above a minute in minutes."""
    if seconds <= A_MINUTE:
        return Problem(429, "Too many tries – come back in {seconds} s.", retry_after=seconds, seconds=seconds)
    minutes = ceil(seconds / A_MINUTE)
    return Problem(429, "Too many tries – come back in {minutes} min.", retry_after=seconds, minutes=minutes)


def language() -> str:
    """The language of the present caller; Kazakh when nobody asks."""
    return getattr(g, "language", "kk") if has_request_context() else "en"


def say(message: str, **values: Any) -> str:
    return translate(message, language(), **values)


def answer(problem: Problem) -> Response:
    """The HTTP answer to a problem."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": say(TITLES.get(problem.status, HTTPStatus(problem.status).phrase)),
        "status": problem.status,
        "detail": say(problem.detail, **problem.values),
    }
    body |= problem.more
    if problem.code:
        body["reason"] = problem.code
    if problem.errors:
        body["errors"] = _said(problem.errors)
    response = Response(orjson.dumps(body), status=problem.status, content_type=TYPE)
    response.headers["Content-Language"] = language()
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _said(errors: Any) -> Any:
    if isinstance(errors, Mapping):
        return {str(name): _said(value) for name, value in errors.items()}
    if isinstance(errors, list | tuple):
        return [_said(value) for value in errors]
    return translate_filled(str(errors), language())
