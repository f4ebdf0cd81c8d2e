from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Footing
from tests.notify.house import House
from tests.support.mail import MailServer

# Events are handed over by the tests themselves: no broker has to be up, on either footing.
NO_BROKER = "amqp://nobody:nothing@127.0.0.1:1//"


@pytest.fixture(params=["embedded", "real"])
def footing(request: pytest.FixtureRequest, tmp_path: Path) -> Footing:
    """On SQLite, then on PostgreSQL."""
    environment = {"KITAPHANA_FOOTING": request.param, "KITAPHANA_HOME": str(tmp_path)}
    if request.param == "real":
        environment["KITAPHANA_DATABASE_URL"] = request.getfixturevalue("postgres_url")
        environment["KITAPHANA_BROKER_URL"] = NO_BROKER
    return Footing(request.param, tmp_path, environment)


@pytest.fixture
def house(footing: Footing) -> Iterator[House]:
    """Notify with a Maildir."""
    made = House(footing.environment)
    yield made
    made.close()


@pytest.fixture
def smtp_house(footing: Footing, mail_server: MailServer) -> Iterator[Callable[..., House]]:
    """Notify with a mail server; further settings as KITAPHANA_* variables."""
    made: list[House] = []

    def build(**settings: str) -> House:
        url = {"KITAPHANA_SMTP_URL": f"smtp://{mail_server.host}:{mail_server.port}"}
        made.append(House(footing.environment, **url, **settings))
        return made[-1]

    yield build
    for each in made:
        each.close()
