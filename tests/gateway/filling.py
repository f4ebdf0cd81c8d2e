"""The forms of a page, filled in as somebody would: every field gets something of its own."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from werkzeug.datastructures import MultiDict

Fields = MultiDict[str, str]
A_DAY, A_NUMBER, A_SHARE = "2031-05-07", "7", "1/2"
NOT_SENT = ("submit", "file")


@dataclass
class Control:
    """`kind`: type of the input, or select; `stands`: it is sent as it stands; `options`: of a select."""

    name: str
    kind: str
    value: str = ""
    stands: bool = True
    options: list[str] = field(default_factory=list)
    counts: bool = False


@dataclass
class Form:
    action: str
    controls: list[Control] = field(default_factory=list)

    def as_it_stands(self) -> Fields:
        """What would be sent, without its key."""
        sent = [each for each in self.controls if each.stands and each.kind not in NOT_SENT and each.name != "csrf"]
        return MultiDict([(each.name, each.value) for each in sent])

    @property
    def key(self) -> str:
        return next(each.value for each in self.controls if each.name == "csrf")

    @property
    def files(self) -> list[str]:
        return [each.name for each in self.controls if each.kind == "file"]

    def filled_in(self) -> Fields:
        """Other words everywhere, the last of several choices (two of many), a single box the other way round."""
        sent: list[tuple[str, str]] = []
        for number, each in enumerate(self.controls):
            if each.name == "csrf" or each.kind in NOT_SENT:
                continue
            if each.kind in ("checkbox", "radio"):
                sent += [(each.name, each.value)] if self._ticked(each) else []
            else:
                sent.append((each.name, _other(each, number)))
        return MultiDict(sent)

    def _ticked(self, control: Control) -> bool:
        same = [each for each in self.controls if (each.name, each.kind) == (control.name, control.kind)]
        if control.kind == "radio":
            return control is same[-1]
        if len(same) == 1:
            return not control.stands
        return any(control is each for each in same[-2 if len(same) > 2 else -1 :])


def _other(control: Control, number: int) -> str:
    if control.kind == "hidden":
        return control.value
    if control.kind == "select":
        return control.options[-1]
    if control.kind == "date":
        return A_DAY
    if control.name.endswith(".share"):
        return A_SHARE
    return A_NUMBER if control.counts else f'Ә{number} "<b>&'


def files_for(form: Form) -> dict[str, Any]:
    return {name: (io.BytesIO(b"some bytes"), "file.csv") for name in form.files}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._area: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""))
            self.forms += [self._open] if given.get("method") == "post" else []
        if self._open is None or (tag != "option" and not given.get("name")):
            return
        if tag == "input":
            self._input(given)
        elif tag in ("textarea", "select"):
            self._area = Control(given["name"], tag)
            self._open.controls.append(self._area)
        elif tag == "option" and self._area and self._area.kind == "select":
            self._area.options.append(given.get("value", ""))
            if len(self._area.options) == 1 or "selected" in given:
                self._area.value = given.get("value", "")

    def _input(self, given: dict[str, str]) -> None:
        assert self._open is not None
        kind = given.get("type", "text")
        stands = kind not in ("checkbox", "radio") or "checked" in given
        counts = kind == "number" or given.get("inputmode") in ("numeric", "decimal")
        value = given.get("value", "on" if kind == "checkbox" else "")
        self._open.controls.append(Control(given["name"], kind, value, stands, counts=counts))

    def handle_data(self, data: str) -> None:
        if self._area and self._area.kind == "textarea":
            self._area.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag in ("textarea", "select"):
            self._area = None


def forms_of(html: str) -> Sequence[Form]:
    """The forms of the page itself that send something, from top to bottom."""
    reader = _Reader()
    reader.feed(html[html.index("<main") :])
    return reader.forms


def form_to(html: str, path: str, same: Fields | None = None) -> Form:
    """The first form to that path; with `same`, the one whose hidden fields are those."""
    return next(each for each in forms_of(html) if each.action.split("?")[0] == path and _is_that(each, same))


def _is_that(form: Form, same: Fields | None) -> bool:
    return same is None or all(each.value in same.getlist(each.name) for each in _marks(form))


def _marks(form: Form) -> Iterator[Control]:
    return (each for each in form.controls if each.kind == "hidden" and each.name != "csrf")
