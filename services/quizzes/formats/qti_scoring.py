"""How a QTI item says what is right: correct responses, mappings, and the one shape of rules we write ourselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.quizzes.formats import check_count, refused
from services.quizzes.formats.weights import share
from services.quizzes.formats.xml_tree import Element
from services.quizzes.words import number_of

ANSWER = "answer-"
_TEMPLATES = ("match_correct", "map_response")


@dataclass
class Scoring:
    """`mapped`: key -> points, `default` for the rest; `declared`: the most points, where the item says so;
    `rules`: our own rules for typed answers."""

    correct: list[str]
    mapped: dict[str, Decimal]
    default: Decimal
    declared: Decimal | None
    case_sensitive: bool
    rules: list[Rule]
    own_rules_left_out: bool

    def weight(self, key: str) -> Fraction:
        """The share of the points a key earns; without a mapping, all of them for a right one."""
        if not self.mapped:
            return Fraction(key in self.correct)
        return max(Fraction(-1), share(self.mapped.get(key, self.default), self.total))

    @property
    def says_nothing(self) -> bool:
        """What is right stands in rules that we cannot read, and nowhere else."""
        return self.own_rules_left_out and not self.correct and not self.mapped

    @property
    def total(self) -> Decimal:
        return sum((points for points in self.mapped.values() if points > 0), Decimal(0)) or Decimal(1)

    @property
    def most(self) -> Decimal:
        return max((points for points in self.mapped.values() if points > 0), default=Decimal(1))


@dataclass
class Rule:
    """If the answer is `value` (give or take `tolerance`): these points, this feedback."""

    value: str
    tolerance: str
    points: Decimal
    feedback: str
    case_sensitive: bool

    @property
    def is_numbered(self) -> bool:
        """Whether it says which of our accepted answers it is: the best stand first in the file."""
        return (
            self.feedback.startswith(ANSWER)
            and self.feedback.removeprefix(ANSWER).isdecimal()
            and len(self.feedback) < 15
        )


def scoring_of(item: Element, declaration: Element) -> Scoring:
    """Raises Refused for numbers that are none."""
    mapping = declaration.first("mapping")
    entries = mapping.elements("mapEntry") if mapping else []
    check_count(declaration.place, len(entries))
    check_count(declaration.place, sum(1 for _value in declaration.everywhere("value")))
    mapped = {each.attributes.get("mapKey", ""): _decimal(each, "mappedValue", "0") for each in entries}
    correct = declaration.first("correctResponse")
    rules = sorted(_rules(item), key=lambda rule: int("0" + rule.feedback.removeprefix(ANSWER) * rule.is_numbered))
    return Scoring(
        correct=[each.words().strip() for each in (correct.elements("value") if correct else [])],
        mapped=mapped,
        default=_decimal(mapping, "defaultValue", "0") if mapping else Decimal(0),
        declared=_declared(item, mapping),
        # An entry is compared with its case unless it says otherwise (QTI 2.1, information model 5.1.2).
        case_sensitive=not entries or any(each.attributes.get("caseSensitive", "true") == "true" for each in entries),
        rules=rules,
        own_rules_left_out=not rules and _has_own_rules(item),
    )


def _declared(item: Element, mapping: Element | None) -> Decimal | None:
    for outcome in item.elements("outcomeDeclaration"):
        if outcome.attributes.get("identifier") == "SCORE" and "normalMaximum" in outcome.attributes:
            return _decimal(outcome, "normalMaximum", "1")
    return _decimal(mapping, "upperBound", "1") if mapping and "upperBound" in mapping.attributes else None


def _rules(item: Element) -> Iterator[Rule]:
    """Our rules: one condition of `stringMatch` or `equal` tests, each setting SCORE and FEEDBACK."""
    processing = item.first("responseProcessing")
    condition = processing.first("responseCondition") if processing else None
    for branch in condition.elements("responseIf", "responseElseIf") if condition else []:
        test = next(iter(branch.elements("stringMatch", "equal")), None)
        value = test.first("baseValue") if test else None
        if test is None or value is None or not _tests_the_answer(test):
            continue
        sets = {each.attributes.get("identifier", ""): each for each in branch.elements("setOutcomeValue")}
        yield Rule(
            value=value.words().strip(),
            tolerance=test.attributes.get("tolerance", "0").split(" ")[0],
            points=_decimal_in(sets["SCORE"].words()) if "SCORE" in sets else Decimal(0),
            feedback=sets["FEEDBACK"].words().strip() if "FEEDBACK" in sets else "",
            case_sensitive=test.attributes.get("caseSensitive", "true") == "true",
        )


def _tests_the_answer(test: Element) -> bool:
    tolerance_is_ours = test.name != "equal" or test.attributes.get("toleranceMode", "exact") in ("exact", "absolute")
    return tolerance_is_ours and any(test.elements("variable"))


def _has_own_rules(item: Element) -> bool:
    processing = item.first("responseProcessing")
    if processing is None:
        return False
    template = processing.attributes.get("template", "").rpartition("/")[2].removesuffix(".xml")
    if template and template not in _TEMPLATES:
        return True
    scores = [each for each in processing.everywhere("setOutcomeValue") if each.attributes.get("identifier") == "SCORE"]
    return any(each.first("mapResponse") is None for each in scores) and not _is_match_correct(processing)


def _is_match_correct(processing: Element) -> bool:
    """All points for the correct response, none for any other."""
    conditions = processing.elements("responseCondition")
    if len(conditions) != 1 or conditions[0].elements("responseElseIf"):
        return False
    first = conditions[0].first("responseIf")
    test = first.first("match") if first else None
    return bool(test and test.first("variable") and test.first("correct"))


def _decimal(element: Element, name: str, default: str) -> Decimal:
    return _decimal_in(element.attributes.get(name, default))


def _decimal_in(words: str) -> Decimal:
    number = number_of(words)
    if number is None:
        raise refused("", "“{words}” is not a number.", words=words.strip()[:40])
    return number
