"""What every service answers: problems in three languages, who may call, keys, versions, cursors, ids."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text
from werkzeug.test import Client

from shared import auth, idempotency
from shared.language import translate
from shared.messages import TITLES
from shared.settings import secret_of
from shared.tables import outbox as outbox_table
from tests.support.sample import NAME, Sample, SetClock
from tests.support.sample_service.models import notes

NOTES = "/api/v1/notes"


# What the database has no part in is asked on SQLite alone; `sample` asks on both footings.
@pytest.fixture
def light(tmp_path: Path) -> Iterator[Sample]:
    made = Sample.create({"KITAPHANA_FOOTING": "embedded", "KITAPHANA_HOME": str(tmp_path)})
    yield made
    made.system.close()


@pytest.fixture
def client(request: pytest.FixtureRequest) -> Client:
    name = "sample" if "sample" in request.fixturenames else "light"
    return Client(request.getfixturevalue(name).system.wsgi())


def bearer(sample: Sample, *roles: str, kind: str = "staff") -> dict[str, str]:
    held = auth.Principal(f"{kind}:1", kind, roles=dict.fromkeys(roles, "all"), card_number="KZ1")
    return {"Authorization": f"Bearer {auth.issue(secret_of(sample.settings), held, timedelta(hours=1))}"}


@pytest.fixture
def librarian(request: pytest.FixtureRequest) -> dict[str, str]:
    name = "sample" if "sample" in request.fixturenames else "light"
    return bearer(request.getfixturevalue(name), "librarian")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("status", [401, 403, 404, 409, 412, 413, 415, 422, 429, 500, 503])
def test_every_problem_is_told_in_the_callers_language(client, status, language):
    answer = client.get(f"{NOTES}/refused/{status}", headers={"Accept-Language": language})
    body = orjson.loads(answer.data)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Content-Language"] == language
    assert body["title"] == translate(TITLES[status], language)
    assert (body["type"], body["status"]) == ("about:blank", status)
    assert body["detail"]
    assert (language == "en") == (body["title"] == TITLES[status])
    assert ("Retry-After" in answer.headers) == (status in (429, 503))
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


def test_a_fault_of_ours_gives_a_number_to_quote_and_no_secrets(client):
    answer = client.get(f"{NOTES}/refused/500", headers={"X-Request-ID": "call-7", "Accept-Language": "en"})
    assert "call-7" in answer.json["detail"]
    assert b"ZeroDivision" not in answer.data


class Unread:
    """A body that must not be read."""

    def read(self, *_):
        raise AssertionError("the body was read before the caller was known")

    readline = __iter__ = read

    def tell(self, *_) -> int:
        return 0

    seek = close = tell


@pytest.mark.parametrize(("roles", "status"), [(None, 401), (("jury",), 403)])
def test_the_caller_is_judged_before_the_body_is_read(client, light, roles, status):
    headers = bearer(light, *roles) if roles else {}
    for path in (NOTES, f"{NOTES}/import"):
        answer = client.post(
            path, headers=headers, input_stream=Unread(), content_length=10, content_type="application/json"
        )
        assert answer.status_code == status


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer not.a.token", "Bearer "])
def test_what_is_no_token_is_401(client, header):
    assert client.post(NOTES, json={"id": "n"}, headers={"Authorization": header}).status_code == 401


def test_a_token_ends(client, librarian, set_clock: SetClock):
    set_clock.forward(3601)
    assert client.post(NOTES, json={"id": "n"}, headers=librarian).status_code == 401


def test_a_token_of_another_system_is_401(client):
    alien = auth.issue("another secret that is long enough", auth.Principal("s", "service"), timedelta(hours=1))
    assert client.post(NOTES, json={"id": "n"}, headers={"Authorization": f"Bearer {alien}"}).status_code == 401


def test_the_same_key_gives_the_same_answer_and_one_effect(client, sample, librarian):
    headers = librarian | {"Idempotency-Key": "k 1"}
    first = client.post(NOTES, json={"id": "n1"}, headers=headers)
    again = client.post(NOTES, json={"id": "n1"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.data, first.headers["Location"], first.headers["ETag"], first.content_type) == (
        again.data,
        again.headers["Location"],
        again.headers["ETag"],
        again.content_type,
    )
    assert (sample.count(notes), sample.count(outbox_table)) == (1, 1)


def test_the_same_key_for_another_request_is_422(client, librarian):
    headers = librarian | {"Idempotency-Key": "k1"}
    client.post(NOTES, json={"id": "n1"}, headers=headers)
    answer = client.post(NOTES, json={"id": "n2"}, headers=headers)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["Idempotency-Key"]


def test_the_same_key_of_another_caller_is_another_key(client, sample, librarian):
    client.post(NOTES, json={"id": "n1"}, headers=librarian | {"Idempotency-Key": "k1"})
    other = auth.Principal("staff:2", "staff", roles={"librarian": "all"})
    token = auth.issue(secret_of(sample.settings), other, timedelta(hours=1))
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k1"}
    assert client.post(NOTES, json={"id": "n2"}, headers=headers).status_code == 201


def test_a_refused_request_does_not_use_up_its_key(client, sample, librarian):
    headers = librarian | {"Idempotency-Key": "k1"}
    client.post(NOTES, json={"id": "n1"}, headers=librarian)
    assert client.post(NOTES, json={"id": "n1"}, headers=headers).status_code == 409
    with sample.context.database.transaction() as session:
        session.execute(text("DELETE FROM notes"))
    assert client.post(NOTES, json={"id": "n1"}, headers=headers).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
def test_a_key_that_is_none_is_422(client, librarian, key):
    assert client.post(NOTES, json={"id": "n"}, headers=librarian | {"Idempotency-Key": key}).status_code == 422


def test_the_same_key_at_the_same_moment_has_one_effect(sample, librarian):
    headers, answers = librarian | {"Idempotency-Key": "k1"}, []
    together = threading.Barrier(8)

    def post():
        together.wait()
        answers.append(Client(sample.system.wsgi()).post(NOTES, json={"id": "n1"}, headers=headers))

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.data for answer in answers}) == 1
    assert (sample.count(notes), sample.count(outbox_table)) == (1, 1)


def test_kept_answers_are_forgotten(client, sample, librarian, set_clock: SetClock):
    client.post(NOTES, json={"id": "n1"}, headers=librarian | {"Idempotency-Key": "k1"})
    with sample.context.database.transaction() as session:
        assert idempotency.forget(session, 2) == 0
    set_clock.forward(timedelta(days=2, seconds=5).total_seconds())
    with sample.context.database.transaction() as session:
        assert idempotency.forget(session, 2) == 1


@pytest.mark.parametrize(
    ("sent", "status"),
    [(None, 200), ("*", 200), ('"1"', 200), ('W/"1"', 200), ('"7", "1"', 200), ('"2"', 412), ("1", 412)],
)
def test_if_match(client, librarian, sent, status):
    client.post(NOTES, json={"id": "n1"}, headers=librarian)
    headers = librarian | ({"If-Match": sent} if sent else {})
    answer = client.patch(f"{NOTES}/n1", headers=headers)
    assert answer.status_code == status
    assert (answer.headers.get("ETag") == '"2"') == (status == 200)


def test_pages_follow_one_another_to_the_end(client, sample):
    with sample.context.database.transaction() as session:
        session.execute(notes.insert(), [{"id": f"n{number:03d}", "version": 1} for number in range(7)])
    seen, cursor = [], None
    for _ in range(4):
        body = client.get(NOTES, query_string={"limit": 3} | ({"cursor": cursor} if cursor else {})).json
        seen += [item["id"] for item in body["items"]]
        cursor = body["next"]
        if cursor is None:
            break
    assert seen == [f"n{number:03d}" for number in range(7)]


@pytest.mark.parametrize(
    "query", [{"cursor": "!!"}, {"cursor": "WzEsMl0"}, {"limit": 0}, {"limit": 501}, {"limit": "x"}]
)
def test_a_page_that_cannot_be_is_422_and_names_the_field(client, query):
    answer = client.get(NOTES, query_string=query)
    assert (answer.status_code, list(answer.json["errors"])) == (422, list(query))


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[1", b'{"id": }'])
def test_json_that_is_none_is_400(client, librarian, body):
    answer = client.post(NOTES, data=body, content_type="application/json", headers=librarian)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"7", b"{}", b'{"id": 7}', b'{"id": "n", "more": 1}'])
def test_json_of_another_shape_is_422(client, librarian, body):
    answer = client.post(NOTES, data=body, content_type="application/json", headers=librarian)
    assert answer.status_code == 422
    assert answer.json["errors"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "text/csv"])
def test_another_type_is_415(client, librarian, content_type):
    answer = client.post(NOTES, data=b'{"id": "n"}', content_type=content_type, headers=librarian)
    assert (answer.status_code, answer.content_type) == (415, "application/problem+json")


def test_text_no_database_takes_is_422(client, sample, librarian):
    assert client.post(NOTES, json={"id": "a\0b"}, headers=librarian).status_code == 422
    assert client.patch(f"{NOTES}/a%00b", headers=librarian).status_code in (404, 422)


def test_too_large_is_413(client, librarian):
    body = orjson.dumps({"id": "x" * 1_100_000})
    answer = client.post(NOTES, data=body, content_type="application/json", headers=librarian)
    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")
    assert answer.json["detail"] == translate("The most that can be taken at once is {limit} MB.", "kk").format(limit=1)


@pytest.mark.parametrize("path", ["/api/v1/notes/refused/none", "/api/v1/nothing", "/nothing", "/api/v1/notes/a/b/c"])
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_an_unknown_address_is_a_problem_in_the_callers_language(client, path, language):
    answer = client.get(path, headers={"Accept-Language": language})
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert answer.json["title"] == translate(TITLES[404], language)


def test_another_method_is_405_and_says_which_are_allowed(client):
    answer = client.delete(NOTES)
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_the_request_id_is_echoed_and_made_when_missing(client):
    assert client.get(NOTES, headers={"X-Request-ID": "call-1"}).headers["X-Request-ID"] == "call-1"
    assert len(client.get(NOTES, headers={"X-Request-ID": "no good\x7f"}).headers["X-Request-ID"]) == 36
    assert len(client.get(NOTES).headers["X-Request-ID"]) == 36


def test_the_id_of_a_request_reaches_the_last_worker(client, sample, librarian):
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    client.post(NOTES, json={"id": "n1"}, headers=librarian | {"X-Request-ID": "call-9", "traceparent": parent})
    with sample.running(sample.relay(), sample.consumer()):
        sample.eventually_heard(1)
    (row,) = sample.read(outbox_table)
    assert (row.correlation_id, row.traceparent) == ("call-9", parent)
    with sample.context.database.reading() as session:
        assert session.execute(text("SELECT correlation_id FROM heard")).scalar_one() == "call-9"


def test_metrics_carry_the_service(client):
    client.get(NOTES)
    for path in ("/metrics",):
        lines = client.get(path).text.splitlines()
        samples = [line for line in lines if line.startswith("kitaphana_request_seconds_count")]
        assert any(f'service="{NAME}"' in line for line in samples)
        names = [line.rsplit(" ", 1)[0] for line in lines if line and not line.startswith("#")]
        assert len(names) == len(set(names)), "a sample twice"


def test_health_and_documents_of_one_and_of_all(client, light):
    own = Client(light.system.apps[NAME])
    for each in (client, own):
        assert each.get("/healthz").json["status"] == "alive"
        assert each.get("/readyz").json["status"] == "ready"
        document = each.get("/openapi.json").json
        assert document["openapi"] == "3.1.0"
        assert "/api/v1/notes" in document["paths"]


def test_not_ready_while_the_tables_are_away(client, sample):
    own = Client(sample.system.apps[NAME])
    with sample.context.database.transaction() as session:
        session.execute(text("ALTER TABLE outbox RENAME TO away"))
    assert (own.get("/readyz").status_code, client.get("/readyz").status_code) == (503, 503)
    assert client.get("/readyz").json == {"status": "not ready", "services": {NAME: False}}
    assert own.get("/readyz").json == {"status": "not ready", "service": NAME}, "what the database says is for the log"
    assert (own.get("/healthz").status_code, client.get("/healthz").status_code) == (200, 200)


def test_an_import_is_taken_line_by_line(client, librarian):
    answer = client.post(f"{NOTES}/import", data=b"id\na\nb,c\nd\n", content_type="text/csv", headers=librarian)
    assert answer.status_code == 200
    assert answer.json["accepted"] == 2
    assert [each["line"] for each in answer.json["rejected"]] == [3]


def test_titles_cover_what_interfaces_promise():
    assert {401, 403, 404, 409, 412, 413, 415, 422, 429, 503} <= set(TITLES)
    assert all(HTTPStatus(status) for status in TITLES)


def test_a_secret_is_made_once(tmp_path: Path):
    from concurrent.futures import ThreadPoolExecutor

    from shared.settings import Settings

    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: secret_of(Settings(home=tmp_path)), range(64)))
    assert len(made) == 1
    assert len(made.pop()) > 40
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
