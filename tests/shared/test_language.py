import re
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields, validate

from shared import language
from shared.messages import TITLES

ROOT = Path(__file__).parents[2]
PLACEHOLDER = re.compile(r"\{\w+\}")
# Calls whose first arguments are message ids.
# The website has texts of its own, in a catalog of its own.
METHODS = [("gateway/**.py", "ignore"), ("**.py", "python")]
MARKED = {
    "translate": None,
    "translate_n": (1, 2),
    "Problem": (2,),
    "invalid": (2,),
    "refuse": (3,),
    "say": None,
    "Fault": (2,),
    "refused": (2,),
    "because": None,
}


def catalog(code: str) -> Catalog:
    with (ROOT / f"shared/locale/{code}/LC_MESSAGES/kitaphana.po").open("rb") as source:
        return read_po(source, locale=code, abort_invalid=True)


def entries(code: str) -> dict[str, tuple[str, ...]]:
    """Singular id -> every form of its translation."""
    found = {}
    for entry in catalog(code):
        if entry.id:
            key = entry.id if isinstance(entry.id, str) else entry.id[0]
            found[key] = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)
    return found


def marshmallow_messages() -> set[str]:
    used = [fields.String, fields.Integer, fields.Float, fields.Decimal, fields.Boolean, fields.Date]
    used += [fields.List, fields.Dict, fields.Nested, fields.UUID, fields.Url, fields.Email, fields.Enum]
    messages = {str(m) for m in Schema._default_error_messages.values()}
    for field in used:
        for ancestor in field.__mro__:
            own = vars(ancestor).get("default_error_messages", {})
            messages |= {str(text) for key, text in own.items() if key != "format"}
    generic = {m for m in messages if "{obj_type}" in m}
    kinds = {m.format(obj_type=kind, awareness="aware") for m in generic for kind in ("date", "datetime")}
    return (messages - generic | kinds) - {"Not a valid aware date."}


def test_both_catalogs_hold_the_same_messages():
    assert set(entries("kk")) == set(entries("ru"))
    assert len(entries("kk")) > 90


@pytest.mark.parametrize("code", ["kk", "ru"])
def test_no_translation_is_empty_fuzzy_or_left_in_english(code):
    assert not [key for key, forms in entries(code).items() if not all(form.strip() for form in forms)]
    assert not [entry.id for entry in catalog(code) if entry.id and entry.fuzzy]
    assert not [key for key, forms in entries(code).items() if key in forms]
    assert not [key for key, forms in entries(code).items() if not re.search("[а-яәіңғүұқөһ]", forms[0])]


@pytest.mark.parametrize("code", ["kk", "ru"])
def test_placeholders_are_the_same_in_every_language(code):
    for key, forms in entries(code).items():
        for form in forms:
            assert sorted(PLACEHOLDER.findall(form)) == sorted(PLACEHOLDER.findall(key)), key


def test_kazakh_nouns_do_not_change_after_a_number():
    for forms in entries("kk").values():
        assert len(set(forms)) == 1


def test_every_message_named_in_the_code_is_translated():
    known = set(entries("kk"))
    for folder in ("shared", "services"):
        found = extract_from_dir(ROOT / folder, method_map=METHODS, keywords=MARKED)
        ids = [m if isinstance(m, str) else m[0] for _, _, m, _, _ in found]
        assert not [message for message in ids if message not in known]
    assert set(TITLES.values()) <= known


def test_every_message_of_marshmallow_fields_is_translated():
    assert marshmallow_messages() - set(entries("kk")) == set()


class Everything(Schema):
    card_number = fields.String(required=True)
    day = fields.Date()
    books = fields.Integer(validate=validate.Range(min=1))
    grace = fields.Integer(validate=validate.Range(min=0, max=30))
    kind = fields.String(validate=validate.OneOf(["reader", "group"]))
    surname = fields.String(validate=validate.Length(min=2, max=40))


