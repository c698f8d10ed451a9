"""Endings of pages and of files that may hold a report (pure): one list for addresses, attachments, viewers and what is
no list.
"""

from __future__ import annotations

_DOCUMENTS = ("pdf", "docx?", "wps", "wpt", "odt", "ofd", "rtf", "ceb")
_SHEETS = ("xlsx?", "et", "ods")
_PACKED = ("zip", "rar", "7z")

#: HTML, as a regular expression: htm, html, shtml (server-side includes) and jhtml (JEECMS).
HTML = "[sj]?html?"
#: Alternatives of a regular expression, without the dot before and what may follow.
ENDINGS = "|".join((*_DOCUMENTS, *_SHEETS, *_PACKED))
