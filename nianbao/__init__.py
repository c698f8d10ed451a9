"""The interfaces for people and programs: command line, HTTP API, web pages, operators' pages and Python.

>>> import nianbao                                                                          # doctest: +SKIP
>>> with nianbao.open("my-archive") as held:
...     for duty in held.missing(2025).duties:
...         print(duty.agency.name, duty.due)

``held`` has a method for each question: missing, late, coverage, status, series, rank, find, search … ``dir(held)``
lists them, ``help(held.series)`` says what one takes and gives; answers have to_pandas(). More: docs/python.md.

The modules are for those who change them:

``questions.py``   the questions, from ``questions.toml``; ``parameters.py`` their parameters; ``python_api.py``
``messages/``      all sentences; ``sentences.py`` fills them with values, ``language.py`` chooses their language
``answer_tables.py`` answers as tables and files, ``answer_words.py`` in words; ``answer_metadata.py`` describes them;
                   ``paging.py`` lists page by page; ``evidence_files.py`` evidence as WACZ
``glossary.py``     the terms of screens and documents
``rulings.py``     checks typed rulings; ``form_fields.py`` makes form fields and offers values
``application.py`` the web application, ``server.py`` its server; ``page_routes.py`` ``templates.py`` for all pages:
                   those of the archive (``web/``) and those of operators (``operate/``)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.queries.bounds import NotKnownError, QueryError
    from nianbao.python_api import Archive

__all__ = ["NotKnownError", "QueryError", "open"]


def __getattr__(name: str) -> object:
    """Import the errors of questions on first use: the command line starts without them."""
    if name in {"NotKnownError", "QueryError"}:
        from archive.queries import bounds  # noqa: PLC0415

        return getattr(bounds, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def open(path: str | Path | None = None) -> Archive:  # noqa: A001 — nianbao.open("my-archive")
    """Open the archive in a folder (by default the one named by ``NIANBAO_ARCHIVE``) for questions.

    The same as ``archive.open_archive``. Raises ``storage.errors.HomeError`` where the folder holds no archive.
    """
    from nianbao.python_api import open_archive  # noqa: PLC0415 — the command line starts without it

    return open_archive(path)
