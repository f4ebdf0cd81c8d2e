"""The published documents of the events: a catalogue for people and AsyncAPI 3.0 for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import orjson
import yaml
from marshmallow import Schema, fields, validate

from shared.events.contracts import CONTRACTS

EXAMPLES = Path(__file__).parent / "examples"
Document = dict[str, Any]


class Speaker(Protocol):
    """What is asked of a service here."""

    @property
    def name(self) -> str: ...

    @property
    def emits(self) -> tuple[str, ...]: ...

    @property
    def listens_to(self) -> tuple[str, ...]: ...


def example(type: str) -> Document:
    """The stored example of an event type, the whole CloudEvent."""
    found: Document = orjson.loads((EXAMPLES / f"{type}.json").read_bytes())
    return found


def catalogue(services: Iterable[Speaker]) -> str:
    """Markdown: every type, who says it, who hears it, what it holds."""
    services = list(services)
    parts = [
        "# Events",
        "",
        "CloudEvents 1.0 in JSON, one topic exchange `events`, routing key = type. Written by `make docs` from",
        "`shared/events/contracts`, the stored examples and each service's lists; a test compares.",
    ]
    for kind, contract in CONTRACTS.items():
        parts += ["", f"## `{kind}`", ""]
        if contract.__doc__ and contract.__doc__ != Schema.__doc__ and "__doc__" in vars(contract):
            parts += [" ".join(contract.__doc__.split()), ""]
        parts += [
            f"From {_names(s for s in services if kind in s.emits)}; heard by "
            f"{_names(s for s in services if kind in s.listens_to)}.",
            "",
            "| field | type | |",
            "|---|---|---|",
            *_rows(contract()),
            "",
            "```json",
            orjson.dumps(example(kind)["data"], option=orjson.OPT_INDENT_2).decode(),
            "```",
        ]
    return "\n".join(parts) + "\n"


def _names(services: Iterable[Speaker]) -> str:
    return ", ".join(sorted(f"`{service.name}`" for service in services)) or "nobody yet"


def _rows(contract: Schema, above: str = "") -> Iterable[str]:
    for name, field in contract.fields.items():
        path = f"{above}{field.data_key or name}"
        notes = [] if field.required else ["optional"]
        notes += ["may be null"] if field.allow_none else []
        notes += [str(field.metadata["description"])] if "description" in field.metadata else []
        yield f"| `{path}` | {_kind(field)} | {'; '.join(notes)} |"
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            yield from _rows(inner.schema, f"{path}{'[]' if inner is not field else ''}.")


_KINDS: Mapping[type[fields.Field[Any]], Document] = {
    fields.AwareDateTime: {"type": "string", "format": "date-time"},
    fields.Date: {"type": "string", "format": "date"},
    fields.Boolean: {"type": "boolean"},
    fields.Integer: {"type": "integer"},
    fields.Float: {"type": "number"},
    fields.Dict: {"type": "object"},
    fields.String: {"type": "string"},
}


def _kind(field: fields.Field[Any]) -> str:
    if isinstance(field, fields.List):
        return f"list of {_kind(field.inner)}"
    if isinstance(field, fields.Nested):
        return "object"
    plain = _plain(field)
    return str(plain.get("format", plain.get("type", "any")))


def _plain(field: fields.Field[Any]) -> Document:
    return dict(next((shape for kind, shape in _KINDS.items() if isinstance(field, kind)), {}))


def _schema(contract: Schema) -> Document:
    """JSON Schema of a contract."""
    known = {field.data_key or name: _property(field) for name, field in contract.fields.items()}
    needed = [field.data_key or name for name, field in contract.fields.items() if field.required]
    return {"type": "object", "properties": known, "required": needed}


def _property(field: fields.Field[Any]) -> Document:
    if isinstance(field, fields.List):
        shape: Document = {"type": "array", "items": _property(field.inner)}
    elif isinstance(field, fields.Nested):
        shape = _schema(field.schema)
    else:
        shape = _plain(field)
    for check in field.validators:
        if isinstance(check, validate.OneOf):
            shape["enum"] = list(check.choices)
    if "description" in field.metadata:
        shape["description"] = field.metadata["description"]
    if field.allow_none and "type" in shape:
        shape["type"] = [shape["type"], "null"]
    return shape


def asyncapi(services: Iterable[Speaker]) -> str:
    """AsyncAPI 3.0 as YAML: a channel and a message a type, an operation a service and direction."""
    services = list(services)
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Kitaphana events", "version": "1", "description": "CloudEvents 1.0, JSON structured mode"},
        "defaultContentType": "application/cloudevents+json",
        "channels": {_key(kind): _channel(kind) for kind in CONTRACTS},
        "operations": {
            f"{service.name}_{verb}s_{_key(kind)}": _operation(verb, kind)
            for service in services
            for verb, kinds in (("send", service.emits), ("receive", service.listens_to))
            for kind in kinds
        },
        "components": {"messages": {_key(kind): _message(kind) for kind in CONTRACTS}},
    }
    text: str = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)
    return text


def _key(kind: str) -> str:
    return kind.replace(".", "_")


def _channel(kind: str) -> Document:
    bindings = {"is": "routingKey", "exchange": {"name": "events", "type": "topic", "durable": True}}
    messages = {_key(kind): {"$ref": f"#/components/messages/{_key(kind)}"}}
    return {"address": kind, "messages": messages, "bindings": {"amqp": bindings}}


def _operation(verb: str, kind: str) -> Document:
    return {"action": verb, "channel": {"$ref": f"#/channels/{_key(kind)}"}}


def _message(kind: str) -> Document:
    head = ("specversion", "id", "source", "type", "time", "subject", "datacontenttype")
    trail = ("traceparent", "correlationid", "causationid")
    known: Document = {name: {"type": "string"} for name in (*head, *trail)}
    known["type"] = {"const": kind}
    payload = {
        "type": "object",
        "properties": known | {"data": _schema(CONTRACTS[kind]())},
        "required": [*head[:5], "data"],
    }
    return {"name": kind, "payload": payload, "examples": [{"payload": example(kind)}]}
