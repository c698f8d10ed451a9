"""龙讯 Lonsun: lists whose further pages come from a "label" interface; reports addressed by organ and year.

Known from the real system: addresses, the fields of the label's request, its rows, documents' markup. Guessed: how the
script writes the fields, and the answer for an organ and year without a report. A column's path is
``/public/column/<organ>``, or ``/public/column/`` where reports are addressed by organ.
"""

from __future__ import annotations

from html import escape

from imitation.answers import Ask, ImitatedAnswer, page
from imitation.portals.family import Article, Family, counted, digest, fill, organ_of
from imitation.records import Entry, ImitatedList, ImReport, Row

_NEEDED = ("labelName", "siteId", "pageSize", "action", "organId", "type", "catId", "file")
_SITE = "wpzwgk"


class LonsunFamily(Family):
    """Has one list for each category of an organ."""

    def address(self, entry: Entry) -> str:
        """Return ``/public/<organ>/<id>.html``, or the address of an organ and year."""
        column = self.portal.column(entry.column)
        if column.path.endswith("/") and isinstance(entry, ImReport):
            return f"{column.path}{entry.agency.code}?type=3&action=detail&nav=3&title={entry.year}"
        return super().address(entry)

    def common(self, ask: Ask, column: ImitatedList, title: str = "", article: Article | None = None) -> dict[str, str]:
        """Return the fields of every page, with the list's address as the system writes it in the breadcrumb."""
        fields = super().common(ask, column, title, article)
        return fields | {"crumbs": fields["crumbs"].replace(f'"{column.path}"', f'"{escape(address_of(column))}"')}

    def otherwise(self, ask: Ask) -> ImitatedAnswer | None:
        """Return the answer to a list page, the label, or an organ and year without a report."""
        for column in self.columns_of(ask):
            if column.path.endswith("/"):
                if ask.path.startswith(column.path):
                    return page(fill("lonsun_none", self.common(ask, column)))
            elif ask.path == column.path and ask.query.get("catId") == _category(column):
                return page(self._list_page(ask, column))
            elif ask.path == f"/{_SITE}/site/label/8888" and ask.query.get("catId") == _category(column):
                return page(self._label_answer(ask, column))
        return None

    def _list_page(self, ask: Ask, column: ImitatedList) -> str:
        entries, size = self.entries_of(column, ask.now), self.portal.page_size
        return fill(
            "lonsun_list", self.common(ask, column), rows=self._rows_html(column, self.cut(entries, 1)), size=str(size),
            pages=str(-(-len(entries) // size)), organ=organ_of(column), category=_category(column),
            site_id="6786551", site_path=_SITE,
        )  # fmt: skip

    def _label_answer(self, ask: Ask, column: ImitatedList) -> str:
        if any(not ask.query.get(name) for name in _NEEDED):
            return "<div>参数错误</div>"
        number = counted(ask.query.get("pageIndex"))
        return self._rows_html(column, self.cut(self.entries_of(column, ask.now), number))

    def _rows_html(self, column: ImitatedList, entries: tuple[Row, ...]) -> str:
        if not entries:
            return "<div>暂无相关信息</div>"
        items = "\n".join(self.row(0, column, entry) for entry in entries)
        return f'<ul class="clearfix xxgk_nav_list">\n{items}\n</ul>'


def address_of(column: ImitatedList) -> str:
    """Return the address of a list: path and query."""
    return f"{column.path}?type=4&action=list&nav=3&catId={_category(column)}"


def _category(column: ImitatedList) -> str:
    return str(7_000_000 + int(digest(column.key)[:4], 16))
