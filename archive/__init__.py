"""The archive of annual open-government reports: what we know. The Python entrance is ``nianbao.open``.

``identity``    who and which year: titles, agencies, divisions, years; link → lead; binding
``documents``   bytes → pages: blocks of text and tables, each with a locator
``forms``       the national forms as data: load, print
``parser``      pages → reading: placed rows, cells, checks, stated figures
``assessment``  looks, captures, editions, rulings → status histories
``projection``  reads and judges what is stale and stores the rows; worker processes; rebuild and swap
``queries``     the questions, answered from the stored projections
``exports``     answers as files: tables, releases, feeds
``findings``    makes a finding of a code and values; severities, meanings and sentences in ``findings.toml``
``file_endings``  endings of pages and of files that may hold a report: one list for all rooms
``fuzzy_lookup``  the names most like what a person typed
``sentence_templates``  fills values into sentences, puts days into words
``simplified_chinese``  traditional characters and their simplified forms: one table for all rooms

``archive.open_archive`` is the first name of ``nianbao.open``; older programs still use it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nianbao.python_api import Archive, NotKnownError, open_archive

__all__ = ["Archive", "NotKnownError", "open_archive"]


def __getattr__(name: str) -> object:
    """Import the entrance on first use: ``nianbao`` is a layer above, so this module may not import it when loaded."""
    if name in __all__:
        from nianbao import python_api  # noqa: PLC0415

        return getattr(python_api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
