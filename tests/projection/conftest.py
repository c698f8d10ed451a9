"""The stories of a module are played once, side by side in one archive."""

from __future__ import annotations

import pytest

from tests.projection.small_archive import InProcess
from tests.projection.stories import play


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Exception]:
    """What went wrong in the stories of the module."""
    return play(request.module.STORIES, tmp_path_factory.mktemp("stories") / "archive")


@pytest.fixture(autouse=True)
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in this process where a test gives no pool of its own."""
    monkeypatch.setattr("archive.projection.update.Pool", InProcess)
