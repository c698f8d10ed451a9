"""Every stage of the reader is needed by a real document, or by a combination of form, kind and maker."""

from __future__ import annotations

import pytest

from benchmarks.ablation import STAGES, all_read, needing


@pytest.mark.shared
@pytest.mark.nightly
def test_a_document_needs_each_stage() -> None:
    read_whole = all_read()
    assert [stage.name for stage in STAGES if next(needing(stage, read_whole), None) is None] == []
