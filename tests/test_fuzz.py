"""Many damaged documents of every kind: each is answered, none costs a reading process."""

from __future__ import annotations

import pytest

from tests.fuzzing import run


@pytest.mark.parametrize("count", [50, 500])
def test_every_damaged_document_is_answered(count: int) -> None:
    became, costly = run(count, seed=2026)
    assert not costly
    assert sum(became.values()) == count
    assert became["cells"] > count // 15  # many are hardly hurt: what is left is read
