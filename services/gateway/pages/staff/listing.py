"""What every list of the console does alike: its filters, older and newer by cursor, and the same as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, request, stream_with_context

from services.gateway import asking

Item = TypeVar("Item")
ON_A_PAGE = 25
IN_A_FILE = 500
LONGEST_TRAIL = 40
# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Listing:
    """One page of a list. `filters`: what was asked for, by field; `next`: the cursor of the older page; `at`: its
    path, where the page shown may be another one's answer."""

    filters: Mapping[str, str]
    cursor: str
    trail: tuple[str, ...]
    next: str | None = None
    at: str = ""

    @classmethod
    def asked(cls, *names: str, at: str = "") -> Listing:
        """As the address says; `names`: the fields of the list's form."""
        filters = {name: request.args.get(name, "").strip() for name in names}
        trail = tuple(request.args.get("trail", "").split(".")) if request.args.get("trail") else ()
        return cls(filters, request.args.get("cursor", ""), trail, at=at or request.path)

    def query(self, **more: Any) -> dict[str, Any]:
        """The filters in use, as a service is asked."""
        given: dict[str, Any] = {name: value for name, value in self.filters.items() if value}
        return given | {"cursor": self.cursor or None, "limit": ON_A_PAGE} | more

    def shown(self, following: str | None) -> Listing:
        return replace(self, next=following)

    @property
    def filtered(self) -> bool:
        return any(self.filters.values())

    @property
    def older(self) -> str | None:
        """The address of the older page."""
        trail = [*self.trail, self.cursor][-LONGEST_TRAIL:]
        return self._address(self.next, trail) if self.next else None

    @property
    def newer(self) -> str | None:
        """The address of the page one came from; None on the first."""
        if not self.cursor:
            return None
        return self._address(self.trail[-1] if self.trail else "", self.trail[:-1])

    @property
    def file(self) -> str:
        """The address of all of it as CSV."""
        return f"{self.at}.csv{self._query()}"

    @property
    def all(self) -> str:
        """The address of the list without filters."""
        return self.at

    def _address(self, cursor: str | None, trail: Sequence[str]) -> str:
        return self.at + self._query(cursor=cursor or "", trail=".".join(trail))

    def _query(self, **more: str) -> str:
        given = {name: value for name, value in {**self.filters, **more}.items() if value}
        return f"?{urlencode(given)}" if given else ""


def cut(items: Sequence[Item], listing: Listing) -> tuple[Sequence[Item], Listing]:
    """One page of a list that is known whole; its cursor is a position in it."""
    begin = int(listing.cursor) if listing.cursor.isascii() and listing.cursor.isdecimal() else 0
    end = begin + ON_A_PAGE
    return items[begin:end], listing.shown(str(end) if end < len(items) else None)


def everything(service: str, base: str, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All items of a service's list, page by page. Raises PeerDown rather than give half of it."""
    return _all_pages(service, query, lambda query: asking.path(base, **query))


def all_at(service: str, path: str, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The same of a list that stands outside the service's part of the API."""
    return _all_pages(service, query, lambda query: asking.beside_the_api(path, **query))


def _all_pages(
    service: str, query: Mapping[str, Any], address: Callable[[Mapping[str, Any]], str]
) -> Iterator[dict[str, Any]]:
    cursor: str | None = ""
    while cursor is not None:
        asked = address({**query, "cursor": cursor or None, "limit": IN_A_FILE})
        page = asking.act(service, asked, method="GET")
        yield from page["items"]
        cursor = page["next"]


def csv_file(
    name: str, columns: Sequence[str], items: Iterable[Any], cells: Callable[[Any], Sequence[object]]
) -> Response:
    """A file that opens in a spreadsheet with its Kazakh letters right, and in which no cell is a formula."""

    # The first page is asked for before the answer begins, while an error can still be said.
    waiting = iter(items)
    first = list(islice(waiting, 1))

    def lines() -> Iterator[str]:
        yield "\ufeff" + _line(columns)
        for item in chain(first, waiting):
            yield _line([_harmless(cell) for cell in cells(item)])

    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(stream_with_context(lines()), content_type="text/csv; charset=utf-8", headers=headers)


def _line(cells: Sequence[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _harmless(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text
