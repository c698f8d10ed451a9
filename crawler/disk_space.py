"""Is there room for another crawl? What is left of the disk below that is for reading and asking."""

from __future__ import annotations

import shutil

from storage.home import Home


def low_disk_reason(home: Home) -> str:
    """Why no crawl may begin or go on by itself, and what to do; "" where there is room."""
    free, least = shutil.disk_usage(home.path).free, home.config.reserve_bytes
    if free >= least:
        return ""
    return (
        f"the disk is nearly full: {free >> 20} MiB are free, and {least >> 20} are kept for reading and asking"
        " (reserve_bytes). Make room; crawls go on by themselves then"
    )
