"""Quarantines are found by words of their reason, order or declarer, however Kazakh letters were typed."""

import pytest

from tests.quarantines.library import BASE


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("жөндеу", ["repair"]),
        ("ЖОНДЕУ тобе", ["repair"]),
        ("крыши", ["repair"]),
        ("12-ө", ["flu"]),
        ("12-о", ["flu"]),
        ("a. s.", ["repair", "flu"]),
        ("", ["repair", "flu"]),
        ("жоқ", []),
    ],
)
def test_words_find_it(library, search, found):
    library.branch("root")
    names = {
        library.declared(reason={"kk": "Тұмау"}, basis={"number": "12-Ө"})["id"]: "flu",
        library.declared(reason={"kk": "Төбе жөндеу", "ru": "Ремонт крыши"})["id"]: "repair",
    }
    page = library.get(BASE, query_string={"search": search}).json
    assert [names[each["id"]] for each in page["items"]] == found


def test_a_search_goes_on_page_by_page(library):
    library.branch("root")
    ids = [library.declared(reason={"kk": f"Тұмау {n}"})["id"] for n in range(3)]
    library.declared(reason={"kk": "Жөндеу"})
    first = library.get(BASE, query_string={"search": "тұмау", "limit": 2}).json
    second = library.get(BASE, query_string={"search": "тұмау", "limit": 2, "cursor": first["next"]}).json
    assert [each["id"] for page in (first, second) for each in page["items"]] == ids[::-1]
    assert second["next"] is None
