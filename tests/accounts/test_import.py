import csv
import io

import pytest

from services.accounts.reader_fields import REQUIRED
from shared.app import LARGEST_BODY
from shared.csv_lines import LARGEST_FILE
from tests.accounts.library import COLUMNS, csv_file, person

REGISTERED, CHANGED = "reader.registered.v1", "reader.changed.v1"


def errors_of(report, line=2):
    return next(refused["errors"] for refused in report["rejected"] if refused["line"] == line)


def test_a_file_of_readers_is_taken_and_told(library):
    report = library.imported(
        person("A-1", phone="8 701 111 22 33", home_branch_id="oskemen", card_expires_on="2027-01-01"),
        person("A-2", kind="institution", blocked="1", school="№ 5", guardian_email="MAMA@Example.ORG"),
    )
    assert report == {"accepted": 2, "rejected": []}
    one, two = library.get("A-1"), library.get("A-2")
    assert (one["phone"], one["card_expires_on"], one["kind"]) == ("+77011112233", "2027-01-01", "person")
    assert (two["kind"], two["blocked"], two["guardian_email"]) == ("institution", True, "MAMA@example.org")
    assert two["household"] == "institution:A-2"
    assert [told["card_number"] for told in library.told(REGISTERED)] == ["A-1", "A-2"]


def test_the_same_file_twice_changes_nothing_and_tells_nothing(library):
    rows = [
        person(f"A-{n}", phone="87011112233", birth_date="2014-05-06", card_expires_on="2027-01-01") for n in range(30)
    ]
    library.imported(*rows)
    library.told()
    before = library.get("A-7")
    assert library.imported(*rows) == {"accepted": 30, "rejected": []}
    assert library.told() == []
    assert library.get("A-7") == before


def test_a_changed_line_changes_one_reader(library):
    library.imported(person("A-1", school="5"), person("A-2"))
    library.told()
    library.imported(person("A-1", school="6"), person("A-2"))
    assert [(told["card_number"], told["version"]) for told in library.told(CHANGED)] == [("A-1", 2)]


def test_columns_that_a_file_leaves_out_stay_as_they_are(library):
    library.imported(person("A-1", school="5", blocked="1"))
    library.told()
    assert library.import_(csv_file([person("A-1")], REQUIRED)).json["accepted"] == 1
    assert library.told() == []
    assert library.get("A-1")["blocked"] is True


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        ({"card_number": ""}, "card_number"),
        ({"card_number": "9" * 41}, "card_number"),
        ({"family_name": ""}, "family_name"),
        ({"language": "de"}, "language"),
        ({"birth_date": "31.12.2014"}, "birth_date"),
        ({"birth_date": "2014-02-30"}, "birth_date"),
        ({"birth_date": "2999-01-01"}, "birth_date"),
        ({"card_expires_on": "20270101"}, "card_expires_on"),
        ({"email": "mama at home"}, "email"),
        ({"phone": "call me"}, "phone"),
        ({"guardian_phone": "12345"}, "guardian_phone"),
        ({"guardian_language": "fr"}, "guardian_language"),
        ({"guardian_card_number": "nobody"}, "guardian_card_number"),
        ({"card_number": "me", "guardian_card_number": "me"}, "guardian_card_number"),
        ({"home_branch_id": "nowhere"}, "home_branch_id"),
        ({"kind": "cat"}, "kind"),
        ({"blocked": "perhaps"}, "blocked"),
    ],
)
def test_a_wrong_line_is_refused_by_its_column_and_the_rest_goes_in(library, wrong, column):
    report = library.imported(person() | wrong, person("GOOD"))
    assert report["accepted"] == 1
    assert [refused["line"] for refused in report["rejected"]] == [2]
    assert list(errors_of(report)) == [column]
    assert [told["card_number"] for told in library.told(REGISTERED)] == ["GOOD"]


