"""The doors: what people and programs hold in their hands: ``cli/``, ``api/``, ``web/``, ``operate/`` and Python.

``questions.py``   every question once, from ``questions.toml``; ``parameters.py`` what they take; ``python_api.py``
``messages/``      all sentences; ``sentences.py`` says them, ``language.py`` in which language
``answer_tables.py`` answers as tables and files; ``answer_metadata.py`` what describes them;
                   ``paging.py`` page by page; ``evidence_files.py`` as WACZ
``rulings.py``     what a person types for a ruling; ``offered_values.py`` what fields and options offer
``application.py`` the web application, ``server.py`` its server; ``page_routes.py`` ``templates.py`` what pages share

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
