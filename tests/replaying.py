"""The environment of pywb and wacz, which `make setup-replay` makes; tests that need it skip where it is absent."""

from __future__ import annotations

from pathlib import Path

REPLAY = Path(__file__).parent.parent / ".venv-replay"
