"""Every setting once: its variable, type, default and meaning. Nothing else reads the environment."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_type_hints

Footing = Literal["embedded", "real"]


class SettingError(ValueError):
    """A variable holds something that cannot be used; the text names it and says what is expected."""


def _setting(default: Any, meaning: str) -> Any:
    if isinstance(default, dict):
        return field(default_factory=dict, metadata={"meaning": meaning})
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """`KITAPHANA_<NAME>` in capitals for each field; `PORT` alone has no prefix."""

    home: Path = _setting(Path("var"), "folder that holds all state")
    footing: Footing = _setting("embedded", "embedded (one process) or real (RabbitMQ, PostgreSQL)")
    database_url: str = _setting("", "PostgreSQL, as postgresql+psycopg://…; one schema a service")
    broker_url: str = _setting("", "RabbitMQ, as amqp://user:password@host:port/vhost")
    peers: dict[str, str] = _setting({}, 'addresses of the other services: {"loans": "http://…"}')
    port: int = _setting(8080, "port of the web server")
    work_port: int = _setting(0, "side port of a worker for health and metrics; 0 picks none")
    threads: int = _setting(16, "threads of one web process")
    secret: str = _setting("", "signs tokens; made at random under home when empty")
    production: bool = _setting(False, "refuses to start with sample sign-ins")
    token_hours: float = _setting(12.0, "life of an access token, hours")
    trust_proxies: int = _setting(0, "number of proxies whose X-Forwarded-For is believed")
    second_factor: bool = _setting(True, "ask staff outside the building for a one-time code")
    inside_networks: str = _setting(
        "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7", "networks that are the building"
    )
    public_url: str = _setting("", "address that links in notices start with")
    library_name_kk: str = _setting("Балалар және жасөспірімдер кітапханасы", "the library's name")
    library_name_ru: str = _setting("Детско-юношеская библиотека", "the library's name")
    library_name_en: str = _setting("Children's and Youth Library", "the library's name")
    library_phone: str = _setting("+7 7232 00-00-00", "phone printed in notices")
    reference_wait: float = _setting(30.0, "seconds a request looks again for a card or branch not heard of")
    consent_age: int = _setting(16, "below this age the guardian is written to")
    loan_days: int = _setting(14, "length of a loan, days")
    renewal_limit: int = _setting(3, "renewals of one loan")
    due_soon_days: int = _setting(2, "days before the due date on which a reader is reminded")
    country: str = _setting("KZ", "country whose public holidays close the branches")
    notice_hold: float = _setting(0.0, "minutes between the end of a run and its notices")
    time_zone: str = _setting("Asia/Almaty", "zone of quiet hours")
    reopening_days: int = _setting(3, "days before reopening that readers are reminded of it")
    quiet_hours: str = _setting("", "22:00-08:00; binds SMS, Telegram, push and calls")
    smtp_url: str = _setting("", "smtp://user:password@host:port; empty: a Maildir under home")
    mail_from: str = _setting("library@example.org", "sender of mail")
    send_rate: float = _setting(0.0, "mails a second at most; 0 for no limit")
    domain_rate: float = _setting(0.0, "mails a second to one recipient domain; 0 for no limit")
    outbox_days: int = _setting(30, "days a sent event stays in the outbox")
    inbox_days: int = _setting(60, "days a handled event's id is remembered")
    poll_seconds: float = _setting(1.0, "how often a loop looks for work it was not woken for")
    chunk_readers: int = _setting(10_000, "readers in one chunk of a run on PostgreSQL")
    batch_messages: int = _setting(400, "messages handled in one transaction")
    delivery_limit: int = _setting(100, "deliveries of one message before the broker takes it for a killer")
    answer_days: int = _setting(2, "days an answer given under an Idempotency-Key is kept")
    clock_file: str = _setting("", "file with an offset in seconds added to the clock (tests)")

    @property
    def embedded(self) -> bool:
        return self.footing == "embedded"

    def library_name(self, language: str) -> str:
        return str(getattr(self, f"library_name_{language}"))

    def base_url(self) -> str:
        return self.public_url or f"http://127.0.0.1:{self.port}"


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises SettingError naming the variable."""
    environment = os.environ if environment is None else environment
    hints = get_type_hints(Settings)
    values: dict[str, Any] = {}
    for each in fields(Settings):
        variable = "PORT" if each.name == "port" else f"KITAPHANA_{each.name.upper()}"
        if environment.get(variable, "") != "":
            values[each.name] = _parse(variable, environment[variable], hints[each.name])
    settings = Settings(**values)
    _check(settings)
    return settings


_AT_LEAST_ONE = ("threads", "loan_days", "outbox_days", "inbox_days", "answer_days", "chunk_readers", "batch_messages")
_URLS = {"database_url": "postgresql+psycopg://", "broker_url": "amqp", "smtp_url": "smtp", "public_url": "http"}


def _check(settings: Settings) -> None:
    if not settings.embedded and not (settings.database_url and settings.broker_url):
        raise SettingError("KITAPHANA_FOOTING=real needs KITAPHANA_DATABASE_URL and KITAPHANA_BROKER_URL")
    for name, value in vars(settings).items():
        variable = "PORT" if name == "port" else f"KITAPHANA_{name.upper()}"
        lowest = 1 if name in _AT_LEAST_ONE else 0
        if isinstance(value, int | float) and not lowest <= value < float("inf"):
            raise SettingError(f"{variable}={value} cannot be used: expected {lowest} or more")
        if name in ("port", "work_port") and value > 65535:
            raise SettingError(f"{variable}={value} cannot be used: expected a port, 0 to 65535")
        if name in _URLS and value and not value.startswith(_URLS[name]):
            raise SettingError(f"{variable} cannot be used: expected an address that begins with {_URLS[name]}")
    if settings.production and settings.public_url.startswith("https:") and not settings.trust_proxies:
        raise SettingError(
            "KITAPHANA_TRUST_PROXIES=0 cannot be used in production with an https address: whoever speaks TLS for us "
            "would be every visitor's address, inside the building. Set the number of proxies"
        )
    try:
        for network in settings.inside_networks.split(","):
            ipaddress.ip_network(network.strip())
    except ValueError as error:
        raise SettingError("KITAPHANA_INSIDE_NETWORKS cannot be used: expected networks like 10.0.0.0/8,::1") from error
    if settings.quiet_hours and not re.fullmatch(
        r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", settings.quiet_hours
    ):
        raise SettingError("KITAPHANA_QUIET_HOURS cannot be used: expected hours like 22:00-08:00")


def _parse(variable: str, text: str, kind: Any) -> Any:
    try:
        if kind is bool:
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]
        if kind == Footing:
            return {"embedded": "embedded", "real": "real"}[text]
        if kind == dict[str, str]:
            return {str(name): str(address) for name, address in json.loads(text).items()}
        return kind(text)
    except (KeyError, ValueError, AttributeError) as error:
        raise SettingError(f"{variable}={text!r} cannot be used: expected {_expected(kind)}") from error


def _expected(kind: Any) -> str:
    names = {bool: "yes or no", int: "a whole number", float: "a number", dict[str, str]: "a JSON object"}
    return names.get(kind, "embedded or real" if kind == Footing else str(kind))


def secret_of(settings: Settings) -> str:
    """The signing secret: as set, else the one made at random on first start (mode 600)."""
    if settings.secret:
        return settings.secret
    path = settings.home / "secret"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(48))
    return path.read_text().strip()


def _write_once(path: Path, text: str) -> None:
    """Several processes may start at once: the file appears whole, and the first one stays."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
