"""Parquet through pyarrow: typed columns, labels and units in the metadata, bounded memory.

Integers are 64 bits wide, other numbers doubles: a number that a double does not give back digit by digit is left out,
and its state says ``not_exact``. Instants are UTC with microseconds, dates days; lists are lists.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from archive.exports.formats.columns import About, Column, Row, Sheet, Written
from archive.exports.formats.describing import notes
from archive.exports.json_values import json_text
from archive.exports.plain_values import exact_float, exact_integer
from archive.exports.safe_text import safe_text
from archive.queries.frames import ColumnKind

_VALUES = 200_000  # values in Python at once
_GROUP = 32 << 20  # bytes of a row group before it is compressed

_TYPES: Mapping[ColumnKind, Any] = {
    ColumnKind.TEXT: pa.string(),
    ColumnKind.CODE: pa.string(),
    ColumnKind.CHOSEN: pa.string(),
    ColumnKind.INTEGER: pa.int64(),
    ColumnKind.NUMBER: pa.float64(),
    ColumnKind.DATE: pa.date32(),
    ColumnKind.INSTANT: pa.timestamp("us", tz="UTC"),
    ColumnKind.FLAG: pa.bool_(),
    ColumnKind.LIST: pa.list_(pa.string()),
    ColumnKind.NESTED: pa.string(),
}


def write_parquet(sheet: Sheet, about: About, path: Path) -> Written:
    """Write a table into the file ``path``."""
    metadata = {"nianbao": json.dumps(dict(notes(sheet, about)), ensure_ascii=False)}
    schema = pa.schema([_field(one) for one in sheet.columns], metadata=metadata)
    batch = max(1, _VALUES // len(sheet.columns))
    columns = _ParquetColumns(sheet.columns)
    rows, waiting, size = 0, [], 0
    with pq.ParquetWriter(path, schema, compression="zstd", version="2.6") as writer:
        for row in sheet.rows:
            columns.add(row)
            rows += 1
            if rows % batch == 0:
                waiting.append(columns.pop_table(schema))
                size += waiting[-1].nbytes
            if size >= _GROUP:
                writer.write_table(pa.concat_tables(waiting))
                waiting, size = [], 0
        waiting.append(columns.pop_table(schema))
        writer.write_table(pa.concat_tables(waiting))
    return Written(rows, columns.inexact)


def _field(column: Column) -> Any:
    metadata = {"zh": column.zh, "en": column.en, "unit": column.unit, "place": column.place, "state": column.state}
    return pa.field(column.name, _TYPES[column.kind], metadata={key: text for key, text in metadata.items() if text})


class _ParquetColumns:
    """Rows on their way into columns. ``inexact``: numbers left out."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self._columns = [(one, _CASTS.get(one.kind)) for one in columns]
        self._values: dict[str, list[object]] = {one.name: [] for one in columns}
        self.inexact = 0

    def add(self, row: Row) -> None:
        for column, cast in self._columns:
            value = row[column.name]
            self._values[column.name].append(cast(value) if cast is not None and value is not None else value)
        for column, _ in self._columns:
            if column.is_number and row[column.name] is not None and self._values[column.name][-1] is None:
                self.inexact += 1
                if column.state:
                    self._values[column.state][-1] = "not_exact"

    def pop_table(self, schema: Any) -> Any:
        """The rows so far as a table; the next ones begin anew."""
        arrays = [pa.array(self._values[field.name], field.type) for field in schema]
        self._values = {name: [] for name in self._values}
        return pa.Table.from_arrays(arrays, schema=schema)


def _text(value: object) -> str:
    return safe_text(str(value))


_CASTS: Mapping[ColumnKind, Callable[[Any], object]] = {
    ColumnKind.TEXT: _text,
    ColumnKind.CODE: _text,
    ColumnKind.INTEGER: exact_integer,
    ColumnKind.NUMBER: lambda value: exact_float(Decimal(str(value))),
    ColumnKind.LIST: lambda values: [safe_text(str(one)) for one in values],
    ColumnKind.NESTED: json_text,
}
