"""`python -m benchmarks.clients PORT PATH CLIENTS TIMES COOKIE`: asks for a page, prints [median, p99] in seconds."""

from __future__ import annotations

import http.client
import json
import statistics
import sys
import threading
import time
from http import HTTPStatus


def main(port: str, path: str, clients: str, times: str, cookie: str = "") -> None:
    taken: list[float] = []
    headers = {"Accept-Encoding": "gzip", "Accept-Language": "kk"} | ({"Cookie": cookie} if cookie else {})
    begin = threading.Barrier(int(clients))

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
        begin.wait()
        for _ in range(int(times)):
            begun = time.perf_counter()
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            taken.append(time.perf_counter() - begun)
            if answer.status != HTTPStatus.OK:
                raise SystemExit(f"{path} answered {answer.status}")

    threads = [threading.Thread(target=client) for _ in range(int(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(taken) != int(clients) * int(times):
        raise SystemExit("a client failed")
    print(json.dumps([statistics.median(taken), statistics.quantiles(taken, n=100)[98]]))


if __name__ == "__main__":
    main(*sys.argv[1:])
