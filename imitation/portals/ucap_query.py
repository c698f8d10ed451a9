"""UCAP with ``/queryList`` (江西): newest entries in a script of the column's page, all of them by POST.

Known of the real system: a column's page, the fields of the request, the keys collectors read of the answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from imitation.answers import Answer, Ask, not_found, page
from imitation.payload import File
from imitation.portals.family import Entry, Row, created, digest, fill, given, serial
from imitation.portals.interfaces import Behind, as_json, counted, in_script
from imitation.records import Column

_EMBEDDED = 2  # pages of entries that stand in the column's page


class UcapQuery(Behind):
    """A column's path is ``/<site>/col/<code>/index.html``."""

    doc_template = "ucap_query_doc"

    def address(self, entry: Entry) -> str:
        """``/<site>/col/<code>/content/content_<19 digits>.html``."""
        folder = self.portal.column(entry.column).path.rpartition("/")[0]
        return f"{folder}/content/{given(entry) or f'content_{1_900_000_000_000_000_000 + serial(entry, 60)}.html'}"

    def attachment(self, entry: Entry, file: File) -> str:
        """``/doc/ucap/<site>/document/<day>/<name>.<suffix>``."""
        return f"/doc/ucap/1749973237782081536/document/{created(entry):%Y%m%d}/{digest(file.data)[:8]}.{file.suffix}"

    def otherwise(self, ask: Ask) -> Answer | None:
        """Answer for column pages and for questions."""
        for column in self.columns_of(ask):
            if ask.path == column.path:
                return page(self._column(ask, column))
            if ask.path == "/queryList" and ask.form is not None and ask.form.get("channelCode[]") == _code(column):
                return self._answer(column, ask, ask.form)
        return not_found() if ask.path == "/queryList" else None

    def _column(self, ask: Ask, column: Column) -> str:
        entries, size = self.shown(column, ask.now), self.portal.page_size
        own = {"code": _code(column), "articleCount": len(entries), "childCount": 0, "aggregationChannel": "0",
               "showName": f"<p>{column.title}</p>", "name": column.title}  # fmt: skip
        rows = [_source(entry, row) for entry, row in self.cut(entries, 1, _EMBEDDED * size)]
        return fill(
            "ucap_query_list", self.bare(ask, column), site_code=_site(column), code=_code(column), own=in_script(own),
            rows=in_script(rows), size=str(size),
        )  # fmt: skip

    def _answer(self, column: Column, ask: Ask, form: Mapping[str, str]) -> Answer:
        if form.get("webSiteCode[]") != _site(column):
            return as_json({"code": 500, "message": "error"})
        entries = self.shown(column, ask.now)
        rows = self.cut(entries, counted(form.get("current")), counted(form.get("pageSize"), 15))
        results = [{"source": _source(entry, row)} for entry, row in rows]
        return as_json({"code": 200, "data": {"total": len(entries), "results": results}})


def _source(entry: Entry, row: Row) -> dict[str, object]:
    href, title, on = row
    return {
        "id": str(serial(entry, 60)),
        "title": title,
        "showTitle": f"<p>{title}</p>",
        "pubDate": f"{on:%Y-%m-%d %H:%M}" if on else "",
        "urls": json.dumps({"pc": href}),
    }


def _site(column: Column) -> str:
    return column.path.split("/")[1]


def _code(column: Column) -> str:
    return column.path.split("/")[-2]
