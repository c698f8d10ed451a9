"""龙讯 Lonsun: a list whose further pages are a label's answers; reports addressed by organ and year.

Known of the real system: addresses, the fields of the label's request, its rows, documents' markup. How the script
writes the fields, and what an organ and year without a report answers, are guessed.
"""

from __future__ import annotations

from html import escape

from imitation.answers import Answer, Ask, page
from imitation.payload import File
from imitation.portals.family import Article, Entry, Row, created, day, digest, fill, given, serial
from imitation.portals.interfaces import Behind, counted
from imitation.records import Column, ImReport

_NEEDED = ("labelName", "siteId", "pageSize", "action", "organId", "type", "catId", "file")


class Lonsun(Behind):
    """A column's path is ``/public/column/<organ>``, or ``/public/column/`` where reports are addressed by organ."""

    doc_template = "lonsun_doc"
    doc_date = "%Y-%m-%d"

    def address(self, entry: Entry) -> str:
        """``/public/<organ>/<id>.html``, or the address of an organ and year."""
        column = self.portal.column(entry.column)
        if column.path.endswith("/") and isinstance(entry, ImReport):
            return f"{column.path}{entry.agency.code}?type=3&action=detail&nav=3&title={entry.year}"
        return f"/public/{_organ(column)}/{given(entry) or f'{100_000_000 + serial(entry, 60)}.html'}"

    def attachment(self, entry: Entry, file: File) -> str:
        """``/group1/M00/…``: a file store."""
        return f"/group1/M00/{created(entry):%y}/{digest(file.data)[:2]}/{digest(file.data)[:24]}.{file.suffix}"

    def common(self, ask: Ask, column: Column, title: str, article: Article | None = None) -> dict[str, str]:
        """With the way to a list as the system writes it: the column is a category of an organ."""
        fields = super().common(ask, column, title, article)
        return fields | {"crumbs": fields["crumbs"].replace(f'"{column.path}"', f'"{escape(address_of(column))}"')}

    def otherwise(self, ask: Ask) -> Answer | None:
        """Answer for list pages, the label, and an organ and year without a report."""
        for column in self.columns_of(ask):
            if column.path.endswith("/"):
                if ask.path.startswith(column.path):
                    return page(fill("lonsun_none", self.bare(ask, column)))
            elif ask.path == column.path and ask.query.get("catId") == _category(column):
                return page(self._list(ask, column))
            elif ask.path == f"/{_SITE}/site/label/8888" and ask.query.get("catId") == _category(column):
                return page(self._label(ask, column))
        return None

    def _list(self, ask: Ask, column: Column) -> str:
        entries, size = self.shown(column, ask.now), self.portal.page_size
        return fill(
            "lonsun_list", self.bare(ask, column), rows=_rows(self.cut(entries, 1, size)), size=str(size),
            pages=str(-(-len(entries) // size)), organ=_organ(column), category=_category(column), site_id="6786551",
            site_path=_SITE,
        )  # fmt: skip

    def _label(self, ask: Ask, column: Column) -> str:
        if any(not ask.query.get(name) for name in _NEEDED):
            return "<div>参数错误</div>"
        number = counted(ask.query.get("pageIndex"))
        return _rows(self.cut(self.shown(column, ask.now), number, self.portal.page_size))


_SITE = "wpzwgk"


def address_of(column: Column) -> str:
    """The address of a list: path and query."""
    return f"{column.path}?type=4&action=list&nav=3&catId={_category(column)}"


def _rows(entries: list[tuple[Entry, Row]]) -> str:
    if not entries:
        return "<div>暂无相关信息</div>"
    items = "\n".join(
        f'<li><a class="title" href="{href}" title="{escape(title)}" target="_blank">{escape(title)}</a>'
        f'<span class="date">{day(on)}</span></li>'
        for _, (href, title, on) in entries
    )
    return f'<ul class="clearfix xxgk_nav_list">\n{items}\n</ul>'


def _organ(column: Column) -> str:
    return column.path.rstrip("/").rpartition("/")[2]


def _category(column: Column) -> str:
    return str(7_000_000 + int(digest(column.key)[:4], 16))
