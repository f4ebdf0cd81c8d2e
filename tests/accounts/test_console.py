"""What the console asks of accounts: found by phone, family, questions of readers, staff and deeds by search."""

from __future__ import annotations

from tests.accounts.library import Library, person


def found(library: Library, **query: str) -> list[str]:
    answer = library.call("GET", "/readers", query_string=query)
    assert answer.status_code == 200, answer.text
    return [each["card_number"] for each in answer.json["items"]]


def test_a_reader_is_found_by_phone_however_it_is_written(library: Library) -> None:
    library.register("P-1", phone="+7 7232 12-34-56")
    library.register("P-2", guardian_name="Сәуле", guardian_phone="+7 705 111 22 33")
    for written in ("+77232123456", "8 7232 12-34-56", "12-34-56", "7232123456"):
        assert found(library, search=written) == ["P-1"]
    assert found(library, search="705 111 22 33") == ["P-2"]
    assert found(library, search="34") == []


def test_kazakh_letters_are_found_as_typed_on_a_russian_keyboard(library: Library) -> None:
    library.register("K-1", family_name="Үсенова", given_name="Іңкәр")
    for written in ("үсенова", "Усенова инкар", "ІҢКӘР"):
        assert found(library, search=written) == ["K-1"]


def test_a_list_is_filtered(library: Library) -> None:
    library.imported(person("F-1", language="ru", school_class="5Ә"), person("F-2", blocked="1"))
    assert found(library, language="ru") == ["F-1"]
    assert found(library, blocked="true") == ["F-2"]
    assert found(library, blocked="false", school_class="5Ә") == ["F-1"]


def test_a_reader_comes_with_the_family(library: Library) -> None:
    library.register("G-1")
    library.register("G-2", guardian_card_number="G-1")
    library.register("G-3", guardian_card_number="G-1")
    library.register("G-4")
    assert [each["card_number"] for each in library.get("G-3")["family"]] == ["G-1", "G-2", "G-3"]
    own = library.get("G-2", as_=library.reader("G-2"))
    assert [each["card_number"] for each in own["family"]] == ["G-2"]


def ask(library: Library, card: str, text: str = "Кітапты қайтардым") -> int:
    body = {"text": text, "phone": "+7 705 111 22 33"}
    return library.call("POST", "/readers/questions", library.reader(card), json=body).status_code


def test_a_reader_writes_and_staff_tick_it_off(library: Library) -> None:
    reader = library.register("Q-1")
    assert ask(library, "Q-1") == 201
    (question,) = library.call("GET", "/readers/questions?done=false&search=КАЙТАРДЫМ").json["items"]
    assert (question["card_number"], question["phone"]) == ("Q-1", "+7 705 111 22 33")
    done = library.call("POST", f"/readers/questions/{question['id']}/done").json
    again = library.call("POST", f"/readers/questions/{question['id']}/done").json
    assert done["done_by"] == "Айгүл" and again["done_at"] == done["done_at"]
    assert library.call("GET", "/readers/questions?done=false").json["items"] == []
    assert len(library.call("GET", "/readers/questions?done=true").json["items"]) == 1
    acts = library.call("GET", "/readers/acts", library.admin(), query_string={"about": reader["id"]}).json["items"]
    assert [act["what"] for act in acts].count("answered a question") == 1


def test_readers_on_the_website_are_counted_by_their_own_address(library: Library) -> None:
    cards = [f"Q-{number}" for number in range(10, 16)]
    for card in cards:
        library.register(card)
    site = library.token("service", subject="service:gateway")["Authorization"].removeprefix("Bearer ")

    def ask_from(address: str, card: str, voucher: str) -> int:
        headers = {"X-Client-Address": address, "X-Asked-By": voucher}
        sent = {"headers": headers, "environ_base": {"REMOTE_ADDR": "10.0.0.7"}}
        body = {"text": "Сәлем", "phone": None}
        return library.call("POST", "/readers/questions", library.reader(card), json=body, **sent).status_code

    first = [ask_from("203.0.113.7", card, site) for card in cards[:4] for _ in range(5)]
    assert first == [201] * 20
    assert ask_from("203.0.113.7", cards[4], site) == 429
    assert ask_from("203.0.113.8", cards[4], site) == 201, "another address is another visitor"
    own = library.reader(cards[5])["Authorization"].removeprefix("Bearer ")
    forged = [ask_from(f"203.0.113.{number}", cards[5], own) for number in (7, 8)]
    assert forged == [201, 201], "whoever is no service is counted where they are, not where they say"


def test_nobody_floods_the_library_with_questions(library: Library) -> None:
    library.register("Q-2")
    assert [ask(library, "Q-2") for _ in range(6)] == [201] * 5 + [429]


def test_a_service_asks_for_the_holder_of_a_link_and_nobody_else_does(library: Library) -> None:
    library.register("Q-3")
    service = library.token("service", subject="service:gateway")
    body = {"text": "Сәлем", "card_number": "Q-3"}
    assert library.call("POST", "/readers/questions", service, json=body).status_code == 201
    assert library.call("POST", "/readers/questions", service, json={"text": "Сәлем"}).status_code == 404
    assert library.call("POST", "/readers/questions", library.reader("Q-3"), json={"text": ""}).status_code == 422


