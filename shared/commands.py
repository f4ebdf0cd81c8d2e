"""The command line. Errors are one clear line; exit status 2 for usage, 1 for failure."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import orjson

from shared import clock, kept, outbox
from shared.app import create_app
from shared.database import Database
from shared.events.documents import asyncapi, catalogue
from shared.front import FRONT, Site
from shared.migrate import pending
from shared.observability import configure_logging
from shared.peers import Peers
from shared.server import Server
from shared.service import CannotStart, Service, build
from shared.settings import SettingError, Settings, load
from shared.side_port import serve_side_port
from shared.system import System
from shared.worker import Worker

Prepare = Callable[[System], None]
IMPORTS = {
    "readers": ("accounts", "readers"),
    "loans": ("loans", "loans"),
    "branches": ("quarantines", "branches"),
}


def fail(message: str) -> None:
    click.echo(f"kitaphana: {message}", err=True)
    sys.exit(1)


def make(services: Sequence[Service], prepare: Prepare, site: Site = FRONT) -> click.Group:
    """The command group over these services; `prepare` runs once after migration (first sign-ins)."""
    names = click.Choice([service.name for service in services])

    @click.group(context_settings={"help_option_names": ["-h", "--help"]})
    @click.pass_context
    def kitaphana(context: click.Context) -> None:
        """The online library for the day the doors must close."""
        try:
            context.obj = load()
        except SettingError as error:
            fail(str(error))
        # Databases, mail and files brought in hold what nobody else on this machine may read.
        os.umask(0o077)
        clock.shift_by_file(context.obj.clock_file)

    def system(settings: Settings) -> System:
        return System.create(services, settings)

    @kitaphana.command("all")
    @click.pass_obj
    def run_all(settings: Settings) -> None:
        """Every service and role in one process (embedded)."""
        if not settings.embedded:
            fail("'all' is for the embedded footing; start 'web SERVICE' and 'work SERVICE' each")
        _prepare(system(settings), prepare)
        _serve_everything(services, settings, site)

    @kitaphana.command()
    @click.argument("service", type=click.Choice([*[s.name for s in services], site.name]))
    @click.pass_obj
    def web(settings: Settings, service: str) -> None:
        """The HTTP side of one service; the last of them also speaks for all: health, metrics, documents."""
        configure_logging(f"web {service}")
        Server(settings, lambda: _web_app(services, settings, service, site), settings.port).run()

    @kitaphana.command()
    @click.argument("service", type=names)
    @click.pass_obj
    def work(settings: Settings, service: str) -> None:
        """Relay, consumer, runs and ticks of one service."""
        configure_logging(f"work {service}")
        _work(services, settings, service)

    @kitaphana.command()
    @click.pass_obj
    def migrate(settings: Settings) -> None:
        """Brings every service's database to the newest version."""
        _prepare(system(settings), prepare)
        click.echo("all databases are at their newest version")

    @kitaphana.command("import")
    @click.argument("kind", type=click.Choice(sorted(IMPORTS)))
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.pass_obj
    def import_(settings: Settings, kind: str, file: Path) -> None:
        """Takes a CSV file; prints what was refused, line by line."""
        service, noun = IMPORTS[kind]
        body = _asked(
            system(settings),
            service,
            f"/api/v1/{noun}/import",
            method="POST",
            body=file.read_bytes(),
            headers=_CSV,
        )
        for refused in body["rejected"]:
            click.echo(f"line {refused['line']}: {_one_line(refused['errors'])}", err=True)
        click.echo(f"{body['accepted']} taken, {len(body['rejected'])} refused")
        sys.exit(1 if body["rejected"] else 0)

    @kitaphana.command()
    @click.argument("what", type=click.Choice(["loans"]))
    @click.option("--quarantine", help="only what that quarantine moved")
    @click.pass_obj
    def export(settings: Settings, what: str, quarantine: str | None) -> None:
        """Writes CSV to standard output."""
        query = {"quarantine_id": quarantine} if quarantine else None
        answer = system(settings).ask(what, f"/api/v1/{what}/export.csv", query=query)
        if answer.status != 200:
            fail(answer.json().get("detail", answer.status))
        sys.stdout.buffer.write(answer.body)

    @kitaphana.command()
    @click.argument("quarantine")
    @click.pass_obj
    def reconcile(settings: Settings, quarantine: str) -> None:
        """Prints whether every loan is right and everyone is told; exit status 0 only when clean."""
        body = _asked(system(settings), "quarantines", f"/api/v1/quarantines/{quarantine}/reconciliation")
        click.echo(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
        sys.exit(0 if body["clean"] else 1)

    @kitaphana.command()
    @click.pass_obj
    def check(settings: Settings) -> None:
        """Looks at the configuration and whether everything can be reached."""
        _check(services, settings)

    @kitaphana.command()
    @click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path("docs"))
    def documents(folder: Path) -> None:
        """Writes events.md and asyncapi.yaml, out of the contracts and what each service says and hears."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "events.md").write_text(catalogue(services))
        (folder / "asyncapi.yaml").write_text(asyncapi(services))

    _add_parked(kitaphana, services, names)
    _add_outbox(kitaphana, services, names)
    for command in (command for service in services for command in service.commands):
        kitaphana.add_command(command)
    return kitaphana


_CSV = {"Content-Type": "text/csv"}


def _one_line(errors: dict[str, Any]) -> str:
    return "; ".join(f"{name}: {' '.join(map(str, messages))}" for name, messages in errors.items())


def _asked(system: System, service: str, path: str, **options: Any) -> Any:
    answer = system.ask(service, path, **options)
    if answer.status >= 400:
        problem = answer.json()
        errors = _one_line(problem["errors"]) if problem.get("errors") else problem.get("detail")
        fail(f"{problem.get('title', answer.status)}: {errors}")
    return answer.json()


def _prepare(system: System, prepare: Prepare) -> None:
    system.migrate()
    try:
        prepare(system)
    except CannotStart as refusal:
        fail(str(refusal))
    system.close()


def _serve_everything(services: Sequence[Service], settings: Settings, site: Site) -> None:
    configure_logging("all")
    alive: dict[str, Worker] = {}

    def make_app() -> Any:
        system = System.create(services, settings, site)
        alive["worker"] = Worker(list(system.contexts.values()))
        return system.wsgi()

    Server(
        settings,
        make_app,
        settings.port,
        started=lambda: alive["worker"].start(),
        stopping=lambda: alive["worker"].stop() if alive else None,
    ).run()


def _web_app(services: Sequence[Service], settings: Settings, name: str, site: Site) -> Any:
    if name == site.name:
        return site.create(settings, Peers(settings))
    return create_app(build(services, settings, only=name)[name])


def _work(services: Sequence[Service], settings: Settings, name: str) -> None:
    worker = Worker(list(build(services, settings, only=name).values()))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if settings.work_port:
        serve_side_port(settings.work_port, worker.can_work)
    worker.start()
    stop.wait()
    worker.stop()
    os._exit(0)


def _check(services: Sequence[Service], settings: Settings) -> None:
    troubles = []
    contexts = build(services, settings)
    for name, context in contexts.items():
        try:
            behind = pending(context.service, context.database)
        except Exception as error:
            troubles.append(f"{name}: the database cannot be reached: {str(error).splitlines()[0]}")
            continue
        troubles += [f"{each}: run 'kitaphana migrate'" for each in behind]
    try:
        next(iter(contexts.values())).broker.reach()
    except Exception as error:
        troubles.append(f"broker: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}")
    for trouble in troubles:
        click.echo(trouble, err=True)
    if troubles:
        sys.exit(1)
    click.echo(f"{settings.footing}: settings, databases and broker are fine")


def _add_parked(group: click.Group, services: Sequence[Service], names: click.Choice[str]) -> None:
    @group.group()
    def parked() -> None:
        """Events that could not be handled."""

    @parked.command("list")
    @click.option("--service", type=names)
    @click.pass_obj
    def list_(settings: Settings, service: str | None) -> None:
        for each in services:
            if service in (None, each.name):
                with Database(each.name, settings).reading() as session:
                    for row in kept.parked(session, limit=500):
                        click.echo(f"{each.name} {row['id']} {row['type']} {row['parked_at']:%F %T} {row['reason']}")

    @parked.command()
    @click.argument("service", type=names)
    @click.argument("number", type=int)
    @click.pass_obj
    def show(settings: Settings, service: str, number: int) -> None:
        with Database(service, settings).reading() as session:
            row = kept.show(session, number)
        if row is None:
            fail(f"{service} has no parked event {number}")
        click.echo(orjson.dumps(row, default=str, option=orjson.OPT_INDENT_2).decode())

    def decide(settings: Settings, service: str, number: int, act: Callable[[Any, int], bool], done: str) -> None:
        with Database(service, settings).transaction() as session:
            found = act(session, number)
        if not found:
            fail(f"{service} has no parked event {number}")
        click.echo(f"{service} {number} {done}")

    @parked.command()
    @click.argument("service", type=names)
    @click.argument("number", type=int)
    @click.pass_obj
    def retry(settings: Settings, service: str, number: int) -> None:
        decide(settings, service, number, kept.retry, "will be tried again at once")

    @parked.command()
    @click.argument("service", type=names)
    @click.argument("number", type=int)
    @click.pass_obj
    def discard(settings: Settings, service: str, number: int) -> None:
        decide(settings, service, number, kept.discard, "is thrown away")


def _add_outbox(group: click.Group, services: Sequence[Service], names: click.Choice[str]) -> None:
    @group.group("outbox")
    def outbox_group() -> None:
        """Events on their way out."""

    @outbox_group.command()
    @click.option("--service", type=names)
    @click.option("--after", type=int, default=0, help="only events after this position")
    @click.pass_obj
    def replay(settings: Settings, service: str | None, after: int) -> None:
        """Sends again what is kept; consumers drop what they have seen."""
        for each in services:
            if service in (None, each.name):
                with Database(each.name, settings).transaction() as session:
                    click.echo(f"{each.name}: {outbox.replay(session, after)} events will be sent again")
