"""Where the real pages and documents lie, and small helpers of this room's tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("NIANBAO_SHARED", Path(__file__).parents[3] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    if not (SHARED / "corpus").is_dir():
        pytest.skip("the corpus of real documents is not beside the project (NIANBAO_SHARED)")
    return SHARED
