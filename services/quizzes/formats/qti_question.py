"""The parts of one QTI item, found and read: its body, its one interaction, how it is scored, its feedback."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from services.quizzes.faults import Fault
from services.quizzes.formats import check_count, refused
from services.quizzes.formats.qti_names import INTERACTIONS
from services.quizzes.formats.qti_scoring import scoring_of
from services.quizzes.formats.qti_texts import body_text, text_in
from services.quizzes.formats.rich import EMPTY, Rich, languages_in, our_language, picture_of, resolved
from services.quizzes.formats.xml_tree import Element
from services.quizzes.items import Texts


@dataclass
class Question:
    """An item's element with the names of QTI 2.2. `notes`: what was understood otherwise."""

    root: Element
    language: str
    texts: list[Rich] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)

    def open(self) -> None:
        """Finds the parts. Raises Refused where the item is not one question of a kind we know."""
        self.body = self._body()
        self.interaction = self._interaction()
        self.declaration = self._declaration()
        self.scoring = scoring_of(self.root, self.declaration)
        if self.scoring.says_nothing and self.interaction.name != "extendedTextInteraction":
            raise refused(
                self.declaration.place,
                "What is right is said by scoring rules of its own, such as several right combinations; only one right"
                " answer, or points for each choice, can be taken.",
            )
        if self.scoring.own_rules_left_out:
            self.note(Fault("", "Its own scoring rules were left out: points are given by the right answer alone."))
        self.text = self.keep(body_text(self.body))
        self.feedbacks = {
            each.attributes.get("identifier", ""): self.keep(text_in(each))
            for each in self.root.elements("modalFeedback")
        }

    def note(self, fault: Fault) -> None:
        self.notes.append(fault)

    def _body(self) -> Element:
        if self.root.name != "assessmentItem":
            raise refused(
                self.root.place, "This is not a QTI item of 2.1, 2.2 or 3.0: {name}.", name=self.root.name[:40]
            )
        body = self.root.first("itemBody")
        if body is None:
            raise refused(self.root.place, "The item has no body.")
        return body

    def _interaction(self) -> Element:
        found = [each for each in _everything(self.body) if each.name.endswith("Interaction")]
        strange = [each for each in found if each.name not in INTERACTIONS]
        if strange:
            raise refused(strange[0].place, "The interaction {name} cannot be taken.", name=strange[0].name[:60])
        if len(found) != 1:
            raise refused(
                found[1].place if found else self.body.place,
                "An item must ask exactly one question; this one asks {count}.",
                count=len(found),
            )
        parts = found[0].everywhere("simpleChoice", "simpleAssociableChoice")
        check_count(found[0].place, sum(1 for _part in parts))
        return found[0]

    def _declaration(self) -> Element:
        wanted = self.interaction.attributes.get("responseIdentifier", "")
        for each in self.root.elements("responseDeclaration"):
            if each.attributes.get("identifier") == wanted:
                return each
        raise refused(self.interaction.place, "The item does not declare its answer ({name}).", name=wanted[:40])

    def keep(self, text: Rich) -> Rich:
        self.texts.append(text)
        return text

    def said(self, text: Rich) -> Texts:
        return resolved(text, self.languages)

    @property
    def languages(self) -> tuple[str, ...]:
        own = our_language(self.root.attributes.get("xml:lang", ""))
        return languages_in(self.texts, own or self.language)

    def feedback(self, name: str) -> Texts:
        return self.said(self.feedbacks.get(name, EMPTY))

    def common(self, most: Decimal = Decimal(1)) -> dict[str, Any]:
        """What every item has. `most`: the points by the mapping, where none are declared."""
        points = self.scoring.declared or most
        return {
            "title": self.root.attributes.get("title", ""),
            "text": self.said(self.text),
            "feedback": self.feedback("general"),
            "picture": picture_of(self.text, self.languages),
            "points": points.normalize() + 0,
        }


def _everything(element: Element) -> list[Element]:
    return [inner for each in element.elements() for inner in (each, *_everything(each))]
