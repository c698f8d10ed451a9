"""Many damaged documents of every kind: each is answered, none costs a reading process."""

from __future__ import annotations

from tests.fuzzing import run


def test_every_damaged_document_is_answered() -> None:
    became, costly = run(150, seed=2026)
    assert not costly
    assert sum(became.values()) == 150
    assert became["cells"] > 10  # many are hardly hurt: what is left is read
