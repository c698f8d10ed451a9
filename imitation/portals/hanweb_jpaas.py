"""大汉 JPAAS: column pages without an entry, a unit answered as JSON with markup in it, new and old addresses mixed.

Known of the real pages: a column's page, a unit's first answer, a document with table and attachment.
"""

from __future__ import annotations

import json
from html import escape

from imitation.answers import Answer, Ask, not_found, page
from imitation.payload import File
from imitation.portals.family import Entry, Row, created, day, digest, fill, given, serial
from imitation.portals.interfaces import Behind, as_json, counted
from imitation.records import Column

_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_MOVED = 2025  # entries made before are addressed as in the system before this one


class HanwebJpaas(Behind):
    """A column's path is ``/col/col<number>/index.html``."""

    doc_template = "jpaas_doc"

    def address(self, entry: Entry) -> str:
        """``/col/col1/art/2026/art_<32 hex>.html``, or ``/art/2024/1/30/art_1_2.html``."""
        column, on = self.portal.column(entry.column), created(entry)
        folder = column.path.rpartition("/")[0]
        if given(entry):
            return f"{folder}/{given(entry)}"
        if on.year < _MOVED:
            number = folder.rpartition("/col")[2]
            return f"/art/{on.year}/{on.month}/{on.day}/art_{number}_{serial(entry, 300)}.html"
        return f"{folder}/art/{on.year}/art_{digest(entry.key)[:32]}.html"

    def attachment(self, entry: Entry, file: File) -> str:
        """The gateway that files are fetched through."""
        del entry
        key = f"{digest(file.data)[:40]}.{file.suffix}"
        return f"/api-gateway/jpaas-web-server/front/document/download?fileUrl={key}&fileName={file.name}"

    def file_link(self, href: str, file: File) -> str:
        """With the attribute ``download``."""
        return f'<p><a download="" href="{escape(href)}">{escape(file.name)}</a></p>'

    def otherwise(self, ask: Ask) -> Answer | None:
        """Answer for columns and for the unit."""
        for column in self.columns_of(ask):
            if ask.path == column.path:
                siblings = "".join(f'<li><a href="{c.path}">{c.title}</a></li>' for c in self.columns_of(ask))
                unit = digest("unit" + column.key)[:32]
                return page(fill("jpaas_column", self.bare(ask, column), siblings=siblings, unit=unit, **_ids(column)))
            if ask.path == _UNIT and ask.query.get("pageId") == _ids(column)["page_id"]:
                return self._unit(ask, column)
        return None

    def _unit(self, ask: Ask, column: Column) -> Answer:
        if any(ask.query.get(name) != value for name, value in (("webId", "3185"), ("parseType", "bulidstatic"))):
            return not_found()
        asked = json.loads(ask.query.get("paramJson") or "{}")
        number, size = counted(str(asked.get("pageNo"))), self.portal.page_size
        entries = self.shown(column, ask.now)
        rows = "\n".join(self._item(column, row) for _, row in self.cut(entries, number, size))
        total, fields = str(len(entries)), _ids(column)
        markup = fill("jpaas_unit", {}, rows=rows, size=str(size), total=total, number=str(number), **fields)
        return as_json({"success": True, "message": "生成成功", "code": "200", "data": {"html": markup}})

    def _item(self, column: Column, row: Row) -> str:
        href, title, on = row
        name, shown = escape(title), escape(title if len(title) < 30 else f"{title[:28]}...")
        href = f"//{column.host}{href}" if href.startswith("/art/") else href
        link = f'<a class="bt-left" title="{name}" href="{href}" target="_blank">{shown}</a>'
        return f'<li class="clearfix">{link}<span class="bt-right">{day(on)}</span></li>'


def _ids(column: Column) -> dict[str, str]:
    return {
        "web": "3185",
        "set_id": digest(column.host)[:21],
        "page_id": column.path.split("/col")[-1].partition("/")[0],
    }
