"""How long a request that names an unknown card may look for it."""

import time

from tests.loans.library import Library


def test_who_cannot_wait_says_for_how_long(library: Library) -> None:
    object.__setattr__(library.settings, "reference_wait", 30.0)
    body = {"card_number": "K-never", "title": "Ұлпан", "branch_id": "main"}
    began = time.monotonic()
    answer = library.ask("POST", "/loans", json=body, headers={"Prefer": "wait=0"})
    assert answer.status_code == 422 and "card_number" in answer.json["errors"]
    assert time.monotonic() - began < 15
