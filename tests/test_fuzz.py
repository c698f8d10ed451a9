"""A few hundred damaged documents of every kind: each is answered, none costs a reading process."""

from __future__ import annotations

from tests.fuzzing import damaged, run, whole_documents


def test_every_damaged_document_is_answered() -> None:
    became, costly = run(400, seed=2026)
    assert not costly
    assert sum(became.values()) == 400
    assert became["cells"] > 20  # many are hardly hurt: what is left is read


def test_a_damaged_document_can_be_made_again_by_its_name() -> None:
    whole = whole_documents()
    assert list(damaged(5, 7, whole)) == list(damaged(5, 7, whole))
