"""docs/findings.md tells how often findings are wrong on the corpus as it is measured now."""

from __future__ import annotations

import pytest

from archive.queries.check import CODES
from benchmarks.findings import BEGIN, DOCS, END, corpus, raised, table, unrelated, written

pytestmark = pytest.mark.shared


def test_the_docs_tell_what_is_measured_and_what_is_wrong_is_known() -> None:
    """One test: reading the corpus takes most of the time."""
    documents = corpus()
    found = raised(documents)
    assert [(one.code, one.where) for one in found if one.wrong] == []
    assert [one for one in found if one.code in CODES and one.wrong is None] == []
    assert list(unrelated(documents)) == []
    text = DOCS.read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert written(text, table(documents, found)) == text, "run: python -m benchmarks.findings --write"
