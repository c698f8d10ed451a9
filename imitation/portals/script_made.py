"""Lists that only a script can show, with no interface to call: a plain fetch shows them empty.

``ScriptMade``: the rows are scrambled in a script of their own. ``Sealed``: the script requests them with a token that
it computes, and unscrambles the answer; buttons turn the pages.
"""

from __future__ import annotations

import base64

from imitation.answers import Ask, ImitatedAnswer
from imitation.portals.family import Family, digest, fill
from imitation.portals.systems import ListPage
from imitation.records import ImPortal

_KEY = 37
_SHOW = """function show(d){var b=atob(d),o="",i=0;for(;i<b.length;i++)
o+="%"+("0"+(b.charCodeAt(i)^37).toString(16)).slice(-2);
document.getElementById("list").innerHTML=decodeURIComponent(o)}
"""
_ASK = """var a=0,u=location.pathname;for(var i=0;i<u.length;i++)a=(a*31+u.charCodeAt(i))%9973;
var r=new XMLHttpRequest();r.open("POST","/d"+u);r.setRequestHeader("X-Requested-With","XMLHttpRequest");
r.onload=function(){show(r.responseText)};r.send("t="+a);
"""


class ScriptMade(Family):
    """Puts the rows of a column, and their number, into a script whose name changes with them."""

    def __init__(self, portal: ImPortal) -> None:
        super().__init__(portal)
        self.files: dict[str, str] = {}

    def listing(self, ask: Ask, page: ListPage) -> str:
        """Return the page without rows, and store the script that fills it."""
        rows = "".join(self.row(n, page.column, entry) for n, entry in enumerate(page.rows))
        source = self.source(page, _scramble(f"<ul>{rows}</ul>{self.foot(page)}"))
        name = f"/js/{digest(source)[:12]}.js"
        self.files[name] = source
        return fill(self.system.list_page, self.common(ask, page.column), script=name)

    def foot(self, page: ListPage) -> str:
        """Return the HTML below the rows."""
        return f"<p>共{page.total}条</p>"

    def source(self, page: ListPage, rows: str) -> str:
        """Return the script of a page."""
        del page
        return f'{_SHOW}show("{rows}")'

    def otherwise(self, ask: Ask) -> ImitatedAnswer | None:
        """Return a stored script."""
        source = self.files.get(ask.path)
        return None if source is None else _script(source)


class Sealed(ScriptMade):
    """Lets the script request the rows of the first page; further pages need a click on a button."""

    def foot(self, page: ListPage) -> str:
        """Return buttons without addresses."""
        return "".join(f"<b><span class=n>{number}</span></b>" for number in range(1, page.pages + 1))

    def source(self, page: ListPage, rows: str) -> str:
        """Return the script that requests the rows."""
        self.files[f"/d{page.column.path}"] = rows
        return _SHOW + _ASK

    def otherwise(self, ask: Ask) -> ImitatedAnswer | None:
        """Return the rows if the request has the right token."""
        if not ask.path.startswith("/d/"):
            return super().otherwise(ask)
        token = 0
        for letter in ask.path.removeprefix("/d"):
            token = (token * 31 + ord(letter)) % 9973
        by_script = ask.headers.get("x-requested-with") == "XMLHttpRequest"
        good = by_script and ask.form == {"t": str(token)} and ask.path in self.files
        return (
            ImitatedAnswer(headers=(("Content-Type", "text/plain"),), body=self.files[ask.path].encode())
            if good
            else None
        )


def _scramble(markup: str) -> str:
    return base64.b64encode(bytes(byte ^ _KEY for byte in markup.encode())).decode()


def _script(source: str) -> ImitatedAnswer:
    return ImitatedAnswer(headers=(("Content-Type", "application/javascript"),), body=source.encode())
