"""大汉 JPAAS: column pages without entries, a unit that answers with markup in JSON, new and old addresses mixed.

Known from the real pages: a column's page, a unit's first answer, a document with table and attachment. A column's
path is ``/col/col<number>/index.html``.
"""

from __future__ import annotations

import json
from html import escape

from imitation.answers import Ask, ImitatedAnswer, not_found, page
from imitation.portals.family import Family, as_json, counted, created, day, digest, fill
from imitation.records import Entry, ImitatedList, ImReport, Row

_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_MOVED = 2025  # year of the new system: older entries keep the addresses of the one before


class HanwebJpaasFamily(Family):
    """Has column pages without entries, which a script fetches."""

    def address(self, entry: Entry) -> str:
        """Return ``/col/col1/art/2026/art_<32 hex>.html``, or for old entries ``/art/2024/1/30/art_1_2.html``."""
        created_at, is_given = created(entry), isinstance(entry, ImReport) and entry.path
        if created_at.year >= _MOVED or is_given:
            return super().address(entry)
        parts = self.parts(entry)
        number = parts["folder"].rpartition("/col")[2]
        return f"/art/{created_at.year}/{created_at.month}/{created_at.day}/art_{number}_{parts['id']}.html"

    def otherwise(self, ask: Ask) -> ImitatedAnswer | None:
        """Return the answer to a column's page or to the unit."""
        for column in self.columns_of(ask):
            if ask.path == column.path:
                siblings = "".join(f'<li><a href="{c.path}">{c.title}</a></li>' for c in self.columns_of(ask))
                unit = digest("unit" + column.key)[:32]
                fields = self.common(ask, column)
                return page(fill("jpaas_column", fields, siblings=siblings, unit=unit, **_ids(column)))
            if ask.path == _UNIT and ask.query.get("pageId") == _ids(column)["page_id"]:
                return self._unit_answer(ask, column)
        return None

    def _unit_answer(self, ask: Ask, column: ImitatedList) -> ImitatedAnswer:
        if any(ask.query.get(name) != value for name, value in (("webId", "3185"), ("parseType", "bulidstatic"))):
            return not_found()
        parameters = json.loads(ask.query.get("paramJson") or "{}")
        number, page = counted(str(parameters.get("pageNo"))), self.entries_of(column, ask.now)
        numbers = {"size": str(self.portal.page_size), "total": str(len(page)), "number": str(number)}
        rows = "\n".join(self.row(0, column, row) for row in self.cut(page, number))
        markup = fill("jpaas_unit", {}, rows=rows, **numbers, **_ids(column))
        return as_json({"success": True, "message": "生成成功", "code": "200", "data": {"html": markup}})

    def row(self, position: int, column: ImitatedList, entry: Row) -> str:
        """Return the HTML of one entry: long titles are cut, old addresses include their host."""
        del position
        href, title, on = entry
        short = title if len(title) < 30 else f"{title[:28]}..."
        href = f"//{column.host}{href}" if href.startswith("/art/") else href
        return self.system.item.format(href=href, title=escape(title), short=escape(short), date=day(on))


def _ids(column: ImitatedList) -> dict[str, str]:
    number = column.path.split("/col")[-1].partition("/")[0]
    return {"web": "3185", "set_id": digest(column.host)[:21], "page_id": number}
