"""Systems nobody has described: rows without dates that name a body only, pages turned by a query or by a form."""

from __future__ import annotations

from html import escape

from imitation.answers import Ask
from imitation.portals.family import ListPage, Row
from imitation.portals.static_list import StaticList
from imitation.records import Column


class Unknown(StaticList):
    """Layout of ``div``; addresses without any ending; dates left out on every second item."""

    list_template = "generic_list"
    detail = "view/{id}"
    further = "list-{number}.do"

    def row(self, position: int, column: Column, entry: Row) -> str:
        """A card: the title and, on some, the date."""
        del column
        href, title, on = entry
        date = f"<em>{on:%Y.%m.%d}</em>" if position % 2 and on else ""
        link = f'<a href="{href}">{escape(title)}</a>'
        return f'<div class="card"><div class="hd">{link}</div><div class="ft">{date}</div></div>'


class Mute(Unknown):
    """The same, but a script that nobody knows turns the pages: the end of the list is not to be seen."""

    def pager(self, shown: ListPage) -> str:
        """An empty element that a script fills."""
        return f'<div id="pg"></div><script>layui.laypage.render({{elem:"pg",count:{shown.total},limit:9}});</script>'


class Posted(Unknown):
    """ASP.NET: 下一页 sends the page's form."""

    detail = "Show.aspx?id={id}"

    def page_number(self, column: Column, ask: Ask) -> int | None:
        """The form says which page is wanted next."""
        if ask.path != column.path:
            return None
        if not ask.form:
            return 0
        state, wanted = ask.form.get("__VIEWSTATE", ""), ask.form.get("__EVENTARGUMENT", "")
        good = ask.form.get("__EVENTTARGET") == "ctl00$Pager" and state.startswith("dDw") and wanted.isdigit()
        return int(wanted) - 1 if good else None

    def pager(self, shown: ListPage) -> str:
        """The button; it is off on the last page."""
        here = shown.number + 1
        call = f"javascript:__doPostBack('ctl00$Pager','{here + 1}')"
        on = f'<a href="{call}">下一页</a>' if here < shown.pages else '<a disabled="disabled">下一页</a>'
        return f"<a href=\"javascript:__doPostBack('ctl00$Pager','1')\">首页</a>{on}"
