"""Tables as files for people: headings and words in their language, and the columns that a reader wants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from archive.exports.formats.columns import words
from archive.exports.formats.model import Column, Kind, Row, Sheet
from archive.exports.plain_values import jsonable
from archive.queries.words import KINDS
from nianbao.headings import heading
from nianbao.messages import messages, say

#: records within a line → what is told of each of them in columns of their own
_WITHIN: Mapping[str, Mapping[str, str]] = {
    "looks": {"looks": "id", "look_times": "started", "look_urls": "url"},
    "captures": {"captures": "id", "capture_times": "fetched_at", "capture_urls": "url"},
    "look_refs": {"look_times": "started", "look_urls": "url"},
    "capture_refs": {"capture_times": "fetched_at", "capture_urls": "url"},
}


def for_people(sheet: Sheet, lang: str) -> Sheet:
    """The lines of an answer with headings and words in one language."""
    return headed(in_words(flattened(sheet), lang), lang)


def in_chinese(sheet: Sheet) -> Sheet:
    """A table of an export with the Chinese labels of its columns as headings, and its listed words in Chinese."""
    meanings = {one.name: {word.word: word.zh for word in one.words} for one in sheet.columns if one.words}
    columns = _titled(sheet.columns, [one.zh for one in sheet.columns])

    def rows() -> Iterator[Row]:
        for row in sheet.rows:
            yield {**row, **{name: known.get(str(row[name]), row[name]) for name, known in meanings.items()}}

    return replace(sheet, columns=columns, rows=rows())


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
    """The table with statuses, evidence, kinds of agencies, states and marks in words."""
    changes = {one.name: change for one in sheet.columns if (change := _wording(one, lang)) is not None}

    def rows() -> Iterator[Row]:
        for row in sheet.rows:
            yield {**row, **{name: change(row[name]) for name, change in changes.items()}}

    return replace(sheet, rows=rows())


def _wording(column: Column, lang: str) -> Callable[[object], object] | None:
    """What words the values of a column; None where they stand for themselves."""
    name = column.name
    if name == "marks":
        return lambda marks: (
            [_word("mark", mark, lang) for mark in marks] if isinstance(marks, (tuple, list)) else marks
        )
    if name.endswith(("status", "evidence")):
        return lambda token: _word("status" if name.endswith("status") else "evidence", token, lang)
    known: Mapping[str, str] = {}
    if lang == "zh" and name.endswith("kind"):
        known = {kind.value: word for kind, word in KINDS.items()}
    elif lang == "zh" and name.endswith("state"):
        known = {one.word: one.zh for one in words("state")}
    return (lambda token: known.get(str(token), token)) if known else None


def _word(section: str, token: object, lang: str) -> object:
    known = isinstance(token, str) and f"{section}.{token}" in messages("answers")
    return say("answers", lang, f"{section}.{token}") if known else token


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
    """The table with headings in one language; the name is added where two have one heading."""
    return replace(sheet, columns=_titled(sheet.columns, [column_heading(one, lang) for one in sheet.columns]))


def column_heading(column: Column, lang: str) -> str:
    """The heading of a column. Raises KeyError for one that has none."""
    name = column.name
    if name == "part" and column.kind is Kind.TEXT:
        name = "list"
    elif name == "editions" and column.kind is Kind.INTEGER:
        name = "editions_held"
    return heading(name, lang)


def _titled(columns: Iterable[Column], texts: list[str]) -> tuple[Column, ...]:
    return tuple(
        replace(one, title=f"{text} ({one.name})" if texts.count(text) > 1 else text)
        for one, text in zip(columns, texts, strict=True)
    )