def test_a_card_named_twice_is_taken_once(library):
    report = library.imported(person("A-1"), person("A-1", given_name="Басқа"))
    assert report["accepted"] == 1
    assert errors_of(report, 3) == {"card_number": ["This id is already in the file, in line 2: A-1."]}
    assert library.get("A-1")["given_name"] == "Әлия"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"A-1,only,three", "Wrong number of columns: 3. Expected: 19."),
        (b"\xff\xfe" + b"," * 18, "UTF-8"),
        (b"A-1\0" + b"," * 18, "not text"),
        (b'A-1,"open' + b"," * 18, "quotation mark"),
        (b"A-1," + b"x" * 70_000 + b"," * 17, "longer than 65536 bytes"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_as_a_whole(library, line, said):
    body = csv_file([person("A-0")]) + line + b"\n"
    report = library.import_(body).json
    assert report["accepted"] == 1
    (refused,) = report["rejected"]
    assert refused["line"] == 3
    assert said in refused["errors"]["line"][0]


@pytest.mark.parametrize("header", ["", "card_number,family_name", ",".join([*COLUMNS, "colour"]), "\ufeffwrong"])
def test_a_wrong_header_refuses_the_file(library, header):
    answer = library.import_(header.encode() + b"\n" + csv_file([person()]))
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["line 1"]
    assert library.told() == []


def test_a_file_that_begins_with_a_byte_order_mark_is_taken(library):
    assert library.import_(b"\xef\xbb\xbf" + csv_file([person()])).json["accepted"] == 1


def test_a_problem_is_said_in_the_callers_language(library):
    said = {}
    for language in ("kk", "ru", "en"):
        headers = {"Accept-Language": language}
        report = library.import_(csv_file([person(email="nobody")]), **headers).json
        said[language] = errors_of(report)["email"][0]
    assert said["en"] == "Not an e-mail address: nobody."
    assert len(set(said.values())) == 3


def test_too_large_a_file_is_refused_and_nothing_is_half_done(library):
    line = csv_file([person("A-1", school="x" * 150)]).split(b"\n")[1] + b"\n"
    body = csv_file([person("A-0")]) + line * (LARGEST_FILE // len(line) + 1)
    answer = library.call("POST", "/readers/import", data=io.BytesIO(body), headers={"Content-Type": "text/csv"})
    assert answer.status_code == 413
    assert library.told() == []


def test_a_file_may_be_larger_than_other_requests(library):
    rows = [person(f"A-{n}", school="x" * 190) for n in range(LARGEST_BODY // 190)]
    body = csv_file(rows)
    assert len(body) > LARGEST_BODY
    assert library.import_(body).json["accepted"] == len(rows)


def test_another_type_is_refused(library):
    assert library.import_(b"{}", **{"Content-Type": "application/json"}).status_code == 415


class TestGuardians:
    def test_may_come_later_in_the_file(self, library):
        report = library.imported(person("CHILD", guardian_card_number="PARENT"), person("PARENT"))
        assert report["rejected"] == []
        assert library.get("CHILD")["household"] == library.get("PARENT")["household"]

    def test_may_be_known_already(self, library):
        library.imported(person("PARENT"))
        assert library.imported(person("CHILD", guardian_card_number="PARENT"))["rejected"] == []

    def test_whose_line_is_refused_leave_their_children_out(self, library):
        report = library.imported(
            person("GRANDCHILD", guardian_card_number="CHILD"),
            person("CHILD", guardian_card_number="PARENT"),
            person("PARENT", home_branch_id="nowhere"),
            person("BROKEN", email="nobody"),
            person("ORPHAN", guardian_card_number="BROKEN"),
            person("GOOD"),
        )
        assert [refused["line"] for refused in report["rejected"]] == [2, 3, 4, 5, 6]
        assert report["accepted"] == 1

    def test_whose_line_is_refused_but_who_are_known_keep_their_children(self, library):
        library.imported(person("PARENT"))
        report = library.imported(
            person("CHILD", guardian_card_number="PARENT"), person("PARENT", home_branch_id="nowhere")
        )
        assert [refused["line"] for refused in report["rejected"]] == [3]

    def test_may_name_each_other(self, library):
        report = library.imported(person("A", guardian_card_number="B"), person("B", guardian_card_number="A"))
        assert report["accepted"] == 2


def test_a_librarian_of_one_branch_imports_its_readers_only(library):
    library.imported(person("THEIRS", home_branch_id="oskemen"))
    ridder = library.token(roles={"librarian": ["ridder"]})
    rows = [person("A", home_branch_id="ridder"), person("B", home_branch_id="oskemen"), person("THEIRS")]
    report = library.import_(csv_file(rows), ridder).json
    assert [(refused["line"], list(refused["errors"])) for refused in report["rejected"]] == [
        (3, ["home_branch_id"]),
        (4, ["card_number"]),
    ]
    assert library.get("THEIRS")["home_branch_id"] == "oskemen"


def test_what_is_exported_can_be_imported_and_changes_nothing(library):
    library.imported(
        person("A-1", email="a@example.org", phone="87011112233", birth_date="2014-05-06", blocked="1"),
        person("A-2", guardian_card_number="A-1", home_branch_id="ridder", card_expires_on="2027-01-01"),
    )
    library.told()
    exported = library.call("GET", "/readers/export.csv")
    assert exported.data.decode().splitlines()[0] == ",".join(COLUMNS)
    assert library.import_(exported.data).json == {"accepted": 2, "rejected": []}
    assert library.told() == []
    acts = library.call("GET", "/readers/acts", library.admin()).json["items"]
    assert [act["what"] for act in acts] == ["exported readers"]


def test_no_cell_of_an_export_is_a_formula_and_it_comes_back_as_it_was(library):
    names = ["=HYPERLINK(1)", "-1", "@sum", "'=quoted", "’Әлия"]
    for at, name in enumerate(names):
        library.register(f"F-{at}", family_name=name, phone="87011112233")
    library.told()
    exported = library.call("GET", "/readers/export.csv").data
    cells = [list(row.values()) for row in csv.DictReader(exported.decode().splitlines())]
    risky = [cell for row in cells for cell in row if cell[:1] in tuple("=-@+") and not cell[1:].isdecimal()]
    assert len(cells) == len(names) and risky == []
    assert library.import_(exported).json == {"accepted": len(names), "rejected": []}
    assert library.told() == [], "nothing has changed"
    assert [library.get(f"F-{at}")["family_name"] for at in range(len(names))] == names


class TestLater:
    def test_a_run_writes_the_file_and_can_be_followed(self, library):
        rows = [person(f"A-{n}") for n in range(1200)]
        started = library.import_(csv_file([*rows, person(email="nobody")]), Prefer="respond-async")
        assert started.status_code == 202
        where = started.headers["Location"].removeprefix("/api/v1")
        assert library.call("GET", where).json["state"] == "waiting"
        assert library.told() == []
        library.work()
        followed = library.call("GET", where).json
        assert (followed["state"], followed["done"], followed["total"], followed["failed"]) == ("done", 1200, 1200, 0)
        assert [refused["line"] for refused in followed["rejected"]] == [1202]
        assert len(library.told(REGISTERED)) == 1200

    def test_nobody_else_can_follow_it(self, library):
        started = library.import_(csv_file([person()]), Prefer="respond-async")
        where = started.headers["Location"].removeprefix("/api/v1")
        assert library.call("GET", where, library.token(subject="staff:2")).status_code == 404

    def test_files_brought_are_found_again_the_newest_first(self, library):
        first = library.import_(csv_file([person("A-1")]), Prefer="respond-async").json["id"]
        library.work()
        second = library.import_(csv_file([person("A-2"), person(email="nobody")]), Prefer="respond-async").json["id"]
        other = library.token(subject="staff:2")
        third = library.import_(csv_file([person("A-3")]), other, Prefer="respond-async").json["id"]

        def listed(as_=None, **query):
            answer = library.call("GET", "/readers/imports", as_, query_string=query)
            assert answer.status_code == 200, answer.text
            return answer.json

        mine = listed()["items"]
        assert [each["id"] for each in mine] == [second, first]
        counts = [(each["state"], each["accepted"], each["refused"], each["name"]) for each in mine]
        assert counts == [("waiting", 1, 1, "Айгүл"), ("done", 1, 0, "Айгүл")]
        everybodys = listed(library.admin(), limit=2)
        assert [each["id"] for each in everybodys["items"]] == [third, second]
        assert [each["id"] for each in listed(library.admin(), cursor=everybodys["next"])["items"]] == [first]
        assert [each["id"] for each in listed(state="done")["items"]] == [first]
        assert len(listed(search="айгул")["items"]) == 2 and listed(search="Ерлан")["items"] == []
        assert library.call("GET", f"/readers/imports/{third}", library.admin()).status_code == 200
        assert library.call("GET", "/readers/imports?cursor=WzFd").status_code == 422

    def test_a_wrong_header_is_said_at_once(self, library):
        assert library.import_(b"wrong\n", Prefer="respond-async").status_code == 422
        assert list((library.system.settings.home / "imports").iterdir()) == []

    def test_an_empty_file_is_soon_done(self, library):
        started = library.import_(csv_file([]), Prefer="respond-async")
        library.work()
        assert library.call("GET", started.headers["Location"].removeprefix("/api/v1")).json["state"] == "done"
