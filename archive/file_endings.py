"""Endings of pages and of files that may hold a report: the one list for addresses, attachments and titles. Pure.

Which kind a file is, its content tells (``documents/kinds``); an ending tells only that a link leads to a file.
"""

from __future__ import annotations

_DOCUMENTS = ("pdf", "docx", "doc", "wps", "wpt", "odt", "ofd", "rtf", "ceb")
_SHEETS = ("xlsx", "xls", "et", "ods")
_PACKED = ("zip", "rar", "7z")

#: Of files that may hold a report, without the dot.
FILES = frozenset((*_DOCUMENTS, *_SHEETS, *_PACKED))
#: The same as alternatives of a regular expression; ``DOCUMENTS``: without sheets and packed files.
ENDINGS = "|".join((*_DOCUMENTS, *_SHEETS, *_PACKED))
DOCUMENTS = "|".join(_DOCUMENTS)
#: HTML, as a regular expression: htm, html, shtml (server-side includes) and jhtml (JEECMS).
HTML = "[sj]?html?"
