"""XML read safely into a small tree that knows lines: no DTD, no entities, bounded in depth and size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr  # writing only: reading is expat's, below

from services.quizzes.formats import Refused, check_size, refused

DEEPEST = 100
MOST_ELEMENTS = 500_000
LONGEST_NAME = 80
_ENDS = {"\n": "&#10;"}


@dataclass
class Element:
    """`name` without its namespace; `children`: elements and the words between them, in order."""

    name: str
    attributes: dict[str, str]
    line: int
    step: str
    parent: Element | None = field(default=None, repr=False)
    children: list[Element | str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Made when asked for: kept with every element it could fill the memory."""
        return f"{self.parent.path if self.parent else ''}/{self.step}"

    @property
    def place(self) -> str:
        return f"line {self.line}, {self.path}"

    def elements(self, *names: str) -> list[Element]:
        """Children of these names, or every child element."""
        found = [each for each in self.children if isinstance(each, Element)]
        return [each for each in found if each.name in names] if names else found

    def first(self, name: str) -> Element | None:
        return next(iter(self.elements(name)), None)

    def everywhere(self, *names: str) -> Iterator[Element]:
        """Elements of these names at any depth, in the order of the file."""
        for each in self.elements():
            if each.name in names:
                yield each
            yield from each.everywhere(*names)

    def words(self) -> str:
        """All the text inside."""
        return "".join(each if isinstance(each, str) else each.words() for each in self.children)

    def said(self, *path: str, default: str = "") -> str:
        """The words of the first element along `path`, without spaces around."""
        found: Element | None = self
        for name in path:
            found = found.first(name) if found else None
        return found.words().strip() if found else default


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._words
        self.parser.CommentHandler = self._comment
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity
        self.parser.ExternalEntityRefHandler = self._external
        self._open: list[Element] = []
        self._counted: list[dict[str, int]] = []
        self._elements = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line = self.parser.CurrentLineNumber
        self._elements += 1
        if len(self._open) >= DEEPEST or self._elements > MOST_ELEMENTS:
            raise refused(f"line {line}", "The file is nested too deeply or holds too many elements.")
        local = name.rpartition(":")[2]
        element = Element(local, _local(attributes), line, self._step(local), self._open[-1] if self._open else None)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _step(self, local: str) -> str:
        """`question[3]`: the third of this name inside its parent; the root has no number."""
        if not self._open:
            self._counted.append({})
            return local[:LONGEST_NAME]
        at = self._counted[-1][local] = self._counted[-1].get(local, 0) + 1
        step = f"{local[:LONGEST_NAME]}[{at}]"
        self._counted.append({})
        return step

    def _end(self, _name: str) -> None:
        self._open.pop()
        self._counted.pop()

    def _words(self, text: str) -> None:
        self._open[-1].children.append(text)

    def _comment(self, text: str) -> None:
        if self._open:
            self._open[-1].comments.append(text.strip())

    def _doctype(self, *_declared: object) -> None:
        line = self.parser.CurrentLineNumber
        raise refused(f"line {line}", "A document type (DOCTYPE) is not taken, because it can hide traps. Remove it.")

    def _entity(self, *_declared: object) -> None:
        self._doctype()

    def _external(self, *_reference: object) -> int:
        self._doctype()
        return 0


def _local(attributes: dict[str, str]) -> dict[str, str]:
    """Attributes without their namespace, except xml:lang."""
    return {name if name == "xml:lang" else name.rpartition(":")[2]: value for name, value in attributes.items()}


def parse(content: bytes) -> Element:
    """The root element. Raises Refused, with the line, for what is not well-formed or not safe."""
    check_size(content)
    builder = _Builder()
    try:
        builder.parser.Parse(content, True)
    except expat.ExpatError as error:
        reason = expat.errors.messages.get(error.code, "")
        raise refused(f"line {error.lineno}", "This is not well-formed XML: {reason}.", reason=reason) from error
    except (ValueError, LookupError) as error:
        raise refused("line 1", "The encoding of the file is not known. Save it in UTF-8.") from error
    assert builder.root is not None
    return builder.root


def markup(name: str, attributes: Mapping[str, object], *inside: str) -> str:
    """An element as text; `inside` is markup already."""
    given = "".join(f" {key}={quoteattr(str(value), _ENDS)}" for key, value in attributes.items())
    return f"<{name}{given}>{''.join(inside)}</{name}>" if inside else f"<{name}{given}/>"


def words(text: str) -> str:
    """Text as XML."""
    return escape(text)


__all__ = ["Element", "Refused", "markup", "parse", "words"]
