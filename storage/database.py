"""The database of the truth: engine, transactions, migrations. SQLite or PostgreSQL, as its URL says."""

from __future__ import annotations

import os
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Executable, Select, Table, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from storage.errors import ReadOnlyError, StorageError, TookTooLongError, UnusableError, database_error
from storage.mapping import Record, rows_of, shape

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

# Alembic is imported only to migrate: questions are answered without it.

State = Literal["absent", "behind", "current", "ahead"]

# FULL: a committed transaction survives a power cut
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=15000",
    "cache_size=-65536",
    "mmap_size=268435456",
    "temp_store=MEMORY",
    "journal_size_limit=67108864",
    "trusted_schema=OFF",
)
_STEPS = 2_000  # of SQLite's virtual machine, after which it checks whether the time is used up
_STEPS_MAX_SECONDS = 0.25  # a longer time between two checks includes a pause of the caller
_CANCELED = "57014"  # query_canceled: PostgreSQL's manual, appendix A
WRITES = "nianbao_writes"  # execution option of connections whose transactions write


class Shared(threading.local):
    """The connection through which a thread reads several things in one transaction, if any."""

    connection: Connection | None = None

    @contextmanager
    def use(self, connection: Connection) -> Iterator[None]:
        """Let this thread read only through ``connection`` in the block, then again through that of an outer block."""
        outer_connection, self.connection = self.connection, connection
        try:
            yield
        finally:
            self.connection = outer_connection


