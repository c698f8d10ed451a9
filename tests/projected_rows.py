"""What lies in a generation of projections, so that two can be compared."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from storage.projections import ProjectionStore

_NUMBERS = {"no", "text_no", "reading"}  # differ from one generation to the next


def stored_rows(store: ProjectionStore) -> dict[str, list[str]]:
    """Every row of every table on its natural keys, sorted: equal for equal projections on either engine."""
    readings = store.tables.readings
    dump: dict[str, list[str]] = {}
    with store.read() as connection:
        for name, table in store.tables.metadata.tables.items():
            if name == "meta":  # says when and how a generation was made
                continue
            query = select(table)
            if name in {"cells", "cell_notes", "standing"}:  # rows with a reading's number
                number = table.c.reading if name == "standing" else table.c.no
                query = select(table, readings.c.document).outerjoin(readings, readings.c.no == number)
            dump[name] = sorted(repr(_natural(row)) for row in connection.execute(query).mappings())
    return dump


def _natural(row: Any) -> list[tuple[str, Any]]:
    return sorted((key, _plain(value)) for key, value in row.items() if key not in _NUMBERS and value is not None)


def _plain(value: Any) -> Any:
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, Decimal):
        return value.normalize()
    return value.isoformat() if isinstance(value, datetime) else value
