"""Set the clock of simulated archives for a while."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

from storage.clock import NOW, OFFSET


@contextmanager
def on(day: datetime) -> Iterator[None]:
    """In the block, set the clock of simulated archives in this process and its child processes."""
    with patch.dict(os.environ, {NOW: day.isoformat()}):
        os.environ.pop(OFFSET, None)
        yield
