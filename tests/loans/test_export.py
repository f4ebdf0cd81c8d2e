import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.csv_lines import as_written, defused
from tests.loans.library import HEADER, Library, day, line


def exported(library: Library, **query) -> str:
    answer = library.get("/loans/export.csv", **query)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    return answer.get_data(as_text=True)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_what_goes_out_and_comes_in_again_changes_nothing_and_loses_no_original(library: Library) -> None:
    library.branch("north")
    library.closed(day(5), day(20))
    library.closed(day(5), None, branch_id="north")
    card = library.reader()
    library.import_csv(
        line("inside", card),
        line("open-ended", card, branch_id="north"),
        line("untouched", card, due_on=day(40), author=""),
        line("lost", card, status="lost", isbn="9786012031409"),
        line("=2+2", card, title='"=HYPERLINK(""x"", 1)"', author="'=quoted"),
        line("@", card, title='"two\nlines"'),
    )
    library.lend(card, loan_id="lent", days=8)
    library.post("/loans/untouched/return", {})
    before = library.get("/loans").json, library.events()
    assert {loan["id"]: loan["due_on"] for loan in before[0]["items"]}["open-ended"] is None
    answer = library.import_bytes(exported(library).encode())
    assert answer.json == {"accepted": 7, "rejected": []}
    assert (library.get("/loans").json, library.events()) == before
    assert library.loan("inside")["original_due_on"] == day(9).isoformat()


def test_the_export_has_the_imports_columns_and_the_dates_in_force(library: Library) -> None:
    library.closed(day(5), day(20))
    library.import_csv(line("L1", library.reader("K1")))
    text = exported(library)
    assert text.splitlines()[0] == HEADER
    (row,) = rows(text)
    assert (row["loan_id"], row["card_number"], row["due_on"]) == ("L1", "K1", day(21).isoformat())


def test_only_what_a_quarantine_moved(library: Library) -> None:
    quarantine_id = library.closed(day(5), day(20))
    card = library.reader()
    library.import_csv(line("moved", card), line("untouched", card, due_on=day(40)))
    assert [row["loan_id"] for row in rows(exported(library, quarantine_id=quarantine_id))] == ["moved"]
    assert library.get("/loans/export.csv", quarantine_id="rubbish").status_code == 422


def test_lists_that_staff_need_as_files(library: Library) -> None:
    card = library.reader()
    library.import_csv(line("today", card, due_on=day(0)), line("later", card))
    assert [row["loan_id"] for row in rows(exported(library, due_from=day(0), due_to=day(0)))] == ["today"]


def test_a_long_export_comes_page_by_page(library: Library) -> None:
    card = library.reader()
    library.import_csv(*(line(f"L{n:05}", card) for n in range(4500)))
    assert [row["loan_id"] for row in rows(exported(library))] == [f"L{n:05}" for n in range(4500)]


def test_no_cell_is_a_formula(library: Library) -> None:
    card = library.reader()
    library.import_csv(*(line(f"L{n}", card, title=f"{sign}1+1") for n, sign in enumerate("=+-@")))
    assert [row["title"] for row in rows(exported(library))] == [f"'{sign}1+1" for sign in "=+-@"]


@given(st.text(st.sampled_from("'=+-@a \t"), max_size=6))
def test_a_defused_cell_comes_back_as_it_was(cell: str) -> None:
    assert as_written(defused(cell)) == cell
    assert defused(cell)[:1] not in {"=", "+", "-", "@", "\t"}


@pytest.mark.parametrize("kind", [None, "reader"])
def test_who_may_export(library: Library, kind) -> None:
    token = library.reader_token(library.reader()) if kind else None
    assert library.get("/loans/export.csv", token).status_code == (403 if kind else 401)


def test_a_librarian_exports_their_own_branches(library: Library) -> None:
    library.branch("north")
    card = library.reader()
    library.import_csv(line("here", card), line("there", card, branch_id="north"))
    north = library.token(roles={"librarian": ["north"]})
    text = library.get("/loans/export.csv", north).get_data(as_text=True)
    assert [row["loan_id"] for row in rows(text)] == ["there"]
