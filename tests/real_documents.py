"""The folder of real documents and pages that lies beside the project where it is developed.

The project stands alone: tests that need the folder carry the mark ``shared`` (each test that asks for the fixture
``shared``, or for one made of it, has it by itself) and are skipped where the folder is absent.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

SHARED = Path(os.environ.get("NIANBAO_SHARED") or Path(__file__).resolve().parents[2] / "shared")
CORPUS = SHARED / "corpus"
ABSENT = f"No real documents at {SHARED}; set NIANBAO_SHARED to their folder."

#: Of a page of ``domain/html``, by its name: its text without the first line, which says where it comes from.
Saved = Callable[[str], str]
