"""Which browser renders, and what to install where there is none."""

from __future__ import annotations

import importlib.util
import shutil

_NAMES = ("chromium", "chromium-browser", "google-chrome")
NEVER = "none"


def browser(wanted: str) -> str | None:
    """Return the program that renders: the one that is ``wanted`` (a path or name; ``none``: no one), else the first
    of the usual names.
    """
    if wanted == NEVER:
        return None
    return next((path for name in ([wanted] if wanted else _NAMES) if (path := shutil.which(name))), None)


def missing(wanted: str) -> str:
    """Return why nothing can be rendered here, as a sentence that says what to do; "" if it can."""
    said = "lists made by scripts were not read: "
    if wanted == NEVER:
        return f"{said}the setting browser is {NEVER!r}"
    if importlib.util.find_spec("playwright") is None:
        return f"{said}Playwright is not installed (pip install 'nianbao[browser]')"
    if browser(wanted) is None:
        what = f"the setting browser names {wanted}, which is no program" if wanted else "no browser is installed"
        return f"{said}{what} (Debian: apt-get install chromium)"
    return ""
