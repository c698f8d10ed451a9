"""Small records for the storage tests."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from storage.captures import CaptureWriter
from storage.exchange import Exchange
from storage.home import Home, init_home
from storage.observations import Observations
from storage.records import (
    Agency,
    Capture,
    CaptureOutcome,
    CaptureRole,
    Extraction,
    Link,
    Listing,
    Look,
    LookOutcome,
    Portal,
    Ruling,
    Run,
)
from storage.registry import Registry
from storage.warc_check import Mismatch, check

AT = datetime(2026, 2, 1, 1, 0, tzinfo=UTC)
URL = "http://www.example.gov.cn/zfxxgk/nb/2025.html"


def run(run_id: str = "run-1", portal: str = "wenshang") -> Run:
    return Run(id=run_id, portal=portal, purpose="test", started=AT)


def exchange(
    body: bytes = b"<html>report</html>",
    *,
    url: str = URL,
    status: int = 200,
    headers: list[tuple[str, str]] | None = None,
    at: datetime = AT,
) -> Exchange:
    return Exchange(
        url=url,
        request_headers=[("User-Agent", "nianbao"), ("Host", "www.example.gov.cn")],
        status=status,
        reason_phrase="OK",
        response_headers=headers if headers is not None else [("Content-Type", "text/html")],
        body=body,
        ip="203.0.113.7",
        fetched_at=at,
    )


def keep(writer: object, sent: Exchange | None, **more: object) -> Capture:
    """Write an answer, or with None that there was none."""
    outcome = CaptureOutcome.PAGE if sent else CaptureOutcome.UNREACHABLE
    given = {"role": CaptureRole.REPORT, "requested": sent.url if sent else URL, "outcome": outcome} | more
    kept: Capture = writer.write(sent, **given)  # type: ignore[attr-defined]
    return kept


def rows_of(home: Home, table: str) -> int:
    with home.truth.read() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


@dataclass(frozen=True)
class Record:
    """A WARC record: fields with names in lower case, its block, and where it lies."""

    kind: str
    fields: dict[str, str]
    block: bytes
    offset: int
    length: int


def read(path: Path) -> list[Record]:
    """Every record of a WARC file, as FastWARC reads it, which shares nothing with our reader."""
    found: list[Record] = []
    size = path.stat().st_size
    with path.open("rb") as handle:
        for one in ArchiveIterator(handle, parse_http=False):
            fields = {name.lower(): value for name, value in one.headers.items()}
            found.append(Record(fields["warc-type"], fields, one.reader.read(), one.stream_pos, 0))
    ends = [*(one.offset for one in found[1:]), size]
    return [replace(one, length=end - one.offset) for one, end in zip(found, ends, strict=True)]


def as_standard_says(path: Path) -> list[Record]:
    """The records of a file, each of which is as ISO 28500 asks of a writer: fields, digests, order."""
    with path.open("rb") as handle:
        for one in ArchiveIterator(handle, parse_http=False):
            assert one.verify_block_digest(), one.stream_pos
    with path.open("rb") as handle:
        for one in ArchiveIterator(handle, record_types=WarcRecordType.response | WarcRecordType.request):
            assert "WARC-Payload-Digest" not in one.headers or one.verify_payload_digest(), one.stream_pos
    records = read(path)
    assert (records[0].kind, records[0].fields["warc-filename"]) == ("warcinfo", path.name)
    assert len({one.fields["warc-record-id"] for one in records}) == len(records)
    for one in records:
        assert {"warc-date", "content-length", "warc-block-digest"} <= one.fields.keys()
        assert ("warc-target-uri" in one.fields) is (one.kind != "warcinfo")
        assert not any(re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value) for value in one.fields.values())
        if one.kind == "revisit":
            assert {"warc-profile", "warc-refers-to-target-uri", "warc-refers-to-date"} <= one.fields.keys()
    return records


@pytest.fixture(name="home")
def sqlite_home(tmp_path: Path) -> Iterator[Home]:
    """A fresh archive in SQLite, for what is alike on either engine."""
    with init_home(tmp_path / "archive") as made:
        yield made


class Cut(BaseException):
    """What no except clause of ours takes: a process that ends here."""


def flipped(path: Path, at: int | None = None) -> None:
    """Change a bit at a place of a file, or in its middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if at is None else at] ^= 1
    path.write_bytes(data)


def files(home: Home) -> list[Path]:
    return sorted(home.warc_dir.rglob("*.warc.gz"))


def mismatches(home: Home, portal: str | None = None) -> list[Mismatch]:
    """All that does not agree between an archive's WARC files and its database."""
    found: list[Mismatch] = []
    check(home, found.append, portal=portal)
    return found


_DIGESTS = {"digest", "document", "documents", "main", "cells_from", "payload_digest", "reading"}
_IDS = {"capture", "captures", "revisit_of", "via", "control"}
_SCALARS: dict[Any, Any] = {int: 7, float: 0.5, bool: True, datetime: AT, date: AT.date(), Decimal: Decimal("1.50")}


def sample(kind: type[Any], /, **given: Any) -> Any:
    """A record of a kind with a value in each of its fields, by their type hints."""
    hints = typing.get_type_hints(kind)
    made = {one.name: _sample_value(hints[one.name], one.name) for one in fields(kind) if one.name not in given}
    return kind(**made, **{name: value for name, value in given.items() if name in hints})


def _sample_value(hint: Any, name: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return _sample_value(arguments[0], name)
    if origin is tuple:
        return (_sample_value(arguments[0], name),) * 2
    if origin is Mapping:
        return {name: _sample_value(arguments[1], name)}
    if is_dataclass(hint):
        return sample(hint)  # type: ignore[arg-type]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return list(hint)[-1]
    text = "ab" * 32 if name in _DIGESTS else "ab" * 16 if name in _IDS else name
    return _SCALARS.get(hint, text)


def fill(home: Home, day: int = 0) -> None:
    """A day's truth: one row at least of each kind."""
    at, name = AT + timedelta(days=day), f"run-{day}"
    with CaptureWriter(home, replace(run(name), started=at)) as writer:
        page = keep(writer, exchange(f"list of day {day}".encode(), at=at))
    registry, observations = Registry(home), Observations(home)
    registry.put_portal(sample(Portal, name="wenshang", first_year=2019 + day, recorded_at=at))
    registry.put_listings([sample(Listing, id="wenshang:nb", portal="wenshang", year=2019 + day, recorded_at=at)])
    registry.put_agencies([sample(Agency, id="wenshang/1", portal="wenshang", source=f"day {day}", recorded_at=at)])
    seen = {"listing": "wenshang:nb", "started": at, "finished": at + timedelta(minutes=1), "outcome": LookOutcome.OK}
    look = sample(Look, id=f"look-{day}", run=name, portal="wenshang", captures=(page.id,), control=None, **seen)
    links = (Link(url=f"{URL}?{day}", text="汶上县司法局2025年年报", capture=page.id),)
    observations.add_look(look, Extraction(look=look.id, extractor="4", made_at=at, links=links))
    observations.finish_run(run(name), finished=at + timedelta(minutes=2), outcome="done")
    observations.add_ruling(sample(Ruling, id=f"ruling-{day}", made_at=at))
