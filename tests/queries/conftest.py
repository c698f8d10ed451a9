"""Small archives, made by the helper of the projection's tests from each module's ``play``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.projection.update import update
from nianbao.python_api import Archive
from storage.home import Home


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """SQLite serves, but where a module names other ``ENGINES`` too."""
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", getattr(metafunc.module, "ENGINES", ("sqlite",)), scope="module")


@pytest.fixture(scope="module")
def home(engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The archive of a test module, after what its ``play`` tells has happened and been read."""
    from small_archive import new_archive

    url = request.getfixturevalue("lasting_postgresql_url") if engine == "postgresql" else None
    with new_archive(tmp_path_factory.mktemp("home") / "archive", database_url=url) as home:
        request.module.play(home)
        update(home)
        yield home


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Home]:
    """An archive of a test's own, in which nothing has happened yet."""
    from small_archive import new_archive

    with new_archive(tmp_path / "archive") as home:
        yield home


@pytest.fixture
def held(home: Home) -> Archive:
    return Archive(home)
