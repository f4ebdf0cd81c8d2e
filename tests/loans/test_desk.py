import pytest

from services.loans import schemas
from services.loans.reconciliation import cards_moved
from shared.web import cursor_after
from tests.loans.library import Library, day, line


def test_a_check_out_gives_the_whole_loan_and_tells_of_it(library: Library) -> None:
    card = library.reader()
    answer = library.post("/loans", {"card_number": card, "branch_id": "main", "title": " Қара сөздер ", "days": 10})
    loan = answer.json
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/v1/loans/{loan['id']}")
    assert {name: loan[name] for name in ("card_number", "title", "status", "original_due_on", "due_on")} == {
        "card_number": card,
        "title": "Қара сөздер",
        "status": "on_loan",
        "original_due_on": day(10).isoformat(),
        "due_on": day(10).isoformat(),
    }
    assert [(change["why"], change["to"]) for change in loan["changes"]] == [("lent", day(10).isoformat())]
    assert [event["loan_id"] for event in library.events("loan.checked_out.v1")] == [loan["id"]]
    assert library.loan(loan["id"]) == loan


def test_a_loan_made_during_a_closure_is_right_at_once_and_says_why(library: Library) -> None:
    quarantine_id = library.closed(day(-1), day(20))
    loan = library.lend(library.reader(), days=7)
    assert (loan["original_due_on"], loan["due_on"]) == (day(7).isoformat(), day(21).isoformat())
    assert (loan["quarantine_id"], loan["reason"]["en"]) == (quarantine_id, "Quarantine")
    (change,) = loan["changes"]
    assert (change["from"], change["to"], change["version"]) == (day(7).isoformat(), day(21).isoformat(), 1)


def test_who_was_given_the_date_at_the_desk_or_by_an_import_is_owed_no_notice(library: Library) -> None:
    quarantine_id = library.closed(day(0), day(20))
    card = library.reader()
    library.lend(card, days=7)
    library.import_csv(line("imported", card))
    with library.database.reading() as session:
        assert cards_moved(session, quarantine_id, "", 10) == ([], None)


def test_a_loan_made_during_an_open_ended_closure_has_no_date(library: Library) -> None:
    library.closed(day(0), None)
    assert library.lend(library.reader())["due_on"] is None


def test_the_books_of_one_family_lent_in_a_closure_with_slots_fall_on_one_day(library: Library) -> None:
    library.closed(day(0), day(9), returns_per_day=1, first_return_day=day(10))
    family = {"household": "card:G-1"}
    cards = [library.reader(**family), library.reader(**family), library.reader()]
    due = [library.lend(card, days=3)["due_on"] for card in cards]
    assert due == [day(10).isoformat(), day(10).isoformat(), day(11).isoformat()]


@pytest.mark.parametrize(
    ("reader", "reason"),
    [({"blocked": True}, "card_blocked"), ({"card_expires_on": day(-1)}, "card_expired")],
)
def test_a_blocked_or_expired_card_is_refused_with_the_reason(library: Library, reader, reason) -> None:
    card = library.reader(**reader)
    answer = library.post("/loans", {"card_number": card, "branch_id": "main", "title": "Абай жолы"})
    assert (answer.status_code, answer.json["reason"]) == (409, reason)
    assert library.get("/loans", card_number=card).json["items"] == []
    assert library.events() == []