@pytest.mark.parametrize(
    ("field", "value", "kk", "ru"),
    [
        ("day", "16.02.2026", "Күн дұрыс емес. Үлгісі: 2026-02-16.", "Неверная дата. Образец: 2026-02-16."),
        ("books", 0, "Ең кіші мәні: 1.", "Наименьшее значение: 1."),
        ("grace", 31, "Мәні мына аралықта болуы керек: 0 – 30.", "Значение должно быть в пределах: 0 – 30."),
        ("kind", "x", "Мыналардың бірі болуы керек: reader, group.", "Должно быть одно из: reader, group."),
        (
            "surname",
            "А",
            "Ұзындығы мына аралықта болуы керек: 2 – 40.",
            "Длина должна быть в пределах: 2 – 40.",
        ),
        ("colour", 1, "Белгісіз өріс.", "Неизвестное поле."),
    ],
)
def test_what_marshmallow_says_is_said_in_the_callers_language(field, value, kk, ru):
    with pytest.raises(ValidationError) as refused:
        Everything().load({"card_number": "1", field: value})
    (said,) = refused.value.messages_dict[field]
    assert language.translate_filled(said, "kk") == kk
    assert language.translate_filled(said, "ru") == ru
    assert language.translate_filled(said, "en") == said


def test_the_most_exact_message_is_recognised():
    said = "Must be greater than or equal to 3."
    assert language.translate_filled(said, "ru") == "Наименьшее значение: 3."


@given(st.text())
def test_an_unknown_sentence_comes_back_unless_it_is_one_of_ours(text):
    sentence = f"§ {text}"
    assert language.translate_filled(sentence, "kk") == sentence


def test_values_are_never_read_as_placeholders():
    assert language.translate("Unknown branch: {branch_id}.", "ru", branch_id="{card}") == (
        "Неизвестная библиотека: {card}."
    )
    assert language.translate("{no message}", "kk") == "{no message}"
    assert language.translate("", "kk") == ""


@pytest.mark.parametrize(
    ("n", "kk", "ru", "en"),
    [
        (1, "Мерзімі ұзартылды: 1 кітап.", "Продлена 1 книга.", "1 book renewed."),
        (2, "Мерзімі ұзартылды: 2 кітап.", "Продлены 2 книги.", "2 books renewed."),
        (11, "Мерзімі ұзартылды: 11 кітап.", "Продлено 11 книг.", "11 books renewed."),
        (21, "Мерзімі ұзартылды: 21 кітап.", "Продлена 21 книга.", "21 books renewed."),
    ],
)
def test_plurals(n, kk, ru, en):
    def said(code):
        return language.translate_n("{n} book renewed.", "{n} books renewed.", n, code)

    assert (said("kk"), said("ru"), said("en")) == (kk, ru, en)


@pytest.mark.parametrize(
    ("texts", "wanted", "given"),
    [
        ({"kk": "Жөндеу", "ru": "Ремонт", "en": "Repair"}, "en", ("Repair", "en")),
        ({"ru": "Ремонт", "en": "Repair"}, "kk", ("Ремонт", "ru")),
        ({"kk": "Жөндеу", "ru": "Ремонт"}, "en", ("Жөндеу", "kk")),
        ({"kk": " ", "ru": None, "en": "Repair"}, "ru", ("Repair", "en")),
        ({}, "ru", ("", "ru")),
    ],
)
def test_a_missing_text_falls_back_and_says_its_language(texts, wanted, given):
    assert language.text_in(texts, wanted) == given


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "kk"),
        ("", "kk"),
        ("*", "kk"),
        ("de, fr;q=0.5", "kk"),
        ("ru-KZ,ru;q=0.9,en;q=0.8", "ru"),
        ("en-US", "en"),
        ("en;q=0.2, kk-KZ;q=0.9", "kk"),
        ("ru;q=0, en", "en"),
        ("ru;q=banana, \x00;;;", "kk"),
    ],
)
def test_the_language_of_an_answer(header, code):
    assert language.negotiate(header) == code


@given(st.text())
def test_any_header_gives_one_of_our_languages(header):
    assert language.negotiate(header) in language.LANGUAGES


@pytest.mark.parametrize(
    ("code", "long", "short"),
    [
        ("kk", "2026 ж. 16 ақпан, дүйсенбі", "16.02"),
        ("ru", "понедельник, 16 февраля 2026 г.", "16.02"),
        ("en", "Monday 16 February 2026", "16 Feb"),
        ("de", "2026 ж. 16 ақпан, дүйсенбі", "16.02"),
    ],
)
def test_days(code, long, short):
    assert language.long_date(date(2026, 2, 16), code) == long
    assert language.short_date(date(2026, 2, 16), code) == short


def test_an_unknown_language_becomes_the_default():
    assert [language.known(code) for code in ("ru", "de", "", None)] == ["ru", "kk", "kk", "kk"]
