"""Readings and findings ⇄ rows of the projections; cells have a module of their own (:mod:`storage.cells`)."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from storage import codec, rows
from storage.judgements import StoredFinding
from storage.making import maker
from storage.records import Cell, Finding, Reading, Section
from storage.shapes import shape

_OF_READING = (
    *("document", "reader", "normaliser", "kind", "reason", "title"),
    *("is_report", "form", "content_digest", "unreadable"),
)
_OF_FINDING = ("subject_kind", "subject", "agency", "year")
# Where the sections begin in a body: a quote within a text has a backslash before it, and no other key has a list.
_SECTIONS = ',"sections":'
_JSON = json.JSONDecoder()
_section = maker(Section, "heading", "key", "text")


@dataclass(frozen=True, slots=True)
class Compared:
    """What of a reading is held beside another: its form, ``cells`` that differ, sections; without any its text."""

    document: str
    form: str | None
    cells: Mapping[str, Cell]
    sections: tuple[Section, ...]
    text: str


def reading_row(reading: Reading) -> dict[str, Any]:
    """The row of a reading, without its cells."""
    body = json.dumps(codec.to_plain(replace(reading, cells={})), ensure_ascii=False, separators=(",", ":"))
    packed = zlib.compress(body.encode("utf-8", "surrogatepass"))
    return {name: getattr(reading, name) for name in _OF_READING} | {"body": packed}


def bare_reading(body: bytes) -> Reading:
    """The reading of a row, without its cells."""
    return codec.from_json(Reading, _unpacked(body))


def _unpacked(body: bytes) -> str:
    """A body's JSON. Those written by former versions are ASCII; Chinese in UTF-8 is read in half the time."""
    return zlib.decompress(body).decode("utf-8", "surrogatepass")


def compared_reading(row: rows.Row, cells: Mapping[str, Cell]) -> Compared:
    """What of a row with ``document``, ``form`` and ``body`` is held beside another; the rest of it is not made."""
    body = _unpacked(row["body"])
    at = body.find(f"{_SECTIONS}[")
    if at < 0:
        return Compared(row["document"], row["form"], cells, (), bare_reading(row["body"]).text)
    plain, _ = _JSON.raw_decode(body, at + len(_SECTIONS))
    sections = tuple([_section(one["heading"], one["key"], one["text"]) for one in plain])
    return Compared(row["document"], row["form"], cells, sections, "")


def finding_row(portal: str, stored: StoredFinding) -> dict[str, Any]:
    """The row of a finding."""
    row = shape(Finding).row(stored.finding)
    return row | {name: getattr(stored, name) for name in _OF_FINDING} | {"portal": portal}


def finding_of(row: rows.Row) -> StoredFinding:
    """The finding of a row."""
    return StoredFinding(finding=shape(Finding).record(row), **{name: row[name] for name in _OF_FINDING})
