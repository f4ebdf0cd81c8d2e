import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import opening_hours
import phonenumbers
import pytest

from demo.catalogue import BRANCHES, TITLES
from demo.library import SampleFiles, generate

TODAY = date(2026, 2, 2)
READER_COLUMNS = (
    "card_number,family_name,given_name,language,birth_date,email,phone,telegram,guardian_card_number,"
    "home_branch_id,card_expires_on,guardian_name,guardian_phone,guardian_email,guardian_language,school,"
    "school_class,kind,blocked"
)
TITLES_OF_THE_SAMPLE = {
    "Қара сөздер": "Абай Құнанбайұлы",
    "Абай жолы": "Мұхтар Әуезов",
    "Көксерек": "Мұхтар Әуезов",
    "Менің атым Қожа": "Бердібек Соқпақбаев",
    "Балалық шаққа саяхат": "Бердібек Соқпақбаев",
    "Әке мен бала": "Ыбырай Алтынсарин",
    "Жау тылында": "Қасым Қайсенов",
    "Ұшқан ұя": "Бауыржан Момышұлы",
    "Жабайы алма": "Сайын Мұратбеков",
    "Көшпенділер": "Ілияс Есенберлин",
    "Ұлпан": "Ғабит Мүсірепов",
    "Ақбілек": "Жүсіпбек Аймауытов",
    "Қар қызы": "Оралхан Бөкей",
    "Ер Төстік": "қазақ халық ертегісі",
    "Капитанская дочка": "А. С. Пушкин",
    "Сказка о глупом мышонке": "С. Я. Маршак",
    "Волшебник Изумрудного города": "А. М. Волков",
    "Незнайка на Луне": "Н. Н. Носов",
    "Сын полка": "В. П. Катаев",
    "Тимур и его команда": "А. П. Гайдар",
    "Белый пароход": "Чингиз Айтматов",
    "Маленький принц": "Антуан де Сент-Экзюпери",
    "Приключения Тома Сойера": "Марк Твен",
    "Alice's Adventures in Wonderland": "Lewis Carroll",
    "Splat the Cat": "Rob Scotton",
}

Rows = list[dict[str, str]]


def rows(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def share(some: int, of: int) -> float:
    return some / of


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> SampleFiles:
    return generate(tmp_path_factory.mktemp("sample"), TODAY)


@pytest.fixture(scope="module")
def readers(files: SampleFiles) -> Rows:
    return rows(files.readers)


@pytest.fixture(scope="module")
def loans(files: SampleFiles) -> Rows:
    return rows(files.loans)


def test_header_lines_are_the_promised_ones(files: SampleFiles) -> None:
    heads = [path.read_text("utf-8").split("\n", 1)[0] for path in (files.branches, files.readers, files.loans)]
    assert heads == [
        "branch_id,name_kk,name_ru,name_en,parent_id,time_zone,opening_hours,phone",
        READER_COLUMNS,
        "loan_id,card_number,title,isbn,branch_id,lent_on,due_on,status,author",
    ]


def test_counts_are_exact_and_ids_unique(readers: Rows, loans: Rows) -> None:
    assert (len(readers), len({reader["card_number"] for reader in readers})) == (2_000, 2_000)
    assert (len(loans), len({loan["loan_id"] for loan in loans})) == (5_000, 5_000)


def test_titles_and_branches_are_those_of_the_sample_library(files: SampleFiles, loans: Rows) -> None:
    assert {title.title: title.author for title in TITLES} == TITLES_OF_THE_SAMPLE
    assert {loan["title"]: loan["author"] for loan in loans} == TITLES_OF_THE_SAMPLE
    assert [branch["branch_id"] for branch in rows(files.branches)] == ["ortalyq", "ablaketka", "zashchita"]
    assert {branch["time_zone"] for branch in rows(files.branches)} == {"Asia/Almaty"}


def test_opening_hours_are_in_openstreetmap_notation() -> None:
    assert [opening_hours.validate(branch.opening_hours) for branch in BRANCHES] == [True] * 3


def test_every_loan_names_a_card_and_a_branch_of_the_library(readers: Rows, loans: Rows) -> None:
    assert {loan["card_number"] for loan in loans} <= {reader["card_number"] for reader in readers}
    assert {loan["branch_id"] for loan in loans} == {branch.branch_id for branch in BRANCHES}


def test_languages_are_shared_as_in_the_region(readers: Rows) -> None:
    spoken = Counter(reader["language"] for reader in readers)
    assert set(spoken) == {"kk", "ru", "en"}
    assert share(spoken["kk"], 2_000) == pytest.approx(0.60, abs=0.04)
    assert share(spoken["ru"], 2_000) == pytest.approx(0.35, abs=0.04)
    assert share(spoken["en"], 2_000) == pytest.approx(0.05, abs=0.02)


def test_kazakh_and_russian_names_keep_their_letters(readers: Rows) -> None:
    letters = set("".join(reader["family_name"] + reader["given_name"] for reader in readers))
    assert set("әіңғүұқө") <= {letter.lower() for letter in letters}
    assert set("ёыэ") & letters


def test_siblings_bear_one_family_name_in_the_form_of_their_gender(readers: Rows) -> None:
    named = {reader["family_name"] for reader in readers}
    assert {"Серікбаев", "Серікбаева", "Полянская", "Шмидт"} <= named
    assert any(name.endswith("қызы") for name in named)
    assert any(name.endswith("ұлы") for name in named)
    assert not {"Шмидта", "Шевчука", "Қаната"} & named


def test_guardians_exist_are_adults_and_have_no_guardian_themselves(readers: Rows) -> None:
    by_card = {reader["card_number"]: reader for reader in readers}
    children = [reader for reader in readers if reader["guardian_card_number"]]
    guardians = [by_card[child["guardian_card_number"]] for child in children]
    assert len(children) > 200
    assert not [guardian for guardian in guardians if guardian["guardian_card_number"]]
    assert all(int(guardian["birth_date"][:4]) < TODAY.year - 18 for guardian in guardians)


def test_families_of_every_kind_are_among_the_readers(readers: Rows) -> None:
    contacts = Counter(reader["guardian_name"] for reader in readers if reader["guardian_name"])
    with_cards = Counter(reader["guardian_card_number"] for reader in readers if reader["guardian_card_number"])
    untold = [reader for reader in readers if not reader["guardian_card_number"] and not reader["guardian_name"]]
    assert max(contacts.values()) >= 3
    assert max(with_cards.values()) >= 3
    assert [child for child in untold if int(child["birth_date"][:4] or 0) > TODAY.year - 14]
    assert {reader["kind"] for reader in readers} == {"", "institution"}
    assert {reader["blocked"] for reader in readers} == {"", "true"}


def test_contacts_are_valid_and_lead_nowhere(readers: Rows) -> None:
    phones = {reader[column] for reader in readers for column in ("phone", "guardian_phone")} - {""}
    mails = {reader[column] for reader in readers for column in ("email", "guardian_email")} - {""}
    assert len(phones) > 400
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(phone)) for phone in phones)
    assert all(phone.startswith("+77232") for phone in phones)
    assert {mail.partition("@")[2] for mail in mails} == {"example.org"}
    assert all(mail.isascii() and " " not in mail for mail in mails)


