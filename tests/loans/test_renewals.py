import pytest

from tests.loans.library import Library, day


def renew(library: Library, loan_id: str, token: str = "librarian"):
    return library.post(f"/loans/{loan_id}/renew", token=token)


def test_a_renewal_counts_from_the_day_it_is_made(library: Library) -> None:
    loan_id = library.lend(library.reader(), lent_on=day(-10).isoformat(), days=12)["id"]
    loan = renew(library, loan_id).json
    assert (loan["due_on"], loan["original_due_on"], loan["renewals"]) == (day(14).isoformat(),) * 2 + (1,)
    assert (loan["changes"][-1]["why"], loan["changes"][-1]["from"]) == ("renewed", day(2).isoformat())
    assert [event["due_on"] for event in library.events("loan.renewed.v1")] == [day(14).isoformat()]


def test_a_renewal_that_gains_nothing_is_not_made_and_not_counted(library: Library) -> None:
    loan_id = library.lend(library.reader(), days=14)["id"]
    before = library.loan(loan_id)
    answer = renew(library, loan_id)
    assert (answer.status_code, answer.json["reason"]) == (409, "not_needed")
    assert answer.json["detail"] == "Not needed: the present date is already as late or later."
    assert library.loan(loan_id) == before
    assert library.events("loan.renewed.v1") == []


def test_during_an_open_ended_closure_no_renewal_is_needed(library: Library) -> None:
    library.closed(day(0), None)
    loan_id = library.lend(library.reader(), days=3)["id"]
    assert renew(library, loan_id).json["reason"] == "not_needed"


def test_a_renewal_into_a_closure_goes_to_the_day_after_it(library: Library) -> None:
    quarantine_id = library.closed(day(5), day(20))
    loan_id = library.lend(library.reader(), days=2)["id"]
    loan = renew(library, loan_id).json
    assert (loan["original_due_on"], loan["due_on"]) == (day(14).isoformat(), day(21).isoformat())
    assert loan["quarantine_id"] == quarantine_id
    assert renew(library, loan_id).json["reason"] == "not_needed"


def test_asking_for_what_is_not_needed_gives_a_family_no_return_day(library: Library) -> None:
    library.closed(day(1), day(20), returns_per_day=1, first_return_day=day(21))
    loan_id = library.lend(library.reader(), days=30)["id"]
    assert renew(library, loan_id).json["reason"] == "not_needed"
    assert library.lend(library.reader(), days=3)["due_on"] == day(21).isoformat()


def test_an_overdue_loan_may_be_renewed(library: Library) -> None:
    loan_id = library.lend(library.reader(), lent_on=day(-40).isoformat(), days=14)["id"]
    assert renew(library, loan_id).json["due_on"] == day(14).isoformat()


def test_renewals_are_limited(library: Library) -> None:
    loan_id = library.lend(library.reader(), days=2)["id"]
    library.change(loan_id, renewals=library.settings.renewal_limit)
    answer = renew(library, loan_id)
    assert (answer.status_code, answer.json["reason"]) == (409, "limit_reached")


@pytest.mark.parametrize(
    ("reader", "reason"),
    [({"blocked": True}, "card_blocked"), ({"card_expires_on": day(-1)}, "card_expired")],
)
def test_a_blocked_or_expired_card_is_told_so(library: Library, reader, reason) -> None:
    card = library.reader(**reader)
    library.import_csv(f"L1,{card},Абай жолы,,main,{day(-9)},{day(1)},on_loan,")
    answer = renew(library, "L1", library.reader_token(card))
    assert (answer.status_code, answer.json["reason"]) == (409, reason)


@pytest.mark.parametrize("action", ["return", "lost", "claimed-returned"])
def test_what_is_not_on_loan_cannot_be_renewed(library: Library, action) -> None:
    loan_id = library.lend(library.reader(), days=2)["id"]
    library.post(f"/loans/{loan_id}/{action}", {} if action == "return" else None)
    assert renew(library, loan_id).json["reason"] == "not_on_loan"


def test_readers_renew_their_own_and_their_childrens_and_no_others(library: Library) -> None:
    guardian, stranger = library.reader(), library.reader()
    child = library.reader(guardian_card_number=guardian)
    own, childs, others = (library.lend(card, days=2)["id"] for card in (guardian, child, stranger))
    token = library.reader_token(guardian)
    assert [renew(library, loan_id, token).status_code for loan_id in (own, childs, others)] == [200, 200, 404]
    assert library.loan(others)["renewals"] == 0
