from collections.abc import Callable, Iterator

import pytest

from tests.conftest import Footing
from tests.notify.house import House
from tests.support.mail import MailServer


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