def test_a_card_that_expires_today_may_still_borrow(library: Library) -> None:
    assert library.lend(library.reader(card_expires_on=day(0)))["status"] == "on_loan"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"card_number": "nobody"}, "card_number"),
        ({"card_number": ""}, "card_number"),
        ({"branch_id": "nowhere"}, "branch_id"),
        ({"title": ""}, "title"),
        ({"title": "x" * 501}, "title"),
        ({"lent_on": day(1).isoformat()}, "lent_on"),
        ({"lent_on": "16.02.2026"}, "lent_on"),
        ({"due_on": day(-1).isoformat()}, "due_on"),
        ({"due_on": day(9).isoformat(), "days": 9}, "days"),
        ({"days": 0}, "days"),
        ({"isbn": "978-5-04-117583-0"}, "isbn"),
        ({"title": None, "isbn": "9785041175832"}, "isbn"),
        ({"loan_id": "a\nb"}, "loan_id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_is_named(library: Library, change, field) -> None:
    body = {"card_number": library.reader(), "branch_id": "main", "title": "Абай жолы"} | change
    answer = library.post("/loans", {name: value for name, value in body.items() if value is not None})
    assert answer.status_code == 422, answer.text
    assert list(answer.json["errors"]) == [field]


def test_an_id_in_use_is_refused(library: Library) -> None:
    card = library.reader()
    library.lend(card, loan_id="A/1")
    body = {"card_number": card, "branch_id": "main", "title": "x", "loan_id": "A/1"}
    assert library.post("/loans", body).status_code == 409
    assert library.loan("A/1")["title"] == "Абай жолы"


def test_the_same_key_lends_once(library: Library) -> None:
    body = {"card_number": library.reader(), "branch_id": "main", "title": "Абай жолы"}
    first, second = (library.post("/loans", body, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json == second.json
    assert len(library.events("loan.checked_out.v1")) == 1


def test_a_librarian_lends_and_sees_only_at_their_own_branches(library: Library) -> None:
    library.branch("north")
    elsewhere = library.token(roles={"librarian": ["north"]})
    card = library.reader()
    body = {"card_number": card, "branch_id": "main", "title": "Абай жолы"}
    assert library.post("/loans", body, elsewhere).status_code == 403
    loan = library.lend(card)
    assert library.get(f"/loans/{loan['id']}", elsewhere).status_code == 404
    assert library.post(f"/loans/{loan['id']}/return", {}, elsewhere).status_code == 404
    assert library.get("/loans", elsewhere).json["items"] == []


def test_readers_see_their_own_loans_and_their_childrens_and_no_others(library: Library) -> None:
    guardian, stranger = library.reader(), library.reader()
    child = library.reader(guardian_card_number=guardian)
    own, childs, others = (library.lend(card)["id"] for card in (guardian, child, stranger))
    token = library.reader_token(guardian)
    assert {loan["id"] for loan in library.get("/loans", token).json["items"]} == {own, childs}
    assert library.get(f"/loans/{childs}", token).status_code == 200
    assert library.get(f"/loans/{others}", token).status_code == 404
    assert library.get("/loans", library.reader_token(child)).json["items"][0]["id"] == childs
    assert library.post("/loans", {}, token).status_code == 403
    assert library.get("/loans", None).status_code == 401


def test_the_list_is_filtered_and_paged(library: Library) -> None:
    library.branch("north")
    card, other = library.reader(), library.reader()
    ids = [library.lend(card, loan_id=f"L{n}", days=n)["id"] for n in range(1, 8)]
    library.lend(other, loan_id="N1", days=3, branch_id="north")
    library.post("/loans/L7/lost")
    found = library.get("/loans", card_number=card, due_from=day(2), due_to=day(4)).json["items"]
    assert [loan["id"] for loan in found] == ["L2", "L3", "L4"]
    assert [loan["id"] for loan in library.get("/loans", branch_id="north").json["items"]] == ["N1"]
    assert [loan["id"] for loan in library.get("/loans", status="lost").json["items"]] == ["L7"]
    pages, cursor = [], ""
    while cursor is not None:
        answer = library.get("/loans", card_number=card, limit=3, **({"cursor": cursor} if cursor else {})).json
        pages.append([loan["id"] for loan in answer["items"]])
        cursor = answer["next"]
    assert pages == [ids[:3], ids[3:6], ids[6:]]
    assert library.get("/loans", cursor="rubbish").status_code == 422
    assert library.get("/loans", status="burnt").status_code == 422


def test_a_list_gives_loans_whole_with_all_their_history(library: Library) -> None:
    library.closed(day(0), day(9))
    card = library.reader()
    renewed, fresh = (library.lend(card, loan_id=f"L{n}", days=n) for n in (3, 7))
    assert library.post(f"/loans/{renewed['id']}/renew").status_code == 200
    for found in (library.get("/loans", card_number=card), library.get("/loans", library.reader_token(card))):
        items = found.json["items"]
        assert items == [library.loan(each["id"]) for each in (renewed, fresh)]
        assert [len(item["changes"]) for item in items] == [2, 1]
        assert schemas.Loan(many=True).validate(items) == {}
        assert {frozenset(item) for item in items} == {frozenset(schemas.Loan().fields)}


def test_what_a_family_had_before_comes_the_newest_first_and_never_among_what_it_has(library: Library) -> None:
    guardian = library.reader()
    child = library.reader(guardian_card_number=guardian)
    for number, card in enumerate([guardian, child, guardian, child, guardian]):
        library.lend(card, loan_id=f"L{number}", lent_on=day(-number).isoformat())
    library.lend(library.reader(), loan_id="other")
    for number, deed in ((0, "return"), (1, "lost"), (3, "claimed-returned")):
        assert library.post(f"/loans/L{number}/{deed}", {}).status_code == 200
    library.lend(guardian, loan_id="L9", lent_on=day(-1).isoformat())
    assert library.post("/loans/L9/return", {}).status_code == 200
    token, pages, cursor = library.reader_token(guardian), [], ""
    while cursor is not None:
        more = {"cursor": cursor} if cursor else {}
        answer = library.get("/loans", token, past=True, limit=2, **more).json
        pages.append([loan["id"] for loan in answer["items"]])
        cursor = answer["next"]
    assert pages == [["L0", "L9"], ["L1", "L3"]]
    out = library.get("/loans", token, status="on_loan").json["items"]
    assert out == [library.loan("L2"), library.loan("L4")]
    cards = "/loans?past=true&" + "&".join(f"card_numbers={card}" for card in (guardian, child))
    service = library.token("service")
    assert [loan["id"] for loan in library.ask("GET", cards, service).json["items"]] == ["L0", "L9", "L1", "L3"]
    of_other_lists = library.get("/loans", token, limit=1).json["next"]
    for wrong in (of_other_lists, "rubbish", cursor_after("soon", "L1"), cursor_after(3, "L1")):
        assert library.get("/loans", token, past=True, cursor=wrong).status_code == 422


def test_a_book_dropped_earlier_is_returned_as_of_that_day_and_rests(library: Library) -> None:
    loan_id = library.lend(library.reader(), lent_on=day(-9).isoformat())["id"]
    answer = library.post(
        f"/loans/{loan_id}/return", {"dropped_on": day(-2).isoformat(), "rests_until": day(1).isoformat()}
    )
    assert (answer.json["status"], answer.json["returned_on"]) == ("returned", day(-2).isoformat())
    assert library.get("/loans", rests_to=day(0)).json["items"] == []
    assert [loan["id"] for loan in library.get("/loans", rests_to=day(1)).json["items"]] == [loan_id]
    assert [event["returned_on"] for event in library.events("loan.returned.v1")] == [day(-2).isoformat()]


def test_returning_twice_is_once(library: Library) -> None:
    loan_id = library.lend(library.reader())["id"]
    first = library.ask("POST", f"/loans/{loan_id}/return")
    assert first.json["returned_on"] == day(0).isoformat()
    assert library.post(f"/loans/{loan_id}/return", {"rests_until": day(3).isoformat()}).json == first.json
    assert len(library.events("loan.returned.v1")) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"dropped_on": day(1).isoformat()}, "dropped_on"),
        ({"dropped_on": day(-30).isoformat()}, "dropped_on"),
        ({"rests_until": day(-1).isoformat()}, "rests_until"),
    ],
)
def test_a_wrong_day_of_return_is_named(library: Library, body, field) -> None:
    loan_id = library.lend(library.reader(), lent_on=day(-5).isoformat())["id"]
    answer = library.post(f"/loans/{loan_id}/return", body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert library.loan(loan_id)["status"] == "on_loan"


@pytest.mark.parametrize(("action", "status"), [("lost", "lost"), ("claimed-returned", "claimed_returned")])
def test_a_book_written_off_once_and_found_again(library: Library, action, status) -> None:
    loan_id = library.lend(library.reader())["id"]
    for _ in range(2):
        assert library.post(f"/loans/{loan_id}/{action}").json["status"] == status
    assert [event["status"] for event in library.events("loan.lost.v1")] == [status]
    assert library.post(f"/loans/{loan_id}/return", {}).json["status"] == "returned"
    refused = library.post(f"/loans/{loan_id}/{action}")
    assert (refused.status_code, refused.json["reason"]) == (409, "returned")


def test_a_loan_nobody_has(library: Library) -> None:
    for method, path in [("GET", ""), ("POST", "/return"), ("POST", "/lost"), ("POST", "/renew")]:
        assert library.ask(method, f"/loans/nothing{path}").status_code == 404


def test_a_card_named_before_its_event_came_is_waited_for(library: Library) -> None:
    """The reader is heard of while the request waits."""
    import threading

    object.__setattr__(library.settings, "reference_wait", 20.0)
    late = threading.Timer(0.3, lambda: library.reader("K-late"))
    late.start()
    assert library.lend("K-late")["card_number"] == "K-late"
    late.join()


def test_an_imported_loan_is_taken_back_under_its_own_id(library: Library) -> None:
    library.import_csv(line("ABN/7 x", library.reader()))
    assert library.post("/loans/ABN%2F7%20x/return", {}).json["status"] == "returned"
