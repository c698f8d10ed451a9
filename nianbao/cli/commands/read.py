"""``read`` and ``classify``: without an archive and without network."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive.exports.json_values import json_of
from archive.identity.classification import Classification, classify
from archive.identity.evidence import identify
from nianbao.cli import common
from nianbao.cli.output import Column, Format, chosen, columns, emit, emit_as_made, say
from nianbao.cli.texts.explain_text import explained
from nianbao.cli.texts.reading_json import reading_json, shown_path, unopened_json
from nianbao.sentences import sentence, word
from storage.clock import Clock
from storage.records import Severity

if TYPE_CHECKING:
    from nianbao.cli.texts.files_read import Opened

#: How wide a row is, before any is there: the columns of a terminal are laid out by it and the names of the files.
_PATH = 24  # characters of a path that a terminal shows
_LIKELY: Mapping[str, object] = {
    "file": "", "kind": "unknown", "is_report": "no: not_recognised", "agency": "汶上县综合行政执法局", "year": 2024,
    "form": "pre2019", "printed": 200, "numbers": 200, "notes": "narrative_conflict, identity_broken ×12",
}  # fmt: skip
_ADDRESS = re.compile("https?://", re.IGNORECASE)
_NAMES = 256  # files whose names are looked at for it


def _given(name: str) -> Path:
    """A path as it was typed. An empty one is a mistake (an unset variable), not the folder one stands in."""
    if not name:
        raise typer.BadParameter(sentence("read.empty_name"))
    if name == "-":
        raise typer.BadParameter(sentence("read.standard_input"))
    if _ADDRESS.match(name):
        raise typer.BadParameter(sentence("read.address", name=name))
    return Path(name)


# not looked at here: one that cannot be opened is told among the others, and stands in nobody's way
ReadArguments = Annotated[list[Path], typer.Argument(parser=_given)]


def read(
    paths: ReadArguments,
    jsonl: Annotated[bool, typer.Option("--jsonl")] = False,
    place: Annotated[str | None, typer.Option("--place", show_default=False)] = None,
    workers: Annotated[int, typer.Option(min=1, max=64)] = 2,
    explain: Annotated[bool, typer.Option("--explain")] = False,
    as_csv: common.CsvOption = False,
) -> None:
    """Read reports from files: whose, which year, every cell of the form, and what does not add up."""
    if jsonl and as_csv:
        common.fail(sentence("read.two_formats"))
    if explain and as_csv:
        common.fail(sentence("read.explain_csv"))
    from nianbao.cli.texts.files_read import files_of, read_files  # the reader: slow to load

    told = _Told(explain=explain, place=place, now=Clock().now())
    records = told.of(read_files(paths, workers))
    try:
        if jsonl:
            for record in records:
                sys.stdout.write(json_of(record) + "\n")
                sys.stdout.flush()
        elif explain:
            _explain(records)
        else:
            expected = [{**_LIKELY, "file": shown_path(file)} for file in islice(files_of(paths), _NAMES)]
            fmt = Format.CSV if as_csv else Format.TABLE
            rows = map(_row, records)
            if fmt is Format.TABLE and sys.stdout.isatty():
                expected, rows = [*map(_with_short_path, expected)], map(_with_short_path, rows)
            emit_as_made(rows, table_columns(), fmt, expected=expected, empty=sentence("answer.nothing"))
    except KeyboardInterrupt:
        sys.stdout.flush()
        common.fail(sentence("read.stopped", number=told.count), common.UNFINISHED)
    common.attention(told.doubtful or not told.count)  # a folder without files: nothing was read, and that is said


def table_columns() -> tuple[Column, ...]:
    """Of the table of files."""
    keys = ("file", "kind", "is_report", "agency", "year", "form", "printed", "numbers", "notes")
    return columns(*keys, wrap={"file", "is_report", "agency", "notes"}, spare={"kind", "form", "numbers"})


@dataclass(slots=True)
class _Told:
    """What is said of each file; how many it was said of, and whether any needs to be looked at."""

    explain: bool
    place: str | None
    now: datetime
    count: int = 0
    doubtful: bool = False

    def of(self, files: Iterable[Opened]) -> Iterator[dict[str, object]]:
        for file in files:
            name, reading = shown_path(file.path), file.reading
            if reading is None:
                record = unopened_json(file.path, file.why)
            else:
                record = reading_json(name, reading, self.place, self.now)
            if self.explain:
                record["explain"] = self._explained(file)
            self.count += 1
            self.doubtful |= not record["is_report"] or any(f["severity"] != Severity.INFO for f in _findings(record))
            yield record

    def _explained(self, file: Opened) -> list[str]:
        if file.reading is None:
            return [sentence("read.not_opened", why=file.why)]
        return list(explained(file.reading, identify(file.reading.identity, place=self.place), self.now))


def _explain(records: Iterable[Mapping[str, object]]) -> None:
    nothing = True
    for record in records:
        nothing = False
        say(str(record["file"]))
        lines = record["explain"]
        assert isinstance(lines, list)
        for line in lines:
            say(f"  {line}")
        sys.stdout.flush()
    if nothing:
        emit([], (), Format.TABLE, empty=sentence("answer.nothing"))


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
        "is_report": sentence("answer.yes")
        if record["is_report"]
        else sentence("read.no_report", reason=word("no_report", record["reason"])),
        "printed": len(cells),
        "numbers": sum(cell["value"] is not None for cell in cells.values()),
        "notes": ", ".join(
            f"{code} ×{codes.count(code)}" if codes.count(code) > 1 else code for code in dict.fromkeys(codes)
        ),
    }


def _with_short_path(row: Mapping[str, object]) -> dict[str, object]:
    """A row whose path a terminal has room for beside the other columns: of a long one its end."""
    path = str(row["file"])
    return {**row, "file": path if len(path) <= _PATH else f"…{path[1 - _PATH :]}"}


def classify_command(
    jsonl: Annotated[bool, typer.Option("--jsonl")] = False,
    title: Annotated[str | None, typer.Option(show_default=False)] = None,
    url: Annotated[str | None, typer.Option(show_default=False)] = None,
    place: Annotated[str | None, typer.Option("--place", show_default=False)] = None,
    as_json: common.JsonOption = False,
) -> None:
    """Is this title or address an annual report, whose, for which year? One, or many from standard input."""
    if not jsonl and title is None and url is None:
        common.fail(sentence("classify.what"))
    if not jsonl:
        row = classification_json({"title": title, "url": url, "place": place})
        fmt = chosen(as_json, False)
        if fmt is Format.TABLE:
            told = sentence("answer.yes" if row["is_report"] else "answer.no")
            row |= {"is_report": told, "report_kind": word("report_kind", row["report_kind"])}
        emit([row], columns(*row, wrap=row), fmt)
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
