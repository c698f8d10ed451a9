"""The archive's folder: where everything in it is, how to create and open one."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from storage.atomic_files import PART, write_whole
from storage.blobs import Blobs, ObjectStore, files_below
from storage.clock import Clock, clock_for
from storage.config import FILE, Config, load_config, resolve_url, toml_text
from storage.database import Database
from storage.errors import (
    DamagedError,
    HomeError,
    StorageError,
    UnansweredError,
    UnusableError,
    cannot_write,
    cause_of,
    is_damaged,
    note_of,
)
from storage.locks import locks_for
from storage.tables import ARCHIVE

__all__ = ["Home", "HomeError", "UnusableError", "init_home", "open_home", "unreachable"]

ENVIRONMENT = "NIANBAO_ARCHIVE"
COPY = "backup.txt"  # marks a folder as a copy made by a backup
FOLDER_MODE = 0o750  # of an archive: its group may read it, other users of the machine may not
RESTORING = "restoring.txt"  # marks a folder whose restoring is not complete


Made = TypeVar("Made")


class Home:
    """An opened archive, which threads may share. Opening is cheap; worker processes open their own from ``path``.

    ``truth``: the database of what was observed; ``projection_url``: the database of projections; ``blobs``: its WARC
    files; ``warc_dir``: the folder where they are written; ``portals_dir``: the operator's own portals; ``read_only``:
    its databases cannot be written to.
    """

    def __init__(self, path: Path, config: Config, clock: Clock, *, read_only: bool = False) -> None:
        """Open nothing yet: neither the truth (the database of what was observed or ruled) nor the store of WARC files.
        ``read_only``: nothing can be written, and the database works on a question for at most ``question_seconds``.
        """
        self.path = path
        self.read_only = read_only
        self.config = config
        self.clock = clock
        self.simulated = config.simulated
        seconds = config.question_seconds if read_only else 0  # commands that write may take any time
        self.truth = Database(resolve_url(config.database_url, path), read_only=read_only, seconds=seconds)
        default_url = self.truth.url if not self.truth.is_sqlite else "sqlite:///projections.sqlite"
        self.projection_url = resolve_url(config.projection_url or default_url, path)
        self.warc_dir = path / "warc"
        self.portals_dir = path / "portals"
        self.blobs = Blobs(self.warc_dir)
        if config.blobs:
            self.blobs = ObjectStore(config.blobs, spool=self.warc_dir, endpoint=config.blobs_endpoint)
        self.locks = locks_for(resolve_url(config.locks_url or self.truth.url, path), path / "locks")
        self._objects: dict[str, Any] = {}
        self._objects_lock = threading.RLock()
        self._kept: dict[str, tuple[object, Any]] = {}  # values by name, each with the state that it was made for

    def warc_files(self, ending: str = "") -> Iterator[Path]:
        """Yield the files with this ending in the folder of WARC files, sorted by folder and name."""
        return files_below(self.warc_dir, ending)

    def get_or_make(self, name: str, make: Callable[[], Made]) -> Made:
        """Return the object of this name; ``make`` creates it at the first call. It is closed with the archive.

        ``make`` is called only once, even if several threads ask.
        """
        with self._objects_lock:
            if name not in self._objects:
                self._objects[name] = make()
            value: Made = self._objects[name]
            return value

    def keep(self, name: str, state: object, make: Callable[[], Made], *, store: bool = True) -> Made:
        """Return the value kept under ``name``; ``make`` makes it anew if it was made for another ``state``.

        ``store``: whether what was made anew is kept.
        Threads share the values safely, as an entry is only looked up or replaced as a whole.
        """
        entry = self._kept.get(name)
        if entry is None or entry[0] != state:
            entry = (state, make())
            if store:
                self._kept[name] = entry
        value: Made = entry[1]
        return value

    def require_writable(self) -> None:
        """Raise :class:`~storage.errors.DiskError` if this user may not write to the archive."""
        places = [self.path, self.warc_dir]
        if self.truth.is_sqlite:
            places.append(Path(self.truth.engine.url.database or ""))
        for place in places:
            if place.exists() and not os.access(place, os.W_OK):
                raise cannot_write(place, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))

    @property
    def born(self) -> datetime:
        """Return when the archive was created; its copies have the same time."""
        (born,) = self.truth.scalars(select(ARCHIVE.c.created_at))
        return cast("datetime", born)

    def close(self) -> None:
        """Close database connections and shared objects, and release locks."""
        with self._objects_lock:
            while self._objects:
                self._objects.popitem()[1].close()
        self._kept.clear()
        self.locks.close()
        self.truth.close()

    def __enter__(self) -> Home:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def init_home(path: Path, *, simulated: bool = False, database_url: str | None = None) -> Home:
    """Create an archive in ``path`` (``simulated``: for imitation portals), or migrate an existing one to this version;
    nothing in it is ever destroyed.

    Raises :class:`HomeError` if ``path`` contains an imitation archive and a real one is wanted or the reverse, an
    archive with another database than ``database_url`` (None: any), or other files.
    """
    path = Path(path).absolute()
    settings = path / FILE
    try:
        _require_restored(path)
        exists = settings.exists()
        if not exists:
            _make_folder(path)
            if database_url is not None:
                resolve_url(database_url, path)
            _write_settings(settings, simulated, database_url)
    except OSError as error:
        raise UnusableError(code="home.not_made", path=path, cause=error.strerror or str(error)) from error
    try:
        config = load_config(path)
        if config.simulated != simulated:
            raise HomeError(code="home.is_imitation" if config.simulated else "home.is_real", path=path)
        if database_url is not None and resolve_url(database_url, path) != resolve_url(config.database_url, path):
            raise HomeError(code="home.other_database", path=path, file=settings)
        return _prepare(Home(path, config, clock_for(config.simulated)))
    except StorageError:
        if not exists:
            settings.unlink()  # so that the next try starts anew; a database file is left alone
        raise


def _make_folder(path: Path) -> None:
    """Create the folder of an archive. Raises HomeError if there is a file, or a folder that is not empty."""
    if path.exists() and not path.is_dir():
        raise HomeError(code="home.is_file", path=path)
    if path.exists() and any(file.suffix != PART for file in path.iterdir()):
        raise HomeError(code="home.not_empty", path=path)
    path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)


def _write_settings(settings: Path, simulated: bool, database_url: str | None) -> None:
    """Write an archive's first nianbao.toml; ``database_url`` None: the default, SQLite in its folder."""
    lines = [
        "# Settings of this archive. Environment variables NIANBAO_* and command line flags win over them.",
        f"simulated = {str(simulated).lower()}  # decided when the archive was made; never change it",
    ]
    if database_url is not None:
        lines.append(f"database_url = {toml_text(database_url)}")
    lines.append('# contact = "mailto:you@example.org"  # told to portals in the User-Agent')
    mode = 0o644 if database_url is None else 0o600  # the URL may hold a password
    write_whole(settings, ("\n".join(lines) + "\n").encode(), mode=mode)


