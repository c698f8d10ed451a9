"""济源 and 尧都: TRS WCM, static files, relative links, a pager that only a script writes.

``TrsBare``: ``t657193.html`` (济源), a table list; pages carry validators and nothing that changes by request.
``TrsDated``: ``202601/t20260120_123456.html`` (尧都), a list with pop-up boxes and empty items, a pager by inline variables.
"""

from __future__ import annotations

import posixpath
import re
from html import escape

from crawler.imitation.answers import Answer, Ask
from crawler.imitation.payload import File
from crawler.imitation.portals import parts
from crawler.imitation.portals.site import Article, Entry, ListPage
from crawler.imitation.scenario import Column, ImPortal, ImReport

_HEAD = """<!DOCTYPE html>
<html lang="zh"><head><meta charset="utf-8">
<title>{title}</title>
{metas}
<link href="/images/base.css" rel="stylesheet"></head><body>
<div class="path">{crumbs}</div>
"""


def _relative(column: Column, href: str) -> str:
    return "./" + posixpath.relpath(href, column.path)


class TrsBare:
    """Ids without a date."""

    static = True

    def address(self, column: Column, entry: Entry) -> str:
        """``t<id>.html``; ids grow with time."""
        given = entry.path if isinstance(entry, ImReport) else ""
        moment = parts.created(entry)
        number = 600000 + int((moment.timestamp() - 1577808000) / 600) + int(parts.digest(entry.key)[:2], 16) % 100
        return column.path + (given or f"t{number}.html")

    def attachment(self, column: Column, entry: Entry, file: File) -> str:
        """``P0<date><digits>.<suffix>`` beside the page."""
        digits = int(parts.digest(file.data)[:12], 16) % 10**12
        return (
            posixpath.dirname(self.address(column, entry))
            + f"/P0{parts.created(entry):%Y%m%d}{digits:012d}.{file.suffix}"
        )

    def page_number(self, column: Column, ask: Ask) -> int | None:
        """``index.html``, then ``index_1.html`` for the second page."""
        if ask.path in {column.path, column.path + "index.html"}:
            return 0
        found = re.fullmatch(r"index_(\d{1,4})\.html", ask.path.removeprefix(column.path))
        return int(found[1]) if found and ask.path.startswith(column.path) else None

    def listing(self, portal: ImPortal, ask: Ask, shown: ListPage) -> str:
        """Rows of a table, as the 政府信息公开 template of the engine has them."""
        rows = "\n".join(
            f'<tr><td>{number}</td><td><a href="{_relative(shown.column, href)}" target="_blank" title="{escape(title)}">{escape(title)}</a></td>'
            f"<td>{parts.day(date)}</td></tr>"
            for number, (href, title, date) in enumerate(shown.rows, 1 + shown.number * portal.page_size)
        )
        return f"""{self._head(portal, shown.column, shown.column.title)}<div class="szbmtclb"><table><tbody>
<tr><th>序号</th><th>名称</th><th>发布日期</th></tr>
{rows}
</tbody></table></div>
<div class="page"><script>
<!--
createPageHTML({shown.pages}, {shown.number}, "index", "html");
//-->
</script></div>
</body></html>"""

    def article(self, portal: ImPortal, ask: Ask, article: Article) -> str:
        """索引号 table, title, body."""
        printed = parts.day(article.declared, "%Y年%m月%d日")
        head = self._head(portal, article.column, article.title, article)
        return f"""{head}<table class="xxgk_head"><tr><td><strong>索引号</strong>：{parts.index_number(article)}</td><td><strong>主题分类</strong>：政务公开</td></tr>
<tr><td><strong>发文机关</strong>：{escape(article.source)}</td><td><strong>发布时间</strong>：{printed}</td></tr>
<tr><td colspan="2"><strong>标&emsp;&emsp;题</strong>：{escape(article.title)}</td></tr></table>
<h2 class="title">{escape(article.title)}</h2>
<div class="content"><div class="TRS_Editor"><div class="TRS_Editor">
{article.html}
</div></div></div>
<div class="fujian">{self._files(article)}</div>
</body></html>"""

    def otherwise(self, portal: ImPortal, ask: Ask) -> Answer | None:
        """Nothing."""
        return None

    def _head(self, portal: ImPortal, column: Column, title: str, article: Article | None = None) -> str:
        metas = parts.metas(portal, column, article, pubdate="%Y年%m月%d日")
        return _HEAD.format(title=escape(f"{title} - {portal.site_name}"), metas=metas, crumbs=parts.crumbs(column))

    def _files(self, article: Article) -> str:
        return "".join(
            f'<p>附件：<a href="./{posixpath.basename(href)}" title="{escape(f.name)}">{escape(f.name)}</a></p>'
            for href, f in article.files
        )


class TrsDated(TrsBare):
    """Ids with the day on which the CMS made the page."""

    static = False

    def address(self, column: Column, entry: Entry) -> str:
        """``202601/t20260120_<id>.html``."""
        moment = parts.created(entry)
        number = 250000 + int((moment.timestamp() - 1577808000) / 3600) + int(parts.digest(entry.key)[:2], 16) % 60
        return f"{column.path}{moment:%Y%m}/t{moment:%Y%m%d}_{number}.html"

    def listing(self, portal: ImPortal, ask: Ask, shown: ListPage) -> str:
        """Items with a pop-up box of 解读 links inside, every fifth one empty, the pager by ``countPage``."""
        items: list[str] = []
        for position, (href, title, date) in enumerate(shown.rows, 1):
            box = (
                '<div class="popbox"><h3>相关解读</h3><ul><li><a href="../zcjd/">政策解读</a></li></ul></div>'
                if position % 3 == 0
                else ""
            )
            items.append(
                f'<li><a href="{_relative(shown.column, href)}" target="_blank" title="{escape(title)}">{escape(title)}</a>{box}<span>{parts.day(date, "%Y/%m/%d")}</span></li>'
            )
            if position % 5 == 0:
                items.append('<li class="empty"></li>')
        return f"""{self._head(portal, shown.column, shown.column.title)}<div class="top">{parts.today(ask.now)}</div>
<div class="list"><ul class="u-list">
{chr(10).join(items)}
</ul></div>
<div class="page"><script>
var currentPage = {shown.number};
var prevPage = currentPage - 1;
var nextPage = currentPage + 1;
var countPage = {shown.pages};
for (var i = 1; i < countPage; i++) document.write('<a href="index_' + i + '.html">' + (i + 1) + '</a>');
</script></div>{parts.token(ask)}
</body></html>"""

    def article(self, portal: ImPortal, ask: Ask, article: Article) -> str:
        """Title, source line with a counter, body, neighbours."""
        head = self._head(portal, article.column, article.title, article)
        return f"""{head}<div class="top">{parts.today(ask.now)}</div>
<h1 class="article-title">{escape(article.title)}</h1>
<div class="info"><span>发布时间：{parts.day(article.declared, "%Y-%m-%d %H:%M")}</span><span>来源：{escape(article.source)}</span>{parts.counter(ask)}</div>
<table class="gl_head"><tr><td>索&nbsp;引&nbsp;号：</td><td>{parts.index_number(article)}</td></tr><tr><td>发布机构：</td><td>{escape(article.source)}</td></tr></table>
<div class="view TRS_UEDITOR trs_paper_default trs_web">
{article.html}
</div>
<div id="downloadfile">{self._files(article)}</div>
<div class="near">{parts.neighbours(article)}</div>{parts.token(ask)}
</body></html>"""
