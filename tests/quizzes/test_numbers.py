"""Numbers of a period for the report."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared import clock
from tests.quizzes import making
from tests.quizzes.attempting import begun, played
from tests.quizzes.house import House

RIGHT = {"First?": "Abai", "Second?": "Abai"}
WRONG = {"First?": "Pushkin", "Second?": "Goethe"}


def numbers(house: House, since: int, until: int):
    day = clock.today("Asia/Almaty")
    days = {"since": day + timedelta(days=since), "until": day + timedelta(days=until)}
    found = house.ask("GET", "/report", house.staff("librarian"), query_string=days)
    return {row.pop("language"): row for row in found["by_language"]}


def test_attempts_are_counted_by_language_and_by_the_day_of_each_deed(house: House):
    quiz_id = making.published(house, pass_percent=60)["id"]
    played(house, quiz_id, house.guest(), RIGHT, language="ru")
    played(house, quiz_id, house.reader("R-1"), WRONG, language="ru")
    begun(house, quiz_id, "R-2", None, language="kk")
    long_ago = clock.now() - timedelta(days=9)
    begun(
        house,
        quiz_id,
        "R-3",
        language="en",
        state="graded",
        started_at=long_ago,
        finished_at=clock.now(),
        passed=True,
    )
    assert numbers(house, -1, 0) == {
        "en": {"begun": 0, "handed_in": 1, "passed": 1, "guests": 0},
        "kk": {"begun": 2, "handed_in": 0, "passed": 0, "guests": 1},
        "ru": {"begun": 2, "handed_in": 2, "passed": 1, "guests": 1},
    }
    assert numbers(house, -10, -8) == {"en": {"begun": 1, "handed_in": 0, "passed": 0, "guests": 0}}
    assert numbers(house, 1, 2) == {}


def test_a_day_is_the_librarys_own(house: House):
    """Midnight at the library is five hours before that of UTC."""
    quiz_id = making.published(house)["id"]
    midnight = datetime.combine(clock.today("Asia/Almaty"), time(), ZoneInfo("Asia/Almaty"))
    begun(house, quiz_id, "R-1", started_at=midnight)
    begun(house, quiz_id, "R-2", started_at=midnight - timedelta(microseconds=1))
    assert [numbers(house, each, each)["kk"]["begun"] for each in (-1, 0)] == [1, 1]


@pytest.mark.parametrize("who", ["editor", "jury"])
def test_who_may_ask(house: House, who: str):
    days = {"since": "2026-02-01", "until": "2026-02-02"}
    assert house.call("GET", "/report", house.staff(who), query_string=days).status_code == 403
    assert house.call("GET", "/report", house.staff("operator"), query_string={"since": "soon"}).status_code == 422
    assert house.call("GET", "/report", house.staff("operator"), query_string=days).status_code == 200
