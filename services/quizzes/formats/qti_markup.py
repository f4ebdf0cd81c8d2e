"""One item as a QTI 2.2 `assessmentItem`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TypeVar

from services.quizzes.formats.extras import comment
from services.quizzes.formats.qti_names import TRUE_FALSE
from services.quizzes.formats.qti_scoring import ANSWER
from services.quizzes.formats.rich import is_universal
from services.quizzes.formats.weights import plain, points_text
from services.quizzes.formats.xml_tree import markup, words
from services.quizzes.items import (
    Accepted,
    AcceptedNumber,
    Choice,
    Item,
    Matching,
    Multiple,
    Number,
    Ordering,
    ShortText,
    Single,
    Texts,
    TrueFalse,
    languages_of,
)

NATIVE = ("points", "shuffle", "match_case", "pairs", "picture")
_NAMESPACE = "http://www.imsglobal.org/xsd/imsqti_v2p2"
_MATCH_CORRECT = "http://www.imsglobal.org/question/qti_v2p2/rptemplates/match_correct"
Taken = TypeVar("Taken", Accepted, AcceptedNumber)
_RESPONSE = {"responseIdentifier": "RESPONSE"}


def assessment_item(item: Item, name: str, picture: str) -> str:
    """`picture`: where the picture's file is, seen from the item's."""
    attributes = {"xmlns": _NAMESPACE, "identifier": name, "title": item.title, "adaptive": "false"}
    inside = _Markup(item, picture).parts()
    return markup("assessmentItem", attributes | {"timeDependent": "false"}, "\n", "\n".join(inside), "\n")


class _Markup:
    def __init__(self, item: Item, picture: str) -> None:
        self.item = item
        self.picture = picture
        self.languages = languages_of(item)

    def parts(self) -> Iterator[str]:
        item = self.item
        if kept := comment(item, NATIVE, category=item.category):
            yield kept
        yield self._declaration()
        yield _outcome("SCORE", "float", normalMaximum=plain(item.points))
        yield _outcome("FEEDBACK", "identifier", cardinality="multiple" if isinstance(item, Multiple) else "single")
        question = "".join(self._span(each, self.item.text[each], shown=True) for each in item.text.languages)
        yield markup("itemBody", {}, markup("p", {}, question), self._interaction())
        yield from self._processing()
        yield from self._feedback()

    def _span(self, language: str, text: str, *, shown: bool = False) -> str:
        picture = self.item.picture if shown else None
        image = markup("img", {"src": self.picture, "alt": picture.alt[language]}) if picture else ""
        return markup("span", {"xml:lang": language, "class": "multilang"}, image + _lines(text))

    def _words(self, text: Texts) -> str:
        if is_universal(text, self.languages):
            return _lines(text[self.languages[0]])
        return "".join(self._span(each, text[each]) for each in text.languages)

    def _declaration(self) -> str:
        item = self.item
        if isinstance(item, Single | Multiple | TrueFalse):
            return self._declared_choices(_choices(item), isinstance(item, Multiple))
        if isinstance(item, Matching):
            return self._declared_pairs(item)
        if isinstance(item, Ordering):
            return _declared("ordered", "identifier", [_name("entry", at) for at in range(len(item.entries))])
        if isinstance(item, ShortText):
            return _declared("single", "string", [_best(item.accepted).text])
        if isinstance(item, Number):
            return _declared("single", "float", [plain(_best(item.accepted).value)])
        return _declared("single", "string", [])

    def _declared_choices(self, choices: Sequence[tuple[str, Choice]], several: bool) -> str:
        right = [name for name, choice in choices if (choice.weight > 0 if several else choice.weight == 1)]
        mapped = {name: choice.weight for name, choice in choices}
        correct = right if several else right[:1]
        return _declared("multiple" if several else "single", "identifier", correct, self._mapping(mapped))

    def _declared_pairs(self, item: Matching) -> str:
        mapped = {
            f"{_name('left', at)} {_name('right', item.rights.index(pair.right))}": pair.weight
            for at, pair in enumerate(item.pairs)
        }
        return _declared("multiple", "directedPair", list(mapped), self._mapping(mapped))

    def _mapping(self, mapped: dict[str, Fraction]) -> str:
        bounds = {"lowerBound": "0", "upperBound": plain(self.item.points), "defaultValue": "0"}
        entries = (
            markup("mapEntry", {"mapKey": key, "mappedValue": points_text(weight, self.item.points)})
            for key, weight in mapped.items()
        )
        return markup("mapping", bounds, *entries)

    def _interaction(self) -> str:
        item = self.item
        if isinstance(item, Single | Multiple | TrueFalse):
            most = {"maxChoices": "0" if isinstance(item, Multiple) else "1"}
            shuffle = {"shuffle": _truth(not isinstance(item, TrueFalse) and item.shuffle)}
            choices = (self._choice(name, choice) for name, choice in _choices(item))
            return markup("choiceInteraction", _RESPONSE | shuffle | most, *choices)
        if isinstance(item, Ordering):
            entries = (self._part("simpleChoice", "entry", at, text) for at, text in enumerate(item.entries))
            return markup("orderInteraction", _RESPONSE | {"shuffle": "true"}, *entries)
        if isinstance(item, Matching):
            return self._match(item)
        if isinstance(item, ShortText | Number):
            return markup("p", {}, markup("textEntryInteraction", _RESPONSE))
        return markup("extendedTextInteraction", _RESPONSE)

    def _choice(self, name: str, choice: Choice) -> str:
        feedback = ""
        if choice.feedback:
            shown = {"outcomeIdentifier": "FEEDBACK", "identifier": name, "showHide": "show"}
            feedback = markup("feedbackInline", shown, self._words(choice.feedback))
        return markup("simpleChoice", {"identifier": name}, self._words(choice.text) + feedback)

    def _part(self, element: str, side: str, at: int, text: Texts, **attributes: object) -> str:
        return markup(element, {"identifier": _name(side, at), **attributes}, self._words(text))

    def _match(self, item: Matching) -> str:
        part, most = "simpleAssociableChoice", len(item.pairs)
        lefts = [self._part(part, "left", at, pair.left, matchMax=1) for at, pair in enumerate(item.pairs)]
        rights = [self._part(part, "right", at, text, matchMax=most) for at, text in enumerate(item.rights)]
        sides = markup("simpleMatchSet", {}, *lefts), markup("simpleMatchSet", {}, *rights)
        settings = {"shuffle": _truth(item.shuffle), "maxAssociations": most}
        return markup("matchInteraction", _RESPONSE | settings, *sides)

    def _processing(self) -> Iterator[str]:
        item = self.item
        if isinstance(item, Single | Multiple | TrueFalse):
            score = _set("SCORE", markup("mapResponse", {"identifier": "RESPONSE"}))
            yield markup("responseProcessing", {}, score, _set("FEEDBACK", _VARIABLE))
        elif isinstance(item, Matching):
            score = _set("SCORE", markup("mapResponse", {"identifier": "RESPONSE"}))
            yield markup("responseProcessing", {}, score)
        elif isinstance(item, Ordering):
            yield self._match_correct()
        elif isinstance(item, ShortText | Number):
            yield markup("responseProcessing", {}, markup("responseCondition", {}, *self._tests(item)))

    def _match_correct(self) -> str:
        if self.item.points == 1:
            return markup("responseProcessing", {"template": _MATCH_CORRECT})
        test = markup("match", {}, _VARIABLE, markup("correct", {"identifier": "RESPONSE"}))
        right = markup("responseIf", {}, test, _set("SCORE", _float(plain(self.item.points))))
        wrong = markup("responseElse", {}, _set("SCORE", _float("0")))
        return markup("responseProcessing", {}, markup("responseCondition", {}, right, wrong))

    def _tests(self, item: ShortText | Number) -> Iterator[str]:
        """The best answers first, because the first that fits decides."""
        numbered = sorted(enumerate(_accepted(item), 1), key=lambda each: -each[1].weight)
        for first, (number, each) in zip([True, *[False] * len(numbered)], numbered, strict=False):
            score = _set("SCORE", _float(points_text(each.weight, item.points)))
            said = _set("FEEDBACK", _identifier(f"{ANSWER}{number}"))
            yield markup("responseIf" if first else "responseElseIf", {}, self._test(each), score, said)
        yield markup("responseElse", {}, _set("SCORE", _float("0")), _set("FEEDBACK", _identifier("wrong")))

    def _test(self, accepted: Accepted | AcceptedNumber) -> str:
        if isinstance(accepted, AcceptedNumber):
            tolerance = plain(accepted.tolerance)
            exact = {"toleranceMode": "absolute", "tolerance": f"{tolerance} {tolerance}"}
            return markup("equal", exact, _VARIABLE, _float(plain(accepted.value)))
        case = {"caseSensitive": _truth(isinstance(self.item, ShortText) and self.item.match_case)}
        return markup("stringMatch", case, _VARIABLE, markup("baseValue", {"baseType": "string"}, words(accepted.text)))

    def _feedback(self) -> Iterator[str]:
        item = self.item
        if isinstance(item, ShortText | Number):
            for number, each in enumerate(_accepted(item), 1):
                yield from self._modal(f"{ANSWER}{number}", each.feedback, "show")
            yield from self._modal("wrong", item.feedback_wrong, "show")
        # Shown unless FEEDBACK says "general", which it never does: that is, always.
        yield from self._modal("general", item.feedback, "hide")

    def _modal(self, name: str, text: Texts, when: str) -> Iterator[str]:
        if text:
            shown = {"outcomeIdentifier": "FEEDBACK", "identifier": name, "showHide": when}
            yield markup("modalFeedback", shown, self._words(text))


_VARIABLE = markup("variable", {"identifier": "RESPONSE"})


def _choices(item: Single | Multiple | TrueFalse) -> list[tuple[str, Choice]]:
    if not isinstance(item, TrueFalse):
        return [(_name("choice", at), choice) for at, choice in enumerate(item.choices)]
    said = {"true": item.feedback_true, "false": item.feedback_false}
    texts = {name: Texts(**{each: text[each] for each in languages_of(item)}) for name, text in TRUE_FALSE.items()}
    return [(name, Choice(texts[name], Fraction(item.right == (name == "true")), said[name])) for name in TRUE_FALSE]


def _accepted(item: ShortText | Number) -> Sequence[Accepted | AcceptedNumber]:
    return item.accepted


def _best(accepted: Sequence[Taken]) -> Taken:
    return max(accepted, key=lambda each: each.weight)


def _name(side: str, at: int) -> str:
    return f"{side}-{at + 1}"


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _lines(text: str) -> str:
    return "<br/>".join(words(line) for line in text.split("\n"))


def _declared(cardinality: str, base_type: str, correct: Sequence[str], mapping: str = "") -> str:
    attributes = {"identifier": "RESPONSE", "cardinality": cardinality, "baseType": base_type}
    values = [markup("value", {}, words(each)) for each in correct]
    right = [markup("correctResponse", {}, *values)] if values else []
    return markup("responseDeclaration", attributes, *right, *([mapping] if mapping else []))


def _outcome(name: str, base_type: str, cardinality: str = "single", **more: str) -> str:
    return markup("outcomeDeclaration", {"identifier": name, "cardinality": cardinality, "baseType": base_type, **more})


def _set(name: str, value: str) -> str:
    return markup("setOutcomeValue", {"identifier": name}, value)


def _float(number: str) -> str:
    return markup("baseValue", {"baseType": "float"}, number)


def _identifier(name: str) -> str:
    return markup("baseValue", {"baseType": "identifier"}, name)
