"""The day it is on the imitation portals: a small file in the archive's folder, so that every process agrees.

``imitation-now`` holds an instant (ISO 8601 with offset); it was that instant when the file was written, and time has
run on since. ``echo 2026-02-01T09:00:00+08:00 > ARCHIVE/imitation-now`` moves the portals by hand.
"""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

FILE = "imitation-now"


def set_instant(folder: Path, instant: datetime | str) -> datetime:
    """Make it ``instant`` on the portals of this archive. Raises ValueError for a text that is no aware instant."""
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    if moment.tzinfo is None:
        raise ValueError(f"{instant!r} has no offset; write it as 2026-02-01T09:00:00+08:00")
    aside = folder / f"{FILE}.{os.getpid()}-{threading.get_ident()}"
    aside.write_text(moment.isoformat() + "\n", encoding="utf-8")
    aside.replace(folder / FILE)  # nobody ever reads half an instant
    return moment


def read_instant(folder: Path) -> datetime:
    """Return the instant set, run on; the real time where none is set or the file is unreadable."""
    path = folder / FILE
    try:
        moment = datetime.fromisoformat(path.read_text(encoding="utf-8").strip())
        elapsed = time.time() - path.stat().st_mtime
    except (OSError, ValueError):
        return datetime.now(UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) + timedelta(seconds=max(0.0, elapsed))
