"""The doors: what people and programs hold in their hands. ``cli/`` is the command line.

>>> import nianbao                                                                          # doctest: +SKIP
>>> with nianbao.open("my-archive") as held:
...     for duty in held.missing(2025).duties:
...         print(duty.agency.name, duty.due)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nianbao.python_api import Archive

__all__ = ["open"]


def open(path: str | Path | None = None) -> Archive:  # noqa: A001 — nianbao.open("my-archive")
    """Open the archive in a folder (by default the one named by ``NIANBAO_ARCHIVE``) for questions.

    The same as ``archive.open_archive``. Raises ``storage.errors.HomeError`` where the folder holds no archive.
    """
    from nianbao.python_api import open_archive  # noqa: PLC0415 — the command line starts without it

    return open_archive(path)
