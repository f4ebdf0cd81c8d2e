"""Branches: the tree, versions, events, who may, and the CSV file."""

from datetime import date

import pytest

from services.quarantines.ticks import renew_calendars
from shared.calendar import OpenDays
from tests.quarantines.library import HOURS, Library, errors_of

HEADER = "branch_id,name_kk,name_ru,name_en,parent_id,time_zone,opening_hours\n"
PATH = "/api/v1/branches"


def line(branch_id: str, parent_id: str = "", hours: str = HOURS, zone: str = "Asia/Almaty", name: str = "Аты") -> str:
    return f"{branch_id},{name},,,{parent_id},{zone},{hours}\n"


def tree(library: Library) -> dict[str, str | None]:
    return {each["id"]: each["parent_id"] for each in library.get(PATH, token="").json["items"]}


def test_a_branch_is_added_and_said_to_all_with_its_calendar(library):
    library.branch("root")
    answer = library.post(PATH, {"id": "leaf", "name": {"kk": "Л"}, "parent_id": "root", "opening_hours": HOURS})
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{PATH}/leaf"
    assert answer.headers["ETag"] == '"1"'
    said = library.events("branch.changed.v1", "leaf")[0]
    assert said["path"] == ["root", "leaf"]
    days = OpenDays.from_json(said["open_days"])
    assert (days.first.isoformat(), days.last.isoformat()) == ("2025-02-01", "2029-02-02")
    assert library.get(f"{PATH}/leaf", token="").json["closed"] is None


def test_several_roots_are_allowed_and_pages_follow_each_other(library):
    for each in ("a", "b", "c"):
        library.branch(each)
    first = library.get(f"{PATH}?limit=2", token="").json
    assert [each["id"] for each in first["items"]] == ["a", "b"]
    second = library.get(f"{PATH}?limit=2&cursor={first['next']}", token="").json
    assert [each["id"] for each in second["items"]] == ["c"]
    assert second["next"] is None
    for bad in ("x", "WzFd", "WyJcdTAwMDAiXQ", "WyJhIiwiYiJd"):
        assert "cursor" in errors_of(library.get(f"{PATH}?cursor={bad}", token=""))
    assert library.get(f"{PATH}/a%00", token="").status_code == 404


@pytest.mark.parametrize(
    ("change", "field", "part"),
    [
        ({"id": "Big Code"}, "id", "small letters"),
        ({"id": "root"}, "id", "already exists"),
        ({"id": "x\n"}, "id", "small letters"),
        ({"name": {}}, "name", "one language"),
        ({"parent_id": "nowhere"}, "parent_id", "Unknown branch: nowhere"),
        ({"parent_id": "leaf"}, "parent_id", "Unknown branch: leaf"),
        ({"time_zone": "Mars/Base"}, "time_zone", "Mars/Base"),
        ({"opening_hours": "when we like"}, "opening_hours", "when we like"),
        ({"opening_hours": " "}, "opening_hours", "not understood"),
        ({"colour": "red"}, "colour", "Unknown field"),
        ({"name": {"kk": "a\0b"}}, "name", "Not a valid string"),
        ({"parent_id": "a\0b"}, "parent_id", "Not a valid string"),
    ],
)
def test_a_branch_that_cannot_be_is_refused_by_field(library, change, field, part):
    library.branch("root")
    body = {"id": "leaf", "name": {"kk": "Л"}, "opening_hours": HOURS} | change
    assert part in str(errors_of(library.post(PATH, body))[field])
    assert tree(library) == {"root": None}


def test_bad_hours_are_explained_in_the_callers_language(library):
    body = {"id": "leaf", "name": {"kk": "Л"}, "opening_hours": "кешке"}
    for language, words in (("kk", "Жұмыс уақыты"), ("ru", "Часы работы непонятны: кешке")):
        answer = library.post(PATH, body, headers={"Accept-Language": language})
        assert words in errors_of(answer)["opening_hours"][0]


def test_a_change_raises_the_version_and_the_same_again_does_not(library):
    library.branch("root")
    for _ in range(2):
        answer = library.patch(f"{PATH}/root", {"opening_hours": "Tu-Sa 10:00-19:00"})
        assert (answer.status_code, answer.json["version"], answer.headers["ETag"]) == (200, 2, '"2"')
    assert [each["version"] for each in library.events("branch.changed.v1")] == [1, 2]