def test_some_can_be_called_only_and_some_not_reached_at_all(readers: Rows) -> None:
    own = [(r["email"] + r["guardian_email"], r["phone"] + r["guardian_phone"]) for r in readers]
    assert sum(not mail and bool(phone) for mail, phone in own) > 100
    assert sum(not mail and not phone for mail, phone in own) > 100
    assert any(reader["telegram"] for reader in readers)


def test_most_readers_are_children_at_school(readers: Rows) -> None:
    minors = [r for r in readers if r["birth_date"] > TODAY.replace(year=TODAY.year - 18).isoformat()]
    assert share(len(minors), 2_000) > 0.7
    assert {r["school_class"][:-1] for r in readers if r["school_class"]} == {str(n) for n in range(1, 12)}


def test_some_cards_expire_within_two_weeks(readers: Rows) -> None:
    soon = (TODAY + timedelta(days=14)).isoformat()
    assert 40 < sum(TODAY.isoformat() < r["card_expires_on"] <= soon for r in readers) < 250


def test_loans_are_due_around_today_and_in_every_state(loans: Rows) -> None:
    states = Counter(loan["status"] for loan in loans)
    due = [date.fromisoformat(loan["due_on"]) for loan in loans if loan["status"] == "on_loan"]
    assert set(states) == {"on_loan", "returned", "lost", "claimed_returned"}
    assert share(states["on_loan"], 5_000) > 0.75
    assert 0.04 < share(sum(day < TODAY for day in due), len(due)) < 0.15
    assert max(due) <= TODAY + timedelta(days=30)
    assert all(loan["lent_on"] < TODAY.isoformat() for loan in loans)


def test_desks_lend_on_open_weekdays_only(loans: Rows) -> None:
    weekdays = {
        branch.branch_id: {
            date.fromisoformat(loan["lent_on"]).weekday() for loan in loans if loan["branch_id"] == branch.branch_id
        }
        for branch in BRANCHES
    }
    assert weekdays == {
        "ortalyq": {0, 1, 2, 3, 4, 5},
        "ablaketka": {0, 1, 2, 3, 4},
        "zashchita": {1, 2, 3, 4, 5},
    }


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path, files: SampleFiles) -> None:
    again = generate(tmp_path / "again", TODAY)
    other = generate(tmp_path / "other", TODAY, seed=7)
    assert again.readers.read_bytes() == files.readers.read_bytes()
    assert again.loans.read_bytes() == files.loans.read_bytes()
    assert other.loans.read_bytes() != files.loans.read_bytes()


def test_more_branches_than_three_carry_numbers(tmp_path: Path) -> None:
    made = generate(tmp_path, TODAY, readers=400, loans=1_200, branches=12)
    branches = rows(made.branches)
    assert len(branches) == 12
    assert [branches[3][name] for name in ("name_kk", "name_ru", "name_en")] == [
        "№4 филиал",
        "Филиал №4",
        "Branch 4",
    ]
    assert {loan["branch_id"] for loan in rows(made.loans)} == {branch["branch_id"] for branch in branches}


@pytest.mark.parametrize(("readers", "loans"), [(1, 30), (5, 0), (3, 1)])
def test_small_libraries_have_exactly_what_was_asked_for(tmp_path: Path, readers: int, loans: int) -> None:
    made = generate(tmp_path, TODAY, readers=readers, loans=loans)
    assert (len(rows(made.readers)), len(rows(made.loans))) == (readers, loans)


def test_nobody_takes_a_title_twice_while_others_are_left(loans: Rows) -> None:
    taken = Counter((loan["card_number"], loan["title"]) for loan in loans)
    assert taken.most_common(1)[0][1] == 1


def test_a_library_without_readers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="readers and branches must be at least 1"):
        generate(tmp_path, TODAY, readers=0)
