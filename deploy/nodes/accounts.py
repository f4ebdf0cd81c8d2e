"""The unprivileged account that runs what refuses to run as root, and a folder it can reach."""

import hashlib
import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STATE = Path("/var/lib/kitaphana")


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int

    @property
    def credentials(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.chown(folder, self.uid, self.gid)

    def reaches(self, folder: Path) -> bool:
        return all(self._may_enter(parent) for parent in folder.parents if parent.exists())

    def _may_enter(self, folder: Path) -> bool:
        facts = folder.stat()
        if facts.st_uid == self.uid:
            return bool(facts.st_mode & 0o100)
        return bool(facts.st_mode & (0o010 if facts.st_gid == self.gid else 0o001))


def unprivileged(*names: str) -> Account | None:
    """None when this process is no root and can run everything itself; else the first account that exists."""
    if os.geteuid() != 0:
        return None
    for name in (*names, "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise RuntimeError("this machine has no account named nobody")


def private_folder(wanted: Path, account: Account | None) -> Path:
    """`wanted`, owned by `account`; where that is out of its reach (under /root), a link."""
    if account is None:
        wanted.mkdir(parents=True, exist_ok=True)
        return wanted
    if wanted.is_symlink():
        place = wanted.readlink()
    elif account.reaches(wanted):
        place = wanted
    else:
        place = STATE / hashlib.sha256(str(wanted).encode()).hexdigest()[:16]
        wanted.parent.mkdir(parents=True, exist_ok=True)
        wanted.symlink_to(place)
    account.own(place)
    return place
