"""Write Parquet with pyarrow: typed columns, labels and units in the metadata, bounded memory.

Integers have 64 bits, other numbers are doubles: a number that a double cannot hold exactly is left out, and its state
is ``not_exact``. Times are UTC with microseconds; lists are lists.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from archive.exports.formats.columns import About, ExportColumn, Row, Sheet, Written
from archive.exports.formats.describing import notes
from archive.exports.plain_values import exact_float, exact_integer, json_text
from archive.exports.safe_text import safe_text
from archive.queries.frames import ColumnKind

_VALUES = 200_000  # values in memory as Python objects at once
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
    """Write a table to the file ``path``."""
    metadata = {"nianbao": json.dumps(dict(notes(sheet, about)), ensure_ascii=False)}
    schema = pa.schema([_field(one) for one in sheet.columns], metadata=metadata)
    batch = max(1, _VALUES // len(sheet.columns))
    rows = inexact = size = 0
    lines, waiting = list[dict[str, object]](), list[Any]()
    with pq.ParquetWriter(path, schema, compression="zstd", version="2.6") as writer:
        for row in sheet.rows:
            values, lost = _values(sheet.columns, row)
            lines.append(values)
            rows, inexact = rows + 1, inexact + lost
            if rows % batch == 0:
                waiting.append(pa.Table.from_pylist(lines, schema))
                lines, size = [], size + waiting[-1].nbytes
            if size >= _GROUP:
                writer.write_table(pa.concat_tables(waiting))
                waiting, size = [], 0
        writer.write_table(pa.concat_tables([*waiting, pa.Table.from_pylist(lines, schema)]))
    return Written(rows, inexact)


def _field(column: ExportColumn) -> Any:
    metadata = {"zh": column.zh, "en": column.en, "unit": column.unit, "place": column.place, "state": column.state}
    return pa.field(column.name, _TYPES[column.kind], metadata={key: text for key, text in metadata.items() if text})


def _values(columns: Iterable[ExportColumn], row: Row) -> tuple[dict[str, object], int]:
    """Return the values of a row, converted for their columns, and how many numbers were left out."""
    values: dict[str, object] = {}
    for one in columns:
        value, cast = row[one.name], _CASTS.get(one.kind)
        values[one.name] = value if cast is None or value is None else cast(value)
    lost = [one for one in columns if one.is_number and row[one.name] is not None and values[one.name] is None]
    return values | {one.state: "not_exact" for one in lost if one.state}, len(lost)


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
