"""Describe exported tables: the data dictionary, the notes, ``datapackage.json`` (Data Package 2.0), names in Stata."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from archive.exports.formats.columns import STATE, About, ExportColumn, FileFormat, Sheet, missing_letters, words
from archive.exports.plain_values import instant_text
from archive.queries.bounds import data_file

_WITH_LISTS = frozenset({FileFormat.JSONL, FileFormat.PARQUET})  # other formats write a list as text
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """A written file: ``path`` in the descriptor, ``size`` in bytes, ``digest``: its SHA-256."""

    path: str
    fmt: FileFormat
    sheet: Sheet
    rows: int
    size: int
    digest: str


def dictionary(sheet: Sheet) -> Iterator[dict[str, str]]:
    """Yield the rows of the data dictionary, one for each column of a table, with the columns of ``DICTIONARY``."""
    meanings = {one.word: one.zh for one in words("state")}
    letters = "; ".join(f".{letter}={state} {meanings[state]}" for state, letter in missing_letters().items())
    for one in sheet.columns:
        word_list = () if _is_described_once(one) else one.words
        yield {
            "table": sheet.name,
            "column": one.heading,
            "type": one.kind.value,
            "zh": one.meaning("zh"),
            "en": one.en,
            "unit": one.unit,
            "unit_in": one.unit_in,
            "forms": " ".join(one.forms),
            "place": one.place,
            "state_in": one.state,
            "words": "; ".join(f"{w.word}={w.zh} {w.en} ({w.number})" for w in word_list),
            "stata_name": "" if _is_described_once(one) else stata_name(one.name),
            "stata_missing": letters if one.state else "",
        }


def _is_described_once(column: ExportColumn) -> bool:
    """Whether a column is an indicator's state in a wide table, whose words the package describes once."""
    return column.name.endswith(STATE)


_FOLDER = "archive.exports.formats"


def note(name: str) -> str:
    """Return a sentence of ``notes.toml``, in both languages."""
    entry = data_file("notes.toml", _FOLDER)[name]
    return f"{entry['zh']} / {entry['en']}"


RIGHTS = note("rights")
DICTIONARY = data_file("dictionary.toml", _FOLDER)  #: the columns of the dictionary, with their headings for people


def notes(sheet: Sheet, about: About) -> tuple[tuple[str, str], ...]:
    """Return the notes for readers of a file, as names and sentences."""
    of_all_files = ("numbers", "instants", "codes", "provenance")
    return (
        ("table", f"{sheet.name}: {sheet.zh} / {sheet.en}"),
        ("asked", about.question),
        ("as of", instant_text(about.as_of)),
        ("software", about.software),
        ("reader version", about.reader),
        *((name, note(name)) for name in (*(["simulated"] if about.simulated else []), *of_all_files)),
        *((f"form {name}", source) for name, source in about.forms),
        *((f"source {title}", address) for title, address in about.sources),
        ("licence", about.licence or note("licence")),
        ("rights", RIGHTS),
    )


def resource(file: ExportedFile) -> dict[str, object]:
    """Return a written file as a resource of a Data Package; only one of tabular data says how many rows it has."""
    written: dict[str, object] = {"bytes": file.size, "hash": f"sha256:{file.digest}"}
    if file.fmt is FileFormat.CSV:
        written["rows"] = file.rows
    return table_resource(file.sheet, file.fmt, file.path, written)


