"""广东 NFCMS: ``/content/post_1.html``, pages ``index_2.html``, a phone's copy of each document beside it."""

from __future__ import annotations

from html import escape

from imitation.payload import File
from imitation.portals.family import Entry, Family, Row, day, digest, serial
from imitation.records import Column


class Nfcms(Family):
    """A column's path is a folder; every third item links the phone's copy as well."""

    list_template = "nfcms_list"
    doc_template = "nfcms_doc"
    second_page = 2

    def address(self, entry: Entry) -> str:
        """``<column>/content/post_<id>.html``."""
        return f"{self.portal.column(entry.column).path}content/post_{1_000_000 + serial(entry, 600)}.html"

    def attachment(self, entry: Entry, file: File) -> str:
        """``/attachment/0/<digits>/<digits>/<id>.<suffix>``."""
        number = int(digest(file.data)[:6], 16)
        return f"/attachment/0/{number % 97}/{number % 99991}/{1_000_000 + serial(entry, 600)}.{file.suffix}"

    def row(self, position: int, column: Column, entry: Row) -> str:
        """Title and date; beside some the phone's copy."""
        del column
        href, title, on = entry
        name = escape(title)
        links = f'<a href="{href}" title="{name}" target="_blank">{name}</a>'
        if position % 3 == 0:
            links += f'<a class="m" href="{href.replace("/post_", "/mpost_")}" title="{name}">{name}</a>'
        return f'<li>{links}<span class="time">{day(on)}</span></li>'

    def file_link(self, href: str, file: File) -> str:
        """A link of the system's own class; the name is an attribute, too."""
        name = escape(file.name)
        return f'<p><a class="nfw-cms-attachment" href="{escape(href)}" alt="{name}">{name}</a></p>'
