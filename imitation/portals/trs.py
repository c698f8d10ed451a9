"""济源 and 尧都: TRS WCM. Static files, relative links, a pager that only a script writes.

``TrsBare``: ``t657193.html`` (济源), a table list; pages carry validators and nothing that changes by request.
``TrsDated``: ``202601/t20260120_123456.html`` (尧都), pop-up boxes and empty items in the list, a pager by variables.
"""

from __future__ import annotations

import posixpath
from html import escape

from imitation.payload import File
from imitation.portals.family import Entry, Family, Row, created, day, digest, given, serial
from imitation.records import Column


class TrsBare(Family):
    """Ids without a date."""

    list_template = "trs_bare_list"
    doc_template = "trs_bare_doc"
    doc_date = "%Y年%m月%d日"
    meta_date = "%Y年%m月%d日"
    static = True

    def address(self, entry: Entry) -> str:
        """``t<id>.html``; ids grow with time."""
        return self.portal.column(entry.column).path + (given(entry) or f"t{600000 + serial(entry, 600)}.html")

    def attachment(self, entry: Entry, file: File) -> str:
        """``P0<date><digits>.<suffix>`` beside the page."""
        name = f"P0{created(entry):%Y%m%d}{int(digest(file.data)[:12], 16) % 10**12:012d}.{file.suffix}"
        return f"{posixpath.dirname(self.address(entry))}/{name}"

    def file_link(self, href: str, file: File) -> str:
        """Relative, as all links of this engine."""
        return super().file_link(f"./{posixpath.basename(href)}", file)

    def row(self, position: int, column: Column, entry: Row) -> str:
        """Return a row of the 政府信息公开 table."""
        href, title, date = entry
        link = f'<a href="{_relative(column, href)}" target="_blank">{escape(title)}</a>'
        return f"<tr><td>{position}</td><td>{link}</td><td>{day(date, self.list_date)}</td></tr>"


class TrsDated(TrsBare):
    """Ids with the day on which the CMS made the page."""

    list_template = "trs_dated_list"
    doc_template = "trs_dated_doc"
    list_date = "%Y/%m/%d"
    doc_date = "%Y-%m-%d %H:%M"
    meta_date = "%Y-%m-%d %H:%M"
    static = False

    def address(self, entry: Entry) -> str:
        """``202601/t20260120_<id>.html``."""
        on = created(entry)
        return f"{self.portal.column(entry.column).path}{on:%Y%m}/t{on:%Y%m%d}_{250000 + serial(entry, 3600)}.html"

    def row(self, position: int, column: Column, entry: Row) -> str:
        """Return an item; every third holds a box of 解读 links, every fifth is followed by an empty one."""
        href, title, date = entry
        name = escape(title)
        box = '<div class="popbox"><h3>相关解读</h3><ul><li><a href="../zcjd/">政策解读</a></li></ul></div>'
        link = f'<a href="{_relative(column, href)}" target="_blank" title="{name}">{name}</a>'
        empty = '\n<li class="empty"></li>' if position % 5 == 0 else ""
        return f"<li>{link}{box if position % 3 == 0 else ''}<span>{day(date, self.list_date)}</span></li>{empty}"


def _relative(column: Column, href: str) -> str:
    return "./" + posixpath.relpath(href, column.path)