def table_resource(
    sheet: Sheet, fmt: FileFormat, path: str, written: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Return a table as a resource of a Data Package. Only CSV is *tabular data* there; others get the schema too.
    ``path``: a path or web address; ``written``: size, digest and rows, once the file is written.
    """
    descriptor: dict[str, object] = {
        "name": f"{sheet.name}-{fmt.value}" if fmt is not FileFormat.CSV else sheet.name,
        "path": path,
        "title": f"{sheet.zh} / {sheet.en}",
        "format": fmt.value,
        "mediatype": fmt.media_type,
        **(written or {}),
    }
    if fmt.is_text:
        descriptor["encoding"] = "utf-8"
    if fmt is FileFormat.CSV:
        descriptor |= {"type": "table", "dialect": {"delimiter": ",", "lineTerminator": "\n", "header": True}}
    # in Stata the missing values say what the columns of states say
    columns = [one for one in sheet.columns if fmt is not FileFormat.DTA or not one.name.endswith(STATE)]
    schema: dict[str, object] = {"fields": [_describe_field(one, fmt) for one in columns], "missingValues": [""]}
    if sheet.key:
        schema["primaryKey"] = list(sheet.key)
    return descriptor | {"schema": schema}


def _describe_field(one: ExportColumn, fmt: FileFormat) -> dict[str, object]:
    """Return a column as a field of a Data Package's schema, with our own properties (``unit``, ``place`` …)."""
    kind = one.kind.package_type
    descriptor: dict[str, object] = {
        "name": one.name if fmt is not FileFormat.DTA else stata_name(one.name),
        "type": "string" if kind == "array" and fmt not in _WITH_LISTS else kind,
        "title": one.zh,
        "description": one.en,
    }
    if one.words and not _is_described_once(one):
        descriptor["categories"] = [{"value": w.word, "label": f"{w.zh} / {w.en}"} for w in one.words]
    more = {"unit": one.unit, "unitIn": one.unit_in, "place": one.place, "stateIn": one.state}
    descriptor |= {key: value for key, value in more.items() if value}
    if one.forms:
        descriptor["forms"] = list(one.forms)
    return descriptor


def package(name: str, resources: Iterable[Mapping[str, object]], about: About, **more: object) -> dict[str, object]:
    """Return the content of ``datapackage.json``, which describes files; ``resources``: the entry of each file."""
    descriptor: dict[str, object] = {
        "$schema": PROFILE,
        "name": name,
        "title": "政府信息公开工作年度报告",
        "description": about.question,
        "created": instant_text(about.as_of),
        "rights": RIGHTS,
        "sources": [{"title": title, "path": address} for title, address in about.sources],
        "nianbao": {
            "as_of": instant_text(about.as_of),
            "software": about.software,
            "reader": about.reader,
            "forms": dict(about.forms),
            "states": {one.word: f"{one.zh} / {one.en}" for one in words("state")},
            "simulated": about.simulated,
        },
        **more,
    }
    if about.licence:
        descriptor["licenses"] = [{"name": about.licence}]
    return descriptor | {"resources": [*resources]}


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write an object as indented JSON."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


# ---------------------------------------------------------------------------------------------- names in Stata

MAX_STATA_NAME = 32  #: characters of a name
_KEPT, _MARKED = 26, 5  # a longer name keeps 26 characters and gets 5 hex digits of its digest
# reserved names: [U] 11.3 of the Stata manual
_RESERVED = frozenset({
    "strL", "byte", "in", "_pred", "double", "float", "_coef", "_cons", "e", "with", "_all", "_b", "_r", "if", "str",
    "_rc", "using", "_skip", "_n", "_N", "_pi", "long", "_se", "int",
})  # fmt: skip
_STR = re.compile(r"str\d+")


def stata_name(name: str) -> str:
    """Return the name of a column in Stata files. It depends only on ``name``; different names stay different."""
    short = data_file("stata_names.toml", _FOLDER)
    words = [short.get(word, word) for word in name.split(".")] if "." in name else [name]
    plain = re.sub(r"[^A-Za-z0-9_]", "_", "_".join(words))
    if plain[:1].isdigit() or plain in _RESERVED or _STR.fullmatch(plain):
        plain = f"v_{plain}"
    if len(plain) <= MAX_STATA_NAME:
        return plain
    return f"{plain[:_KEPT]}_{hashlib.sha256(name.encode()).hexdigest()[:_MARKED]}"
