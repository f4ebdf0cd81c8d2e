"""What tests of the console's daily work have in common: lists as files, forms sent, readers nobody reaches."""

from __future__ import annotations

import csv
import io
import uuid
from typing import Any

from werkzeug.test import TestResponse

from tests.gateway.house import (
    House,
    Visitor,
    bring,
    in_days,
    key_in,
    loan,
    reader,
)


def rows(visitor: Visitor, path: str) -> list[list[str]]:
    answer = visitor.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv"), path
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def send(visitor: Visitor, page: str, to: str = "", /, **fields: str) -> Any:
    return visitor.send(page, to or page, **fields)


def quarantine_of(house: House) -> str:
    return str(house.library.get("/quarantines")["items"][0]["id"])


def unreachable(house: House) -> str:
    """A reader with a phone and no mail whose book a closure of their own moved; returns the quarantine."""
    card, branch = f"U-{uuid.uuid4().hex[:6]}", f"b{uuid.uuid4().hex[:6]}"
    house.library.branch(branch)
    person = reader(card, "Үсенова", "Іңкәр", phone="+7 705 111 22 33", home_branch_id=branch)
    bring(house.library, "readers", [person])
    bring(house.library, "loans", [loan(uuid.uuid4().int % 10**9, card, "Ғабит Мүсірепов", "Ұлпан", 3, branch=branch)])
    declared = house.library.declare(branch_ids=[branch], starts_on=in_days(0), ends_on=in_days(12))
    house.library.wait_until_done(declared["id"])
    return str(declared["id"])


def brought(visitor: Visitor, kind: str, content: bytes) -> TestResponse:
    key = key_in(visitor.get("/staff/imports").text)
    data = {"csrf": key, "file": (io.BytesIO(content), "file.csv")}
    return visitor.post(f"/staff/imports/{kind}", data=data, content_type="multipart/form-data")


def letters_of(house: House, count: int) -> str:
    """Families with neither phone nor mail whose books a closure of their own moved; the address of their letters."""
    branch = f"b{uuid.uuid4().hex[:6]}"
    house.library.branch(branch)
    cards = [f"{branch}-{number:02}" for number in range(count)]
    people = [reader(card, f"Хатова{card[-2:]}", "Дана", home_branch_id=branch) for card in cards]
    bring(house.library, "readers", people)
    start = uuid.uuid4().int % 10**8
    books = [loan(start + n, card, "Ғабит Мүсірепов", "Ұлпан", 3, branch=branch) for n, card in enumerate(cards)]
    bring(house.library, "loans", books)
    declared = house.library.declare(branch_ids=[branch], starts_on=in_days(0), ends_on=in_days(12))
    house.library.wait_until_done(declared["id"])
    return f"/staff/quarantines/{declared['id']}/letters"
