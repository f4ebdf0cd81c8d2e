"""QTI 3.0 names its elements and attributes otherwise than 2.x: here they are brought to the names of 2.2."""

from __future__ import annotations

from services.quizzes.formats.xml_tree import Element

_PREFIX = "qti-"
TRUE_FALSE = {
    "true": {"kk": "Дұрыс", "ru": "Верно", "en": "True"},
    "false": {"kk": "Бұрыс", "ru": "Неверно", "en": "False"},
}
INTERACTIONS = {
    "choiceInteraction",
    "textEntryInteraction",
    "matchInteraction",
    "associateInteraction",
    "orderInteraction",
    "extendedTextInteraction",
}


def as_2_2(element: Element) -> Element:
    """The tree with the names of QTI 2.2, its lines and paths as in the file."""
    for child in element.elements():
        as_2_2(child)
    if element.name.startswith(_PREFIX):
        element.name = _camel(element.name.removeprefix(_PREFIX))
        element.attributes = {_attribute(name): value for name, value in element.attributes.items()}
    return element


def _attribute(name: str) -> str:
    return name if name.startswith("data-") else _camel(name)


def _camel(name: str) -> str:
    first, *others = name.split("-")
    return first + "".join(other.capitalize() for other in others)
