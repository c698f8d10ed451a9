"""UCAP with ``/queryList`` (江西): the newest entries in a script of the column's page, all of them by POST.

Known from the real system: a column's page, the fields of the request, and the keys of the answer that other
programs read. A column's path is ``/<site>/col/<code>/index.html``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from imitation.answers import Ask, ImitatedAnswer, not_found, page
from imitation.portals.family import Family, as_json, counted, fill, in_script, serial
from imitation.records import ImitatedList, Row

_EMBEDDED = 2  # pages of entries that the column's page contains


class UcapQueryFamily(Family):
    """Puts the newest entries into a script of the column's page."""

    def otherwise(self, ask: Ask) -> ImitatedAnswer | None:
        """Return the answer to a column's page or to a query."""
        for column in self.columns_of(ask):
            if ask.path == column.path:
                return page(self._column_page(ask, column))
            if ask.path == "/queryList" and ask.form is not None and ask.form.get("channelCode[]") == _code(column):
                return self._query_answer(column, ask, ask.form)
        return not_found() if ask.path == "/queryList" else None

    def _column_page(self, ask: Ask, column: ImitatedList) -> str:
        entries, size = self.entries_of(column, ask.now), self.portal.page_size
        channel = {"code": _code(column), "articleCount": len(entries), "childCount": 0, "aggregationChannel": "0",
               "showName": f"<p>{column.title}</p>", "name": column.title}  # fmt: skip
        return fill(
            "ucap_query_list", self.common(ask, column), site_code=_site(column), code=_code(column), size=str(size),
            own=in_script(channel), rows=in_script(self._records(column, ask, self.cut(entries, 1, _EMBEDDED * size))),
        )  # fmt: skip

    def _query_answer(self, column: ImitatedList, ask: Ask, form: Mapping[str, str]) -> ImitatedAnswer:
        if form.get("webSiteCode[]") != _site(column):
            return as_json({"code": 500, "message": "error"})
        entries = self.entries_of(column, ask.now)
        rows = self.cut(entries, counted(form.get("current")), counted(form.get("pageSize"), 15))
        results = [{"source": one} for one in self._records(column, ask, rows)]
        return as_json({"code": 200, "data": {"total": len(entries), "results": results}})

    def _records(self, column: ImitatedList, ask: Ask, rows: tuple[Row, ...]) -> list[dict[str, object]]:
        ids = {self.address(entry): serial(entry, 60) for entry in self.portal.in_column(column.key, ask.now)}
        return [
            {
                "id": str(ids[href]),
                "title": title,
                "showTitle": f"<p>{title}</p>",
                "pubDate": f"{published:%Y-%m-%d %H:%M}" if published else "",
                "urls": json.dumps({"pc": href}),
            }
            for href, title, published in rows
        ]


def _site(column: ImitatedList) -> str:
    return column.path.split("/")[1]


def _code(column: ImitatedList) -> str:
    return column.path.split("/")[-2]
