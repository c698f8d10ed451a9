"""The API of the archive that the demo leaves, listened to on the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.served import asking


@pytest.fixture(scope="session")
def api(played: Path) -> Iterator[httpx.Client]:
    """Asks the API of the demo's archive."""
    with asking(played, "/api/v1") as client:
        yield client
