"""洛阳, 栾川: ``/2025/12-08/945529.html``, lists ``index.html``, ``index_1.html`` …, as on the platform of 河南."""

from __future__ import annotations

import re
from html import escape

from crawler.imitation.answers import Answer, Ask
from crawler.imitation.payload import File
from crawler.imitation.portals import parts
from crawler.imitation.portals.site import Article, Entry, ListPage
from crawler.imitation.scenario import Column, ImPortal

_HEAD = """<!DOCTYPE html>
<html lang="en"><head>
    <meta charset="UTF-8">
    <meta name="renderer" content="webkit">
{metas}
    <title>{title}</title>
</head><body><div class="wrap"><div class="main">
<div class="crumb"><p>{crumbs}</p></div>
"""


class DatedList:
    """Addresses and markup."""

    static = False

    def address(self, column: Column, entry: Entry) -> str:
        """``/<year>/<month>-<day>/<id>.html``."""
        moment = parts.created(entry)
        number = 300000 + int((moment.timestamp() - 1577808000) / 300) + int(parts.digest(entry.key)[:2], 16) % 90
        return f"/{moment:%Y/%m-%d}/{number}.html"

    def attachment(self, column: Column, entry: Entry, file: File) -> str:
        """``/upload/<year>/<month>-<day>/<hex>.<suffix>``."""
        return f"/upload/{parts.created(entry):%Y/%m-%d}/{parts.digest(file.data)[:24]}.{file.suffix}"

    def page_number(self, column: Column, ask: Ask) -> int | None:
        """``index.html``, then ``index_1.html`` for the second page."""
        if ask.path in {column.path, column.path + "index.html"}:
            return 0
        found = re.fullmatch(r"index_(\d{1,4})\.html", ask.path.removeprefix(column.path))
        return int(found[1]) if found and ask.path.startswith(column.path) else None

    def listing(self, portal: ImPortal, ask: Ask, shown: ListPage) -> str:
        """Return the column tree on the left, the list with dates in ``b``, a link to the page that follows, the total."""
        rows = "\n".join(
            f'<li><a href="{href}">{escape(title)}</a><b>{parts.day(date)}</b></li>' for href, title, date in shown.rows
        )
        follow = f'<a href="index_{shown.number + 1}.html">下一页</a>' if shown.number + 1 < shown.pages else ""
        return f"""{self._head(portal, shown.column, shown.column.title)}<div class="sideMenu"><ul class="submenu">
<li><a href="/zfxxgk/zfxxgkzn/">政府信息公开指南</a></li><li><a href="{shown.column.path}">政府信息公开年报</a></li><li><a href="/zfxxgk/ysqgk/">依申请公开</a></li>
</ul></div>
<div class="zfxxgk_zdgkc"><ul>
{rows}
</ul></div>
<div class="pagination">共{shown.total}条 {shown.number + 1}/{shown.pages} {follow}</div>
</div><div class="footer">{parts.today(ask.now)} {parts.counter(ask)}</div></div></body></html>"""

    def article(self, portal: ImPortal, ask: Ask, article: Article) -> str:
        """``.details-main`` with ``#content``, ``<publishtime>``, source in ``i#source``."""
        return f"""{self._head(portal, article.column, article.title, article)}<div class="mt15 details-box"><div class="details-main">
<h1 id="title">{escape(article.title)}</h1>
<h6 class="cl"><em class="fl con-box"><span>{escape(portal.site_name)} {article.column.host}</span>
<span>时间：<i id="pubDate"><publishtime>{parts.day(article.declared, "%Y-%m-%d %H:%M")}</publishtime></i></span>
<span>来源：<i id="source">{escape(article.source)}</i></span></em></h6>
<div class="content" id="content">
{article.html}
{parts.attachments(article)}
</div>
<div class="xggjbox"><p>相关稿件</p>{parts.neighbours(article)}</div>
</div></div></div><div class="footer">{parts.today(ask.now)} {parts.counter(ask)}{parts.token(ask)}</div></div></body></html>"""

    def otherwise(self, portal: ImPortal, ask: Ask) -> Answer | None:
        """Nothing."""
        return None

    def _head(self, portal: ImPortal, column: Column, title: str, article: Article | None = None) -> str:
        metas = parts.metas(portal, column, article)
        return _HEAD.format(title=escape(f"{title}_{portal.site_name}"), metas=metas, crumbs=parts.crumbs(column))
