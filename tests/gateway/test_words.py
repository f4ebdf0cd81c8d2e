"""Every text of the site exists in three languages, with the same placeholders."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

SITE = Path(__file__).parents[2] / "services/gateway"
MARKED = {"_": None, "_n": (1, 2), "say": None, "say_n": (1, 2), "say_in": (2,)}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
PLACEHOLDER = re.compile(r"\{\w+\}")


def catalogs(code: str) -> list[Catalog]:
    """Each part of the site has a file of its own."""
    files = sorted((SITE / f"locale/{code}/LC_MESSAGES").glob("*.po"))
    return [read_po(file.open("rb"), locale=code, abort_invalid=True) for file in files]


def entries(code: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for entry in (entry for catalog in catalogs(code) for entry in catalog if entry.id):
        key = entry.id if isinstance(entry.id, str) else entry.id[0]
        forms = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)
        assert found.setdefault(key, forms) == forms, f"said in two ways: {key}"
    return found


def used() -> set[str]:
    found = extract_from_dir(SITE, method_map=METHODS, keywords=MARKED)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


@pytest.mark.parametrize("code", ["kk", "ru"])
def test_what_pages_say_is_what_catalogs_hold(code: str) -> None:
    assert len(used()) > 150
    assert used() == set(entries(code))


@pytest.mark.parametrize("code", ["kk", "ru"])
def test_nothing_is_empty_fuzzy_or_left_in_english(code: str) -> None:
    assert not [entry.id for catalog in catalogs(code) for entry in catalog if entry.id and entry.fuzzy]
    for key, forms in entries(code).items():
        assert all(re.search("[а-яәіңғүұқөһ]", form, re.IGNORECASE) for form in forms), key


@pytest.mark.parametrize("code", ["kk", "ru"])
def test_placeholders_are_the_same(code: str) -> None:
    for key, forms in entries(code).items():
        for form in forms:
            assert sorted(PLACEHOLDER.findall(form)) == sorted(PLACEHOLDER.findall(key)), key


def test_kazakh_nouns_do_not_change_after_a_number() -> None:
    assert all(len(set(forms)) == 1 for forms in entries("kk").values())
