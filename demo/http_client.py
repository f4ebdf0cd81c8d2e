"""Calls the library's own HTTP API as its staff would."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3

from demo.problems import DemoError

Json = dict[str, Any]
PAGE = 500
# Busy and rate-limited answers say when to come back; the calls made here may all be repeated.
RETRIES = urllib3.Retry(
    total=6, status_forcelist=(429, 503), allowed_methods=None, backoff_factor=0.5, raise_on_status=False
)
TIMEOUT = urllib3.Timeout(connect=5, read=600)


class Client:
    """One signed-in person; `token` is empty for anyone."""

    def __init__(self, address: str, token: str = "") -> None:
        self.address = address
        self._pool = urllib3.PoolManager(retries=RETRIES, timeout=TIMEOUT)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def signed_in(self, account: Json) -> "Client":
        answer = self.post("/api/v1/tokens", {"login": account["login"], "secret": account["secret"]})
        return Client(self.address, answer["access_token"])

    def get(self, path: str, **query: str | int) -> Json:
        return self._answer("GET", path + ("?" + urlencode(query) if query else ""))

    def post(self, path: str, body: Json | None = None, idempotency_key: str = "") -> Json:
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return self._answer("POST", path, json=body or {}, headers=headers)

    def send_csv(self, path: str, file: Path) -> Json:
        return self._answer("POST", path, body=file.read_bytes(), headers={"Content-Type": "text/csv; charset=utf-8"})

    def items(self, path: str, **query: str | int) -> Iterator[Json]:
        """Every item of a paged list, page after page."""
        cursor: dict[str, str | int] = {}
        while True:
            page = self.get(path, **query, limit=PAGE, **cursor)
            yield from page["items"]
            if not page["next"]:
                return
            cursor = {"cursor": page["next"]}

    def _answer(self, method: str, path: str, headers: dict[str, str] | None = None, **sent: Any) -> Json:
        try:
            answer = self._pool.request(
                method, self.address + path, headers={**self._headers, **(headers or {})}, **sent
            )
        except urllib3.exceptions.HTTPError as error:
            raise DemoError(f"{method} {path}: no answer from {self.address} ({error})") from error
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise DemoError(f"{method} {path}: {_complaint(answer)}")
        content: Json = answer.json() if answer.data else {}
        return content


def _complaint(answer: urllib3.BaseHTTPResponse) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return f"{answer.status} {answer.reason}"
    said = [str(problem[part]) for part in ("title", "detail", "errors") if problem.get(part)]
    return f"{answer.status} " + "; ".join(said)
