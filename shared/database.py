"""One database a service; the only module that knows SQLite from PostgreSQL."""

from __future__ import annotations

import select
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from shared.settings import Settings

SQLITE_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
CANNOT_WRITE = "this session only looks: write in `transaction`"
BEFORE_COMMIT: list[Callable[[Session], None]] = []
AFTER_COMMIT: list[Callable[[Session], None]] = []


class FairLock:
    """Writers of one SQLite file in the order they came: SQLite's own waiting lets a run starve the desk."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False
        self._owner = 0

    def __enter__(self) -> None:
        me = threading.get_ident()
        if self._owner == me:
            raise RuntimeError("this thread has a transaction open already: it would wait for itself for ever")
        with self._guard:
            turn = threading.Event() if self._taken else None
            if turn:
                self._waiting.append(turn)
            self._taken = True
        if turn:
            turn.wait()
        self._owner = me

    def __exit__(self, *_: object) -> None:
        with self._guard:
            self._owner = 0
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


def _refuse_to_keep(session: Session, *_: Any) -> None:
    raise RuntimeError(CANNOT_WRITE)


class Database:
    """`with database.transaction() as session` to write, `with database.reading() as session` to read."""

    def __init__(self, service: str, settings: Settings) -> None:
        self.service = service
        self.settings = settings
        self.engine = _sqlite(service, settings) if settings.embedded else _postgresql(service, settings)
        self._lock = FairLock()
        self._writers = sessionmaker(self.engine.execution_options(kitaphana_writes=True), expire_on_commit=False)
        self._readers = sessionmaker(self.engine, expire_on_commit=False)
        self._lookers = sessionmaker(self.engine.execution_options(kitaphana_looks=True), expire_on_commit=False)
        event.listen(self._lookers, "before_flush", _refuse_to_keep)

    @property
    def sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Commits on a normal end, rolls back on an exception. Events added to the outbox go with it."""
        if not self.sqlite:
            with self._session(self._writers) as session:
                yield session
            return
        with self._lock, self._session(self._writers) as session:
            yield session

    @contextmanager
    def _session(self, make: Callable[[], Session]) -> Iterator[Session]:
        session = make()
        session.info.update(service=self.service, settings=self.settings)
        try:
            yield session
            for hook in BEFORE_COMMIT:
                hook(session)
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()
        for hook in AFTER_COMMIT:
            hook(session)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A short read-only transaction; what is written in it is thrown away."""
        with self._reading(self._readers) as session:
            yield session

    @contextmanager
    def looking(self) -> Iterator[Session]:
        """Reads for a page, each statement by itself: on PostgreSQL a BEGIN and a ROLLBACK less to wait for.

        What `reading` sees is no steadier, each of its statements sees the newest too. To add or change an object
        raises RuntimeError.
        """
        with self._reading(self._lookers) as session:
            yield session

    @contextmanager
    def _reading(self, make: Callable[[], Session]) -> Iterator[Session]:
        session = make()
        session.info.update(service=self.service, settings=self.settings)
        try:
            yield session
        finally:
            session.close()

    def close(self) -> None:
        self.engine.dispose()


def is_down(error: BaseException) -> bool:
    """True when the database itself is away, busy or undoing us, so that the same work may be tried whole."""
    if isinstance(error, PoolTimeout) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return True
    if not isinstance(error, OperationalError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        # SQLite calls a missing table "operational" as well; only these pass by themselves.
        return (getattr(error.orig, "sqlite_errorcode", 0) & 0xFF) in SQLITE_PASSING
    state = getattr(error.orig, "sqlstate", None)
    return state is None or state[:2] in {"08", "40", "53", "55", "57", "58"}


def _postgresql(service: str, settings: Settings) -> Engine:
    engine = create_engine(
        settings.database_url,
        # A transaction begins when it is said so: a session that only looks needs none.
        isolation_level="AUTOCOMMIT",
        connect_args={"options": f"-c search_path={service} -c timezone=UTC", "connect_timeout": 5},
        pool_size=settings.threads,
        max_overflow=8,
        json_serializer=dump_json,
        json_deserializer=orjson.loads,
        hide_parameters=True,  # names, titles and secrets: an error goes to the log
    )
    event.listen(engine, "checkout", _require_connected)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _require_connected(connection: Any, _record: Any, _proxy: Any) -> None:
    """A resting connection on which the server has something to say has been closed by it.

    To look costs no round trip, as asking the server would with every page.
    """
    resting = select.poll()
    resting.register(connection.pgconn.socket, select.POLLIN)
    if resting.poll(0):
        raise DisconnectionError


def _begin_postgresql(connection: Connection) -> None:
    if not connection.get_execution_options().get("kitaphana_looks"):
        connection.exec_driver_sql("BEGIN")


def _sqlite(service: str, settings: Settings) -> Engine:
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        f"sqlite:///{settings.home / service}.sqlite3",
        pool_size=settings.threads + 8,
        max_overflow=16,
        json_serializer=dump_json,
        json_deserializer=_load_sqlite_json,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _load_sqlite_json(value: Any) -> Any:
    # A column declared JSON has numeric affinity there: a number alone comes back as one, not as text.
    return orjson.loads(value) if isinstance(value, str | bytes) else value


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.create_function("translate", 3, _translate, deterministic=True)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _translate(text: str | None, old: str, new: str) -> str | None:
    """PostgreSQL's function of that name."""
    return None if text is None else text.translate(_translation(old, new))


@cache
def _translation(old: str, new: str) -> dict[int, int]:
    return str.maketrans(old, new)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("kitaphana_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def dump_json(value: Any) -> str:
    """JSON text; dataclasses become objects, days and moments ISO text."""
    return orjson.dumps(value).decode()


def rows_table(session: Session, parameter: str, columns: Mapping[str, str]) -> str:
    """A FROM item made of one JSON parameter (a list of objects): `columns` maps name -> PostgreSQL type.

    Set-based input in one statement for both dialects; bind the parameter with `dump_json(rows)`.
    Dates and moments are ISO text in SQLite, as SQLAlchemy stores them.
    """
    if session.get_bind().dialect.name == "postgresql":
        shape = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        return f"jsonb_to_recordset(CAST(:{parameter} AS jsonb)) AS {parameter}({shape})"
    fields = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in columns)
    return f"(SELECT {fields} FROM json_each(:{parameter})) AS {parameter}"  # noqa: S608


def is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def walk_index(session: Session) -> None:
    """Has what follows in this transaction read rows in their index's order instead of sorting them.

    A table that has just grown has old statistics, and PostgreSQL would sort the whole backlog for each window.
    """
    if not is_sqlite(session):
        for plan in ("enable_sort", "enable_seqscan", "enable_bitmapscan"):
            session.execute(text(f"SET LOCAL {plan} = off"))
