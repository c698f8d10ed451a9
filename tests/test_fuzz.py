"""A few hundred damaged documents of every kind: each is answered, none costs a reading process."""

from __future__ import annotations

from tests.fuzzing import run


def test_every_damaged_document_is_answered() -> None:
    became, costly = run(300, seed=2026)
    assert not costly
    assert sum(became.values()) == 300
    assert became["cells"] > 20  # many are hardly hurt: what is left is read
