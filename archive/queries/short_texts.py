"""Short texts of answers for people at a Python prompt or in a notebook: a line, and the first rows of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from html import escape
from itertools import islice
from typing import Any

MAX_LINE_CHARS, MAX_VALUE_CHARS = 240, 40
MAX_HTML_ROWS, MAX_HTML_COLUMNS = 20, 12


def record_text(record: Any) -> str:
    """Return a record as one line: its plain values, and of lists how many entries they have."""
    parts = [f"{one.name}={_brief(getattr(record, one.name))}" for one in fields(record)]
    return _shortened(f"{type(record).__name__}({', '.join(parts)})", MAX_LINE_CHARS)


def table_html(title: str, columns: Iterable[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Return the first rows and columns as an HTML table, everything escaped."""
    names, lines = list(columns), list(islice(rows, MAX_HTML_ROWS + 1))
    heads = names[:MAX_HTML_COLUMNS]
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(_cell(line.get(name)))}</td>' for name in heads)}</tr>"
        for line in lines[:MAX_HTML_ROWS]
    )
    more = "" if len(lines) <= MAX_HTML_ROWS and len(names) <= MAX_HTML_COLUMNS else "<p>…</p>"
    return f"<table><caption>{escape(title)}</caption><tr>{head}</tr>{body}</table>{more}"


def _brief(value: object) -> str:
    if is_dataclass(value):
        return repr(getattr(value, "name", getattr(value, "id", type(value).__name__)))
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, (tuple, list, set, frozenset, Mapping)):
        return f"<{len(value)}>"
    return _shortened(repr(value) if isinstance(value, str) else str(value), MAX_VALUE_CHARS)


def _cell(value: object) -> str:
    return "" if value is None else _shortened(str(value), MAX_VALUE_CHARS)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
