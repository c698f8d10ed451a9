"""Small archives, made by the helper of the projection's tests from each module's ``play``, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from archive.projection.update import update
from nianbao.python_api import Archive
from storage.home import Home


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The archive of a test module, after what its ``play`` tells has happened and been read."""
    from small_archive import new_archive

    url = request.getfixturevalue("lasting_postgresql_url") if request.param == "postgresql" else None
    with new_archive(tmp_path_factory.mktemp("home") / "archive", database_url=url) as home:
        request.module.play(home)
        update(home)
        yield home


@pytest.fixture
def held(home: Home) -> Archive:
    return Archive(home)
