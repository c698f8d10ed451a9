"""How long a test waits for what a free machine does in a moment; only what hangs takes so long."""

from __future__ import annotations

PATIENCE = 300.0  # seconds
