import uuid
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.loans.calendar_feed import escaped, folded, render
from services.loans.readers import erase
from shared.observability import redact
from tests.loans.library import Library, day

NOW = datetime(2026, 2, 1, 9, 30, tzinfo=UTC)


def link(library: Library, card: str) -> str:
    """The path of a new private calendar of that card."""
    answer = library.post("/calendars", token=library.reader_token(card))
    assert answer.status_code == 201
    return answer.json["url"].partition("/api/v1")[2]


def feed(library: Library, path: str) -> list[dict[str, str]]:
    """The events of a calendar as anyone with the link sees it: property -> value, unfolded."""
    answer = library.get(path, None)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    text = answer.get_data(as_text=True)
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:") and text.endswith("END:VCALENDAR\r\n")
    blocks = text.replace("\r\n ", "").split("BEGIN:VEVENT\r\n")[1:]
    return [dict(line.split(":", 1) for line in block.split("\r\n") if ":" in line) for block in blocks]


def test_each_loan_with_a_date_is_a_day_in_the_calendar(library: Library) -> None:
    card = library.reader()
    library.lend(card, title="Ақымақ тышқан; ертегі", days=5)
    library.post(f"/loans/{library.lend(card, title='Returned')['id']}/return", {})
    (event,) = feed(library, link(library, card))
    assert event["DTSTART;VALUE=DATE"] == f"{day(5):%Y%m%d}"
    assert event["DTEND;VALUE=DATE"] == f"{day(6):%Y%m%d}"
    assert event["SUMMARY"] == "Return to the library: Ақымақ тышқан\\; ертегі"
    assert (event["LOCATION"], event["SEQUENCE"]) == ("Library main", "1")


def test_a_moved_date_is_the_same_event_with_a_higher_sequence(library: Library) -> None:
    card = library.reader()
    loan_id = library.lend(card, days=2)["id"]
    path = link(library, card)
    (before,) = feed(library, path)
    library.post(f"/loans/{loan_id}/renew")
    (after,) = feed(library, path)
    assert after["UID"] == before["UID"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert after["DTSTART;VALUE=DATE"] == f"{day(14):%Y%m%d}"


def test_a_loan_without_a_date_is_left_out(library: Library) -> None:
    library.closed(day(0), None)
    card = library.reader()
    library.lend(card)
    path = link(library, card)
    assert feed(library, path) == []
    answer = library.get(path, None)
    assert "BEGIN:VTIMEZONE" in answer.text, "a calendar without any component is none to a strict program"
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_a_guardians_calendar_holds_the_childrens_books_and_no_one_elses(library: Library) -> None:
    guardian = library.reader()
    child = library.reader(guardian_card_number=guardian)
    for card, title in [(guardian, "A"), (child, "B"), (library.reader(), "C")]:
        library.lend(card, title=title)
    titles = {event["SUMMARY"][-1] for event in feed(library, link(library, guardian))}
    assert titles == {"A", "B"}
    assert [event["SUMMARY"][-1] for event in feed(library, link(library, child))] == ["B"]


def test_a_link_can_be_switched_off_by_its_owner_only(library: Library) -> None:
    card, stranger = library.reader(), library.reader()
    path = link(library, card)
    (calendar,) = library.get("/calendars", library.reader_token(card)).json["items"]
    assert "url" not in calendar
    switch = f"/calendars/{calendar['id']}"
    assert library.ask("DELETE", switch, library.reader_token(stranger)).status_code == 404
    assert library.get(path, None).status_code == 200
    assert library.ask("DELETE", switch, library.reader_token(card)).status_code == 204
    assert library.get(path, None).status_code == 404
    assert library.ask("DELETE", f"/calendars/{uuid.uuid4()}", library.reader_token(card)).status_code == 404


def test_the_oldest_of_too_many_links_is_switched_off(library: Library) -> None:
    card = library.reader()
    paths = [link(library, card) for _ in range(11)]
    assert [library.get(path, None).status_code for path in paths] == [404] + [200] * 10


def test_the_link_of_an_erased_reader_shows_nothing(library: Library) -> None:
    card = library.reader()
    library.lend(card)
    path = link(library, card)
    with library.writing() as session:
        erase(session, {"reader_id": str(uuid.uuid4()), "version": 2, "card_number": card})
    assert library.get(path, None).status_code == 404


def test_a_guessed_link_shows_nothing(library: Library) -> None:
    assert library.get("/calendars/guess.ics", None).status_code == 404
    assert library.post("/calendars", token=None).status_code == 401
    assert library.post("/calendars").status_code == 403


def test_the_secret_is_not_kept_and_reaches_no_log(library: Library, capsys) -> None:
    path = link(library, library.reader())
    library.get(path, None)
    secret = path.removeprefix("/calendars/").removesuffix(".ics")
    assert secret not in capsys.readouterr().out
    assert redact(f"/api/v1{path}") == "/api/v1/calendars/….ics"


def test_a_calendar_as_rfc_5545_writes_it() -> None:
    event = {"uid": "u@k", "sequence": 3, "day": date(2026, 12, 31), "summary": "a, b;\\c\nd", "location": "Өскемен"}
    assert render([event], "Күндер", NOW).split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Kitaphana//Loans//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Күндер",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "BEGIN:VEVENT",
        "UID:u@k",
        "DTSTAMP:20260201T093000Z",
        "SEQUENCE:3",
        "DTSTART;VALUE=DATE:20261231",
        "DTEND;VALUE=DATE:20270101",
        "SUMMARY:a\\, b\\;\\\\c\\nd",
        "LOCATION:Өскемен",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


@given(st.text(st.characters(exclude_characters="\r\n"), max_size=300))
def test_folding_cuts_at_75_octets_and_never_inside_a_letter(line: str) -> None:
    line = line.encode("utf-8", "ignore").decode()
    pieces = folded(line).split("\r\n")
    assert all(len(piece.encode()) <= 75 for piece in pieces)
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == line


@given(st.text(max_size=50))
def test_an_escaped_text_stays_on_its_line(text: str) -> None:
    assert not {"\r", "\n", "\x00", "\x1b"} & set(escaped(text))
