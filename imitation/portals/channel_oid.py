"""沂源: ``channel_<oid>/doc_<oid>.html``. The document id tells when the page was made.

Known of the real pages: addresses, breadcrumb, the table 标题 索引号 文号 发文日期 发布机构, the tabs. Lists: guessed.
"""

from __future__ import annotations

from html import escape

from imitation.payload import File
from imitation.portals.family import Entry, Family, Row, created, day, digest, given
from imitation.records import Column


class ChannelOid(Family):
    """Lists with a link to the page that follows and a printed total; they link each other."""

    list_template = "channel_list"
    doc_template = "channel_doc"
    second_page = 2
    doc_date = "%Y-%m-%d %H:%M:%S"

    def address(self, entry: Entry) -> str:
        """``<channel>/doc_<oid>.html``; the id begins with the second of creation."""
        oid = f"{int(created(entry).timestamp()):08x}{digest(entry.key)[:16]}"
        return self.portal.column(entry.column).path + (given(entry) or f"doc_{oid}.html")

    def attachment(self, entry: Entry, file: File) -> str:
        """``<channel>/doc_<oid>_<32 hex>.<suffix>``."""
        return f"{self.address(entry).removesuffix('.html')}_{digest(file.data)[:32]}.{file.suffix}"

    def row(self, position: int, column: Column, entry: Row) -> str:
        """Title and 发文日期."""
        del position, column
        href, title, date = entry
        name = escape(title)
        return f'<li><a href="{href}" title="{name}" target="_blank">{name}</a><span>{day(date)}</span></li>'
