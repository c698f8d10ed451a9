"""沂源: ``channel_<oid>/doc_<oid>.html``. The document id tells when the page was made.

Known of the real pages: addresses, breadcrumb, the table 标题 索引号 文号 发文日期 发布机构, the tabs. Lists and their pager: guessed.
"""

from __future__ import annotations

import re
from html import escape

from crawler.imitation.answers import Answer, Ask
from crawler.imitation.payload import File
from crawler.imitation.portals import parts
from crawler.imitation.portals.site import Article, Entry, ListPage
from crawler.imitation.scenario import Column, ImPortal, ImReport

_HEAD = """<!DOCTYPE html>
<html lang="zh"><head><meta charset="utf-8"><title>{title}</title>
{metas}
</head><body><div class="header"><span class="date">{today}</span>{token}</div>
<div class="location">当前位置：{crumbs}</div>
"""
_FOOT = '<div class="footer"><p>主办：{owner}　{counter}</p></div>\n</body></html>'


class ChannelOid:
    """Addresses and markup."""

    static = False

    def address(self, column: Column, entry: Entry) -> str:
        """``<channel>/doc_<oid>.html``."""
        given = entry.path if isinstance(entry, ImReport) else ""
        return column.path + (given or f"doc_{parts.oid(parts.created(entry), entry.key)}.html")

    def attachment(self, column: Column, entry: Entry, file: File) -> str:
        """``<channel>/doc_<oid>_<md5-like>.<suffix>``."""
        return self.address(column, entry).removesuffix(".html") + f"_{parts.digest(file.data)[:32]}.{file.suffix}"

    def page_number(self, column: Column, ask: Ask) -> int | None:
        """Return the channel itself, then ``index_2.html`` …"""
        if ask.path in {column.path, column.path + "index.html"}:
            return 0
        found = re.fullmatch(r"index_(\d{1,4})\.html", ask.path.removeprefix(column.path))
        return int(found[1]) - 1 if found and ask.path.startswith(column.path) else None

    def listing(self, portal: ImPortal, ask: Ask, shown: ListPage) -> str:
        """Title and 发文日期 in rows; a link to the page that follows; the total."""
        rows = "\n".join(
            f'<li><a href="{href}" title="{escape(title)}" target="_blank">{escape(title)}</a><span>{parts.day(date)}</span></li>'
            for href, title, date in shown.rows
        )
        follow = (
            f'<a class="next" href="{shown.column.path}index_{shown.number + 2}.html">下一页</a>'
            if shown.number + 1 < shown.pages
            else ""
        )
        head = _HEAD.format(title=f"{shown.column.title}-{portal.site_name}", metas=parts.metas(portal, shown.column),
                            today=parts.today(ask.now), token=parts.token(ask), crumbs=parts.crumbs(shown.column))  # fmt: skip
        return (
            f'{head}<div class="gk-list"><ul class="list-con">\n{rows}\n</ul>\n'
            f'<div class="pages">共<em>{shown.total}</em>条 第{shown.number + 1}/{shown.pages}页 {follow}</div></div>\n'
            + _FOOT.format(owner=portal.site_name, counter=parts.counter(ask))
        )

    def article(self, portal: ImPortal, ask: Ask, article: Article) -> str:
        """Meta table, tabs, body, attachment list."""
        printed = parts.day(article.declared, "%Y-%m-%d %H:%M:%S")
        head = _HEAD.format(title=escape(f"{article.title}-{portal.site_name}"), metas=parts.metas(portal, article.column, article),
                            today=parts.today(ask.now), token=parts.token(ask), crumbs=parts.crumbs(article.column))  # fmt: skip
        files = "".join(f'<li><a href="{escape(href)}">{escape(f.name)}</a></li>' for href, f in article.files)
        return f"""{head}<table class="xxgk-table"><tbody>
<tr><td class="t">标题：</td><td colspan="3">{escape(article.title)}</td></tr>
<tr><td class="t">索<span></span>引号：</td><td>{parts.index_number(article)}</td><td class="t">文&emsp;号：</td><td></td></tr>
<tr><td class="t">发文日期：</td><td>{printed}</td><td class="t">发布机构：</td><td>{escape(article.source)}</td></tr>
</tbody></table>
<ul class="tabs"><li class="on">正文</li><li>手机</li><li>附件</li><li>图片</li><li>解读</li></ul>
<h1 class="doc-title">{escape(article.title)}</h1>
<div class="doc-content" id="content">
{article.html}
</div>
<ul class="fujian">{files}</ul>
<div class="near">{parts.neighbours(article)}</div>
""" + _FOOT.format(owner=portal.site_name, counter=parts.counter(ask))

    def otherwise(self, portal: ImPortal, ask: Ask) -> Answer | None:
        """Nothing."""
        return None
