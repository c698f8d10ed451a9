"""汶上: Hanweb JCMS. A report is addressed by organ and year; without one, the same page answers 200 with nothing in it.

Known of the real page: its address, the printed title, "发布时间:2026-01-22 12:00:07", "点击收听年报语音朗读", ``#zoom``.
"""

from __future__ import annotations

from html import escape

from crawler.imitation.answers import Answer, Ask, page
from crawler.imitation.payload import File
from crawler.imitation.portals import parts
from crawler.imitation.portals.site import Article, Entry, ListPage
from crawler.imitation.scenario import Column, ImPortal, ImReport

ORGANS = "/col/col61940/index.html"
_SHELL = """<!DOCTYPE html>
<html><head><meta charset="UTF-8"><meta name='WebId' content='37'>
<title>{title}</title>
{metas}
<link href="/script/pagegray.css" type=text/css rel=stylesheet>
</head><body>
<div class="top">{today}</div>
<table width="100%" cellspacing="0" cellpadding="0" border="0"><tr><td>{crumbs}</td></tr></table>
<div class="main">
{content}
</div>
<div class="footer"><table><tr><td>主办单位：{owner}</td><td>网站标识码：3708300001</td></tr></table>{token}
<iframe src="/module/visitcount/visit.jsp?type=3&i_webid=37" width="0" height="0"></iframe></div>
</body></html>"""


class HanwebJcms:
    """Addresses and markup."""

    static = False

    def address(self, column: Column, entry: Entry) -> str:
        """``…/xxgkAnnualReport.jsp?area=<organ code>&fbtime=<reporting year>``."""
        if isinstance(entry, ImReport):
            return f"{column.path}?area={entry.agency.code}&fbtime={entry.year}"
        return f"/art/{entry.shown_from.year}/{entry.shown_from.month}/{entry.shown_from.day}/art_26942_{int(parts.digest(entry.key)[:5], 16)}.html"

    def attachment(self, column: Column, entry: Entry, file: File) -> str:
        """``/module/download/downfile.jsp?classid=0&filename=<32 hex>.<suffix>``."""
        return f"/module/download/downfile.jsp?classid=0&filename={parts.digest(file.data)[:32]}.{file.suffix}"

    def page_number(self, column: Column, ask: Ask) -> int | None:
        """There is no list page: the address is the report."""
        return None

    def listing(self, portal: ImPortal, ask: Ask, shown: ListPage) -> str:
        """Never asked for."""
        raise NotImplementedError("this family addresses reports one by one")

    def article(self, portal: ImPortal, ask: Ask, article: Article) -> str:
        """Return the report page."""
        published = f"<span>发布时间:{article.declared:%Y-%m-%d %H:%M:%S}</span>" if article.declared else ""
        content = f"""<div class="nb_title">{escape(article.title)}</div>
<div class="nb_info">{published}<span>{parts.counter(ask)}</span></div>
<div class="nb_audio"><a href="javascript:void(0)">点击收听年报语音朗读</a></div>
<div id="zoom"><!--ZJEG_RSS.content.begin--><meta name="ContentStart"/>{article.html}<meta name="ContentEnd"/><!--ZJEG_RSS.content.end--></div>
{parts.attachments(article)}"""
        return self._shell(portal, ask, article.column, f"{article.title}_{portal.site_name}", content)

    def otherwise(self, portal: ImPortal, ask: Ask) -> Answer | None:
        """Return the organ list, and the empty answer for an organ and year without a report."""
        column = portal.columns[0]
        if ask.path == column.path:
            content = '<div class="nb_title"></div>\n<div id="zoom"></div>'
            return page(self._shell(portal, ask, column, portal.site_name, content))
        if ask.path == ORGANS:
            organs = "\n".join(
                f'<li><a href="{ORGANS}?vc_xxgkarea={a.code}&amp;number=A0002101&amp;jh=263" title="{a.name}">{a.name}</a></li>'
                for a in portal.agencies
            )
            return page(
                self._shell(
                    portal,
                    ask,
                    column,
                    "政府信息公开目录",
                    f'<div class="organs"><ul id="zzjg">\n{organs}\n</ul></div>',
                )
            )
        return None

    def _shell(self, portal: ImPortal, ask: Ask, column: Column, title: str, content: str) -> str:
        return _SHELL.format(
            title=escape(title), metas=parts.metas(portal, column), today=parts.today(ask.now), content=content,
            crumbs=parts.crumbs(column), owner=f"{portal.place}人民政府办公室", token=parts.token(ask),
        )  # fmt: skip
