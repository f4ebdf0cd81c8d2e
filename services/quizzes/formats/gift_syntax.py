"""The characters of GIFT (docs.moodle.org, "GIFT format"): escapes and text formats."""

from __future__ import annotations

from services.quizzes.formats import rich
from services.quizzes.formats.rich import Rich

CONTROL = "~=#{}:\\"
DIRECTIVE = "// kitaphana "
FORMATS = ("html", "moodle", "plain", "markdown")
# Escaped characters wait as halves of surrogate pairs, which no decoded text can hold.
_HIDDEN = 0xDC00


def hide(text: str) -> str:
    """`text` with every escaped character out of the parser's sight; `\\n` is an escaped line end."""
    out: list[str] = []
    at = 0
    while at < len(text):
        follower = text[at + 1 : at + 2]
        if text[at] == "\\" and follower and follower in CONTROL + "n":
            out.append(chr(_HIDDEN + ord("\n" if follower == "n" else follower)))
            at += 2
        else:
            out.append(text[at])
            at += 1
    return "".join(out)


def reveal(text: str) -> str:
    return "".join(chr(ord(each) - _HIDDEN) if _HIDDEN <= ord(each) < _HIDDEN + 128 else each for each in text)


def escape(text: str) -> str:
    escaped = "".join("\\" + each if each in CONTROL else each for each in text)
    return escaped.replace("\n", "\\n")


def read_text(hidden: str, inherited: str) -> tuple[Rich, str]:
    """A text and its format: named in brackets before it, else inherited from the question's."""
    text, name = hidden.strip(), inherited
    for each in FORMATS:
        if text.startswith(f"[{each}]"):
            text, name = text[len(each) + 2 :].strip(), each
            break
    words = reveal(text)
    if name == "html" or (name == "moodle" and rich.looks_like_html(words)):
        return rich.html(words), name
    read = rich.plain(words if name == "plain" else _joined(text))
    if name == "markdown" and any(mark in words for mark in "*_`#[!"):
        read.left_out.append("Markdown")
    return read, name


def _joined(hidden: str) -> str:
    """Line ends of the file are spaces; escaped ones stay."""
    return reveal(hidden.replace("\n", " "))


def plain_text(hidden: str) -> str:
    """An answer that is compared with what is typed: no format is rendered."""
    text = hidden.strip()
    for each in FORMATS:
        text = text.removeprefix(f"[{each}]")
    return reveal(text.replace("\n", " ").strip())
