"""Readings and findings ⇄ rows of the projections; cells have a module of their own (:mod:`storage.cells`)."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any

from storage import codec, rows
from storage.judgements import StoredFinding
from storage.records import Finding, Reading
from storage.shapes import shape

_OF_READING = (
    *("document", "reader", "normaliser", "kind", "reason", "title"),
    *("is_report", "form", "content_digest", "unreadable"),
)
_OF_FINDING = ("subject_kind", "subject", "agency", "year")


def reading_row(reading: Reading) -> dict[str, Any]:
    """The row of a reading, without its cells."""
    body = codec.to_json(replace(reading, cells={})).encode("ascii")
    return {name: getattr(reading, name) for name in _OF_READING} | {"body": zlib.compress(body)}


def bare_reading(body: bytes) -> Reading:
    """The reading of a row, without its cells."""
    return codec.from_json(Reading, zlib.decompress(body).decode("ascii"))


def finding_row(portal: str, stored: StoredFinding) -> dict[str, Any]:
    """The row of a finding."""
    row = shape(Finding).row(stored.finding)
    return row | {name: getattr(stored, name) for name in _OF_FINDING} | {"portal": portal}


def finding_of(row: rows.Row) -> StoredFinding:
    """The finding of a row."""
    return StoredFinding(finding=shape(Finding).record(row), **{name: row[name] for name in _OF_FINDING})
