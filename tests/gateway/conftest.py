from collections.abc import Iterator

import pytest
import structlog
from playwright.sync_api import Browser

from tests.gateway.chromium import Pages, chromium
from tests.gateway.house import House, house


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
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Pages]:
    pages = Pages(browser)
    yield pages
    pages.close()
