"""``read`` and ``classify``: without an archive and without network."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import typer

from archive.documents.kinds import sniff
from archive.identity.classify import Classification, classify
from archive.identity.divisions import is_generic_zone
from archive.identity.evidence import Identified, identify, title_of
from archive.identity.notes import note
from archive.interfaces import common
from archive.interfaces.explaining import explained
from archive.interfaces.output import Column, Format, chosen, emit, jsonable, say
from archive.interfaces.unseen import json_of
from storage.records import Finding, Reading, ReportKind, Severity

_MAX_FILE = 64 << 20
_MAX_PARTS = 20
_MAX_NAME = 250  # bytes; file systems have no longer names
_PAGES = (".html", ".htm", ".shtml", ".xhtml", ".jsp", ".asp", ".aspx", ".php", ".do")
_LINKING = frozenset({"html", "json", "mhtml"})  # kinds of documents beside which lies what they link
_BATCH = 256
_HEAD = 1 << 16  # bytes that tell what a file is

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

# not ``readable``: one that cannot be opened is told among the others, and stands in nobody's way
ReadArguments = Annotated[
    list[Path], typer.Argument(help="Files, or folders whose files are read in name order.", readable=False)
]


def read(
    paths: ReadArguments,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object per file, in the order given.")] = False,
    place: Annotated[
        str | None, typer.Option("--place", help="The place a portal would know: 济源市.", show_default=False)
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Reading processes.")] = 2,
    explain: Annotated[
        bool, typer.Option("--explain", help="How identity and each cell were found; with --jsonl as a field.")
    ] = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Read reports from files: whose, which year, every cell of the form, and what does not add up."""
    if jsonl and as_csv:
        common.fail("give --jsonl or --csv, not both")
    if explain and as_csv:
        common.fail("--explain has no columns: give it alone or with --jsonl, not with --csv")
    doubtful = False
    rows: list[Mapping[str, object]] = []
    for found in _read_all(paths, place, workers):
        record = found.record
        told = _explained(found, place) if explain else []
        doubtful |= not record["is_report"] or any(f["severity"] != Severity.INFO for f in _findings(record))
        rows.append({} if jsonl or explain else _row(record))
        if jsonl:
            sys.stdout.write(json_of({**record, "explain": told} if explain else record) + "\n")
            sys.stdout.flush()
        elif explain:
            say(f"{record['file']}")
            for line in told:
                say(f"  {line}")
    doubtful |= not rows  # a folder without files: nothing was read, and that is said
    if not jsonl and (not explain or not rows):
        emit(rows, _COLUMNS, Format.CSV if as_csv else Format.TABLE)
    common.attention(doubtful)


def _explained(found: Read, place: str | None) -> list[str]:
    if found.reading is None:
        return [str(found.record["reason"])]
    return list(explained(found.reading, identify(found.reading.identity, place=place)))


