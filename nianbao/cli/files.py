"""The lines of an answer as a file for people: headings in their language, and if wanted only what a reader wants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from archive.exports.files import safe_place, whole
from archive.exports.formats.choosing import LackingError, check, format_of, writer_of
from archive.exports.formats.model import Column, FileFormat, Kind, Row, Sheet, Written
from archive.exports.plain_values import jsonable
from archive.queries.words import KINDS
from nianbao.cli import common
from nianbao.files import sheet_of
from nianbao.headings import heading
from nianbao.messages import messages, say
from nianbao.parameters import Parameters
from nianbao.questions import Question
from storage.home import Home

_FOR_PEOPLE = frozenset({FileFormat.CSV, FileFormat.XLSX})
#: records within a line → what is told of each of them in columns of their own
_WITHIN: Mapping[str, Mapping[str, str]] = {
    "looks": {"looks": "id", "look_times": "started", "look_urls": "url"},
    "captures": {"captures": "id", "capture_times": "fetched_at", "capture_urls": "url"},
    "look_refs": {"look_times": "started", "look_urls": "url"},
    "capture_refs": {"capture_times": "fetched_at", "capture_urls": "url"},
}


def write_answer(
    home: Home, question: Question, asked: Parameters, path: Path, *, slim: bool, lang: str
) -> tuple[Path, Written]:
    """Write all lines of the answer to a file by its ending. Raises what the question raises, and ValueError where no
    such file can be written there; ends with a sentence where there is no room for it.
    """
    fmt = format_of(None, path)
    try:
        check(fmt)
    except LackingError as error:
        common.fail_of(error)
    place = safe_place(home, path)
    sheet, source = sheet_of(home, question, asked)
    if fmt in _FOR_PEOPLE:
        sheet = in_words(flattened(sheet), lang)
    if slim:
        sheet = slimmed(sheet, question.slim, lang)
    if fmt in _FOR_PEOPLE:
        sheet = headed(sheet, lang)
    try:
        with whole(place) as aside:
            return place, writer_of(fmt, bom=fmt is FileFormat.CSV)(sheet, source(), aside)
    except OSError as error:
        common.fail(say("answers", lang, "page.not_written", place=place, cause=error.strerror), common.UNFINISHED)


def flattened(sheet: Sheet) -> Sheet:
    """The table with a column for each thing that is told of the records within its lines."""
    columns = [
        one
        for column in sheet.columns
        for one in (
            [replace(column, name=name, kind=Kind.TEXT) for name in _WITHIN[column.name]]
            if column.kind is Kind.NESTED and column.name in _WITHIN
            else [column]
        )
    ]
    nested = [one.name for one in sheet.columns if one.kind is Kind.NESTED and one.name in _WITHIN]

    def rows() -> Iterator[Row]:
        for row in sheet.rows:
            flat = {name: value for name, value in row.items() if name not in nested}
            for name in nested:
                flat |= _told(row[name], _WITHIN[name])
            yield flat

    return replace(sheet, columns=tuple(columns), rows=rows())


def _told(records: object, fields: Mapping[str, str]) -> dict[str, object]:
    held = list(records) if isinstance(records, Iterable) else []
    return {name: " ".join(str(jsonable(getattr(one, field))) for one in held) for name, field in fields.items()}


def in_words(sheet: Sheet, lang: str) -> Sheet:
    """The table with statuses, evidence and kinds of agencies in words."""

    def worded(name: str, value: object) -> object:
        if value is None or not isinstance(value, str):
            return value
        if name.endswith("kind") and lang == "zh":
            return next((word for kind, word in KINDS.items() if kind.value == value), value)
        section = next((one for one in ("status", "evidence") if name.endswith(one)), None)
        known = section is not None and f"{section}.{value}" in messages("answers")
        return say("answers", lang, f"{section}.{value}") if known else value

    def rows() -> Iterator[Row]:
        for row in sheet.rows:
            yield {name: worded(name, value) for name, value in row.items()}

    return replace(sheet, rows=rows())


def slimmed(sheet: Sheet, names: Iterable[str], lang: str) -> Sheet:
    """The columns that a reader wants, in their order; ``sentence`` is the one in the language asked for."""
    by_name = {one.name: one for one in sheet.columns}
    wanted = [lang if name == "sentence" else name for name in names]
    kept = [name for name in wanted if name in by_name]
    columns = tuple(replace(by_name[name], name="sentence" if name == lang else name) for name in kept)

    def rows() -> Iterator[Row]:
        for row in sheet.rows:
            yield {column.name: row[name] for column, name in zip(columns, kept, strict=True)}

    return replace(sheet, columns=columns, rows=rows()) if kept else sheet


def headed(sheet: Sheet, lang: str) -> Sheet:
    """The table with headings in one language in place of names; the name is added where two have one heading."""
    names = [one.name for one in sheet.columns]
    texts = [
        heading("list" if one.name == "part" and one.kind is Kind.TEXT else one.name, lang) for one in sheet.columns
    ]
    titles = [f"{text} ({name})" if texts.count(text) > 1 else text for name, text in zip(names, texts, strict=True)]
    columns: tuple[Column, ...] = tuple(
        replace(one, name=title) for one, title in zip(sheet.columns, titles, strict=True)
    )

    def rows() -> Iterator[Row]:
        for row in sheet.rows:
            yield {title: row[name] for title, name in zip(titles, names, strict=True)}

    return replace(sheet, columns=columns, rows=rows())
