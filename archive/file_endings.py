"""Name endings of pages and of files that may hold a report: the one list for addresses, attachments and titles. Pure.

An ending only shows that a link leads to a file. Its content shows which kind of file it is (``documents/kinds``).
"""

from __future__ import annotations

_DOCUMENTS = ("pdf", "docx", "doc", "wps", "wpt", "odt", "ofd", "rtf", "ceb")
_SHEETS = ("xlsx", "xls", "et", "ods")
_PACKED = ("zip", "rar", "7z")

#: Endings of all files that may hold a report, without the dot.
FILES = frozenset((*_DOCUMENTS, *_SHEETS, *_PACKED))
#: The same endings as alternatives of a regular expression; ``DOCUMENTS`` leaves out sheets and packed files.
ENDINGS = "|".join((*_DOCUMENTS, *_SHEETS, *_PACKED))
DOCUMENTS = "|".join(_DOCUMENTS)
#: Endings of HTML pages as a regular expression: htm, html, shtml (server-side includes) and jhtml (JEECMS).
HTML = "[sj]?html?"
