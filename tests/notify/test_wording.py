import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.digest import Change, Digest, ReaderSection, UnmovedBook
from services.notify.stored import from_json, to_json
from services.notify.wording import Library, clean, render, render_call, render_letter
from shared.language import LANGUAGES, long_date
from tests.notify import samples

EXPECTED = Path(__file__).parent / "expected"
TEMPLATES = Path(__file__).parents[2] / "services/notify/templates"
NAMES_AND_TITLES = ["Абай", "Қара", "Ұшқан", "Ұлпан", "Белый", "Айша", "Ерлан", "Сәуле"]

LEAVING = "https://b.kz/unsubscribe/a1b2"


def expected(language: str, name: str) -> str:
    return (EXPECTED / f"{name}.{language}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", samples.SAMPLES, ids=lambda sample: sample.__name__)
def test_every_notice_reads_as_agreed(sample, language):
    said = render(sample(language), samples.LIBRARY, samples.LINK)
    assert f"{said.subject}\n\n{said.body}" == expected(language, sample.__name__)
    assert said.language == language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", samples.SAMPLES, ids=lambda sample: sample.__name__)
def test_only_what_nobody_needs_says_where_it_is_left(sample, language):
    usual, with_leaving = (render(sample(language), samples.LIBRARY, samples.LINK, more) for more in ("", LEAVING))
    last = with_leaving.body.removeprefix(usual.body)
    if sample is samples.announcement:
        assert last.startswith("\n") and last.endswith(f": {LEAVING}\n")
    else:
        assert last == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_slips_and_calls_read_as_agreed(language):
    family = samples.family(language)
    letter = render_letter(family, samples.LIBRARY, samples.LINK, address="Өскемен қ., Абай даңғылы, 1-2")
    slip = render_letter(samples.no_date(language), samples.LIBRARY, school_class="5 «А»")
    assert letter.body == expected(language, "letter")
    assert slip.body == expected(language, "slip")
    assert render_call(family, samples.LIBRARY) == expected(language, "call")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", samples.DIGESTS, ids=lambda sample: sample.__name__)
def test_a_call_says_the_readers_and_days_but_no_title(sample, language):
    digest = sample(language)
    said = render_call(digest, samples.LIBRARY)
    assert not [book.title for book in digest.books if book.title in said]
    assert not re.search(r"\n{3,}|[{}]", said)
    for reader in digest.readers:
        assert (reader.name in said) or not reader.books


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", samples.SAMPLES, ids=lambda sample: sample.__name__)
def test_no_name_or_title_in_a_subject(sample, language):
    subject = render(sample(language), samples.LIBRARY, samples.LINK).subject
    assert not [word for word in NAMES_AND_TITLES if word in subject]
    assert "482913" not in subject


@pytest.mark.parametrize(
    ("language", "told", "in_force"),
    [
        ("kk", "Алдыңғы хабарламадағы күн", "Қолданыстағы күні"),
        ("ru", "В прошлом сообщении", "Действующая дата"),
        ("en", "Our last message said", "Date in force"),
    ],
)
def test_a_correction_says_the_same_words_of_a_quiz_as_of_a_book(language, told, in_force):
    """The day put back to is the older one: calling the day last told "old" would turn both around."""
    digest = samples.put_back(language)
    first, *rest = digest.readers
    quiz = Change("quiz", {"kk": "Тест", "ru": "Тест", "en": "Test"}, date(2026, 2, 16), date(2026, 2, 9))
    body = render(replace(digest, readers=(replace(first, changes=(quiz,)), *rest)), samples.LIBRARY).body
    line = body[body.index("Тест" if language != "en" else "Test") :].splitlines()
    assert line[1] == f"  {told}: {long_date(date(2026, 2, 16), language)}"
    assert line[2] == f"  {in_force}: {long_date(date(2026, 2, 9), language)}"


