"""博达 VSB: page numbers count down, and attachments are download scripts that require a Referer.

Known from the real system: pager and items of a list, ``#vsb_content``, the download address and its answer without a
Referer. A column's path is ``….htm``; its further pages are in a folder of that name.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace

from imitation.answers import Ask, ImitatedAnswer, page
from imitation.payload import File
from imitation.portals.family import Article, Family, fill
from imitation.portals.systems import ListPage
from imitation.records import Entry, ImitatedList, ImReport, Row


class VsbFamily(Family):
    """Has page k of N in file N-k+1 of the column's folder; page 1 is the column itself."""

    def file_answer(self, ask: Ask, file: File) -> ImitatedAnswer:
        """Return the file with its name in raw GBK, or a notice if the request has no Referer."""
        if not ask.headers.get("referer"):
            return page("<html><body><h1>提示</h1><p>请从本站页面下载附件。</p></body></html>")
        disposition = f'attachment;filename="{file.name.encode("gb18030").decode("latin-1")}"'
        headers = (("Content-Type", "application/octet-stream"), ("Content-Disposition", disposition))
        return ImitatedAnswer(headers=headers, body=file.data)

    def page_number(self, column: ImitatedList, ask: Ask) -> int | None:
        """Return the number (from 0) of the requested page."""
        if ask.path == column.path:
            return 0
        match = re.fullmatch(re.escape(column.path.removesuffix(".htm")) + r"/(\d{1,4})\.htm", ask.path)
        pages = max(1, -(-len(self.portal.in_column(column.key, ask.now)) // self.portal.page_size))
        return pages - int(match[1]) if match else None

    def listing(self, ask: Ask, page: ListPage) -> str:
        """Return a list page."""
        numbers = {"total": str(page.total), "number": str(page.number + 1), "pages": str(page.pages)}
        pager = self._pager_html(page, posixpath.dirname(ask.path))
        return self._fill_list_page(ask, page.column, list(page.rows), pager=pager, **numbers)

    def _fill_list_page(self, ask: Ask, column: ImitatedList, rows: list[Row], **fields: str) -> str:
        """Return a list page, with links relative to its own address."""
        here = posixpath.dirname(ask.path)
        near = [(posixpath.relpath(href, here), title, on) for href, title, on in rows]
        items = "\n".join(self.row(n, column, entry) for n, entry in enumerate(near, 1))
        return fill(self.system.list_page, self.common(ask, column), rows=items, **fields)

    def _pager_html(self, page: ListPage, here: str) -> str:
        folder = page.column.path.removesuffix(".htm")
        paths = [page.column.path, *(f"{folder}/{page.pages - n}.htm" for n in range(1, page.pages))]
        at = [posixpath.relpath(path, here) for path in paths]
        numbers = "".join(
            f'<span class="p_no_d">{n + 1}</span>'
            if n == page.number
            else f'<span class="p_no"><a href="{href}">{n + 1}</a></span>'
            for n, href in enumerate(at)
        )
        if page.number + 1 < page.pages:
            following = f'<span class="p_next p_fun"><a href="{at[page.number + 1]}">下页</a></span>'
            return f'{numbers}{following}<span class="p_last p_fun"><a href="{at[-1]}">尾页</a></span>'
        return f'{numbers}<span class="p_next_d p_fun_d">下页</span><span class="p_last_d p_fun_d">尾页</span>'


class VsbFolders(VsbFamily):
    """Has a folder for each year below the column, and in it for each agency a column that is a single article."""

    def address(self, entry: Entry) -> str:
        """Return ``<column>/n2023n/<agency>.htm``; other pages have the usual addresses."""
        if not isinstance(entry, ImReport):
            return super().address(entry)
        return f"{self._folder(self.portal.column(entry.column), entry.year)}/{entry.agency.id}.htm"

    def _folder(self, column: ImitatedList, year: int) -> str:
        return f"{column.path.removesuffix('.htm')}/n{year}n"

    def page_number(self, column: ImitatedList, ask: Ask) -> int | None:
        """Return None: no list has further pages."""
        del column, ask
        return None

    def article(self, ask: Ask, article: Article) -> str:
        """Return a report as the only article of its column, without links to others."""
        alone = isinstance(article.entry, ImReport)
        return super().article(ask, replace(article, neighbours=()) if alone else article)

    def otherwise(self, ask: Ask) -> ImitatedAnswer | None:
        """Return the list of years of a column, or the list of agencies of a year."""
        for column in self.portal.columns:
            reports = [e for e in self.portal.in_column(column.key, ask.now) if isinstance(e, ImReport)]
            years = sorted({report.year for report in reports}, reverse=True)
            menus = {column.path: [(f"{self._folder(column, year)}.htm", f"{year}年") for year in years]}
            for year in years:
                agencies = [(self.address(report), report.agency.name) for report in reports if report.year == year]
                menus[f"{self._folder(column, year)}.htm"] = sorted(agencies)
            if ask.path in menus:
                rows: list[Row] = [(href, name, None) for href, name in menus[ask.path]]
                return page(self._fill_list_page(ask, column, rows, total="", number="1", pages="1", pager=""))
        return None
