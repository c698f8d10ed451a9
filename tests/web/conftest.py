"""The pages of the archive that the demo leaves, listened to on the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.served import asking


@pytest.fixture(scope="session")
def web(played: Path) -> Iterator[httpx.Client]:
    """Asks for pages of the demo's archive."""
    with asking(played) as client:
        yield client