def test_a_branch_may_have_a_telephone(library):
    branch = {"id": "a", "name": {"kk": "А"}, "opening_hours": HOURS}
    assert library.post(PATH, branch | {"phone": "call us"}).json["errors"]["phone"][0].startswith("Not a telephone")
    assert library.post(PATH, branch | {"phone": "+7 7232 00-00-01"}).status_code == 201
    assert library.get(f"{PATH}/a", token="").json["phone"] == "+7 7232 00-00-01"
    assert library.events("branch.changed.v1", "a")[-1]["phone"] == "+7 7232 00-00-01"
    assert library.import_csv(HEADER + line("a", name="А") + line("b")).json["accepted"] == 2
    phones = {each["id"]: each["phone"] for each in library.get(PATH, token="").json["items"]}
    assert phones == {"a": "+7 7232 00-00-01", "b": None}, "a file without the column leaves it as it was"
    wider = HEADER.strip() + ",phone\n"
    rows = [line("a", name="А").strip() + ",\n", line("b").strip() + ",8 (7232) 00-00-02\n"]
    assert library.import_csv(wider + "".join(rows)).json == {"accepted": 2, "rejected": []}
    assert library.import_csv(wider + line("c").strip() + ",5\n").json["rejected"][0]["errors"].keys() == {"phone"}
    phones = {each["id"]: each["phone"] for each in library.get(PATH, token="").json["items"]}
    assert phones == {"a": None, "b": "8 (7232) 00-00-02"}


