"""A file that the library refuses is refused for its reason, also where the answer comes before it has gone through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3

from deploy.nodes import Proxy, Routes, free_port
from deploy.real import SEGMENTS, WebRole

MEGABYTE = 2**20
TEXT = {"Content-Type": "text/csv"}


@dataclass
class Site:
    """The library in a process of its own, under the server it runs with, behind the proxy."""

    url: str
    accounts: dict[str, dict[str, str]]

    def send(self, path: str, body: bytes, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        url = self.url + path
        return urllib3.request("POST", url, body=body, headers=headers, retries=False, timeout=60, redirect=False)

    def bearer(self) -> dict[str, str]:
        sent: Any = self.accounts["librarian"]
        token = urllib3.request("POST", f"{self.url}/api/v1/tokens", json=sent).json()["access_token"]
        return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def site(node_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home, port = tmp_path_factory.mktemp("library"), free_port()
    variables = {"KITAPHANA_HOME": str(home), "KITAPHANA_TRUST_PROXIES": "1"}
    with WebRole("library", home, "python -m services all", variables, port) as library:
        routes = Routes(SEGMENTS, dict.fromkeys([*SEGMENTS, "gateway"], library.url), "gateway", rest="gateway")
        with Proxy(node_folder / "large", free_port(), routes) as proxy:
            yield Site(proxy.url, json.loads((home / "demo-accounts.json").read_text()))


@pytest.mark.parametrize("size", [3 * MEGABYTE, 30 * MEGABYTE])
def test_by_who_may_not_bring_it(site: Site, size: int) -> None:
    refused = site.send("/api/v1/loans/import", bytes(size), TEXT)
    assert (refused.status, refused.headers["Content-Type"]) == (401, "application/problem+json")


def test_in_another_form(site: Site) -> None:
    picture = site.bearer() | {"Content-Type": "image/png"}
    assert site.send("/api/v1/loans/import", bytes(3 * MEGABYTE), picture).status == 415


@pytest.mark.parametrize("kind", ["loans", "readers"])
def test_for_its_size(site: Site, kind: str) -> None:
    refused = site.send(f"/api/v1/{kind}/import", bytes(66 * MEGABYTE), site.bearer() | TEXT)
    assert (refused.status, refused.headers["Content-Type"]) == (413, "application/problem+json")
    assert "64" in refused.json()["detail"]


def test_on_a_page_whose_sign_in_has_ended(site: Site) -> None:
    form = {"Content-Type": "multipart/form-data; boundary=x", "Referer": f"{site.url}/staff/imports"}
    answer = site.send("/staff/imports/loans", bytes(3 * MEGABYTE), form)
    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in?back=/staff/imports")
