"""开普 gkmlpt: a page with ``_CONFIG``, entries from ``/gkmlpt/api/all/<category>``, the text as JSON in the page.

Known from the real system: addresses, ``SID``, the keys of an answer, attachments' markup. Guessed: the other branches
of the tree, and the answer to a wrong ``sid``. A column's path is ``/<organ>/gkmlpt/annualreport``.
"""

from __future__ import annotations

import re

from imitation.answers import Ask, ImitatedAnswer, not_found, page
from imitation.portals.family import Article, Family, as_json, counted, digest, fill, in_script, organ_of, serial
from imitation.records import ImitatedList

_API = re.compile(r"/gkmlpt/api/all/(\d+)")


class GkmlptFamily(Family):
    """Has one organ for each column."""

    def article(self, ask: Ask, article: Article) -> str:
        """Return a document's page, whose contents are only in its script."""
        files = "".join(self.file_link(article.column, href, file) for href, file in article.files)
        detail = {
            "id": serial(article.entry, 60),
            "title": article.title,
            "publisher": article.source,
            "created_at": f"{article.declared:%Y-%m-%d %H:%M:%S}" if article.declared else "",
            "content": article.html + files,
        }
        common = self.common(ask, article.column, article.title)
        return fill(self.system.document, common, sid=_sid(article.column), detail=in_script(detail))

    def otherwise(self, ask: Ask) -> ImitatedAnswer | None:
        """Return the answer to a column's page or to the interface."""
        for column in self.columns_of(ask):
            organ = organ_of(column)
            if ask.path in {column.path, f"{organ}/gkmlpt/index"}:
                return page(self._column_page(ask, column))
            match = _API.fullmatch(ask.path.removeprefix(organ))
            if match and int(match[1]) == category(column):
                return self._api_answer(ask, column) if ask.query.get("sid") == _sid(column) else not_found()
        return None

    def _column_page(self, ask: Ask, column: ImitatedList) -> str:
        count = len(self.portal.in_column(column.key, ask.now))
        tree = [
            {"id": 9, "name": "机构职能", "post_count": 3, "jump_url": "/zwgk/jgzn/", "children": []},
            {"id": 8, "name": "法定主动公开内容", "post_count": count, "jump_url": "", "children": [
                {"id": category(column), "name": column.title, "post_count": count, "jump_url": "", "children": []}]},
        ]  # fmt: skip
        return fill("gkmlpt_shell", self.common(ask, column), sid=_sid(column), tree=in_script(tree))

    def _api_answer(self, ask: Ask, column: ImitatedList) -> ImitatedAnswer:
        entries = self.portal.in_column(column.key, ask.now)
        ids = {self.address(entry): serial(entry, 60) for entry in entries}
        articles = [
            {
                "id": ids[href],
                "title": title,
                "url": f"{self.portal.scheme}://{column.host}{href}",
                "publisher": self.portal.site_name,
                "created_at": f"{published:%Y-%m-%d %H:%M:%S}" if published else "",
                "create_time": int(published.timestamp()) if published else 0,
            }
            for href, title, published in self.cut(self.entries_of(column, ask.now), counted(ask.query.get("page")))
        ]
        return as_json({"total": len(entries), "classify": {"post_count": len(entries)}, "articles": articles})


def category(column: ImitatedList) -> int:
    """Return the category number of a column."""
    return 1 + int(digest(column.key)[:4], 16)


def _sid(column: ImitatedList) -> str:
    return str(600_000 + int(digest(column.host + organ_of(column))[:4], 16))
