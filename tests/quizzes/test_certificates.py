import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from typst import Compiler

from services.quizzes import certificates
from services.quizzes.certificates import Certificate, Work, pdf, png
from tests.support.scanner import codes_on

TEMPLATES = Path(certificates.__file__).parent / "templates"
OF_2020 = "Соғыс туралы оқимын. А я читаю книги о войне..."


def certificate(**others):
    given = {
        "language": "kk",
        "name": "Әлия Серікқызы",
        "quiz": OF_2020,
        "works": (Work("Жау тылында", "Қасым Қайсенов"), Work("Опаленное детство")),
        "day": date(2026, 2, 16),
        "points": Decimal(11),
        "of": Decimal(12),
        "passed": True,
        "library": "Балалар және жасөспірімдер кітапханасы",
        "address": "https://kitap.example.org/c/K7QM2XR4TD9WHPA6ZBNC",
        "code": "K7QM2-XR4TD-9WHPA-6ZBNC",
    }
    return Certificate(**given | others)


def printed(**others):
    return certificates._data(certificate(**others))


def high(one):
    """The height of its words at the smallest size, in mm."""
    asked = """
        #import "certificate.typ": dressed, words
        #show: dressed
        #context [#metadata(measure(words(0.58), width: 236mm).height / 1mm) <high>]
    """
    compiler = Compiler(
        asked.encode(),
        root=TEMPLATES,
        ignore_system_fonts=True,
        sys_inputs={"certificate": json.dumps(certificates._data(one))},
    )
    return json.loads(compiler.query("<high>", field="value", one=True))


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_it_is_one_sheet_of_a4_across(language):
    sheet = pdf(certificate(language=language))
    assert sheet.startswith(b"%PDF-")
    (box,) = re.findall(rb"/MediaBox ?\[([^\]]*)\]", sheet)
    assert [round(float(each)) for each in box.split()] == [0, 0, 842, 595]


def test_the_same_certificate_gives_the_same_bytes_and_another_name_others():
    assert pdf(certificate()) == pdf(certificate())
    assert pdf(certificate()) != pdf(certificate(name="Дана"))
    assert png(certificate(), ppi=30).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("language", "points", "said"),
    [
        ("kk", "11", "Нәтижесі: 12 ұпайдан 11 ұпай"),
        ("ru", "1", "Результат: 1 балл из 12"),
        ("ru", "3", "Результат: 3 балла из 12"),
        ("ru", "11", "Результат: 11 баллов из 12"),
        ("ru", "9.50", "Результат: 9,5 балла из 12"),
        ("en", "1", "Result: 1 point out of 12"),
        ("en", "12.00", "Result: 12 points out of 12"),
    ],
)
def test_points_are_said_as_the_language_says_them(language, points, said):
    assert printed(language=language, points=Decimal(points), of=Decimal("12.00"))["result"] == said


@pytest.mark.parametrize(
    ("language", "day", "passed", "took_part"),
    [
        ("kk", "2026 жылғы 16 ақпан", "онлайн-тестті сәтті тапсырғаны үшін", "онлайн-тестке қатысқаны үшін"),
        ("ru", "16 февраля 2026 года", "за успешное прохождение онлайн-теста", "за участие в онлайн-тесте"),
        ("en", "16 February 2026", "for passing the online test", "for taking part in the online test"),
    ],
)
def test_day_and_merit(language, day, passed, took_part):
    shown = printed(language=language)
    assert (shown["day"], shown["merit"]) == (day, passed)
    assert printed(language=language, passed=False)["merit"] == took_part


def test_works_stand_under_one_label_with_their_titles_in_quotation_marks():
    assert printed()["works"] == ["Кітаптар: Қасым Қайсенов. «Жау тылында»", "«Опаленное детство»"]
    assert printed(language="en", works=[Work("Splat the Cat", "Rob Scotton")])["works"] == [
        "Book: Rob Scotton. “Splat the Cat”"
    ]
    assert printed(works=())["works"] == []
    assert printed(quiz="«Жау тылында»")["quiz"] == "«Жау тылында»"


def test_the_code_and_its_address_are_printed_and_drawn():
    shown = printed()
    assert (shown["address-in-print"], shown["code"]) == ("kitap.example.org/c/", "K7QM2-XR4TD-9WHPA-6ZBNC")
    assert codes_on(pdf(certificate())) == ["https://kitap.example.org/c/K7QM2XR4TD9WHPA6ZBNC"]


@pytest.mark.parametrize(
    "hostile", ['#panic("x")', "*a* _b_ $x^2$ @c <d> // e", '#read("/etc/passwd")', "[", "\\", "`"]
)
def test_what_a_person_writes_is_never_read_as_markup(hostile):
    plain = certificate(name=hostile, quiz=hostile, works=[Work(hostile, hostile)], library=hostile)
    assert pdf(plain).startswith(b"%PDF-")


@pytest.mark.parametrize(
    "others",
    [
        {"name": "Мұхаммедғали-Әбдірахманұлы Нұрсұлтан-Жәнібек Қожахметов-Ыбырайымғалиев Шоқан-Ғабиден Ақсүйек"},
        {"name": "Щ" * 100},
        {"quiz": "Ұлы Отан соғысының батырлары туралы кітаптар " * 5},
        {"quiz": "Щ" * 255},
        {"name": "Щ" * 100, "quiz": "Щ" * 255, "works": [Work("Щ" * 255, "Щ" * 255)] * 9},
    ],
)
def test_the_longest_names_and_titles_fit(others):
    assert high(certificate(**others)) <= 110
    assert pdf(certificate(**others)).count(b"/MediaBox") == 1