def test_questions_go_with_who_wrote_them_and_are_theirs_to_take_along(library: Library) -> None:
    library.register("Q-4")
    ask(library, "Q-4")
    assert library.call("GET", "/readers/Q-4/export").json["questions"][0]["text"] == "Кітапты қайтардым"
    library.call("DELETE", "/readers/Q-4")
    assert library.call("GET", "/readers/questions").json["items"] == []


def test_a_librarian_sees_the_questions_of_their_own_branches(library: Library) -> None:
    library.branch("ridder")
    library.register("Q-5", home_branch_id="oskemen")
    ask(library, "Q-5")
    ridder = library.token(roles={"librarian": ["ridder"]})
    assert library.call("GET", "/readers/questions", ridder).json["items"] == []
    (question,) = library.call("GET", "/readers/questions").json["items"]
    assert library.call("POST", f"/readers/questions/{question['id']}/done", ridder).status_code == 404


def test_who_did_what_is_found_by_day_and_word(library: Library) -> None:
    library.register("A-1")
    library.call("PATCH", "/readers/A-1", json={"given_name": "Әсел"})
    library.call("PATCH", "/readers/A-1", json={"given_name": "Әсел"})

    def acts(**query: str) -> list[str]:
        answer = library.call("GET", "/readers/acts", library.admin(), query_string=query)
        return [act["what"] for act in answer.json["items"]]

    assert acts() == ["changed a reader", "registered a reader"]
    assert acts(search="given_name") == ["changed a reader"]
    assert acts(until="2020-01-01T00:00:00+00:00") == [] and len(acts(since="2020-01-01T00:00:00+00:00")) == 2


def test_who_did_what_says_whom_it_is_about(library: Library) -> None:
    reader = library.register("B-1")
    fields = {"login": "omirbek", "name": "Өмірбек Қасым", "roles": {"librarian": "all"}, "password": "long enough"}
    colleague = library.call("POST", "/staff", library.admin(), json=fields).json["id"]

    def acts(**query: str) -> list[tuple]:
        items = library.call("GET", "/readers/acts", library.admin(), query_string=query).json["items"]
        return [(act["what"], act["about_kind"], act["about_name"], act["about_card"]) for act in items]

    name = f"{reader['family_name']} {reader['given_name']}"
    registered = ("registered a reader", "reader", name, "B-1")
    assert acts() == [("added staff", "staff", "Өмірбек Қасым", None), registered]
    assert acts(search="b-1") == acts(search=reader["family_name"].upper()) == [registered]
    assert acts(search="омирбек") == acts(what="added staff") == acts(about=colleague) == acts()[:1]
    assert acts(who="staff:1") == acts() and acts(who="staff:2") == []
    token = library.call("POST", "/tokens", {}, json={"login": "omirbek", "secret": "long enough"})
    assert token.status_code == 201, token.text
    (session,) = library.call("GET", f"/tokens?subject=staff:{colleague}", library.admin()).json["items"]
    library.call("DELETE", f"/tokens/{session['id']}", library.admin())
    assert acts()[0] == ("ended a sign-in", "staff", "Өмірбек Қасым", None)
    library.call("DELETE", "/readers/B-1")
    assert acts(what="erased a reader") == [("erased a reader", None, None, None)]


def test_names_for_cards_are_told_to_whoever_may_know_them(library: Library) -> None:
    library.branch("ridder")
    library.register("N-1", family_name="Қасымова", home_branch_id="oskemen")
    library.register("N-2", home_branch_id="ridder")

    def names(**roles: object) -> dict[str, str]:
        body = {"card_numbers": ["N-1", "N-2", "no such card"]}
        answer = library.call("POST", "/readers/names", library.token(roles=roles), json=body)
        assert answer.status_code == 200, answer.text
        assert {key for each in answer.json["items"] for key in each} <= {"card_number", "family_name", "given_name"}
        return {each["card_number"]: each["family_name"] for each in answer.json["items"]}

    assert names(operator="all") == names(librarian="all") == names(librarian=["ridder"], operator=["oskemen"])
    assert set(names(librarian="all")) == {"N-1", "N-2"}
    assert names(operator=["oskemen"]) == {"N-1": "Қасымова"}
    assert library.call("POST", "/readers/names", library.admin(), json={"card_numbers": []}).status_code == 403


def test_staff_are_found_by_name(library: Library) -> None:
    fields = {"login": "omirbek", "name": "Өмірбек Қасым", "roles": {"librarian": "all"}, "password": "long enough"}
    assert library.call("POST", "/staff", library.admin(), json=fields).status_code == 201

    def logins(**query: str) -> list[str]:
        answer = library.call("GET", "/staff", library.admin(), query_string=query)
        return [each["login"] for each in answer.json["items"]]

    assert logins(search="омирбек") == logins(search="OMIR") == ["omirbek"]
    assert logins(search="омирбек", disabled="true") == []
