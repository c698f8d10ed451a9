"""汶上: Hanweb JCMS. A report's address contains organ and year; if there is none, the page is empty with status 200.

Known from the real page: its address, title, "发布时间:2026-01-22 12:00:07", "点击收听年报语音朗读", ``#zoom``.
"""

from __future__ import annotations

from imitation.answers import Ask, ImitatedAnswer, page
from imitation.portals.family import Article, Family, digest, fill
from imitation.records import Entry, ImReport

ORGANS = "/col/col61940/index.html"


class HanwebJcmsFamily(Family):
    """Has no list pages; ``xxgkAnnualReport.jsp?area=<organ code>&fbtime=<reporting year>`` is the report."""

    def address(self, entry: Entry) -> str:
        """Return the report's address, or ``/art/Y/M/D/art_COLUMN_ID.html`` with unpadded month and day."""
        if isinstance(entry, ImReport):
            return super().address(entry)
        date = entry.shown_from
        return f"/art/{date.year}/{date.month}/{date.day}/art_26942_{int(digest(entry.key)[:5], 16)}.html"

    def article(self, ask: Ask, article: Article) -> str:
        """Return the report page: without ArticleTitle, with the date in the text only."""
        published = f"<span>发布时间:{article.declared:%Y-%m-%d %H:%M:%S}</span>" if article.declared else ""
        common = self.common(ask, article.column, article.title)
        content = fill(self.system.document, common, published=published, **self.fields(article))
        return self._shell(common, content)

    def otherwise(self, ask: Ask) -> ImitatedAnswer | None:
        """Return the organ list, or the empty page for an organ and year without a report."""
        column = self.portal.columns[0]
        common = self.common(ask, column)
        if ask.path == column.path:
            return page(self._shell(common, '<div class="nb_title"></div>\n<div id="zoom"></div>'))
        if ask.path == ORGANS:
            organs = "\n".join(
                f'<li><a href="{ORGANS}?vc_xxgkarea={a.code}&amp;number=A0002101&amp;jh=263">{a.name}</a></li>'
                for a in self.portal.agencies
            )
            return page(self._shell(common, f'<div class="organs"><ul id="zzjg">\n{organs}\n</ul></div>'))
        return None

    def _shell(self, common: dict[str, str], content: str) -> str:
        return fill("hanweb", common, content=content, owner=f"{self.portal.place}人民政府办公室")
