"""What the families behind interfaces share: a column's entries as an interface pages them, and JSON answers."""

from __future__ import annotations

import json
from datetime import datetime

from imitation.answers import Answer, Ask
from imitation.portals.family import Entry, Family, Row
from imitation.portals.site import title_of
from imitation.records import Column, printed


class Behind(Family):
    """A family whose list pages are answered by ``otherwise``, with more than an address and a number to go by."""

    def page_number(self, column: Column, ask: Ask) -> int | None:
        """No list page is one by its address alone."""
        del column, ask
        return None

    def columns_of(self, ask: Ask) -> list[Column]:
        """Columns of the host that is asked; bare names and ``www.`` are the same."""
        own = [column for column in self.portal.columns if column.host == ask.host]
        return own or [column for column in self.portal.columns if column.host == self.portal.hosts[0]]

    def shown(self, column: Column, now: datetime) -> list[tuple[Entry, Row]]:
        """Entries of a column as it stands, each with its address, title and printed date."""
        entries = self.portal.in_column(column.key, now)
        return [(entry, (self.address(entry), title_of(entry, now), printed(entry, now))) for entry in entries]

    def cut(self, entries: list[tuple[Entry, Row]], number: int, size: int) -> list[tuple[Entry, Row]]:
        """Page ``number`` of some entries, counted from 1."""
        return entries[(number - 1) * size : number * size] if number >= 1 else []

    def bare(self, ask: Ask, column: Column) -> dict[str, str]:
        """What every page has, for a column."""
        return self.common(ask, column, column.title)


def as_json(value: object) -> Answer:
    """Return a JSON answer."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(headers=(("Content-Type", "application/json;charset=UTF-8"),), body=body)


def in_script(value: object) -> str:
    """JSON as servers write it into a script: without ``<``, ``>`` and ``&``."""
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("<", "\\u003C").replace(">", "\\u003E").replace("&", "\\u0026")


def counted(text: str | None, default: int = 1) -> int:
    """Return a number of a query, else the default."""
    return int(text) if text and text.isascii() and text.isdigit() else default
