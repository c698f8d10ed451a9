"""Tables as files for people: headings and words in their language, and the columns that a reader wants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from archive.exports.formats.columns import Column, Row, Sheet, heading
from archive.exports.plain_values import jsonable
from archive.queries.frames import ColumnKind
from archive.queries.words import word

#: records within a line → what is told of each of them in columns of their own
_WITHIN: Mapping[str, Mapping[str, str]] = {
    "looks": {"looks": "id", "look_times": "started", "look_urls": "url"},
    "captures": {"captures": "id", "capture_times": "fetched_at", "capture_urls": "url"},
    "look_refs": {"look_times": "started", "look_urls": "url"},
    "capture_refs": {"capture_times": "fetched_at", "capture_urls": "url"},
}
#: what the name of a column ends in → the section of the vocabulary that words its values
_SECTIONS: Mapping[str, str] = {
    "status": "status", "evidence": "evidence", "kind": "kind", "severity": "severity", "state": "state",
    "marks": "mark", "reason": "no_report",
}  # fmt: skip


def for_people(sheet: Sheet, lang: str) -> Sheet:
    """A table with headings and words in one language."""
    return headed(in_words(flattened(sheet), lang), lang)


def flattened(sheet: Sheet) -> Sheet:
    """The table with a column for each thing that is told of the records within its lines."""
    columns = [
        one
        for column in sheet.columns
        for one in (
            [_labelled(replace(column, name=name, kind=ColumnKind.TEXT)) for name in _WITHIN[column.name]]
            if column.kind is ColumnKind.NESTED and column.name in _WITHIN
            else [column]
        )
    ]
    nested = [one.name for one in sheet.columns if one.kind is ColumnKind.NESTED and one.name in _WITHIN]

    def rows() -> Iterator[Row]:
        for row in sheet.rows:
            flat = {name: value for name, value in row.items() if name not in nested}
            for name in nested:
                flat |= _joined_fields(row[name], _WITHIN[name])
            yield flat

    return replace(sheet, columns=tuple(columns), rows=rows())


def _joined_fields(records: object, fields: Mapping[str, str]) -> dict[str, object]:
    held = list(records) if isinstance(records, Iterable) else []
    return {name: " ".join(str(jsonable(getattr(one, field))) for one in held) for name, field in fields.items()}


def in_words(sheet: Sheet, lang: str) -> Sheet:
    """The table with statuses, evidence, kinds, severities, states, marks and names of lists in words."""
    sections = {one.name: section for one in sheet.columns if (section := _section(one)) is not None}

    def rows() -> Iterator[Row]:
        for row in sheet.rows:
            yield {**row, **{name: _worded(section, row[name], lang) for name, section in sections.items()}}

    return replace(sheet, rows=rows())


def _section(column: Column) -> str | None:
    """The section of the vocabulary that words the values of a column; None where they stand for themselves."""
    if column.name in {"report_kind", "part"}:
        return column.name
    return next((section for end, section in _SECTIONS.items() if column.name.endswith(end)), None)


def _worded(section: str, token: object, lang: str) -> object:
    if isinstance(token, (tuple, list)):
        return [_worded(section, one, lang) for one in token]
    return token if token is None else word(section, str(token), lang) or token


def slimmed(sheet: Sheet, names: Iterable[str], lang: str) -> Sheet:
    """The columns that a reader wants, in their order; ``sentence`` is the one in the language asked for."""
    by_name = {one.name: one for one in sheet.columns}
    wanted = [lang if name == "sentence" else name for name in names]
    kept = [name for name in wanted if name in by_name]
    columns = tuple(
        _labelled(replace(by_name[name], name="sentence")) if name == lang else by_name[name] for name in kept
    )

    def rows() -> Iterator[Row]:
        for row in sheet.rows:
            yield {column.name: row[name] for column, name in zip(columns, kept, strict=True)}

    return replace(sheet, columns=columns, rows=rows()) if kept else sheet


def headed(sheet: Sheet, lang: str) -> Sheet:
    """The table with headings in one language; the name is added where two have one heading."""
    texts = [one.zh if lang == "zh" else one.en for one in sheet.columns]
    columns = tuple(
        replace(one, title=f"{text} ({one.name})" if texts.count(text) > 1 else text)
        for one, text in zip(sheet.columns, texts, strict=True)
    )
    return replace(sheet, columns=columns)


def _labelled(column: Column) -> Column:
    """The column with the labels of its name."""
    return replace(column, zh=heading(column.name, "zh"), en=heading(column.name, "en"))


def column_heading(column: Column, lang: str) -> str:
    """The heading of a column. Raises KeyError for one that has none."""
    name = column.name
    if name == "part" and column.kind is ColumnKind.TEXT:
        name = "list"
    elif name == "editions" and column.kind is ColumnKind.INTEGER:
        name = "editions_held"
    return heading(name, lang)
