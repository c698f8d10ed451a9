"""Which browser renders, and what to install where there is none."""

from __future__ import annotations

import importlib.util
import shutil

from storage.records import Note

_NAMES = ("chromium", "chromium-browser", "google-chrome")
NEVER = "none"


def browser(wanted: str) -> str | None:
    """Return the program that renders: the one that is ``wanted`` (a path or name; ``none``: no one), else the first
    of the usual names.
    """
    if wanted == NEVER:
        return None
    return next((path for name in ([wanted] if wanted else _NAMES) if (path := shutil.which(name))), None)


def missing(wanted: str) -> Note | None:
    """Return why nothing can be rendered here; None if it can."""
    if wanted == NEVER:
        return Note("browser_off")
    if importlib.util.find_spec("playwright") is None:
        return Note("no_playwright")
    if browser(wanted) is None:
        return Note("browser_no_program", {"name": wanted}) if wanted else Note("no_browser")
    return None
