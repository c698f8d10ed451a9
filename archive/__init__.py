"""The archive of annual open-government reports: what we know. The Python entrance is ``nianbao.open``.

``identity``    who and which year: titles, agencies, divisions, years; link → lead; binding
``documents``   bytes → pages: blocks of text and tables, each with a locator
``forms``       the national forms as data: load, print
``parser``      pages → reading: placed rows, cells, checks, stated figures
``assessment``  looks, captures, editions, rulings → status histories
``projection``  what is stale → work → rows; worker processes; rebuild and swap
``queries``     the questions, asked of stored projections
``exports``     answers as files: tables, releases, feeds
``findings``    makes a finding of a code and values; severities, meanings and sentences in ``findings.toml``
``fuzzy_lookup``  the known names that are most like what a person typed
``file_endings``  of pages and of files that may hold a report: one list for all rooms
``sentence_templates``  sentences with names to be filled in
``simplified_chinese``      characters of the traditional script and their simplified forms: one table for all rooms

``archive.open_archive`` is ``nianbao.open`` under the name that programs knew first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nianbao.python_api import Archive, NotKnownError, open_archive

__all__ = ["Archive", "NotKnownError", "open_archive"]


def __getattr__(name: str) -> object:
    """Load the entrance when it is asked for: it stands above, among the doors."""
    if name in __all__:
        from nianbao import python_api  # noqa: PLC0415

        return getattr(python_api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
