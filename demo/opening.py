"""The story's first half over HTTP: the sample library moves in, and its quarantine is declared."""

import json
import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from demo.catalogue import TIME_ZONE, branches
from demo.facts import Json, read_rows, reader_to_show
from demo.http_client import Client
from demo.library import SampleFiles, generate
from demo.problems import DemoError

CLOSED_DAYS = 14
GRACE_DAYS = 2
RETURNS_PER_DAY = 160
REASON = {
    "kk": "Балалар арасында тұмаудың көбеюіне байланысты карантин",
    "ru": "Карантин из-за роста заболеваемости гриппом среди детей",
    "en": "Quarantine because of a rise in influenza among children",
}


@dataclass(frozen=True, slots=True)
class Staff:
    """Those who act in the story, signed in."""

    operator: Client
    librarian: Client
    admin: Client
    editor: Client


def sign_in(address: str, accounts_file: Path) -> Staff:
    accounts = read_accounts(accounts_file)
    anyone = Client(address)
    return Staff(*(anyone.signed_in(accounts[role]) for role in ("operator", "librarian", "admin", "editor")))


def read_accounts(accounts_file: Path) -> Json:
    try:
        accounts: Json = json.loads(accounts_file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DemoError(f"the sign-ins in {accounts_file} cannot be read ({error})") from error
    return accounts


def quarantine_in_force(staff: Staff) -> Json | None:
    """The newest one declared and neither lifted nor cancelled."""
    known = staff.operator.items("/api/v1/quarantines")
    standing = [one for one in known if one["state"] in ("declared", "changed")]
    return max(standing, key=lambda one: str(one["starts_on"]), default=None)


def sample_files(home: Path) -> SampleFiles:
    """The files of the first start, kept: the same file twice changes nothing."""
    files = SampleFiles(home / "sample")
    if not files.complete():
        unfinished = home / "sample.part"
        shutil.rmtree(unfinished, ignore_errors=True)
        generate(unfinished, today())
        shutil.rmtree(files.folder, ignore_errors=True)
        unfinished.rename(files.folder)
    return files


def move_in(staff: Staff, files: SampleFiles) -> tuple[int, int]:
    """Branches, then readers, then loans; how many readers and loans were taken."""
    create_branches(staff.admin)
    readers = _import(staff.librarian, "/api/v1/readers/import", files.readers)
    return readers, _import(staff.librarian, "/api/v1/loans/import", files.loans)


def _import(librarian: Client, path: str, file: Path) -> int:
    report = librarian.send_csv(path, file)
    if report["rejected"]:
        first, refused = report["rejected"][0], len(report["rejected"])
        raise DemoError(f"{file.name}: lines refused: {refused}; line {first['line']}: {first['errors']}")
    return int(report["accepted"])


def create_branches(admin: Client) -> None:
    present = {branch["id"] for branch in admin.items("/api/v1/branches")}
    foreign = present - {branch.branch_id for branch in branches()}
    if foreign:
        raise DemoError(f"this home holds another library (branch {min(foreign)}); set KITAPHANA_HOME to a new folder")
    for branch in branches():
        if branch.branch_id not in present:
            admin.post("/api/v1/branches", branch_body(branch._asdict()))


def branch_body(row: dict[str, str]) -> Json:
    return {
        "id": row["branch_id"],
        "name": {language: row[f"name_{language}"] for language in ("kk", "ru", "en")},
        "parent_id": row["parent_id"] or None,
        "time_zone": row["time_zone"],
        "opening_hours": row["opening_hours"],
        "phone": row["phone"] or None,
    }


def decision(first_day: date) -> Json:
    """Closed from today, so that books already late are seen to be frozen; a limit shows the staggering."""
    return {
        "branch_ids": "all",
        "starts_on": first_day.isoformat(),
        "ends_on": (first_day + timedelta(days=CLOSED_DAYS - 1)).isoformat(),
        "grace_days": GRACE_DAYS,
        "returns_per_day": RETURNS_PER_DAY,
        "include_overdue": True,
        "reason": REASON,
        "announce": False,
    }


def give_reader_a_pin(staff: Staff, files: SampleFiles, accounts_file: Path) -> None:
    """A PIN as staff issue it by phone, for a parent with books; written beside the staff's sign-ins."""
    accounts = read_accounts(accounts_file)
    if "reader" in accounts:
        return
    last_closed = date.fromisoformat(decision(today())["ends_on"])
    with files.readers.open(encoding="utf-8") as readers, files.loans.open(encoding="utf-8") as loans:
        card = reader_to_show(read_rows(readers), read_rows(loans), last_closed)
    pin = staff.librarian.post(f"/api/v1/readers/{card}/pin")["pin"]
    write_private(accounts_file, {**accounts, "reader": {"login": card, "secret": pin}})


def write_private(file: Path, content: Json) -> None:
    """Replace the file whole; nobody else may read it at any moment."""
    draft = file.with_suffix(".part")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
    draft.replace(file)


def today() -> date:
    return datetime.now(ZoneInfo(TIME_ZONE)).date()
