"""What `make real` refuses before anything is started, and whom it gives which port."""

import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.nodes import NodeError, free_port
from deploy.real import Plan, plan, roles


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_no_role_takes_the_port_of_the_proxy_that_starts_after_it(tmp_path: Path) -> None:
    random.seed(7)
    port = free_port()
    random.seed(7)
    given = [role.environment() for role in roles(Plan(tmp_path, port))]
    ports = [each["PORT"] if "KITAPHANA_WORK_PORT" not in each else each["KITAPHANA_WORK_PORT"] for each in given]
    assert len(set(ports)) == len(ports) > 10
    assert str(port) not in ports


def test_a_port_that_is_taken_is_named(monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    monkeypatch.setenv("PORT", str(taken))
    with pytest.raises(NodeError, match=f"port {taken} of 127.0.0.1 is taken"):
        plan()


def test_a_certificate_without_its_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITAPHANA_TLS_CERTIFICATE", "certificate.pem")
    monkeypatch.delenv("KITAPHANA_TLS_KEY", raising=False)
    with pytest.raises(NodeError, match="go together"):
        plan()
