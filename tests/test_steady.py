"""What the tests hold to themselves: one run gives what another gave, whatever the hour and the order."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import clock
from tests.conftest import SHOWN

DAY = "2026-02-01T09:00:00+08:00"


def drawn() -> list[int]:
    numbers: list[int] = []

    @given(st.integers())
    def drawing(number: int) -> None:
        numbers.append(number)

    drawing()
    return numbers


def test_examples_are_the_same_in_every_run_and_bound_by_no_time(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--hypothesis-profile"):
        pytest.skip("other examples are asked for")
    assert settings().deadline is None
    assert len(set(numbers := drawn())) > 20
    assert drawn() == numbers


@pytest.fixture(scope="module")
def unset() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv(clock.OFFSET, raising=False)
        yield


@pytest.mark.parametrize("turn", [1, 2])
def test_no_test_begins_with_the_clock_of_another(unset: None, turn: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clock.OFFSET not in os.environ
    monkeypatch.setenv(clock.NOW, DAY)
    clock.clock_for(simulated=True)
    assert os.environ[clock.OFFSET].startswith(DAY)


def test_nothing_is_shown_or_asked_for_otherwise_than_a_test_says() -> None:
    """Whoever runs the tests may sit at a narrow terminal, want colours, or reach the web through a proxy."""
    assert not [name for name in os.environ if name in SHOWN or name.lower().endswith("_proxy")]