def test_every_language_has_every_template():
    by_language = [{path.name for path in (TEMPLATES / code).glob("*.j2")} for code in LANGUAGES]
    assert by_language[0] == by_language[1] == by_language[2]
    assert {"digest.j2", "postal.j2", "call.j2"} <= by_language[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reason_names_its_language_only_when_it_is_not_the_readers(language):
    body = render(replace(samples.moved(language), reason={"kk": "жөндеу"}), samples.LIBRARY).body
    note = {"kk": "", "ru": " (на казахском языке)", "en": " (in Kazakh)"}[language]
    assert f": жөндеу{note}\n" in body


@pytest.mark.parametrize(("language", "label"), [("kk", "Себебі"), ("ru", "Причина"), ("en", "Reason")])
def test_no_reason_no_line(language, label):
    assert label in render(samples.moved(language), samples.LIBRARY).body
    assert label not in render(replace(samples.moved(language), reason={}), samples.LIBRARY).body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", [samples.moved, samples.dates, samples.no_date, samples.reopening])
def test_open_quizzes_stand_by_themselves_before_the_closing(sample, language):
    plain = sample(language)
    body = render(replace(plain, quizzes=(samples.OF_2020,)), samples.LIBRARY, samples.LINK).body
    without = render(plain, samples.LIBRARY, samples.LINK).body
    paragraphs = body.split("\n\n")
    offer = next(at for at, words in enumerate(paragraphs) if samples.OF_2020.address in words)
    assert "\n\n".join(paragraphs[:offer] + paragraphs[offer + 1 :]).replace("\n", "") == without.replace("\n", "")
    assert "\n\n\n" not in body


def test_an_unknown_language_is_written_to_in_kazakh():
    said = render(samples.moved("de"), samples.LIBRARY, samples.LINK)
    assert (said.language, f"{said.subject}\n\n{said.body}") == ("kk", expected("kk", "moved"))


@pytest.mark.parametrize("n", [1, 2])
def test_english_counts_books_and_kazakh_leaves_the_noun(n):
    books = samples.again("en").books * n
    en = replace(samples.again("en"), readers=(ReaderSection("A", tuple(books)),))
    assert render(en, samples.LIBRARY).subject.endswith("(1 book)" if n == 1 else "(2 books)")
    assert render(replace(en, language="kk"), samples.LIBRARY).subject.endswith(f"{n} кітап")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", samples.SAMPLES, ids=lambda sample: sample.__name__)
def test_a_stored_notice_reads_the_same(sample, language):
    notice = sample(language)
    again = from_json(type(notice), to_json(notice))
    assert again == notice
    assert render(again, samples.LIBRARY) == render(notice, samples.LIBRARY)


def test_a_stored_notice_survives_fields_of_other_releases():
    stored = to_json(samples.family("kk"))
    stored["of_a_later_release"] = 1
    del stored["readers"][0]["unmoved"]
    assert from_json(Digest, stored).readers[0].unmoved == ()


NASTY = st.one_of(
    st.text(),
    st.sampled_from(
        [
            "Bcc: all@example.org\r\nX: y",
            "{{ d.name }} {% raw %} {name} %s",
            "<script>alert(1)</script>",
            "\u202eенипо\u202c \u200f\u2067x",
            "line\u2028separator\u2029\x85next\x00",
            "\ud800",
            "\n\n",
        ]
    ),
)


@given(name=NASTY, title=NASTY, author=NASTY, reason=NASTY, branch=NASTY, language=st.sampled_from(LANGUAGES))
def test_no_value_breaks_out_of_its_line(name, title, author, reason, branch, language):
    plain = samples.family(language)
    book = replace(plain.books[0], title=title, author=author or "x")
    section = ReaderSection(name, (book,), (UnmovedBook(title),), (Change(title, {"kk": title}, None, None),))
    place = replace(samples.CENTRAL, name={"kk": branch})
    nasty = replace(plain, name=name, readers=(section,), branches=(place,), reason={"kk": reason})
    calm_section = replace(
        section,
        name="x",
        books=(replace(book, title="x", author="x"),),
        unmoved=(UnmovedBook("x"),),
        changes=(Change("x", {"kk": "x" if title.strip() else ""}, None, None),),
    )
    calm = replace(
        nasty,
        name="x",
        readers=(calm_section,),
        branches=(replace(place, name={"kk": "x"}),),
        reason={"kk": "x"} if reason.strip() else {},
    )
    said, usual = (render(digest, samples.LIBRARY, samples.LINK) for digest in (nasty, calm))
    assert said.subject == usual.subject
    assert said.body.count("\n") == usual.body.count("\n")
    assert said.body.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("given_text", "text"),
    [
        ("Менің атым Қожа", "Менің атым Қожа"),
        ("a\r\nb\tc", "a b c"),
        ("\u202eabc\u202c\u200f", "abc"),
        ("<b>{{x}}</b>", "<b>{{x}}</b>"),
        ("a\u00a0b\u202fc", "a b c"),
        ("a\x00b", "ab"),
        (7, "7"),
    ],
)
def test_values_are_made_one_line_of_plain_text(given_text, text):
    assert clean(given_text) == text


@given(st.text(alphabet="аб \n\u202e"))
def test_the_librarys_own_name_cannot_break_a_line_either(name):
    library = Library({"kk": name}, name)
    body = render(samples.moved("kk"), library).body
    usual = render(samples.moved("kk"), Library({"kk": "x"}, "x")).body
    assert body.count("\n") == usual.count("\n")
