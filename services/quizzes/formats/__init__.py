"""Files of other programs, read and written: what cannot be taken or held is said with its place and reason."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.quizzes.faults import Fault
from services.quizzes.items import Item

LARGEST_FILE = 10 * 1024 * 1024
MOST_ITEMS = 5_000
MOST_PARTS = 100


@dataclass
class Imported:
    """`refused`: what was not taken; `notes`: what was left out or understood otherwise in items that were taken."""

    items: list[Item] = field(default_factory=list)
    refused: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)


@dataclass
class Exported:
    """`refused`: items that are not in `content`; `notes`: what other programs will not see."""

    content: bytes = b""
    refused: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)


class Refused(Exception):
    """One question, or a whole file, cannot be taken."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.place}: {fault.message}")
        self.fault = fault


def refused(place: str, message: str, **values: object) -> Refused:
    return Refused(Fault(place, message, values))


def check_count(place: str, count: int) -> None:
    """Before parts are compared with each other: what cannot be asked need not be read to the end."""
    if count > MOST_PARTS:
        raise refused(place, "Too many: {count}. At most {most} are taken.", count=count, most=MOST_PARTS)


def check_size(content: bytes) -> None:
    if len(content) > LARGEST_FILE:
        raise refused("file", "The most that can be taken at once is {limit} MB.", limit=LARGEST_FILE >> 20)


def text_of(content: bytes) -> str:
    """The text of a file in UTF-8, with or without a byte order mark, or UTF-16 with one."""
    check_size(content)
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise refused(f"line {line}", "The file is not in UTF-8. Save it as text in UTF-8.") from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise refused(f"line {line}", "The line holds characters that are not text.")
    return text.replace("\r\n", "\n").replace("\r", "\n")
