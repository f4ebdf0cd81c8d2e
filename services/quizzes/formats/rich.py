"""Texts of other programs, with their markup, read as plain texts in our languages, and written so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

from services.quizzes.formats import refused
from services.quizzes.items import NOTHING, Picture, Texts
from shared.language import LANGUAGES

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = frozenset(
    (*_HEADINGS, "p", "div", "blockquote", "section", "ul", "ol", "li", "dl", "dt", "dd", "pre", "table", "tr", "hr")
)
_SILENT = frozenset(("span", "p", "div", "br", "img", "html", "body"))
_UNSEEN = frozenset(("script", "style", "head", "title", "template"))
_TAG = re.compile(
    r"</?(p|br|b|i|u|em|strong|span|img|div|ul|ol|li|sub|sup|a|table|tr|td|h[1-6]|pre|code)\b[^<]*>", re.I
)
_BETWEEN = re.compile("[ \t\n\r\f]+")
LINE = "\x00"
LONGEST_HTML = 40_000
DEEPEST = 100


@dataclass
class Rich:
    """A text as pieces: (language or None for every language, words). `left_out`: names of markup not kept;
    `pictures`: (language or None, address, alternative text)."""

    pieces: list[tuple[str | None, str]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    pictures: list[tuple[str | None, str, str]] = field(default_factory=list)

    @property
    def languages(self) -> set[str]:
        return {language for language, words in self.pieces if language and words.strip()}

    def texts(self, languages: Iterable[str]) -> Texts:
        """The text in each of these languages; what is in no language is in all of them."""
        return Texts(**{each: self._in(each) for each in languages})

    def _in(self, language: str) -> str:
        words = "".join(words for each, words in self.pieces if each in (None, language))
        lines = _BETWEEN.sub(" ", words).split(LINE)
        return "\n".join(line.strip(" ") for line in lines)

    def add(self, other: Rich) -> None:
        self.pieces.extend(other.pieces)
        self.left_out.extend(other.left_out)
        self.pictures.extend(other.pictures)


EMPTY = Rich()


def plain(text: str) -> Rich:
    """Text without markup: its line ends are kept."""
    return Rich([(None, text.replace("\n", LINE))]) if text else Rich()


class Flow:
    """Builds a Rich text from tags and words as they come, of HTML or of XML."""

    def __init__(self) -> None:
        self.rich = Rich()
        self._languages: list[str | None] = [None]
        self._unseen = 0
        self._fresh = True

    def open(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        self._languages.append(_language_of(attributes) or self._languages[-1])
        self._unseen += tag in _UNSEEN
        if tag == "br":
            self.rich.pieces.append((self._languages[-1], LINE))
        elif tag in _BLOCKS:
            self._break()
        elif tag == "img":
            picture = (self._languages[-1], attributes.get("src") or "", attributes.get("alt") or "")
            self.rich.pictures.append(picture)
        if tag not in _SILENT and tag not in self.rich.left_out:
            self.rich.left_out.append(tag)

    def close(self, tag: str) -> None:
        if len(self._languages) > 1:
            self._languages.pop()
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        if tag in _BLOCKS:
            self._break()

    def words(self, text: str) -> None:
        if self._unseen or not text:
            return
        if text.strip():
            self._fresh = False
        self.rich.pieces.append((self._languages[-1], text.replace(LINE, "")))

    def _break(self) -> None:
        """A line end between blocks, one however many blocks meet here."""
        if not self._fresh:
            self.rich.pieces.append((None, LINE))
            self._fresh = True


def _language_of(attributes: Mapping[str, str | None]) -> str | None:
    """The language of one of several versions of a text; a foreign word marked inside a sentence is none."""
    if "multilang" not in (attributes.get("class") or "").split():
        return None
    marked = attributes.get("xml:lang") or attributes.get("lang") or ""
    return our_language(marked)


def our_language(tag: str) -> str | None:
    """kk, ru or en for a language tag such as `kk-KZ`; None for another language."""
    language = tag.partition("-")[0].partition("_")[0].lower()
    return language if language in LANGUAGES else None


class _Html(HTMLParser):
    _VOID = frozenset(("br", "img", "hr", "input", "meta", "link", "wbr", "source", "col", "area", "embed"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.flow = Flow()
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len(self._open) >= DEEPEST:
            raise refused("", "The file is nested too deeply or holds too many elements.")
        self.flow.open(tag, dict(attrs))
        if tag in self._VOID:
            self.flow.close(tag)
        else:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.flow.open(tag, dict(attrs))
        self.flow.close(tag)

    def handle_endtag(self, tag: str) -> None:
        """Closes what is open inside as well, as browsers do; an end without a beginning is nothing."""
        if tag in self._open:
            while (closed := self._open.pop()) != tag:
                self.flow.close(closed)
            self.flow.close(tag)

    def handle_data(self, data: str) -> None:
        self.flow.words(data)


def html(text: str) -> Rich:
    """HTML with Moodle's `<span lang="kk" class="multilang">`."""
    if len(text) > LONGEST_HTML:
        raise refused("", "The text is longer than {limit} characters.", limit=LONGEST_HTML)
    parser = _Html()
    parser.feed(text)
    parser.close()
    return parser.flow.rich


def looks_like_html(text: str) -> bool:
    return bool(_TAG.search(text))


def is_multilang(text: str) -> bool:
    return "multilang" in text and looks_like_html(text)


def html_text(texts: Texts, languages: Sequence[str]) -> str:
    """`texts` as HTML for Moodle: as one text where it is the same in every language."""
    if not texts:
        return ""
    if is_universal(texts, languages):
        return _html_lines(texts[languages[0]])
    return question_html(texts, None, "")


def question_html(texts: Texts, picture: Picture | None, source: str) -> str:
    """`texts` as one span a language, even if there is one only, so that no language is lost; the picture inside."""

    def shown(language: str) -> str:
        if not picture:
            return ""
        return f'<img src="{escape(source)}" alt="{escape(picture.alt[language])}">'.replace("\n", "&#10;")

    spans = (
        f'<span lang="{each}" class="multilang">{shown(each)}{_html_lines(texts[each])}</span>'
        for each in texts.languages
    )
    return "".join(spans)


def is_universal(texts: Texts, languages: Sequence[str]) -> bool:
    return texts.languages == tuple(languages) and len({texts[each] for each in languages}) == 1


def _html_lines(text: str) -> str:
    return "<br>".join(escape(line, quote=False) for line in text.split("\n"))


def languages_in(texts: Iterable[Rich], default: str) -> tuple[str, ...]:
    """The languages marked anywhere in these texts; `default` where none is."""
    marked = {language for text in texts for language in text.languages}
    return tuple(each for each in LANGUAGES if each in marked) or (default,)


def picture_of(rich: Rich, languages: Sequence[str]) -> Picture | None:
    """The text's one picture, its alternative text by language; None where there is none or more than one."""
    if len({source for _language, source, _alt in rich.pictures}) != 1:
        return None
    alt = {each: _alt(rich, each) for each in languages}
    return Picture(rich.pictures[0][1], Texts(**alt))


def _alt(rich: Rich, language: str) -> str:
    return next((alt for each, _source, alt in rich.pictures if each in (None, language)), "")


def resolved(rich: Rich, languages: Sequence[str]) -> Texts:
    return rich.texts(languages) if rich.pieces else NOTHING
