"""Running imitation portals, shared by the tests of a module; misbehaviours that a test switches on end with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from loopback_client import Client

from imitation.server import ImitationPortals


@pytest.fixture(scope="module")
def portals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImitationPortals]:
    with ImitationPortals(tmp_path_factory.mktemp("imitation")) as running:
        yield running


@pytest.fixture
def get(portals: ImitationPortals) -> Iterator[Client]:
    before = list(portals.faults)
    portals.set_now(portals.scenario.days[0])
    yield Client(portals)
    portals.faults[:] = before
