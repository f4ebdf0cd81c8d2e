"""One QTI item as one of ours: the interactions that have their like here, the rest refused with its place."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from services.quizzes.faults import Fault
from services.quizzes.formats import refused
from services.quizzes.formats.qti_names import TRUE_FALSE
from services.quizzes.formats.qti_question import Question
from services.quizzes.formats.qti_scoring import Rule, Scoring
from services.quizzes.formats.qti_texts import text_in
from services.quizzes.formats.rich import EMPTY, Rich
from services.quizzes.formats.weights import share
from services.quizzes.formats.xml_tree import Element
from services.quizzes.items import (
    Accepted,
    AcceptedNumber,
    Choice,
    Item,
    Matching,
    Multiple,
    Number,
    Open,
    Ordering,
    Pair,
    ShortText,
    Single,
    TrueFalse,
)
from services.quizzes.words import number_of

_NUMBERS = ("integer", "float")


def item_of(question: Question) -> Item:
    """Raises Refused."""
    question.open()
    return _KINDS[question.interaction.name](question)


def _choice(question: Question) -> Item:
    interaction = question.interaction
    found = interaction.elements("simpleChoice")
    read = [(each, question.keep(text_in(each)), question.keep(_inline_feedback(each))) for each in found]
    several = question.declaration.attributes.get("cardinality") == "multiple"
    weights = _weights_of_choices(question, several)
    choices = tuple(
        Choice(question.said(text), weights[_identifier(each)], question.said(said)) for each, text, said in read
    )
    if _is_true_false(found, choices, several):
        return _true_false(
            question, {_identifier(each): choice for (each, _t, _s), choice in zip(read, choices, strict=True)}
        )
    if any(each.attributes.get("fixed") == "true" for each in found) and _shuffled(interaction):
        question.note(Fault("", "Answers that should keep their place are mixed with the others."))
    kind: Callable[..., Item] = Multiple if several else Single
    return kind(choices=choices, shuffle=_shuffled(interaction), **question.common(_most(question, several)))


def _most(question: Question, several: bool) -> Decimal:
    return question.scoring.total if several else question.scoring.most


def _weights_of_choices(question: Question, several: bool) -> dict[str, Fraction]:
    scoring = question.scoring
    names = [_identifier(each) for each in question.interaction.elements("simpleChoice")]
    if not several and scoring.mapped:
        return {
            name: max(Fraction(-1), share(scoring.mapped.get(name, scoring.default), scoring.most)) for name in names
        }
    if not several or scoring.mapped:
        return {name: scoring.weight(name) for name in names}
    right = [name for name in names if name in scoring.correct]
    question.note(Fault("", "All or nothing became partial credit: wrong answers take points away."))
    wrong = Fraction(-1, max(1, len(names) - len(right)))
    return {name: Fraction(1, len(right)) if name in right else wrong for name in names}


def _is_true_false(found: list[Element], choices: tuple[Choice, ...], several: bool) -> bool:
    """Whether this is a true or false question as we write it: by its identifiers and its words."""
    if several or [_identifier(each) for each in found] != list(TRUE_FALSE):
        return False
    given = [choice.text.as_json() for choice in choices]
    ours = [{each: words[each] for each in text} for text, words in zip(given, TRUE_FALSE.values(), strict=True)]
    return given == ours and {choice.weight for choice in choices} == {0, 1}


def _true_false(question: Question, choices: dict[str, Choice]) -> TrueFalse:
    return TrueFalse(
        right=choices["true"].weight == 1,
        feedback_true=choices["true"].feedback,
        feedback_false=choices["false"].feedback,
        **question.common(),
    )


def _inline_feedback(choice: Element) -> Rich:
    inline = choice.first("feedbackInline")
    return text_in(inline) if inline else EMPTY


def _text_entry(question: Question) -> Item:
    if question.declaration.attributes.get("baseType") in _NUMBERS:
        return _number(question)
    rules, whole = _rules(question)
    accepted = (Accepted(rule.value, share(rule.points, whole), question.feedback(rule.feedback)) for rule in rules)
    return ShortText(
        accepted=tuple(accepted),
        feedback_wrong=question.feedback("wrong"),
        match_case=any(rule.case_sensitive for rule in rules),
        **question.common(whole),
    )


def _rules(question: Question) -> tuple[list[Rule], Decimal]:
    """The answers taken, and the points of the best one."""
    rules = question.scoring.rules or _rules_by_mapping(question.scoring)
    return rules, max((rule.points for rule in rules if rule.points > 0), default=Decimal(1))


def _rules_by_mapping(scoring: Scoring) -> list[Rule]:
    mapped = scoring.mapped or dict.fromkeys(scoring.correct, Decimal(1))
    return [Rule(value, "0", points, "", scoring.case_sensitive) for value, points in mapped.items()]


def _number(question: Question) -> Number:
    rules, whole = _rules(question)
    accepted = tuple(
        AcceptedNumber(
            _number_in(question, rule.value),
            _number_in(question, rule.tolerance),
            share(rule.points, whole),
            question.feedback(rule.feedback),
        )
        for rule in rules
    )
    return Number(accepted=accepted, feedback_wrong=question.feedback("wrong"), **question.common(whole))


def _number_in(question: Question, words: str) -> Decimal:
    number = number_of(words)
    if number is None:
        raise refused(question.declaration.place, "“{words}” is not a number.", words=words[:40])
    return number


def _match(question: Question) -> Item:
    sets = question.interaction.elements("simpleMatchSet")
    if len(sets) != 2:
        raise refused(question.interaction.place, "A matching needs two sides.")
    lefts, rights = (_associable(question, each) for each in sets)
    linked = _linked(question, [tuple(pair.split()) for pair in question.scoring.correct])
    if unlinked := [name for name in lefts if name not in linked]:
        raise refused(question.declaration.place, "The left side {name} has no right one.", name=unlinked[0][:40])
    return _matching(question, linked, lefts, rights)


def _associate(question: Question) -> Item:
    """Pairs among one list: the first of each pair stands on the left, and what is in no pair on the right."""
    words = _associable(question, question.interaction)
    linked = _linked(question, [tuple(pair.split()) for pair in question.scoring.correct])
    question.note(Fault("", "Pairs of one list became a matching with two sides."))
    return _matching(question, linked, words, {name: text for name, text in words.items() if name not in linked})


def _associable(question: Question, element: Element) -> dict[str, Rich]:
    return {_identifier(each): question.keep(text_in(each)) for each in element.elements("simpleAssociableChoice")}


def _linked(question: Question, pairs: list[tuple[str, ...]]) -> dict[str, str]:
    if any(len(pair) != 2 for pair in pairs) or len({pair[0] for pair in pairs}) != len(pairs):
        raise refused(question.declaration.place, "Each left side can have one right side only.")
    return {pair[0]: pair[1] for pair in pairs}


def _matching(question: Question, linked: dict[str, str], lefts: dict[str, Rich], rights: dict[str, Rich]) -> Item:
    unknown = [name for left, right in linked.items() for name in (left, right) if name not in lefts | rights]
    if unknown:
        raise refused(question.declaration.place, "The right answer names {name}, which is not there.", name=unknown[0])
    scoring = question.scoring
    order = [name for name in lefts if name in linked]
    pairs = tuple(
        Pair(question.said(lefts[left]), question.said(rights[linked[left]]), _weight_of_pair(scoring, left, linked))
        for left in order
    )
    extra = tuple(question.said(text) for name, text in rights.items() if name not in linked.values())
    return Matching(pairs=pairs, extra=extra, shuffle=_shuffled(question.interaction), **question.common(scoring.total))


def _weight_of_pair(scoring: Scoring, left: str, linked: dict[str, str]) -> Fraction:
    if not scoring.mapped:
        return Fraction(1, len(linked))
    keys = f"{left} {linked[left]}", f"{linked[left]} {left}"
    return next((scoring.weight(key) for key in keys if key in scoring.mapped), Fraction(0))


def _order(question: Question) -> Item:
    words = {_identifier(each): question.keep(text_in(each)) for each in question.interaction.elements("simpleChoice")}
    order = question.scoring.correct
    if sorted(order) != sorted(words):
        raise refused(question.declaration.place, "The right order does not name every entry once.")
    return Ordering(entries=tuple(question.said(words[name]) for name in order), **question.common())


def _open(question: Question) -> Item:
    return Open(**question.common())


def _identifier(element: Element) -> str:
    return element.attributes.get("identifier", "")


def _shuffled(interaction: Element) -> bool:
    return interaction.attributes.get("shuffle", "false") == "true"


_KINDS: dict[str, Callable[[Question], Item]] = {
    "choiceInteraction": _choice,
    "textEntryInteraction": _text_entry,
    "matchInteraction": _match,
    "associateInteraction": _associate,
    "orderInteraction": _order,
    "extendedTextInteraction": _open,
}
