"""The commands ``read`` (read local files) and ``classify`` (judge a title or address); both need no archive."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from archive.exports.plain_values import fields_of, json_of
from archive.forms.loader import known_form, old_form
from archive.identity.classification import classify
from nianbao.cli import common
from nianbao.cli.command_functions import printer_of
from nianbao.cli.judged_reading import JudgedReading, judge_reading, reading_json, unopened_json
from nianbao.cli.local_files import read_files
from nianbao.cli.output import print_sentence, print_text
from nianbao.sentences import listed, sentence, word
from storage.clock import Clock
from storage.records import Severity

_ADDRESS = re.compile("https?://", re.IGNORECASE)


def _path_given(name: str) -> Path:
    """Read a typed path; refuse an empty one, which is an unset variable rather than the current folder."""
    if not name:
        raise typer.BadParameter(sentence("read.empty_name"))
    if name == "-":
        raise typer.BadParameter(sentence("read.standard_input"))
    if _ADDRESS.match(name):
        raise typer.BadParameter(sentence("read.address", name=name))
    return Path(name)


# typer does not check that paths exist: a file that cannot be opened gets a line of its own, and the others are read
ReadArguments = Annotated[list[Path], typer.Argument(parser=_path_given)]


def read(
    paths: ReadArguments, *, jsonl: bool = False, place: str | None = None, workers: int = 2, explain: bool = False
) -> None:
    """Read reports from files: print agency, year, every cell of the form, and contradictions."""
    now, count, is_doubtful = Clock().now(), 0, False
    try:
        for file in read_files(paths, workers):
            judged = None if file.reading is None else judge_reading(file.reading, place, now)
            record = unopened_json(file.path, file.why) if judged is None else reading_json(file.path, judged)
            explained_by = _explanation(judged, file.why) if explain else []
            count += 1
            findings: Any = record["findings"]
            is_doubtful |= not record["is_report"] or any(one["severity"] != Severity.INFO for one in findings)
            if jsonl:
                sys.stdout.write(json_of(record | ({"explain": explained_by} if explain else {})) + "\n")
            else:
                print_text("\n  ".join([_line(record), *explained_by]))
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stdout.flush()
        common.fail(sentence("read.stopped", number=count), common.UNFINISHED)
    if not (jsonl or count):
        print_sentence("answer.nothing")
    common.attention(is_doubtful or not count)  # nothing was read: the folders had no files


def _explanation(judged: JudgedReading | None, why: str) -> list[str]:
    """Return lines that explain a reading (evidence, the locator of each cell), or ``why`` the file was not opened."""
    if judged is None:
        return [sentence("read.not_opened", why=why)]
    from nianbao.cli.screens import rendered

    form = known_form(judged.reading.form)
    is_free_form = form is not None and form.name == old_form().name  # its rows vary by report
    fields = fields_of(judged, "reading", "who", "figures", "findings")
    text = rendered("explained", **fields, form=form, is_free_form=is_free_form)
    return text.removesuffix("\n").split("\n")


def _line(record: Mapping[str, Any]) -> str:
    """Return a line on a file: agency and year of the report, numbers of cells that were read, codes of findings."""
    codes = Counter(str(one["code"]) for one in record["findings"])
    counted = [f"{code} ×{times}" if times > 1 else code for code, times in codes.items()]
    words = {name: record[name] or sentence("answer.unknown") for name in ("agency", "year", "form")}
    numbers = sum(cell["value"] is not None for cell in record["cells"].values())
    key = "read.report" if record["is_report"] else "read.no_report"
    reason = word("no_report", record["reason"])
    text = sentence(key, reason=reason, printed=len(record["cells"]), numbers=numbers, **words)
    notes = sentence("read.notes", notes=listed(counted)) if counted else ""
    return sentence("table.titled", title=record["file"], text=text + notes)


def classify_command(
    *,
    jsonl: bool = False,
    title: str | None = None,
    url: str | None = None,
    place: str | None = None,
    as_json: bool = False,
) -> None:
    """Print whether a title or address is a report's, of which agency and year; many are read from standard input."""
    if not jsonl and title is None and url is None:
        common.fail(sentence("classify.what"))
    if not jsonl:
        row = classification_json({"title": title, "url": url, "place": place})
        is_report = sentence("answer.yes" if row["is_report"] else "answer.no")
        printer_of({"as_json": as_json}).table("classification", [row], [row | {"is_report": is_report}])
        return
    bad = False
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        try:
            texts = json.loads(line)
            if not isinstance(texts, dict):
                raise TypeError("not an object")
            answer = {**texts, **classification_json({"place": place, **texts})}
        except (ValueError, TypeError, RecursionError) as error:
            bad = True
            answer = {"error": f"line {number}: {error}"}
        sys.stdout.write(json_of(answer) + "\n")
    common.attention(bad)


def classification_json(question: Mapping[str, object]) -> dict[str, object]:
    """Classify an object with ``title``, ``url``, ``place`` and ``column`` (a list's name). Raises TypeError if one of
    them is neither text nor null.
    """
    texts: dict[str, str | None] = {}
    for key in ("title", "url", "place", "column"):
        value = question.get(key)
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{key} must be text or null")
        texts[key] = value
    result = classify(texts["title"], texts["url"], place=texts["place"], column=texts["column"])
    return {
        "is_report": result.is_report, "agency": result.agency_name, "year": result.year,
        "report_kind": result.report_kind, "confidence": round(result.confidence, 3), "reason": result.reason,
    }  # fmt: skip