class Database:
    """One database. ``begin()`` gives a write transaction, ``read()`` a consistent read-only one.

    ``attach`` (SQLite only): path of another SQLite file whose tables readers also see, as schema ``truth``.
    ``read_only``: no connection can write: SQLite files are opened for reading, PostgreSQL transactions are read-only.
    ``seconds``: how long the database may work on a statement that reads; 0 means without limit.
    """

    def __init__(
        self,
        url: str,
        *,
        pragmas: tuple[str, ...] = PRAGMAS,
        attach: str | None = None,
        read_only: bool = False,
        seconds: float = 0,
    ) -> None:
        """``attach``: a SQLite file that readers see as ``truth``; ``seconds``: 0 lets statements work for ever."""
        self.url = url
        self.read_only = read_only
        self._attached, self._seconds = attach, seconds
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        if self.is_sqlite and read_only:
            self.engine = self._reader = sqlite_engine(url, (*pragmas, "query_only=ON"), attach, read_only=True)
        elif self.is_sqlite:
            # writers do not attach: BEGIN IMMEDIATE would lock the other file too
            self.engine = sqlite_engine(url, pragmas, None)
            self._reader = sqlite_engine(url, (*pragmas, "query_only=ON"), attach)
        else:
            try:
                options = {"connect_args": {"options": _read_only_options(url)}} if read_only else {}
                self.engine = self._reader = create_engine(url, pool_pre_ping=True, pool_size=2, **options)
            except ModuleNotFoundError as error:
                raise UnusableError(code="home.no_postgresql", package=error.name) from error
        self._shared = Shared()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Yield a connection in a write transaction: committed at the end of the block, rolled back if it raises.

        Raises :class:`~storage.errors.DiskError` if the disk is full or broken; then nothing was written.
        Raises :class:`~storage.errors.ReadOnlyError` if the database was opened for reading only.
        """
        if self.read_only:
            raise ReadOnlyError(code="database.read_only", name=self._name)
        with self._write_transaction(self.engine) as connection:
            yield connection

    @contextmanager
    def _write_transaction(self, engine: Engine) -> Iterator[Connection]:
        """Yield a connection in a write transaction, which holds SQLite's lock from its beginning."""
        options = {WRITES: True}
        with (
            self._translate_errors(self._name, writing=True),
            engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def _translate_errors(self, name: str, *, writing: bool) -> Iterator[None]:
        """In the block, turn driver errors that a person should understand into ours. ``name``: of the database, for
        the error; ``writing``: as in :func:`database_error`.
        """
        try:
            yield
        except DBAPIError as error:
            translated_error = database_error(name, error.orig, writing=writing)
            if translated_error is None:
                raise
            raise translated_error from error

    @property
    def _name(self) -> str:
        url = self.engine.url
        return url.database or "" if self.is_sqlite else url.render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection in a read transaction: it sees one state of the database and can change nothing. Raises
        :class:`~storage.errors.DamagedError` if a database file is damaged, :class:`~storage.errors.UnansweredError` if
        the database cannot answer now, and :class:`~storage.errors.TookTooLongError` if a statement exceeds its time.
        """
        if self._shared.connection is not None:  # within ``through``: this thread shares one transaction
            yield self._shared.connection
            return
        name = f"{self._name} or {self._attached}" if self._attached else self._name
        with (
            self._translate_errors(name, writing=False),
            self._read_transaction() as connection,
            limit_work(connection, self._seconds),
        ):
            yield connection

    @contextmanager
    def _read_transaction(self) -> Iterator[Connection]:
        """Open a connection that cannot write and sees one state of the database."""
        with self._reader.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
                if not self.read_only:  # the pool resets this option, and with it the default
                    connection.execution_options(postgresql_readonly=True)
            yield connection

    def damage(self, *, thorough: bool = False) -> str:
        """Return the first fault that SQLite finds in its file, "" if none; always "" for PostgreSQL, which checks its
        files itself. ``thorough``: also compare indexes with their tables, which takes longer.
        """
        if not self.is_sqlite:
            return ""
        try:
            with self._read_transaction() as connection:
                check = "integrity_check" if thorough else "quick_check"
                message = str(connection.exec_driver_sql(f"PRAGMA {check}(1)").scalar_one())
        except DBAPIError as error:
            message = str(error.orig)
        return "" if message == "ok" else message.splitlines()[-1]

    @contextmanager
    def together(self) -> Iterator[None]:
        """In the block, everything that this thread reads is read in one transaction."""
        with self.read() as connection, self._shared.use(connection):
            yield

    @property
    def is_together(self) -> bool:
        """Return whether this thread is inside a block of :meth:`together` or :meth:`through`."""
        return self._shared.connection is not None

    def through(self, connection: Connection) -> AbstractContextManager[None]:
        """In the block, this thread reads this database through ``connection``, which also sees its tables."""
        return self._shared.use(connection)

    def rows(self, query: Executable, **values: object) -> Sequence[Any]:
        """Return the rows of a query; ``values`` are its parameters."""
        with self.read() as connection:
            return connection.execute(query, values).all()

    def scalars(self, query: Executable, **values: object) -> Sequence[Any]:
        """Return the first column of a query's rows."""
        return [row[0] for row in self.rows(query, **values)]

    def records(self, kind: type[Record], query: Select[Any]) -> tuple[Record, ...]:
        """Return a query's rows as records of this kind."""
        described = shape(kind)
        return tuple([described.record(row._mapping) for row in self.rows(query)])

    def append(self, table: Table, records: Iterable[object]) -> None:
        """Insert records into a table, in one transaction."""
        if rows := rows_of(records):
            with self.begin() as connection:
                connection.execute(table.insert(), rows)

    def lock(self, connection: Connection, name: str) -> None:
        """Make other writers that lock ``name`` wait for this transaction (SQLite has one writer anyway)."""
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": zlib.crc32(name.encode())})

    def state(self) -> State:
        """Return how the schema compares with that of this program: absent, behind, current or ahead (newer)."""
        with self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return "absent"
            versions = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
        if not versions:
            return "absent"
        every = revisions()
        return "current" if versions == every[-1:] else "behind" if versions[0] in every else "ahead"

    def migrate(self) -> None:
        """Migrate the schema to this version, in one transaction. Raises StorageError if it is newer."""
        from alembic import command  # noqa: PLC0415

        state = self.state()
        if state == "ahead":
            raise StorageError(code="database.newer")
        if state == "current":
            return
        config = _alembic()
        with self._migration_transaction() as connection:
            self.lock(connection, "migrate")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def _migration_transaction(self) -> Iterator[Connection]:
        """Yield a write transaction in which SQLite can replace a table (lang_altertable.html, section 7): foreign keys
        are not checked row by row but once, before the commit.
        """
        if not self.is_sqlite:
            with self.begin() as connection:
                yield connection
            return
        engine = sqlite_engine(self.url, (*PRAGMAS, "foreign_keys=OFF"), None)
        try:
            with self._write_transaction(engine) as connection:
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise StorageError(code="database.broken", table=broken[0], other=broken[2])
        finally:
            engine.dispose()

    def close(self) -> None:
        """Close the connections; the object may be used again."""
        self.engine.dispose()
        self._reader.dispose()


_MIGRATIONS = Path(__file__).parent / "migrations"


@cache
def revisions() -> list[str]:
    """Return the revisions of the schema in order: the numbers at the beginning of the migrations' file names."""
    return sorted(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _alembic() -> AlembicConfig:
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def _read_only_options(url: str) -> str:
    """Return the options of a PostgreSQL connection: those of its URL, plus read-only transactions."""
    options = make_url(url).query.get("options", "")
    return f"{options if isinstance(options, str) else ' '.join(options)} -c default_transaction_read_only=on".strip()


def sqlite_engine(url: str, pragmas: tuple[str, ...], attach: str | None, *, read_only: bool = False) -> Engine:
    """Return an engine on a SQLite file; its transactions are IMMEDIATE for writers, deferred for readers.

    ``read_only``: the file and the attached one are opened for reading only.
    """
    path = make_url(url).database or ""
    if read_only or _is_frozen(path):
        # these would write, which fails in a folder without write permission
        pragmas = tuple(pragma for pragma in pragmas if not pragma.startswith(("journal", "synchronous")))
    mode = "mode=ro" if read_only else "mode=rwc"
    engine = create_engine(url, creator=lambda: _open_connection(path, attach, pragmas, mode))

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get(WRITES):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:  # takes no lock; through SQLAlchemy it would take as long as a short query
            connection.connection.cursor().execute("BEGIN")

    return engine


def keep_few_pages() -> None:
    """Let new connections of this process keep little of SQLite's files in memory, as it reads all of them once."""

    @event.listens_for(Engine, "connect")
    def _keep_few_pages(connection: Any, _: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.executescript("PRAGMA cache_size=-8192; PRAGMA mmap_size=0")


# ------------------------------------------------------------------------------ how long a question may take


class _WorkLimit:
    """How long SQLite may still work on a query. Only its own work counts: a caller may take any time over the rows."""

    def __init__(self, seconds: float) -> None:
        self._seconds_left, self._last = seconds, monotonic()

    @property
    def is_over(self) -> bool:
        return self._seconds_left < 0

    def count(self) -> bool:
        """Subtract the time since the last call, without a pause of the caller; return whether SQLite must stop."""
        now = monotonic()
        self._seconds_left -= min(now - self._last, _STEPS_MAX_SECONDS)
        self._last = now
        return self.is_over


@contextmanager
def limit_work(connection: Connection, seconds: float) -> Iterator[None]:
    """In the block, stop ``connection`` after its database has worked for ``seconds`` (0: never). PostgreSQL counts
    each statement separately. Raises :class:`~storage.errors.TookTooLongError`.
    """
    if not seconds:
        yield
        return
    driver_connection: Any = connection.connection.dbapi_connection
    limit = _WorkLimit(seconds)
    if is_sqlite := isinstance(driver_connection, sqlite3.Connection):
        driver_connection.set_progress_handler(limit.count, _STEPS)
    else:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}")
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT and not limit.is_over:
            raise KeyboardInterrupt from error  # Ctrl-C in the handler, which SQLite takes for "stop"
        codes = (getattr(error.orig, "sqlite_errorcode", None), getattr(error.orig, "sqlstate", None))
        if codes not in {(sqlite3.SQLITE_INTERRUPT, None), (None, _CANCELED)}:
            raise
        raise TookTooLongError(code="took_too_long", seconds=f"{seconds:g}") from error
    finally:
        if is_sqlite:
            with suppress(sqlite3.ProgrammingError):  # the connection is closed already
                driver_connection.set_progress_handler(None, 0)


# --------------------------------------------------------------------------------------- connections of SQLite


def sqlite_uri(path: str, mode: str = "mode=ro") -> str:
    """Return the URI of a SQLite file; one in a folder without write permission is opened as immutable."""
    return f"file:{quote(path)}?{'mode=ro&immutable=1' if _is_frozen(path) else mode}"


def _is_frozen(path: str) -> bool:
    return Path(path).exists() and not os.access(Path(path).resolve().parent, os.W_OK)


def settle_file(path: Path) -> None:
    """Move everything of a SQLite file that is not open anywhere from its log into the file, and sync it to disk.

    Raises sqlite3.Error or OSError, StorageError if the log is not empty afterwards.
    """
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    log = Path(f"{path}-wal")
    if log.exists() and log.stat().st_size:
        raise StorageError(code="database.not_whole", path=path)
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _open_connection(path: str, attach: str | None, pragmas: tuple[str, ...], mode: str) -> sqlite3.Connection:
    """Open a SQLite file, beside it ``attach`` as ``truth``; reading its schema shows damage at once."""
    connection = sqlite3.connect(
        sqlite_uri(path, mode), uri=True, timeout=15, check_same_thread=False, isolation_level=None
    )  # no isolation level: sqlite3 must not issue BEGIN itself
    try:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1")
        if attach is not None:
            connection.execute("ATTACH DATABASE ? AS truth", (sqlite_uri(attach, mode),))
            connection.execute("SELECT 1 FROM truth.sqlite_master LIMIT 1")
    except sqlite3.OperationalError:
        connection.close()
        raise
    except UnicodeDecodeError as error:  # damage that sqlite3 cannot report: a name that is not text
        connection.close()
        damaged = sqlite3.DatabaseError("malformed database schema: a name in it is no text")
        damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damaged from error
    return connection
