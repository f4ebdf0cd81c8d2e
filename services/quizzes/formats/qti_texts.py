"""The words of a QTI item: body, prompts and choices with their markup and languages."""

from __future__ import annotations

from services.quizzes.formats.rich import Flow, Rich
from services.quizzes.formats.xml_tree import Element

GAP = "\x01"
_LEFT_OUT = ("rubricBlock", "feedbackBlock", "templateBlock", "templateInline", "stylesheet", "infoControl")
_OWN = ("itemBody", "prompt", "simpleChoice", "simpleAssociableChoice", "modalFeedback", "contentBody")


def text_in(element: Element) -> Rich:
    """The words inside an element; feedback inside a choice is not part of it."""
    flow = Flow()
    _children(flow, element)
    return flow.rich


def body_text(body: Element) -> Rich:
    """The question: the body's words with the interaction's prompt, and a gap where a word is to be typed."""
    rich = text_in(body)
    rich.pieces = _without_last_gap(rich.pieces)
    return rich


def _without_last_gap(pieces: list[tuple[str | None, str]]) -> list[tuple[str | None, str]]:
    """A gap after which nothing comes is only where the answer goes."""
    before, gap, after = "".join(words for _language, words in pieces).rpartition(GAP)
    shown = "_____" if gap and after.strip("\0 \n\t\r") and before else ""
    return [(language, words.replace(GAP, shown)) for language, words in pieces]


def _children(flow: Flow, element: Element) -> None:
    for child in element.children:
        if isinstance(child, str):
            flow.words(child)
        else:
            _child(flow, child)


def _child(flow: Flow, child: Element) -> None:
    if child.name == "textEntryInteraction":
        flow.words(GAP)
    elif child.name.endswith("Interaction"):
        flow.open("div", {})
        for prompt in child.elements("prompt"):
            _children(flow, prompt)
        flow.close("div")
    elif child.name in _LEFT_OUT:
        flow.rich.left_out.append(child.name)
    elif child.name == "object" and child.attributes.get("type", "").startswith("image/"):
        flow.open("img", {"src": child.attributes.get("data", ""), "alt": " ".join(child.words().split())})
        flow.close("img")
    elif child.name != "feedbackInline":
        flow.open("div" if child.name in _OWN else child.name, child.attributes)
        _children(flow, child)
        flow.close("div" if child.name in _OWN else child.name)
