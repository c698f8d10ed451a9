"""``read`` and ``classify``: without an archive and without network."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import typer

from archive.identity.classify import Classification, classify
from archive.identity.evidence import identify
from archive.interfaces import common
from archive.interfaces.output import Column, Format, chosen, emit, jsonable
from archive.projection.unread import failed_reading
from archive.projection.workers import Failure, Pool
from storage.records import Finding, Reading, Severity

_MAX_FILE = 64 << 20
_MAX_PARTS = 20
_BATCH = 256

_COLUMNS = (
    Column("file", "file"),
    Column("kind", "kind", wrap=False),
    Column("is_report", "report"),
    Column("agency", "agency"),
    Column("year", "year", wrap=False),
    Column("form", "form", wrap=False),
    Column("printed", "cells", wrap=False),
    Column("numbers", "numbers", wrap=False),
    Column("notes", "findings"),
)

ReadArguments = Annotated[list[Path], typer.Argument(help="Files, or folders whose files are read in name order.")]


def read(
    paths: ReadArguments,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object per file, in the order given.")] = False,
    place: Annotated[
        str | None, typer.Option("--place", help="The place a portal would know: 济源市.", show_default=False)
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Reading processes.")] = 2,
    as_csv: common.CsvOption = False,
) -> None:
    """Read reports from files: whose, which year, every cell of the form, and what does not add up."""
    doubtful = False
    rows: list[Mapping[str, object]] = []
    for record in _read_all(paths, place, workers):
        doubtful |= not record["is_report"] or any(f["severity"] != Severity.INFO for f in _findings(record))
        if jsonl:
            sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        else:
            rows.append(_row(record))
    if not jsonl:
        doubtful |= not rows  # a folder without files: nothing was read, and that is said
        emit(rows, _COLUMNS, Format.CSV if as_csv else Format.TABLE)
    common.attention(doubtful)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file())
        else:
            yield path


def _read_all(paths: Iterable[Path], place: str | None, workers: int) -> Iterator[dict[str, object]]:
    files = _files(paths)
    while batch := list(islice(files, _BATCH)):
        yield from _read_batch(batch, place, workers)


def _read_batch(files: Sequence[Path], place: str | None, workers: int) -> Iterator[dict[str, object]]:
    """Pages first; then, for pages without the form, what lies beside them."""
    refused: dict[int, str] = {}
    pages = _in_children(files, workers, refused)
    beside = [
        (index, part)
        for index, page in pages.items()
        if page.kind == "html" and not page.cells
        for part in _beside(files[index], page)
    ]
    parts = _in_children([part for _, part in beside], workers, {}) if beside else {}
    for index, path in enumerate(files):
        if index in refused:
            yield _unopened(path, refused[index])
            continue
        page, source = pages[index], None
        for number, (owner, part) in enumerate(beside):
            if owner == index and number in parts and parts[number].cells:
                page, source = _with_cells(page, parts[number]), part
                break
        yield reading_json(str(path), page, place, part=source)


def _in_children(files: Sequence[Path], workers: int, refused: dict[int, str]) -> dict[int, Reading]:
    """The readings by place in ``files``; ``refused`` takes why a file could not be opened."""

    def documents() -> Iterator[tuple[str, Callable[[], bytes]]]:
        for index, path in enumerate(files):
            try:
                data = _bytes(path)
            except OSError as error:
                refused[index] = error.strerror or str(error)
                continue
            yield str(index), partial(bytes, data)

    found: dict[int, Reading] = {}
    for name, answer in Pool(workers=min(workers, len(files) or 1)).read(documents()):
        found[int(name)] = failed_reading("", answer) if isinstance(answer, Failure) else answer
    return found


def _with_cells(page: Reading, part: Reading) -> Reading:
    """The page with the form of its first attachment that holds one; what the page says of itself stands."""
    named = page.is_report and page.identity.titles
    return replace(
        page,
        is_report=page.is_report or part.is_report,
        reason="" if part.is_report else page.reason,
        title=page.title if named else part.title,
        identity=page.identity if named else part.identity,
        form=part.form,
        cells=part.cells,
        findings=(*(f for f in page.findings if f.code != "tables_absent"), *part.findings),
    )


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(_MAX_FILE + 1)
    if len(data) > _MAX_FILE:
        raise OSError(0, f"larger than {_MAX_FILE >> 20} MiB, not read")
    return data


def _beside(path: Path, page: Reading) -> Iterator[Path]:
    """Images and attachments that a local HTML file names and that lie beside it, in the order named."""
    folder = path.parent.resolve()
    for part in page.parts[:_MAX_PARTS]:
        split = urlsplit(part.url)
        if split.scheme or split.netloc or not split.path or "\0" in split.path:
            continue
        candidate = (folder / unquote(split.path).lstrip("/")).resolve()
        if candidate.is_relative_to(folder) and candidate.is_file() and candidate != path.resolve():
            yield candidate


def _unopened(path: Path, why: str) -> dict[str, object]:
    finding = Finding(
        code="unreadable", severity=Severity.ERROR, zh=f"无法打开文件：{why}", en=f"the file cannot be opened: {why}"
    )
    return {
        "file": str(path), "kind": None, "is_report": False, "reason": f"cannot be opened: {why}", "agency": None,
        "place": None, "year": None, "form": None, "title": "", "cells": {}, "findings": [finding_json(finding)],
    }  # fmt: skip


def finding_json(finding: Finding) -> dict[str, object]:
    """A finding in the shape other programs rely on (design.md §5)."""
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "cells": list(finding.cells),
        "expected": finding.expected,
        "found": finding.found,
        "message": {"zh": finding.zh, "en": finding.en},
    }


def reading_json(file: str, reading: Reading, place: str | None, *, part: Path | None = None) -> dict[str, object]:
    """One reading in the shape other programs rely on (design.md §5). ``place`` is what a portal would know.

    ``part``: the file beside the page that the cells come from.
    """
    who = identify(reading.identity, place=place)
    return {
        "file": file,
        "kind": reading.kind,
        "is_report": reading.is_report,
        "reason": reading.reason,
        "agency": who.agency,
        "place": who.place,
        "year": who.year,
        "report_kind": who.report_kind,
        "form": reading.form,
        "title": reading.title,
        "document": reading.document,
        "reader": reading.reader,
        "cells_from": str(part) if part else file,
        "cells": {
            cell.id: {
                "value": jsonable(cell.value),
                "raw": cell.raw,
                "locator": jsonable(cell.locator),
                "flags": list(cell.flags),
            }
            for cell in reading.cells.values()
        },
        "findings": [finding_json(f) for f in (*reading.findings, *who.findings)],
    }


def _findings(record: Mapping[str, object]) -> list[dict[str, object]]:
    found = record["findings"]
    assert isinstance(found, list)
    return found


def _row(record: Mapping[str, object]) -> dict[str, object]:
    cells = record["cells"]
    assert isinstance(cells, dict)
    codes = [str(f["code"]) for f in _findings(record)]
    return {
        **record,
        "is_report": "yes" if record["is_report"] else f"no: {record['reason']}",
        "printed": len(cells),
        "numbers": sum(cell["value"] is not None for cell in cells.values()),
        "notes": ", ".join(
            f"{code} ×{codes.count(code)}" if codes.count(code) > 1 else code for code in dict.fromkeys(codes)
        ),
    }


def classify_command(
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Objects with title and url, one a line, on standard input.")
    ] = False,
    title: Annotated[str | None, typer.Option(help="Title of one link.", show_default=False)] = None,
    url: Annotated[str | None, typer.Option(help="Address of one link.", show_default=False)] = None,
    place: Annotated[
        str | None, typer.Option("--place", help="The place a portal would know: 汶上县.", show_default=False)
    ] = None,
    as_json: common.JsonOption = False,
) -> None:
    """Is this title or address an annual report, whose, for which year? One, or many from standard input."""
    if not jsonl:
        if title is None and url is None:
            common.fail("give --title or --url, or --jsonl with objects on standard input")
        row = classification_json({"title": title, "url": url, "place": place})
        emit([row], tuple(Column(k, k) for k in row), chosen(as_json, False))
        return
    bad = False
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        try:
            asked = json.loads(line)
            if not isinstance(asked, dict):
                raise TypeError("not an object")
            answer = {**asked, **classification_json({"place": place, **asked})}
        except (ValueError, TypeError, RecursionError) as error:
            bad = True
            answer = {"error": f"line {number}: {error}"}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    common.attention(bad)


def classification_json(asked: Mapping[str, object]) -> dict[str, object]:
    """The judgement on one object with ``title``, ``url`` and perhaps ``place`` and ``column``, all text or null."""
    texts: dict[str, str | None] = {}
    for key in ("title", "url", "place", "column"):
        value = asked.get(key)
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{key} must be text or null")
        texts[key] = value
    found: Classification = classify(texts["title"], texts["url"], place=texts["place"], column=texts["column"])
    return {
        "is_report": found.is_report,
        "agency": found.agency_name,
        "year": found.year,
        "report_kind": found.report_kind,
        "confidence": round(found.confidence, 3),
        "reason": found.reason,
    }
