"""Every stage and every repair of the reader is needed by a document of ``tests/cases``."""

from __future__ import annotations

import pytest

from benchmarks.ablation import OF_PICTURES, Case, Switch, as_read, cases, is_needed, switches


@pytest.fixture(scope="module")
def whole() -> list[tuple[Case, str]]:
    """Each case as it is read with all stages and repairs, those that are read soonest first."""
    return [(case, as_read(case)) for case in sorted(cases(), key=lambda case: len(case.data))]


@pytest.mark.parametrize(
    "switch", [one for one in switches() if one.name not in OF_PICTURES], ids=lambda switch: switch.name
)
def test_a_case_needs_it(switch: Switch, whole: list[tuple[Case, str]]) -> None:
    assert is_needed(switch, whole), f"{switch.name} changes no document of tests/cases: take it out, or add its case"
