"""The demonstration: a library moves in, closes its doors, and proves that everyone was told."""

from collections import defaultdict
from contextlib import suppress
from datetime import date
from pathlib import Path
from uuid import uuid4

from rich.console import Console

from demo import online_test
from demo.facts import Json, branch_facts, days_to_show, told_by
from demo.following import follow, reconcile
from demo.opening import (
    Staff,
    decision,
    give_reader_a_pin,
    move_in,
    quarantine_in_force,
    sample_files,
    sign_in,
    today,
)
from demo.summary import PREVIEWED, Summary
from demo.system import running
from demo.words import Words


def tell(home: Path, port: int, stays: bool, words: Words, console: Console) -> bool:
    """Run the whole story with its state in `home`; True if reconciliation is clean.

    With `stays` the system is left up after the summary until Ctrl-C or until it stops by itself.
    """
    with console.status(words("starting")) as status, running(home, port) as system:
        status.stop()
        address = f"http://127.0.0.1:{port}"
        staff = sign_in(address, home / "demo-accounts.json")
        quarantine_id = close_the_doors(staff, home, words, console)
        follow(staff.operator, quarantine_id, system, words, console)
        with console.status(words("checking")):
            verdict = reconcile(staff.operator, quarantine_id, system)
        _summarise(staff, quarantine_id, verdict, Summary(console, words))
        Summary(console, words).whereabouts(address, mail_folder(home), home / "demo-accounts.json")
        if stays:
            console.print(words("ctrl_c"))
            with suppress(KeyboardInterrupt):
                system.wait()
    return bool(verdict["clean"])


def close_the_doors(staff: Staff, home: Path, words: Words, console: Console) -> str:
    """Declare the quarantine of the sample library, or find the one declared at an earlier start: its id."""
    files = sample_files(home)
    standing = quarantine_in_force(staff)
    if standing is None:
        with console.status(words("moving_in")):
            readers, loans = move_in(staff, files)
        console.print(words("sample", readers=readers, loans=loans))
    else:
        console.print(words("again", home=home), soft_wrap=True)
    give_reader_a_pin(staff, files, home / "demo-accounts.json")
    quiz = online_test.publish(staff.editor, today())
    console.print(words("quiz", title=quiz["title"]["kk"], questions=quiz["questions"]))
    quarantine = standing or _declare(staff, words, console)
    console.print(_declared_line(quarantine, words))
    return str(quarantine["id"])


def _declare(staff: Staff, words: Words, console: Console) -> Json:
    body = decision(today())
    preview = staff.operator.post("/api/v1/quarantines/preview", body)
    console.print(words("preview", counts=_counts(preview, words)))
    return staff.operator.post("/api/v1/quarantines", body, idempotency_key=f"demo-{uuid4()}")


def _counts(preview: Json, words: Words) -> str:
    """The numbers the services gave; a part that did not answer is not shown as 0."""
    known = {name: preview[key] for name, key in PREVIEWED.items() if preview.get(key) is not None}
    return ", ".join(f"{words(name)}: {number}" for name, number in known.items())


def _declared_line(quarantine: Json, words: Words) -> str:
    last = quarantine["ends_on"]
    return words(
        "declared",
        first=words.day(date.fromisoformat(quarantine["starts_on"])),
        last=words.day(date.fromisoformat(last)) if last else words("not_known"),
    )


def _summarise(staff: Staff, quarantine_id: str, verdict: Json, summary: Summary) -> None:
    quarantine = staff.operator.get(f"/api/v1/quarantines/{quarantine_id}")
    names = {branch["id"]: branch["name"][summary.language] for branch in staff.operator.items("/api/v1/branches")}
    loans = list(staff.librarian.items("/api/v1/loans"))
    by_branch: dict[str, list[Json]] = defaultdict(list)
    for loan in loans:
        by_branch[loan["branch_id"]].append(loan)
    days = days_to_show(loans, date.fromisoformat(quarantine["starts_on"]))
    facts = [branch_facts(branch_id, by_branch[branch_id], quarantine, days) for branch_id in names]
    summary.branches(facts, names)
    summary.returns(facts, names, days)
    notices = staff.librarian.items("/api/v1/notices", quarantine_id=quarantine_id)
    summary.told(told_by(notices), verdict["unreachable"])
    summary.deadlines(sum(step["done"] for step in quarantine["progress"] if step["service"] == "quizzes"))
    summary.verdict(verdict)


def mail_folder(home: Path) -> Path:
    """The Maildir under `home`: the folder that has `new` and `cur` in it."""
    mailboxes = (new.parent for new in home.rglob("new") if (new.parent / "cur").is_dir())
    return next(mailboxes, home)
