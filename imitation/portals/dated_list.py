"""洛阳, 栾川: ``/2025/12-08/945529.html``, lists ``index.html``, ``index_1.html`` …, as on the platform of 河南."""

from __future__ import annotations

from html import escape

from imitation.payload import File
from imitation.portals.family import Entry, Family, Row, created, day, digest, serial
from imitation.records import Column


class DatedList(Family):
    """The column tree on the left, dates in ``b``, a link to the page that follows; ``<publishtime>`` on documents."""

    list_template = "dated_list"
    doc_template = "dated_doc"

    def address(self, entry: Entry) -> str:
        """``/<year>/<month>-<day>/<id>.html``."""
        return f"/{created(entry):%Y/%m-%d}/{300000 + serial(entry, 300)}.html"

    def attachment(self, entry: Entry, file: File) -> str:
        """``/upload/<year>/<month>-<day>/<hex>.<suffix>``."""
        return f"/upload/{created(entry):%Y/%m-%d}/{digest(file.data)[:24]}.{file.suffix}"

    def row(self, position: int, column: Column, entry: Row) -> str:
        """Title and date."""
        del position, column
        href, title, date = entry
        return f'<li><a href="{href}">{escape(title)}</a><b>{day(date)}</b></li>'
