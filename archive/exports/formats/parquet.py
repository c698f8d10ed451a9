"""Write Parquet with pyarrow: typed columns, labels and units in the metadata, bounded memory.

Integers have 64 bits, other numbers are doubles: a number that a double cannot hold exactly is left out, and its state
is ``not_exact``. Times are UTC with microseconds; lists are lists.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from archive.exports.formats.columns import About, Batch, Coded, ExportColumn, Sheet, Written, batches_of
from archive.exports.formats.describing import notes
from archive.exports.plain_values import exact_float, exact_integer, json_text
from archive.exports.safe_text import safe_text
from archive.queries.frames import ColumnKind

_VALUES = 200_000  # values in memory as Python objects at once
_GROUP = 96 << 20  # bytes of a row group before it is compressed; the file names every column of every group

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
    """Write a table to the file ``path``, in row groups of about 96 MB, so that the whole is never in memory."""
    metadata = {"nianbao": json.dumps(dict(notes(sheet, about)), ensure_ascii=False)}
    schema = pa.schema([_field(one) for one in sheet.columns], metadata=metadata)
    names = [one.name for one in sheet.columns]
    batches = batches_of(sheet.rows, names, max(1, _VALUES // len(names)))
    tables = (_table(sheet.columns, batch, schema) for batch in batches)
    first = next(tables, (schema.empty_table(), 0))
    plain = [one.name for one in first[0].schema if not pa.types.is_dictionary(one.type)]  # with bounds worth reading
    options: Any = {"compression": "zstd", "version": "2.6", "write_statistics": plain, "store_schema": False}
    rows = inexact = size = 0
    waiting = list[Any]()
    with pq.ParquetWriter(path, first[0].schema, **options) as writer:
        # readers get the types of ``schema``, and never know of dictionaries
        writer.add_key_value_metadata({**metadata, "ARROW:schema": b64encode(schema.serialize())})
        for table, lost in chain([first], tables):
            waiting.append(table)
            rows, inexact, size = rows + table.num_rows, inexact + lost, size + table.nbytes
            if size >= _GROUP:
                writer.write_table(pa.concat_tables(waiting).unify_dictionaries())
                waiting, size = [], 0
        if waiting:
            writer.write_table(pa.concat_tables(waiting).unify_dictionaries())
    return Written(rows, inexact)


def _field(column: ExportColumn) -> Any:
    metadata = {"zh": column.zh, "en": column.en, "unit": column.unit, "place": column.place, "state": column.state}
    return pa.field(column.name, _TYPES[column.kind], metadata={key: text for key, text in metadata.items() if text})


def _table(columns: Sequence[ExportColumn], batch: Batch, schema: Any) -> tuple[Any, int]:
    """Return some rows as an Arrow table, and how many numbers no double holds exactly (their state: ``not_exact``)."""
    arrays, inexact = {one.name: _array(batch[one.name], one.kind) for one in columns}, 0
    for one in columns:
        if one.is_number and (lost := _rows_lost(batch[one.name], arrays[one.name])):
            inexact += len(lost)
            if one.state:
                states = ["not_exact" if at in lost else state for at, state in enumerate(batch[one.state])]
                arrays[one.state] = pa.array(states, arrays[one.state].type)
    fields = [one.with_type(arrays[one.name].type) for one in schema]
    return pa.Table.from_arrays([*arrays.values()], schema=pa.schema(fields)), inexact


_nulls = cache(pa.nulls)  # all empty columns of a batch share their memory


def _array(values: Sequence[Any], kind: ColumnKind) -> Any:
    """Return a column as an Arrow array."""
    if isinstance(values, Coded):
        codes = pa.Array.from_buffers(pa.uint8(), len(values), [None, pa.py_buffer(values.codes)])
        return _dictionary(values.values, kind).take(codes)
    cast, arrow_type = _CASTS.get(kind), _TYPES[kind]
    if values.count(None) == len(values):
        return _nulls(len(values), arrow_type)
    if kind is ColumnKind.INTEGER:
        with suppress(pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):  # usually all are integers already
            return pa.array(values, arrow_type)
    return pa.array(values if cast is None else [None if one is None else cast(one) for one in values], arrow_type)


@cache  # many batches have the same values behind their codes
def _dictionary(values: Sequence[Any], kind: ColumnKind) -> Any:
    """Return the values of ``Coded`` as an Arrow array with a byte for each, and each different one once."""
    array = _array(values, kind).dictionary_encode()
    return pa.DictionaryArray.from_arrays(array.indices.cast(pa.uint8()), array.dictionary)


def _rows_lost(values: Sequence[object], array: Any) -> Collection[int]:
    """Return the positions of the rows with a number that the array lacks."""
    if isinstance(values, Coded) or values.count(None) == array.null_count:
        return ()
    is_known = array.is_valid().to_pylist()
    return {at for at, value in enumerate(values) if value is not None and not is_known[at]}


def _text(value: object) -> str:
    return safe_text(str(value))


_CASTS: Mapping[ColumnKind, Callable[[Any], object]] = {
    ColumnKind.TEXT: _text,
    ColumnKind.CODE: _text,
    ColumnKind.INTEGER: exact_integer,
    ColumnKind.NUMBER: lru_cache(maxsize=65_536)(lambda value: exact_float(Decimal(str(value)))),
    ColumnKind.LIST: lambda values: [safe_text(str(one)) for one in values],
    ColumnKind.NESTED: json_text,
}
