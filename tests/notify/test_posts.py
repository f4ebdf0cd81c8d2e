"""Posts to the public made by hand: their addresses as evidence."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.notify.models import Post
from shared.auth import Principal
from tests.notify.house import House

ALIYA = Principal("staff:1", "staff", name="Ә. Серік", roles={"librarian": "all"})
READER = Principal("reader:1", "reader", card_number="1")
URL = "https://www.instagram.com/p/Cx1_Ab-9/?hl=kk"


@pytest.fixture
def quarantine_id(house: House) -> str:
    return house.declare()


def record(house: House, quarantine_id: str, url: str = URL, who: Principal = ALIYA, **more: Any) -> Any:
    body = {"quarantine_id": quarantine_id, "url": url}
    return house.call("POST", "/announcements", who, json=body, **more)


def listed(house: House, quarantine_id: str) -> list[dict[str, Any]]:
    answer = house.call("GET", "/announcements", ALIYA, query_string={"quarantine_id": quarantine_id})
    assert answer.status_code == 200 and answer.json["next"] is None
    return list(answer.json["items"])


def test_a_post_is_on_record_with_who_when_and_where(house: House, quarantine_id: str) -> None:
    made = record(house, quarantine_id)
    assert made.status_code == 201
    (post,) = listed(house, quarantine_id)
    assert post == made.json
    assert (post["url"], post["name"], post["by"]) == (URL, "Ә. Серік", "staff:1")
    assert post["at"] and listed(house, house.declare()) == []
    (said,) = house.said("announcement.posted.v1")
    assert said["url"] == URL and said["posted_by"] == "Ә. Серік" and said["quarantine_id"] == quarantine_id


def test_the_same_address_is_kept_once(house: House, quarantine_id: str) -> None:
    first = record(house, quarantine_id)
    again = record(house, quarantine_id, who=Principal("staff:2", "staff", name="Б."))
    assert (again.status_code, again.json) == (200, first.json)
    with ThreadPoolExecutor(2) as both:
        codes = sorted(
            answer.status_code for answer in both.map(lambda _: record(house, quarantine_id, URL + "&b"), "12")
        )
    assert codes == [200, 201]
    assert [each["url"] for each in listed(house, quarantine_id)] == [URL + "&b", URL]
    assert len(house.said("announcement.posted.v1")) == 2


def test_a_wrong_entry_is_taken_back_and_stays_on_record(house: House, quarantine_id: str) -> None:
    number = record(house, quarantine_id).json["id"]
    for _ in range(2):
        assert house.call("DELETE", f"/announcements/{number}", ALIYA).status_code == 204
    assert listed(house, quarantine_id) == []
    with house.database.reading() as session:
        kept = session.get_one(Post, number)
        assert kept.url == URL and kept.withdrawn_by == "staff:1" and kept.withdrawn_at
    assert record(house, quarantine_id).status_code == 201
    assert house.call("DELETE", "/announcements/999999", ALIYA).status_code == 404


def test_who_recorded_and_who_took_back_is_in_the_log(house: House, quarantine_id: str) -> None:
    number = record(house, quarantine_id).json["id"]
    house.later(minutes=1)
    other = Principal("staff:2", "staff", roles={"operator": "all"})
    assert house.call("DELETE", f"/announcements/{number}", other).status_code == 204
    admin = Principal("staff:3", "staff", roles={"admin": "all"})
    first = house.call("GET", "/notices/acts?limit=1", admin).json
    second = house.call("GET", "/notices/acts", admin, query_string={"limit": 1, "cursor": first["next"]}).json
    found = [(row["who"], row["what"], row["note"]) for row in (*first["items"], *second["items"])]
    assert found == [("staff:2", "post: taken_back", URL), ("staff:1", "post: posted", URL)]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "instagram.com/p/1",
        "http://instagram.com/p/1",
        "javascript:alert(1)",
        "https://",
        "https://localhost/p",
        "https://kitap@evil.example/p",
        "https://example.org:8443/p",
        "https://example.org:x/p",
        "https://example.org/a b",
        "https://example.org/\n",
        "https://[::1/",
        "https://example.org/" + "x" * 500,
    ],
)
def test_only_an_address_over_tls_is_taken(house: House, quarantine_id: str, url: str) -> None:
    refused = record(house, quarantine_id, url, headers={"Accept-Language": "ru"})
    assert refused.status_code == 422 and list(refused.json["errors"]) == ["url"]
    if len(url) < 500:
        assert refused.json["errors"]["url"] == ["Напишите полный адрес публикации, начиная с https://."]
    assert listed(house, quarantine_id) == []


def test_who_may_and_for_what(house: House, quarantine_id: str) -> None:
    assert record(house, quarantine_id, who=READER).status_code == 403
    assert record(house, str(uuid.uuid4())).status_code == 404
    assert house.call("GET", "/announcements", READER, query_string={"quarantine_id": quarantine_id}).status_code == 403
