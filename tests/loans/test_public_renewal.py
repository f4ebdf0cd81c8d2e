import pytest

from tests.loans.library import Library, day


def ask(library: Library, card: str, surname: str, **options):
    return library.post("/renewals", {"card_number": card, "surname": surname}, None, **options)


def test_it_renews_what_may_be_and_says_why_not(library: Library) -> None:
    card = library.reader("КК-17")
    library.lend(card, days=2, title="Gains")
    library.lend(card, days=14, title="Gains nothing")
    library.change(library.lend(card, days=3, title="Too often")["id"], renewals=3)
    library.post(f"/loans/{library.lend(card, days=2)['id']}/return", {})
    answer = ask(library, card, "Әуезова").json
    assert (answer["renewed"], answer["not_renewed"], answer["message"]) == (1, 2, "1 book renewed.")
    outcomes = sorted((book["reason"] or "", book["due_on"]) for book in answer["books"])
    assert outcomes == [
        ("", day(14).isoformat()),
        ("limit_reached", day(3).isoformat()),
        ("not_needed", day(14).isoformat()),
    ]
    assert len(library.events("loan.renewed.v1")) == 1


def test_no_title_is_told(library: Library) -> None:
    card = library.reader()
    library.lend(card, days=2, title="A private matter")
    assert "private" not in ask(library, card, "Әуезова").text


@pytest.mark.parametrize(
    ("card", "surname"),
    [("KK-17", "ауезова"), ("кк-17 ", "  АУЕЗОВА "), ("КК–17", "Әуезова"), ("Kк-17", "Aуeзовa")],
)
def test_card_and_surname_as_people_type_them(library: Library, card, surname) -> None:
    library.lend(library.reader("КК-17"), days=2)
    assert ask(library, card, surname).json["renewed"] == 1


@pytest.mark.parametrize("known", ["Ахметова-Сейтқали", "Ахметова Сейтқали"])
@pytest.mark.parametrize("typed", ["ахметова сейткали", "АХМЕТОВА - СЕЙТКАЛИ", "Ахметова–Сейтқали", "ахметоваСейтқали"])
def test_two_surnames_are_one_name_whatever_stands_between_them(library: Library, known, typed) -> None:
    library.lend(library.reader("КК-17", surname=known), days=2)
    assert ask(library, "КК-17", typed).json["renewed"] == 1


@pytest.mark.parametrize("typed", ["Ахметова", "Сейтқали", "-", "Сейтқали Ахметова"])
def test_a_part_of_two_surnames_is_another_name(library: Library, typed) -> None:
    library.lend(library.reader("КК-17", surname="Ахметова-Сейтқали"), days=2)
    assert ask(library, "КК-17", typed).status_code == 404


def test_the_same_answer_for_an_unknown_card_and_a_wrong_surname(library: Library) -> None:
    card = library.reader()
    library.lend(card, days=2)
    unknown, wrong = ask(library, "nobody", "Әуезова"), ask(library, card, "Қайсенов")
    assert (unknown.status_code, unknown.json) == (wrong.status_code, wrong.json)
    assert unknown.json["detail"] == "No card with this number and surname was found."
    assert library.events("loan.renewed.v1") == []


def test_a_card_with_nothing_on_loan(library: Library) -> None:
    answer = ask(library, library.reader(), "Әуезова").json
    assert (answer["renewed"], answer["not_renewed"], answer["books"]) == (0, 0, [])


def test_the_reasons_are_in_the_callers_language(library: Library) -> None:
    card = library.reader(blocked=True)
    library.import_csv(f"L1,{card},Абай жолы,,main,{day(-9)},{day(1)},on_loan,")
    answer = ask(library, card, "Әуезова", headers={"Accept-Language": "ru"}).json
    assert (answer["message"], answer["books"][0]["reason"]) == ("Продлено 0 книг.", "card_blocked")
    assert answer["books"][0]["message"].startswith("Билет заблокирован")


def test_one_card_is_tried_a_few_times_only_whatever_way_it_is_written(library: Library) -> None:
    card = library.reader("КК-17")
    answers = [ask(library, spelt, "wrong").status_code for spelt in ("кк-17", "KK-17", "КК-17", "kk-17", "КК-17")]
    assert answers == [404] * 5
    refused = ask(library, card, "Әуезова")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert refused.json["detail"] == "Too many tries – come back in 15 min."
    assert ask(library, "another", "x").status_code == 404


def test_one_address_is_limited_over_all_cards(library: Library) -> None:
    answers = [ask(library, f"card {n}", "x").status_code for n in range(31)]
    assert answers == [404] * 30 + [429]


def test_the_limits_hold_in_another_process_and_end(library: Library) -> None:
    from datetime import timedelta

    from shared import rate_limit
    from shared.database import Database
    from shared.problems import Problem

    other = Database("loans", library.settings)
    how = {"at_most": 1, "within": timedelta(seconds=0)}
    rate_limit.count_try(library.database, "door", "a", **how)
    rate_limit.count_try(other, "door", "a", **how)
    rate_limit.count_try(library.database, "gate", "a", at_most=1, within=timedelta(hours=1))
    with pytest.raises(Problem) as refused:
        rate_limit.count_try(other, "gate", "a", at_most=1, within=timedelta(hours=1))
    assert (refused.value.status, refused.value.retry_after) == (429, 3600)
    with other.transaction() as session:
        assert rate_limit.forget(session) == 1
    other.close()


@pytest.mark.parametrize(
    ("seconds", "said"), [(1, "in 1 s."), (60, "in 60 s."), (61, "in 2 min."), (866, "in 15 min."), (900, "in 15 min.")]
)
def test_a_wait_above_a_minute_is_told_in_minutes(seconds, said) -> None:
    from shared.problems import too_many_tries

    problem = too_many_tries(seconds)
    assert problem.retry_after == seconds
    assert problem.detail.format(**problem.values).endswith(said)


@pytest.mark.parametrize("body", [{}, {"card_number": "1"}, {"card_number": "1", "surname": " "}, {"surname": 5}])
def test_a_field_left_out_is_named(library: Library, body) -> None:
    answer = library.post("/renewals", body, None)
    assert answer.status_code == 422
    assert set(answer.json["errors"]) <= {"card_number", "surname"}