def test_an_old_version_is_not_changed(library):
    library.branch("root")
    stale = library.patch(f"{PATH}/root", {"name": {"kk": "Ә"}}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    for match in ('"1"', "*"):
        changed = library.patch(f"{PATH}/root", {"name": {"kk": "Ә"}}, headers={"If-Match": match})
        assert (changed.status_code, changed.json["version"]) == (200, 2)


def test_a_branch_that_moves_takes_those_below_along(library):
    library.branch("a")
    library.branch("b")
    library.branch("c", "b")
    library.patch(f"{PATH}/b", {"parent_id": "a"})
    said = {each["branch_id"]: (each["version"], each["path"]) for each in library.events("branch.changed.v1")}
    assert said == {"a": (1, ["a"]), "b": (2, ["a", "b"]), "c": (2, ["a", "b", "c"])}


def test_no_branch_lies_below_itself(library):
    library.branch("a")
    library.branch("b", "a")
    for parent in ("a", "b"):
        assert "below itself" in errors_of(library.patch(f"{PATH}/a", {"parent_id": parent}))["parent_id"][0]


def test_who_may(library):
    library.branch("a")
    body = {"id": "b", "name": {"kk": "Б"}, "parent_id": "a", "opening_hours": HOURS}
    assert library.post(PATH, body, token="").status_code == 401
    assert library.post(PATH, body, token=library.token({"operator": "all"})).status_code == 403
    assert library.post(PATH, body, token=library.token({"admin": ["z"]})).status_code == 403
    assert library.post(PATH, body | {"parent_id": None}, token=library.token({"admin": ["a"]})).status_code == 403
    assert library.post(PATH, body, token=library.token({"admin": ["a"]})).status_code == 201
    assert library.import_csv(HEADER, token=library.token({"admin": ["a"]})).status_code == 403
    assert library.import_csv(HEADER, token=library.token({"librarian": "all"})).status_code == 403
    assert library.import_csv(HEADER, token=library.token({}, kind="service")).status_code == 200
    assert library.get(f"{PATH}/nowhere", token="").status_code == 404


def test_a_parent_may_come_later_in_the_file_and_the_file_twice_changes_nothing(library):
    text = "\ufeff" + HEADER + line("leaf", "middle") + line("middle", "root") + line("root")
    assert library.import_csv(text).json == {"accepted": 3, "rejected": []}
    assert tree(library) == {"leaf": "middle", "middle": "root", "root": None}
    assert library.import_csv(text).json == {"accepted": 3, "rejected": []}
    said = library.events("branch.changed.v1")
    assert [(each["branch_id"], each["version"]) for each in said] == [("leaf", 1), ("middle", 1), ("root", 1)]
    assert said[0]["path"] == ["root", "middle", "leaf"]


def test_a_parent_many_chunks_later_is_found(library):
    many = "".join(line(f"b{number:04}", "root") for number in range(1500))
    assert library.import_csv(HEADER + many + line("root")).json == {"accepted": 1501, "rejected": []}
    assert len(library.events("branch.changed.v1")) == 1501


def test_every_line_is_taken_or_refused_by_itself(library):
    lines = [
        line("good"),
        line("Bad Code"),
        line("hours", hours="always"),
        line("zone", zone="Nowhere/City"),
        line("good", name="Басқа"),
        line("orphan", "nowhere"),
        line("under-orphan", "orphan"),
        line("x", "y"),
        line("y", "x"),
        line("self", "self"),
        "short,line\n",
        line("nameless", name=""),
        line("child", "good"),
    ]
    answer = library.import_csv(HEADER + "".join(lines)).json
    assert answer["accepted"] == 2
    assert tree(library) == {"good": None, "child": "good"}
    refused = {each["line"]: each["errors"] for each in answer["rejected"]}
    assert {number: list(errors) for number, errors in refused.items()} == {
        3: ["branch_id"],
        4: ["opening_hours"],
        5: ["time_zone"],
        6: ["branch_id"],
        7: ["parent_id"],
        8: ["parent_id"],
        9: ["parent_id"],
        10: ["parent_id"],
        11: ["parent_id"],
        12: ["line"],
        13: ["name_kk"],
    }
    assert refused[6]["branch_id"] == ["This id is already in the file, in line 2: good."]
    assert refused[7]["parent_id"] == ["Unknown branch: nowhere."]
    assert "below itself" in refused[9]["parent_id"][0]


def test_a_file_may_turn_the_tree_round(library):
    library.branch("a")
    library.branch("b", "a")
    assert library.import_csv(HEADER + line("a", "b") + line("b")).json == {"accepted": 2, "rejected": []}
    assert tree(library) == {"a": "b", "b": None}
    said = {each["branch_id"]: each["path"] for each in library.events("branch.changed.v1")}
    assert said == {"a": ["b", "a"], "b": ["b"]}


def test_a_line_refused_leaves_what_is_under_the_branch_alone(library):
    library.branch("a")
    text = HEADER + line("a", "nowhere") + line("b", "a")
    answer = library.import_csv(text).json
    assert (answer["accepted"], [each["line"] for each in answer["rejected"]]) == (1, [2])
    assert tree(library) == {"a": None, "b": "a"}


@pytest.mark.parametrize(
    ("data", "status", "part"),
    [
        (b"id,name\n", 422, "header"),
        (b"", 422, "header"),
        (b"\xff\xfe" + HEADER.encode("utf-16-le"), 422, "header"),
    ],
)
def test_a_file_that_is_not_ours_is_refused_whole(library, data, status, part):
    answer = library.import_csv(data)
    assert answer.status_code == status
    assert part in str(answer.json["errors"]).lower()


def test_a_line_that_is_not_utf_8_and_one_that_never_ends_are_refused_and_the_rest_goes_on(library):
    text = HEADER.encode() + line("a").encode() + line("b", name="Өскемен").encode("utf-16") + b"\n"
    text += b"x" * 300_000 + b"\n" + line("c").encode()
    answer = library.import_csv(text).json
    assert tree(library) == {"a": None, "c": None}
    assert answer["accepted"] == 2
    assert "longer than" in str(answer["rejected"])
    assert "UTF-8" in str(answer["rejected"])


def test_only_csv_is_taken(library):
    answer = library.call("POST", f"{PATH}/import", json={})
    assert answer.status_code == 415


def test_calendars_are_renewed_before_they_run_out(library):
    library.branch("a")
    context = library.system.contexts["quarantines"]
    assert renew_calendars(context) is False
    assert len(library.events("branch.changed.v1")) == 1
    library.set_today(date(2027, 3, 1))
    renew_calendars(context)
    renew_calendars(context)
    said = library.events("branch.changed.v1")
    assert [each["version"] for each in said] == [1, 2]
    assert OpenDays.from_json(said[1]["open_days"]).last == date(2030, 3, 1)
