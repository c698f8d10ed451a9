"""博达 VSB: page numbers count down, attachments are download scripts that ask for a Referer.

Known of the real system: pager and items of a list, ``#vsb_content``, the download address and what it answers
without a Referer.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from html import escape

from imitation.answers import Answer, Ask, page
from imitation.payload import File
from imitation.portals.family import Article, Entry, Family, ListPage, Row, day, digest, fill, serial
from imitation.records import Column, ImReport

_TREE = 1025
_OWNER = 1412614994


class Vsb(Family):
    """A column's path is ``….htm``; its further pages lie in a folder of that name."""

    list_template = "vsb_list"
    doc_template = "vsb_doc"
    meta_date = ""  # old pages carry no PubDate

    def address(self, entry: Entry) -> str:
        """``/info/<tree>/<id>.htm``."""
        return f"/info/{_TREE}/{10000 + serial(entry, 3600)}.htm"

    def attachment(self, entry: Entry, file: File) -> str:
        """A script without an extension; the name is in the link's text and in Content-Disposition only."""
        del entry
        found = digest(file.data)[:32].upper()
        return f"/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner={_OWNER}&wbfileid={found}"

    def file_answer(self, ask: Ask, file: File) -> Answer:
        """The file with its name in raw GBK; a page of advertising where no Referer is sent."""
        if not ask.headers.get("referer"):
            return page("<html><body><h1>提示</h1><p>请从本站页面下载附件。</p></body></html>")
        name = file.name.encode("gb18030").decode("latin-1")
        return Answer(
            headers=(
                ("Content-Type", "application/octet-stream"),
                ("Content-Disposition", f'attachment;filename="{name}"'),
            ),
            body=file.data,
        )

    def page_number(self, column: Column, ask: Ask) -> int | None:
        """Page k of N is file N-k+1 in the column's folder; page 1 is the column itself."""
        if ask.path == column.path:
            return 0
        found = re.fullmatch(re.escape(column.path.removesuffix(".htm")) + r"/(\d{1,4})\.htm", ask.path)
        return self._pages(column, ask) - int(found[1]) if found else None

    def _pages(self, column: Column, ask: Ask) -> int:
        return max(1, -(-len(self.portal.in_column(column.key, ask.now)) // self.portal.page_size))

    def listing(self, ask: Ask, shown: ListPage) -> str:
        """Return a list page; its links are relative to where it lies."""
        here = posixpath.dirname(ask.path)
        rows = ((posixpath.relpath(href, here), title, on) for href, title, on in shown.rows)
        return fill(
            self.list_template,
            self.common(ask, shown.column, shown.column.title),
            rows="\n".join(self.row(n, shown.column, entry) for n, entry in enumerate(rows, 1)),
            total=str(shown.total),
            number=str(shown.number + 1),
            pages=str(shown.pages),
            pager=self._pager(shown, here),
        )

    def _pager(self, shown: ListPage, here: str) -> str:
        folder = shown.column.path.removesuffix(".htm")

        def at(number: int) -> str:
            target = f"{folder}/{shown.pages - number}.htm" if number else shown.column.path
            return posixpath.relpath(target, here)

        numbers = "".join(
            f'<span class="p_no_d">{n + 1}</span>'
            if n == shown.number
            else f'<span class="p_no"><a href="{at(n)}">{n + 1}</a></span>'
            for n in range(shown.pages)
        )
        if shown.number + 1 < shown.pages:
            following = f'<span class="p_next p_fun"><a href="{at(shown.number + 1)}">下页</a></span>'
            return f'{numbers}{following}<span class="p_last p_fun"><a href="{at(shown.pages - 1)}">尾页</a></span>'
        return f'{numbers}<span class="p_next_d p_fun_d">下页</span><span class="p_last_d p_fun_d">尾页</span>'

    def row(self, position: int, column: Column, entry: Row) -> str:
        """Title and date, all of it one link."""
        del column
        href, title, on = entry
        return (
            f'<li id="line_u5_{position}"><a href="{href}"><h4>{escape(title)}</h4>\n'
            f'<p class="date"><i class="fa fa-calendar"></i>{day(on)}</p></a></li>'
        )

    def file_link(self, href: str, file: File) -> str:
        """附件【name】: the name is the link's text."""
        return f'<p>附件【<a href="{escape(href)}" target="_blank">{escape(file.name)}</a>】已下载<span>12</span>次</p>'


class VsbFolders(Vsb):
    """Folders of years below the column, and in each a column of one article for every body: the article itself."""

    def address(self, entry: Entry) -> str:
        """``<column>/n2023n/<body>.htm``; other pages as ever."""
        if not isinstance(entry, ImReport):
            return super().address(entry)
        return f"{self._folder(self.portal.column(entry.column), entry.year)}/{entry.agency.id}.htm"

    def _folder(self, column: Column, year: int) -> str:
        return f"{column.path.removesuffix('.htm')}/n{year}n"

    def page_number(self, column: Column, ask: Ask) -> int | None:
        """No list has pages."""
        del column, ask
        return None

    def article(self, ask: Ask, article: Article) -> str:
        """A report is the only article of its column: nothing stands before or after it."""
        alone = isinstance(article.entry, ImReport)
        return super().article(ask, replace(article, neighbours=()) if alone else article)

    def otherwise(self, ask: Ask) -> Answer | None:
        """The column leads to its years, each year to its bodies."""
        for column in self.portal.columns:
            shown = [e for e in self.portal.in_column(column.key, ask.now) if isinstance(e, ImReport)]
            years = sorted({report.year for report in shown}, reverse=True)
            if ask.path == column.path:
                return page(self._menu(ask, column, [(f"{self._folder(column, y)}.htm", f"{y}年") for y in years]))
            for year in years:
                if ask.path == f"{self._folder(column, year)}.htm":
                    bodies = [(self.address(report), report.agency.name) for report in shown if report.year == year]
                    return page(self._menu(ask, column, sorted(bodies)))
        return None

    def _menu(self, ask: Ask, column: Column, links: list[tuple[str, str]]) -> str:
        here = posixpath.dirname(ask.path)
        near = [(posixpath.relpath(href, here), escape(name)) for href, name in links]
        rows = "\n".join(f'<li><a href="{href}">{name}</a></li>' for href, name in near)
        common = self.common(ask, column, column.title)
        return fill(self.list_template, common, rows=rows, total="", number="1", pages="1", pager="")
