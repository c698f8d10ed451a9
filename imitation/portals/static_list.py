"""Plain static lists, one class per shape of addresses; the markup is the same, the pagers differ."""

from __future__ import annotations

import re
import uuid
from html import escape

from imitation.answers import Ask
from imitation.payload import File
from imitation.portals.family import Entry, Family, ListPage, Row, created, day, digest, serial
from imitation.records import Column

_SNOWFLAKES = 1288834974657  # the millisecond from which these numbers count


class StaticList(Family):
    """``detail`` is filled with what an address is made of; ``further`` names a page by its number, from 1."""

    list_template = "static_list"
    doc_template = "static_doc"
    detail = ""
    further = "index_{number}.html"

    def address(self, entry: Entry) -> str:
        """By ``detail``."""
        on, found = created(entry), digest(entry.key)
        return self.portal.column(entry.column).path + self.detail.format(
            uuid=uuid.UUID(found[:32]),
            hex=found[:32],
            oid=f"{int(on.timestamp()):08x}{found[:16]}",
            on=on,
            snowflake=(int(on.timestamp() * 1000 - _SNOWFLAKES) << 22) + int(found[:3], 16),
            id=1_000_000 + serial(entry, 600),
        )

    def attachment(self, entry: Entry, file: File) -> str:
        """``/upload/<hex>.<suffix>``."""
        del entry
        return f"/upload/{digest(file.data)[:24]}.{file.suffix}"

    def page_number(self, column: Column, ask: Ask) -> int | None:
        """By ``further``; the first page is the column's own address."""
        if not ask.path.startswith(column.path):
            return None
        asked = ask.path.removeprefix(column.path) + "".join(f"?{k}={v}" for k, v in ask.query.items())
        if asked in {"", "index.html"}:
            return 0
        found = re.fullmatch(re.escape(self.further).replace(r"\{number\}", r"(\d{1,4})"), asked)
        return int(found[1]) - 1 if found else None

    def listing(self, ask: Ask, shown: ListPage) -> str:
        """Return a list page with the pager of this kind."""
        return super().listing(ask, shown).replace("<!--pager-->", self.pager(shown))

    def at(self, number: int) -> str:
        """Address of a page by its number, from 1, relative to the column."""
        return self.further.format(number=number) if number > 1 else "index.html"

    def pager(self, shown: ListPage) -> str:
        """上一页, numbers, 下一页."""
        here = shown.number + 1
        turned = "".join(f'<a href="{self.at(n)}">{n}</a>' for n in range(1, shown.pages + 1) if n != here)
        back = f'<a href="{self.at(here - 1)}">上一页</a>' if here > 1 else "<span>上一页</span>"
        on = f'<a href="{self.at(here + 1)}">下一页</a>' if here < shown.pages else "<span>下一页</span>"
        return f'<div class="page">{back}{turned}{on}</div>'

    def row(self, position: int, column: Column, entry: Row) -> str:
        """Title and date."""
        del position, column
        href, title, on = entry
        link = f'<a href="{href}" target="_blank" title="{escape(title)}">{escape(title)}</a>'
        return f"<li>{link}<span>{day(on)}</span></li>"


class Hebei(StaticList):
    """河北: ``/columns/<uuid>/202501/20/<uuid>.html``."""

    detail = "{on:%Y%m}/{on:%d}/{uuid}.html"


class Rednet(StaticList):
    """湖南红网: ``content_1.html``; a choice of pages instead of links."""

    detail = "content_{id}.html"

    def pager(self, shown: ListPage) -> str:
        """A ``<select>`` that a script follows."""
        options = "".join(f'<option value="{self.at(n)}">第{n}页</option>' for n in range(1, shown.pages + 1))
        return f'<select onchange="location.href=this.value">{options}</select>'


class Xian(StaticList):
    """西安: object ids, and 19-digit numbers that grow with time."""

    detail = "{oid}.html"


class Snowflake(Xian):
    """The numbers."""

    detail = "{snowflake}.html"


class Ivs(StaticList):
    """上海: ``/20230331/<32 hex>.html``."""

    detail = "{on:%Y%m%d}/{hex}.html"


class Easysite(StaticList):
    """北京: a folder for each document; pages by a query."""

    detail = "{id}/index.html"
    further = "index.html?page={number}"


class CmsHtml(StaticList):
    """南平: ``/cms/html/<site>/2013-01-25/1779102018.html``."""

    detail = "{on:%Y-%m-%d}/{id}.html"
    further = "list_{number}.html"
