"""Staff of one library at the console: what they are offered, and what they cannot do."""

from __future__ import annotations

import uuid

from tests.gateway.console import at_desk
from tests.gateway.desk_work import quarantine_of, rows, send
from tests.gateway.house import GUARDIAN, House, text_of


def test_an_admin_of_one_library_gives_rights_there_only(open_house: House) -> None:
    local = at_desk(open_house, "admin", branches=["ablaketka"])
    page = local.get("/staff/people/new").text
    assert 'value="ablaketka"' in page and 'value="zashchita"' not in page and 'value="all"' not in page
    menu = text_of(page)
    assert "Stuck work" not in menu and "Who did what" not in menu
    fields = {"login": f"l-{uuid.uuid4().hex[:6]}", "name": "Ә. Б.", "password": "a long password"}
    assert send(local, "/staff/people/new", **fields, librarian="ablaketka").status_code == 303
    listed = local.get("/staff/people.csv").text
    assert fields["login"] in listed and "everywhere" not in listed
    other = fields | {"login": f"l-{uuid.uuid4().hex[:6]}"}
    refused = send(local, "/staff/people/new", **other, librarian="zashchita")
    assert refused.status_code == 403 and "You can give rights only at the libraries" in text_of(refused.text)
    assert local.get("/staff/stuck").status_code == 200, "the page stands; each part of it is refused"
    assert local.get("/staff/log").status_code == 403


def test_lists_papers_and_numbers_are_of_ones_own_readers(closed_house: House) -> None:
    """All readers with a message here are of `ortalyq`."""
    here, elsewhere = (at_desk(closed_house, "librarian", branches=[branch]) for branch in ("ortalyq", "zashchita"))
    quarantine = f"/staff/quarantines/{quarantine_of(closed_house)}"
    queue = f"/staff/calls/{quarantine.rsplit('/', 1)[1]}"
    for path in ("/staff/messages.csv", "/staff/readers.csv"):
        assert len(rows(here, path)) > len(rows(elsewhere, path)) == 1, path
    for path in (f"{queue}/all.csv", f"{quarantine}/failed.csv", f"{quarantine}/letters", f"{quarantine}/slips"):
        assert GUARDIAN not in elsewhere.get(path).text and "Серік" not in elsewhere.get(path).text
    (notice,) = closed_house.library.get(f"/notices?card_number={GUARDIAN}&kind=digest")["items"][:1]
    assert here.get(f"/staff/messages/{notice['id']}").status_code == 200
    assert elsewhere.get(f"/staff/messages/{notice['id']}").status_code == 404
    assert "None in this period." in text_of(elsewhere.get("/staff/report").text)
