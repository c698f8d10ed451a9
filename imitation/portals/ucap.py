"""UCAP: static lists with createPageHTML counting from 1; PubDate is the time at which a page was built.

Known of the real system: addresses, the pager's call, ``<UCAPCONTENT>``, the meta ``others``. ``UcapPacked``: the pager
hidden as base64, as on sites of 云南.
"""

from __future__ import annotations

import base64
import posixpath
import re
from datetime import timedelta
from html import escape
from urllib.parse import quote

from imitation.answers import Ask
from imitation.payload import File
from imitation.portals.family import Article, Entry, Family, ListPage, Row, created, day, digest
from imitation.records import Column

_STEM = "common_list"


class Ucap(Family):
    """A column's path ends in ``common_list.shtml``."""

    list_template = "ucap_list"
    doc_template = "ucap_doc"
    doc_date = "%Y-%m-%d %H:%M"

    def address(self, entry: Entry) -> str:
        """``<column>/<year and month>/<32 hex>.shtml``."""
        return f"{self._folder(self.portal.column(entry.column))}/{created(entry):%Y%m}/{digest(entry.key)[:32]}.shtml"

    def attachment(self, entry: Entry, file: File) -> str:
        """``<column>/<year and month>/<32 hex>/files/<32 hex>.<suffix>``."""
        return f"{self.address(entry).removesuffix('.shtml')}/files/{digest(file.data)[:32]}.{file.suffix}"

    def _folder(self, column: Column) -> str:
        return posixpath.dirname(column.path)

    def page_number(self, column: Column, ask: Ask) -> int | None:
        """``common_list_2.shtml`` is the second page."""
        found = re.fullmatch(re.escape(self._folder(column)) + rf"/{_STEM}(?:_(\d{{1,4}}))?\.shtml", ask.path)
        return int(found[1] or 1) - 1 if found else None

    def listing(self, ask: Ask, shown: ListPage) -> str:
        """Return a list page; its own number in the pager counts from 1."""
        return super().listing(ask, shown).replace("<!--pager-->", self.pager(shown))

    def pager(self, shown: ListPage) -> str:
        """The call that writes the pager."""
        call = f"createPageHTML('page_div',{shown.pages},{shown.number + 1},'{_STEM}','shtml',{shown.total});"
        return f'<div id="page_div"></div><script>{call}</script>'

    def row(self, position: int, column: Column, entry: Row) -> str:
        """Title and date."""
        del position, column
        href, title, on = entry
        link = f'<a href="{href}" target="_blank" title="{escape(title)}">{escape(title)}</a>'
        return f"<li>{link}<span>{day(on)}</span></li>"

    def fields(self, article: Article) -> dict[str, str]:
        """Add the time at which the page was built: days after it was published."""
        built = created(article.entry) + timedelta(days=40)
        return super().fields(article) | {"built": f"{built:%Y-%m-%d %H:%M:%S}"}

    def _metas(self, column: Column, article: Article | None) -> str:
        metas = super()._metas(column, article)
        if article is None:
            return metas
        built = created(article.entry) + timedelta(days=40)
        return re.sub(r'("PubDate" content=)"[^"]*"', rf'\1"{built:%Y-%m-%d %H:%M:%S}"', metas)


class UcapPacked(Ucap):
    """The pager stands as base64 of quoted markup in a hidden element and is unpacked by a script."""

    def pager(self, shown: ListPage) -> str:
        """Links to all pages, packed."""
        links = "".join(
            f'<a href="{_STEM}{f"_{n}" if n > 1 else ""}.shtml">{n}</a>'
            for n in range(1, shown.pages + 1)
            if n != shown.number + 1
        )
        if shown.number + 1 < shown.pages:
            links += f'<a href="{_STEM}_{shown.number + 2}.shtml">下一页</a>'
        packed = base64.b64encode(quote(links).encode()).decode()
        return (
            f'<div id="pages" style="display:none">{packed}</div>'
            "<script>document.write(decodeURIComponent(window.atob(document.getElementById('pages').innerHTML)));</script>"
        )
