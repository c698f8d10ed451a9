"""The API of the archive that the demo leaves, listened to on the loopback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from nianbao.application import application
from storage.home import open_home
from tests.served import served

sys.path.insert(0, str(Path(__file__).parent.parent / "projection"))

NOW = "2026-04-02T09:00:00+08:00"


@pytest.fixture(scope="session")
def api(played: Path) -> Iterator[httpx.Client]:
    """Asks the API of the demo's archive, as of the day after the demo."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NIANBAO_NOW", NOW)
        home = open_home(played, read_only=True)  # its clock begins now
    with (
        home,
        served(application(home, a_minute=0)) as address,
        httpx.Client(base_url=f"{address}/api/v1", timeout=60) as client,
    ):
        yield client
