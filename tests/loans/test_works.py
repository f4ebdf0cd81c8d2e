"""Works: what a loan is a copy of, however it was written; made, changed and found by staff."""

import uuid

from tests.loans.library import Library


def test_loans_of_one_book_share_a_work_however_it_is_written(library: Library) -> None:
    card = library.reader()
    isbn = "978-601-203-140-9"
    first = library.lend(card, isbn=isbn)
    second = library.lend(card, title="АБАЙ  ЖОЛЫ", author="Мухтар Ауезов")
    third = library.lend(card, title="Путь Абая", author=None, isbn=isbn)
    fourth = library.lend(card, title="Абай жолы", author="Another")
    assert first["work_id"] == second["work_id"] == third["work_id"] != fourth["work_id"]
    assert [event["isbns"] for event in library.events("work.changed.v1")] == [["9786012031409"], []]


def test_a_book_may_be_named_by_work_or_isbn_alone(library: Library) -> None:
    work = library.post(
        "/works", {"title": "Жау тылында", "isbns": ["9786012031409"], "read_online": "https://example.org/b"}
    ).json
    card = library.reader()
    for name, value in [("work_id", work["id"]), ("isbn", "9786012031409")]:
        loan = library.post("/loans", {"card_number": card, "branch_id": "main", name: value}).json
        assert (loan["title"], loan["read_online"]) == ("Жау тылында", "https://example.org/b")
    unknown = {"card_number": card, "branch_id": "main", "work_id": str(uuid.uuid4())}
    assert library.post("/loans", unknown).status_code == 404


def test_works_are_made_changed_and_found_as_people_type(library: Library) -> None:
    body = {"title": "Жау тылында", "author": "Қасым Қайсенов", "language": "kk", "isbns": ["9786012031409"]}
    made = library.post("/works", body)
    assert made.status_code == 201
    path = f"/works/{made.json['id']}"
    for q in ("жау  тылында", "КАСЫМ", "978-601-203-140-9"):
        assert [work["id"] for work in library.get("/works", None, q=q).json["items"]] == [made.json["id"]]
    assert library.get("/works", q="100%").json["items"] == []
    changed = library.ask(
        "PATCH", path, json={"title": "Жау тылында (1-кітап)", "isbns": []}, headers={"If-Match": '"1"'}
    )
    assert (changed.json["version"], changed.json["isbns"], changed.json["author"]) == (2, [], "Қасым Қайсенов")
    assert library.ask("PATCH", path, json={"title": "x"}, headers={"If-Match": '"1"'}).status_code == 412
    assert [event["version"] for event in library.events("work.changed.v1")] == [1, 2]


def test_a_work_that_is_there_already_or_wrong_is_refused(library: Library) -> None:
    library.post("/works", {"title": "Абай жолы", "isbns": ["9786012031409"]})
    assert library.post("/works", {"title": "абай ЖОЛЫ"}).status_code == 409
    assert library.post("/works", {"title": "Another", "isbns": ["9786012031409"]}).status_code == 409
    for wrong in ({"read_online": "http://example.org"}, {"isbns": ["123"]}, {"language": "de"}, {"title": " "}):
        answer = library.post("/works", {"title": "New"} | wrong)
        assert (answer.status_code, list(answer.json["errors"])) == (422, list(wrong))
