"""The time on the imitation portals, in a small file in the archive's folder, so that all processes have the same.

``imitation-now`` contains the instant (ISO 8601 with offset) that it was when the file was written; the clock runs on
from there. ``echo 2026-02-01T09:00:00+08:00 > ARCHIVE/imitation-now`` sets it by hand.
"""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

FILE = "imitation-now"


def set_instant(folder: Path, instant: datetime | str) -> datetime:
    """Set the time on an archive's imitated portals. Raises ValueError if the text is no instant with an offset."""
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    if moment.tzinfo is None:
        raise ValueError(f"{instant!r} has no offset; write it as 2026-02-01T09:00:00+08:00")
    aside = folder / f"{FILE}.{os.getpid()}-{threading.get_ident()}"
    aside.write_text(moment.isoformat() + "\n", encoding="utf-8")
    aside.replace(folder / FILE)  # atomic: no process reads half an instant
    return moment


def read_instant(folder: Path) -> datetime:
    """Return the time on the imitated portals: what was set, and time since; the real time if nothing readable is."""
    path = folder / FILE
    try:
        moment = datetime.fromisoformat(path.read_text(encoding="utf-8").strip())
        elapsed = time.time() - path.stat().st_mtime
    except (OSError, ValueError):
        return datetime.now(UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) + timedelta(seconds=max(0.0, elapsed))
