"""``read`` and ``classify``: without an archive and without network."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive.exports.json_values import json_of
from archive.identity.classification import Classification, classify
from archive.identity.evidence import identify
from nianbao.cli import common
from nianbao.cli.output import Format, chosen, columns, emit, say
from nianbao.cli.texts.explain_text import explained
from nianbao.cli.texts.reading_json import reading_json, shown_path, unopened_json
from nianbao.sentences import listed, sentence, word
from storage.clock import Clock
from storage.records import Severity

if TYPE_CHECKING:
    from nianbao.cli.texts.files_read import Opened

_ADDRESS = re.compile("https?://", re.IGNORECASE)


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
) -> None:
    """Read reports from files: whose, which year, every cell of the form, and what does not add up."""
    from nianbao.cli.texts.files_read import read_files  # the reader: slow to load

    told = _Told(explain=explain, place=place, now=Clock().now())
    records = told.of(read_files(paths, workers))
    try:
        for record in records:
            if jsonl:
                sys.stdout.write(json_of(record) + "\n")
            else:
                lines = record.get("explain", ())
                say("\n  ".join([_line(record), *map(str, lines)]))  # type: ignore[call-overload]
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stdout.flush()
        common.fail(sentence("read.stopped", number=told.count), common.UNFINISHED)
    if not (jsonl or told.count):
        say(sentence("answer.nothing"))
    common.attention(told.doubtful or not told.count)  # a folder without files: nothing was read, and that is said


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


def _findings(record: Mapping[str, object]) -> list[dict[str, object]]:
    found = record["findings"]
    assert isinstance(found, list)
    return found


def _line(record: Mapping[str, object]) -> str:
    """What people are told of a file: whose report it is, how much of its form was read, what was found."""
    cells = record["cells"]
    assert isinstance(cells, dict)
    codes = [str(f["code"]) for f in _findings(record)]
    counted = [f"{code} ×{codes.count(code)}" if codes.count(code) > 1 else code for code in dict.fromkeys(codes)]
    unknown = sentence("answer.unknown")
    numbers = sum(cell["value"] is not None for cell in cells.values())
    told = {name: record[name] or unknown for name in ("agency", "year", "form")}
    key = "read.report" if record["is_report"] else "read.no_report"
    said = sentence(key, reason=word("no_report", record["reason"]), printed=len(cells), numbers=numbers, **told)
    notes = sentence("read.notes", notes=listed(counted)) if counted else ""
    return sentence("table.titled", title=record["file"], text=said + notes)


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
