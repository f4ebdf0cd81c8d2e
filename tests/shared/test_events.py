"""Contracts, stored examples and the generated documents say the same."""

import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import fields, validate

from services.__main__ import SERVICES
from shared.events import CONTRACTS, BadEvent, contract_of, decode, encode
from shared.events.contracts import problems_of
from shared.events.documents import EXAMPLES, asyncapi, catalogue, example

ROOT = Path(__file__).parents[2]
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


def values(field: fields.Field) -> st.SearchStrategy:
    """Valid JSON values of a contract's field."""
    choices = [check.choices for check in field.validators if isinstance(check, validate.OneOf)]
    if choices:
        made = st.sampled_from(list(choices[0]))
    elif isinstance(field, fields.List):
        made = st.lists(values(field.inner), max_size=3)
    elif isinstance(field, fields.Nested):
        made = data_of(field.schema)
    elif isinstance(field, fields.AwareDateTime):
        made = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(
            lambda at: at.replace(tzinfo=UTC).isoformat()
        )
    elif isinstance(field, fields.Date):
        made = st.dates(date(2000, 1, 1), date(2100, 1, 1)).map(date.isoformat)
    elif isinstance(field, fields.Boolean):
        made = st.booleans()
    elif isinstance(field, fields.Integer):
        made = st.integers(-(2**53), 2**53)
    elif isinstance(field, fields.Float):
        made = st.floats(allow_nan=False, allow_infinity=False)
    elif isinstance(field, fields.String):
        made = TEXT
    else:
        raise AssertionError(f"no strategy for {field}")
    return st.none() | made if field.allow_none else made


def data_of(schema) -> st.SearchStrategy:
    every = {field.data_key or name: values(field) for name, field in schema.fields.items()}
    needed = {field.data_key or name for name, field in schema.fields.items() if field.required}
    return st.fixed_dictionaries(
        {name: made for name, made in every.items() if name in needed},
        optional={name: made for name, made in every.items() if name not in needed},
    )


def wrapped(kind: str, data: dict) -> bytes:
    at = datetime(2026, 3, 15, tzinfo=UTC)
    return encode("loans", str(uuid.UUID(int=7)), kind, "s", at, orjson.dumps(data), "r", None, None)


@pytest.mark.parametrize("kind", CONTRACTS)
def test_every_type_has_one_example_that_keeps_its_contract(kind):
    event = decode((EXAMPLES / f"{kind}.json").read_bytes())
    assert (event.type, problems_of(kind, event.data)) == (kind, {})
    assert event.subject in orjson.dumps(event.data).decode()


def test_there_is_no_example_of_an_unknown_type():
    assert {path.stem for path in EXAMPLES.iterdir()} == set(CONTRACTS)


@pytest.mark.parametrize("kind", CONTRACTS)
def test_the_example_shows_every_field(kind):
    shown = example(kind)["data"]
    assert {field.data_key or name for name, field in contract_of(kind).fields.items()} == set(shown)


@pytest.mark.parametrize("kind", CONTRACTS)
@settings(max_examples=20, deadline=timedelta(seconds=5), suppress_health_check=list(HealthCheck))
@given(st.data())
def test_valid_data_survives_the_way_and_what_is_unknown_is_ignored(kind, draw):
    data = draw.draw(data_of(contract_of(kind)))
    assert problems_of(kind, data) == {}
    event = decode(wrapped(kind, data | {"added_later": {"by": ["a newer version"]}}))
    parsed = contract_of(kind).load(event.data)
    assert "added_later" not in parsed
    assert {name: value for name, value in event.data.items() if name != "added_later"} == data


@pytest.mark.parametrize("kind", CONTRACTS)
@settings(max_examples=10, deadline=timedelta(seconds=5), suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_missing_or_broken_field_is_named(kind, draw):
    needed = [field.data_key or name for name, field in contract_of(kind).fields.items() if field.required]
    name = draw.draw(st.sampled_from(needed))
    good = example(kind)["data"]
    assert name in problems_of(kind, {key: value for key, value in good.items() if key != name})
    assert name in problems_of(kind, good | {name: {"not": "this"}}) or isinstance(good[name], dict)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_event_or_refused(body):
    with pytest.raises(BadEvent):
        decode(body)


@pytest.mark.parametrize(
    "broken",
    [{"id": "x"}, {"id": None}, {"type": ""}, {"type": 7}, {"data": []}, {"data": None}, {"time": "soon"}, {"time": 5}],
)
def test_a_broken_envelope_is_refused(broken):
    with pytest.raises(BadEvent):
        decode(orjson.dumps(example("reader.erased.v1") | broken))


def test_every_service_says_and_hears_known_types():
    for service in SERVICES:
        assert set(service.emits) | set(service.listens_to) <= set(CONTRACTS), service.name


def test_the_catalogue_is_up_to_date():
    assert (ROOT / "docs/events.md").read_text() == catalogue(SERVICES), "run make docs"


def test_the_asyncapi_document_is_up_to_date_and_sound():
    text = asyncapi(SERVICES)
    assert (ROOT / "docs/asyncapi.yaml").read_text() == text, "run make docs"
    document = yaml.safe_load(text)
    assert document["asyncapi"] == "3.0.0"
    assert set(document["channels"]) == set(document["components"]["messages"])
    for operation in document["operations"].values():
        assert operation["channel"]["$ref"].removeprefix("#/channels/") in document["channels"]
