"""Is there room for another crawl? What is left of the disk below that is for reading and asking."""

from __future__ import annotations

import shutil

from storage.home import Home
from storage.records import Note


def low_disk_reason(home: Home) -> Note | None:
    """Why no crawl may begin or go on by itself; None where there is room."""
    free, least = shutil.disk_usage(home.path).free, home.config.reserve_bytes
    if free >= least:
        return None
    return Note("low_disk", {"free": free >> 20, "least": least >> 20})