def _prepare(home: Home) -> Home:
    """Create the missing folders, schema and row of an archive; return it. Raises HomeError if the row disagrees."""
    try:
        home.truth.migrate()
        with home.truth.begin() as connection:
            home.truth.lock(connection, "archive")
            simulated = connection.execute(select(ARCHIVE.c.simulated)).scalar_one_or_none()
            if simulated is None:
                row = {"id": 1, "simulated": home.simulated, "created_at": datetime.now(UTC)}
                connection.execute(ARCHIVE.insert(), row)
            elif simulated != home.simulated:
                raise HomeError(code="home.disagrees", file=home.path / FILE)
    except SQLAlchemyError as error:
        raise unreachable(home, error) from error
    except HomeError:
        raise
    except StorageError as error:
        raise HomeError(code="home.faulty", path=home.path, why=note_of(error).as_json) from error
    for folder in (home.warc_dir, home.portals_dir):
        folder.mkdir(exist_ok=True)
    return home


def open_home(path: Path | None = None, *, older: bool = False, read_only: bool = False, **flags: Any) -> Home:
    """Open the archive in ``path``, or in ``NIANBAO_ARCHIVE`` if None. Nothing is created or migrated. ``flags``:
    settings from the command line (``contact=…``); None means not given. ``older``: also accept an archive of an older
    version, to copy it. ``read_only``: nothing can be written through it. Raises :class:`HomeError` if there is no
    archive, its restoring was interrupted, its settings are wrong, or its schema is not of this version.
    """
    folder = path or os.environ.get(ENVIRONMENT, "")
    if not folder:
        raise HomeError(code="home.demo_not_named" if Path("demo-archive").is_dir() else "home.none_named")
    path = Path(folder).absolute()
    if not path.is_dir():
        raise HomeError(code="home.is_file" if path.exists() else "home.no_folder", path=path)
    try:
        _require_restored(path)
        config = load_config(path, **flags)
    except PermissionError as error:
        raise UnusableError(code="home.unreadable", path=path, cause=error.strerror) from error
    home = Home(path, config, clock_for(config.simulated), read_only=read_only)
    try:
        _check_usable(home, older=older)
    except SQLAlchemyError as error:
        raise unreachable(home, error) from error
    except (DamagedError, UnansweredError) as error:
        raise UnusableError("", code=error.code, **error.values) from error
    return home


def _require_restored(path: Path) -> None:
    """Raise HomeError if restoring was interrupted; the mark's first line is the command to repeat."""
    if (path / RESTORING).exists():
        command = (path / RESTORING).read_text(encoding="utf-8", errors="replace").partition("\n")[0]
        raise HomeError(code="home.half_restored", path=path, command=command)


def _check_usable(home: Home, *, older: bool) -> None:
    """Raise HomeError unless the database is there, of this version (or ``older``) and belongs to this archive."""
    init_command = f"nianbao init {'--imitation ' if home.simulated else ''}--archive {home.path}"
    database = Path(home.truth.engine.url.database or "")
    if home.truth.is_sqlite and not database.exists():
        if (home.path / COPY).exists():
            raise HomeError(code="home.half_copied", path=home.path)
        raise HomeError(code="home.lost_database", path=home.path, database=database.name, command=init_command)
    state = home.truth.state()
    if state == "ahead":
        raise HomeError(code="home.newer", path=home.path)
    if state != "current" and not (older and state == "behind"):
        raise HomeError(code="home.older", path=home.path, command=init_command)
    simulated = next(iter(home.truth.scalars(select(ARCHIVE.c.simulated))), None)
    if simulated is None:
        raise HomeError(code="home.half_made", path=home.path, command=init_command)
    if simulated != home.simulated:
        raise HomeError(code="home.disagrees", file=home.path / FILE)


def unreachable(home: Home, error: SQLAlchemyError) -> UnusableError:
    """Return the error to raise if the database of the truth cannot be used."""
    orig = getattr(error, "orig", None)
    if is_damaged(orig):
        return UnusableError(code="damaged", name=home.truth.engine.url.database or "", cause=cause_of(orig))
    address = home.truth.engine.url.render_as_string(hide_password=True)
    return UnusableError(code="home.database", where=address, cause=cause_of(orig or error))
