from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog
from playwright.sync_api import Browser

from tests.gateway.chromium import Pages, chromium
from tests.gateway.console import at_desk, declared, undo, wait_for_the_end
from tests.gateway.house import TODAY, House, Visitor, close_the_doors, house
from tests.gateway.real_house import real_house


@pytest.fixture(scope="session", autouse=True)
def quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))


@pytest.fixture(scope="package")
def closed_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A quarantine of two weeks has begun and everyone has been told."""
    with house(tmp_path_factory.mktemp("closed"), closed=True) as made:
        yield made


@pytest.fixture(scope="package")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("open"), closed=False) as made:
        yield made


@pytest.fixture(scope="package")
def quiz_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """For tests that fill the place with quizzes."""
    with house(tmp_path_factory.mktemp("quizzes"), closed=False) as made:
        yield made


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An open library of the module's own."""
    with house(tmp_path_factory.mktemp("library"), closed=False) as made:
        yield made


@pytest.fixture
def operator(library: House) -> Visitor:
    return at_desk(library)


@pytest.fixture
def path(library: House, operator: Visitor) -> Iterator[str]:
    """A quarantine of two weeks that everybody has been told of; undone at the end."""
    made = declared(operator, branch="ortalyq")
    wait_for_the_end(library, made)
    yield made
    if library.library.get(f"/quarantines/{made.rsplit('/', 1)[1]}")["state"] != "cancelled":
        undo(operator, made)
    wait_for_the_end(library, made)


@pytest.fixture(scope="package")
def real_open_house() -> Iterator[House]:
    """For stories that leave it as they found it: it takes long to start."""
    with real_house() as made:
        yield made


@pytest.fixture
def real_closed_house(real_open_house: House) -> Iterator[House]:
    library = real_open_house.library
    # Looked at while it is open: what some process remembers of that may not be shown any more later.
    assert "SpecialAnnouncement" not in real_open_house.client().get("/").text
    quarantine = close_the_doors(library, real_open_house.home, TODAY + timedelta(days=13))
    yield real_open_house
    library.post(f"/quarantines/{quarantine}/cancel")
    library.wait_until_done(quarantine)


@pytest.fixture
def either_house(request: pytest.FixtureRequest) -> House:
    """The house that a fixture of this name makes: one for the embedded footing, one for the real."""
    made: House = request.getfixturevalue(request.param)
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Pages]:
    pages = Pages(browser)
    yield pages
    pages.close()
