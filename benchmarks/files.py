"""Lines a second of imported readers and loans, over HTTP in this process: reported, held to no goal."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from benchmarks.figures import report, seconds, sizes
from benchmarks.library import BRANCHES, Library, branch_ids, fill_branches, fill_loans
from benchmarks.spine import Nodes, Spine
from tests.support.whole import Library as Staff

LARGEST = 100_000
READERS = (
    "card_number,family_name,given_name,language,birth_date,email,phone,telegram,guardian_card_number,"
    "home_branch_id,card_expires_on"
)
LOANS = "loan_id,card_number,title,isbn,branch_id,lent_on,due_on,status"


def measure(nodes: Nodes) -> None:
    spine = Spine.create(nodes, "files", "accounts", "loans")
    staff = Staff.inside(spine.system)
    with spine.database("accounts").transaction() as session:
        session.execute(text("INSERT INTO branches (id, version) SELECT unnest(:ids), 1"), {"ids": branch_ids()})
    with spine.database("loans").transaction() as session:
        fill_branches(session, Library(0))
    for size in [size for size in sizes() if size <= LARGEST]:
        library = Library(size)
        with spine.database("accounts").transaction() as session:
            session.execute(text("TRUNCATE readers CASCADE"))
        with spine.database("loans").transaction() as session:
            fill_loans(session, library)
            session.execute(text("TRUNCATE loans CASCADE"))
        _import(staff, "readers", size, library.readers, _readers(library))
        _import(staff, "loans", size, size, _loans(library))
    spine.close()


def _import(staff: Staff, noun: str, size: int, lines: int, body: bytes) -> None:
    def work() -> None:
        found = staff.call("POST", f"/{noun}/import", csv_body=body)
        if found["accepted"] != lines:
            raise SystemExit(f"{noun}: {found['accepted']} of {lines} lines taken; {found['rejected'][:3]}")

    report(f"import of {noun}", size, lines / seconds(work), "lines/s")


def _readers(library: Library) -> bytes:
    lines = (
        f"K{n:08},Әуезова,Айгерім,{('kk', 'ru', 'en')[n % 3]},1990-05-17,reader{n}@example.org,,,,b{1 + n % BRANCHES},"
        for n in range(library.readers)
    )
    return "\n".join([READERS, *lines]).encode()


def _loans(library: Library) -> bytes:
    days = f"{(library.starts_on - timedelta(days=14)).isoformat()},{library.after.isoformat()}"
    lines = (
        f'L{n:09},K{n % library.readers:08},"Қалың орман, тентек өзен {n % 25}",,b{1 + n % BRANCHES},{days},on_loan'
        for n in range(library.loans)
    )
    return "\n".join([LOANS, *lines]).encode()