def _shown(path: Path) -> str:
    r"""A path as text: bytes of a name that are no UTF-8 as ``\xd6``, which JSON could only tell as half characters."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """Files as given and those of folders; a folder that cannot be opened stands for what is in it."""
    for path in paths:
        if path.is_dir():
            yield from sorted(_within(path))
        else:
            yield path


def _within(folder: Path) -> Iterator[Path]:
    shut: list[Path] = []
    for place, _, names in os.walk(folder, onerror=lambda error: shut.append(Path(error.filename))):
        yield from (file for name in names if (file := Path(place, name)).is_file())
    yield from shut


@dataclass(frozen=True, slots=True)
class Read:
    """What is said of one file, and the reading behind it (None: the file could not be opened)."""

    record: dict[str, object]
    reading: Reading | None = None


def _read_all(paths: Iterable[Path], place: str | None, workers: int) -> Iterator[Read]:
    files = _files(paths)
    while batch := list(islice(files, _BATCH)):
        yield from _read_batch(batch, place, workers)


def _read_batch(files: Sequence[Path], place: str | None, workers: int) -> Iterator[Read]:
    """Pages first; then what lies beside them; pictures only of reports whose tables stand nowhere else."""
    from archive.parser.combining import combine

    refused: dict[int, str] = {}
    pages = _in_children(files, workers, refused)
    beside = {index: list(_beside(files[index], page)) for index, page in pages.items() if page.kind in _LINKING}
    plain = [(index, part) for index, parts in beside.items() for part in parts if not _is_picture(part)]
    attached = _grouped(plain, workers)
    pictures = [
        (index, part)
        for index, parts in beside.items()
        for part in parts
        if _is_picture(part) and not any(r.cells for r in (pages[index], *attached.get(index, {}).values()))
    ]
    recognised = _grouped(pictures, workers)
    for index, path in enumerate(files):
        if index in refused:
            yield Read(_unopened(path, refused[index]))
            continue
        read = {**attached.get(index, {}), **recognised.get(index, {})}
        parts = [(_shown(part), read[part]) for part in beside.get(index, ()) if part in read]
        reading = combine(pages[index], parts)
        yield Read(reading_json(_shown(path), reading, place), reading)


def _grouped(wanted: Sequence[tuple[int, Path]], workers: int) -> dict[int, dict[Path, Reading]]:
    """The readings of parts by the page they belong to."""
    found: dict[int, dict[Path, Reading]] = {}
    shut: dict[int, str] = {}
    readings = _in_children([part for _, part in wanted], workers, shut)
    for number, (index, part) in enumerate(wanted):
        found.setdefault(index, {})[part] = readings[number] if number in readings else _shut(shut[number])
    return found


def _shut(why: str) -> Reading:
    """A part that cannot be opened: published, and told as unreadable."""
    from archive.projection.unread import failed_reading
    from archive.projection.workers import Failure

    return replace(failed_reading("", Failure(reason="open", detail=why)), findings=(), unreadable="not_opened")


def _is_picture(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return sniff(file.read(_HEAD)) == "scan"
    except OSError:  # that it cannot be opened is found out, and told, where it is read
        return False


def _in_children(files: Sequence[Path], workers: int, refused: dict[int, str]) -> dict[int, Reading]:
    """The readings by place in ``files``; ``refused`` takes why a file could not be opened."""
    from archive.projection.unread import failed_reading
    from archive.projection.workers import Failure, Pool

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


def _bytes(path: Path) -> bytes:
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # a folder is refused when it is opened
        raise OSError(0, "no regular file, not read")  # a pipe or device may keep its reader waiting for ever
    with path.open("rb") as file:
        data = file.read(_MAX_FILE + 1)
    if len(data) > _MAX_FILE:
        raise OSError(0, f"larger than {_MAX_FILE >> 20} MiB, not read")
    return data


def _beside(path: Path, page: Reading) -> Iterator[Path]:
    """Images and attachments that a local HTML file names and that lie beside it, in the order named.

    A link from the site's root, or with a host, is looked for as if it began at the page, then by its file name alone:
    so those lie who save a page and its attachments by hand. Other pages are never found by name alone.
    """
    folder = path.parent.resolve()
    for part in page.parts[:_MAX_PARTS]:
        split = urlsplit(part.url)
        target = unquote(split.path)
        if split.scheme not in {"", "http", "https"} or "\0" in target or not 0 < len(target.encode()) <= _MAX_NAME:
            continue
        name = target.rsplit("/", 1)[-1]
        wanted = [] if split.netloc else [target.lstrip("/")]
        wanted += [name] if name and not name.lower().endswith(_PAGES) else []
        for relative in wanted:
            candidate = (folder / relative).resolve()
            if candidate.is_relative_to(folder) and candidate.is_file() and candidate != path.resolve():
                yield path.parent / candidate.relative_to(folder)
                break


def _unopened(path: Path, why: str) -> dict[str, object]:
    finding = Finding(
        code="unreadable", severity=Severity.ERROR, zh=f"无法打开文件：{why}", en=f"the file cannot be opened: {why}"
    )
    return {
        "file": _shown(path), "kind": None, "is_report": False, "reason": f"cannot be opened: {why}", "agency": None,
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


def reading_json(file: str, reading: Reading, place: str | None) -> dict[str, object]:
    """One reading in the shape other programs rely on (design.md §5). ``place`` is what a portal would know.

    ``cells_from``: the file that the first of the cells stand in; a cell of another one says so in its locator.
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
        "cells_from": next((str(cell.locator.get("part", file)) for cell in reading.cells.values()), file),
        "cells": {
            cell.id: {
                "value": jsonable(cell.value),
                "raw": cell.raw,
                "locator": jsonable(cell.locator),
                "flags": list(cell.flags),
            }
            for cell in reading.cells.values()
        },
        "findings": [finding_json(f) for f in (*reading.findings, *who.findings, *_unnamed(reading, who))],
    }


def _unnamed(reading: Reading, who: Identified) -> Iterator[Finding]:
    """Say that nothing tells whose report a document is, or on which year.

    A township (唐村镇) or zone without its place may be one of several.
    """
    if not reading.is_report or reading.reason:
        return
    if who.year is None and not any(said.code == "year_conflict" for said in who.findings):
        yield note("year_unnamed")
    if who.report_kind is ReportKind.SYSTEM:
        return
    if who.agency is not None and who.place is not None and not is_generic_zone(who.place):
        return
    verdict, _ = title_of(reading.identity)
    printed = who.agency or (verdict.agency if verdict is not None else "")
    yield note(
        "agency_unnamed",
        found=printed,
        expected=f"只印有“{printed}”，未说明属于何地" if printed else "标题、页面信息和正文均未写明机关",
        expected_en=f"it prints {printed}, and not of which place"
        if printed
        else "no title, metadata or text names it",
    )


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
        sys.stdout.write(json_of(answer) + "\n")
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
