"""Readers' pages under 50 clients beside a bare Flask page that makes as many calls to bare Flask services."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial

import urllib3

from benchmarks.figures import median, report, until
from benchmarks.spine import Nodes, Spine
from deploy.nodes import free_port
from services.__main__ import SERVICES
from shared.worker import Worker
from tests.support import library_time
from tests.support.whole import Library

CALLS = {"/": 1, "/books": 3}
"""A reader's pages and how many calls each makes; tests/gateway holds them to it."""
CLIENTS, TIMES, PAIRS = 50, 10, 15
Asking = Callable[[], list[float]]
Pair = tuple[float, float]
CARD = "1001"
READERS = (
    "card_number,family_name,given_name,language,birth_date,email,phone,telegram,guardian_card_number,"
    "home_branch_id,card_expires_on"
)
LOANS = "loan_id,card_number,title,author,isbn,branch_id,lent_on,due_on,status"


def measure(nodes: Nodes) -> None:
    with ExitStack() as running:
        port, cookie = running.enter_context(product(nodes))
        for path, calls in CALLS.items():
            bare = running.enter_context(floor(calls))
            for at, pairs in enumerate(_pairs(partial(_asked, port, path, cookie), partial(_asked, bare, "/", ""))):
                _report(f"page {path} under {CLIENTS} clients, {('median', 'p99')[at]}", pairs)


def _pairs(ours: Asking, least: Asking) -> list[list[Pair]]:
    """Medians and p99s of short rounds, each side first in turn: a machine whose speed drifts slows both of a pair."""
    ours(), least()
    rounds = [(ours(), least()) if number % 2 else (least(), ours())[::-1] for number in range(PAIRS)]
    return [[(above[at], below[at]) for above, below in rounds] for at in (0, 1)]


def _report(figure: str, pairs: list[Pair]) -> None:
    """The middle of the pairs' ratios, beside the middle of each side."""
    ours, least = (median(list(side)) * 1000 for side in zip(*pairs, strict=True))
    ratio = median([above / below for above, below in pairs])
    report(figure, CLIENTS, ours, "ms", against=least, ratio=ratio, at_most=2.0)


def _asked(port: int, path: str, cookie: str) -> list[float]:
    """Median and p99, seconds, from clients in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.clients", str(port), path, str(CLIENTS), str(TIMES), cookie]
    found: list[float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


@contextmanager
def product(nodes: Nodes) -> Iterator[tuple[int, str]]:
    """The port of the website, each service in a process of its own on PostgreSQL, and a signed-in reader's cookie."""
    spine = Spine.create(nodes, "pages")
    worker = Worker(list(spine.system.contexts.values()))
    worker.start()
    pin = _fill(Library.inside(spine.system))
    worker.stop()
    variables = spine.variables
    spine.close()
    ports: dict[str, int] = {}
    for name in [each.name for each in SERVICES] + ["gateway"]:
        ports[name] = free_port(ports.values())
    peers = {name: f"http://127.0.0.1:{port}" for name, port in ports.items() if name != "gateway"}
    shared = variables | {"KITAPHANA_PEERS": json.dumps(peers)}
    with ExitStack() as running:
        for name, port in ports.items():
            running.enter_context(_process(["services", "web", name], shared, port, "/healthz"))
        yield ports["gateway"], _signed_in(ports["gateway"], pin)


@contextmanager
def floor(calls: int) -> Iterator[int]:
    ports: list[int] = []
    for _ in range(calls + 1):
        ports.append(free_port(ports))
    peers = {f"bare{at}": f"http://127.0.0.1:{port}" for at, port in enumerate(ports[1:])}
    variables = {"KITAPHANA_PEERS": json.dumps(peers)}
    with ExitStack() as running:
        for port in ports[1:]:
            running.enter_context(_process(["benchmarks.bare", "service", "0"], {}, port, "/items"))
        running.enter_context(_process(["benchmarks.bare", "page", str(calls)], variables, ports[0], "/"))
        yield ports[0]


@contextmanager
def _process(command: list[str], variables: Mapping[str, str], port: int, path: str) -> Iterator[None]:
    environment = {**os.environ, **variables, "PORT": str(port)}
    quiet = subprocess.DEVNULL
    child = subprocess.Popen([sys.executable, "-m", *command], env=environment, stdout=quiet, stderr=quiet)
    try:
        until(lambda: _answers(f"http://127.0.0.1:{port}{path}"), 60)
        yield
    finally:
        child.terminate()
        child.wait()


def _answers(url: str) -> bool:
    try:
        return urllib3.request("GET", url, retries=False, timeout=5).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def _fill(library: Library) -> str:
    """Three branches, a family with three books. Returns the guardian's PIN."""
    today = library_time.today()
    for branch_id in ("ortalyq", "ablaketka", "zashchita"):
        library.branch(branch_id)
    readers = [READERS, f"{CARD},Серікова,Айгүл,kk,1986-04-02,,,,,,", f"1002,Серіков,Ерасыл,kk,2014-05-06,,,,{CARD},,"]
    _take(library, "readers", readers)
    dates = f"{today},{today + timedelta(days=14)}"
    books = [f"L{n},{1001 + n % 2},Менің атым Қожа,Бердібек Соқпақбаев,,ortalyq,{dates},on_loan" for n in range(3)]
    _take(library, "loans", [LOANS, *books])
    return str(library.post(f"/readers/{CARD}/pin", {}, expect=201)["pin"])


def _take(library: Library, noun: str, lines: list[str]) -> None:
    found = library.call("POST", f"/{noun}/import", csv_body="\n".join(lines).encode())
    if found["rejected"]:
        raise SystemExit(f"{noun}: {found['rejected']}")


def _signed_in(port: int, pin: str) -> str:
    url, pool = f"http://127.0.0.1:{port}/sign-in", urllib3.PoolManager(retries=False)
    form = pool.request("GET", url)
    key = re.search(r'name="csrf" value="([^"]+)"', form.data.decode())
    assert key
    headers = {"Cookie": form.headers["Set-Cookie"].split(";")[0]}
    fields = {"csrf": key[1], "login": CARD, "secret": pin}
    answer = pool.request_encode_body(
        "POST", url, fields=fields, headers=headers, encode_multipart=False, redirect=False
    )
    if answer.status != 303:
        raise SystemExit(f"sign-in answered {answer.status}")
    return str(answer.headers["Set-Cookie"]).split(";")[0]
