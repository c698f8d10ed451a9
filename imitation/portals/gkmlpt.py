"""开普 gkmlpt: a shell with ``_CONFIG``, entries by ``/gkmlpt/api/all/<category>``, the text as JSON in the page.

Known of the real system: addresses, ``SID``, the keys of an answer, attachments' markup. The tree's other branches and
what a wrong ``sid`` answers are guessed. A column's path is ``/<organ>/gkmlpt/annualreport``.
"""

from __future__ import annotations

import re
from html import escape

from imitation.answers import Answer, Ask, not_found, page
from imitation.payload import File
from imitation.portals.family import Article, Entry, digest, fill, given, serial
from imitation.portals.interfaces import Behind, as_json, counted, in_script
from imitation.records import Column

_API = re.compile(r"/gkmlpt/api/all/(\d+)")


class Gkmlpt(Behind):
    """One organ for each column."""

    def address(self, entry: Entry) -> str:
        """``/<organ>/gkmlpt/content/0/963/post_963149.html``."""
        number = 600_000 + serial(entry, 60)
        name = given(entry) or f"content/{number // 1_000_000}/{number // 1_000}/post_{number}.html"
        return f"{_organ(self.portal.column(entry.column))}/gkmlpt/{name}"

    def attachment(self, entry: Entry, file: File) -> str:
        """``/<organ>/attachment/0/88/88389/<number>.<suffix>``."""
        number = int(digest(file.data)[:8], 16)
        return f"{_organ(self.portal.column(entry.column))}/attachment/0/{number % 97}/{number}/{number}.{file.suffix}"

    def file_link(self, href: str, file: File) -> str:
        """As the editor puts it into the text."""
        return f'<p><a class="nfw-cms-attachment" href="{href}" alt="{escape(file.name)}">{escape(file.name)}</a></p>'

    def article(self, ask: Ask, article: Article) -> str:
        """A document's page: nothing of it stands outside of the script."""
        files = "".join(self.file_link(f"http://{article.column.host}{href}", file) for href, file in article.files)
        detail = {
            "id": serial(article.entry, 60),
            "title": article.title,
            "publisher": article.source,
            "created_at": f"{article.declared:%Y-%m-%d %H:%M:%S}" if article.declared else "",
            "content": article.html + files,
        }
        common = self.common(ask, article.column, article.title)
        return fill("gkmlpt_doc", common, sid=self._sid(article.column), detail=in_script(detail))

    def otherwise(self, ask: Ask) -> Answer | None:
        """Answer for shells and for the interface."""
        for column in self.columns_of(ask):
            organ = _organ(column)
            if ask.path in {column.path, f"{organ}/gkmlpt/index"}:
                return page(self._shell(ask, column))
            asked = _API.fullmatch(ask.path.removeprefix(organ))
            if asked and int(asked[1]) == category(column):
                return self._answer(ask, column) if ask.query.get("sid") == self._sid(column) else not_found()
        return None

    def _shell(self, ask: Ask, column: Column) -> str:
        count = len(self.portal.in_column(column.key, ask.now))
        tree = [
            {"id": 9, "name": "机构职能", "post_count": 3, "jump_url": "/zwgk/jgzn/", "children": []},
            {"id": 8, "name": "法定主动公开内容", "post_count": count, "jump_url": "", "children": [
                {"id": category(column), "name": column.title, "post_count": count, "jump_url": "", "children": []}]},
        ]  # fmt: skip
        return fill("gkmlpt_shell", self.bare(ask, column), sid=self._sid(column), tree=in_script(tree))

    def _answer(self, ask: Ask, column: Column) -> Answer:
        entries = self.shown(column, ask.now)
        articles = [
            {
                "id": serial(entry, 60),
                "title": title,
                "url": f"{self.portal.scheme}://{column.host}{href}",
                "publisher": self.portal.site_name,
                "created_at": f"{on:%Y-%m-%d %H:%M:%S}" if on else "",
                "create_time": int(on.timestamp()) if on else 0,
            }
            for entry, (href, title, on) in self.cut(entries, counted(ask.query.get("page")), self.portal.page_size)
        ]
        return as_json({"total": len(entries), "classify": {"post_count": len(entries)}, "articles": articles})

    def _sid(self, column: Column) -> str:
        return str(600_000 + int(digest(column.host + _organ(column))[:4], 16))


def category(column: Column) -> int:
    """The number of a column's category."""
    return 1 + int(digest(column.key)[:4], 16)


def _organ(column: Column) -> str:
    return column.path.partition("/gkmlpt")[0]
