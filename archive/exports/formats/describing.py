"""What stands beside the rows: the data dictionary, the notes, and ``datapackage.json`` (Data Package 2.0)."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from archive.exports.formats.columns import MEDIA_TYPES, STATE, About, Column, FileFormat, Sheet, missing_letters, words
from archive.exports.json_values import instant_text
from archive.queries.frames import ColumnKind

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TYPES = {
    ColumnKind.TEXT: "string",
    ColumnKind.CODE: "string",
    ColumnKind.CHOSEN: "string",
    ColumnKind.INTEGER: "integer",
    ColumnKind.NUMBER: "number",
    ColumnKind.DATE: "date",
    ColumnKind.INSTANT: "datetime",
    ColumnKind.FLAG: "boolean",
}
#: the columns of the dictionary, with what stands above them for people
DICTIONARY = {
    "table": "表 / table", "column": "列 / column", "type": "类型 / type", "zh": "中文", "en": "English",
    "unit": "单位 / unit", "unit_in": "单位所在列 / unit_in", "forms": "表式 / forms", "place": "单元格 / place",
    "state_in": "状态所在列 / state_in", "words": "取值 / words", "stata_name": "Stata 变量名 / stata_name",
    "stata_missing": "Stata 缺失值 / stata_missing",
}  # fmt: skip
#: why the reports themselves are free to use; whoever publishes a compilation says under which licence it is
RIGHTS = (
    "年报是行政机关的文件，依著作权法第五条第（一）项不受著作权保护；汇编的许可由公布者给出。 / "
    "The reports are documents of administrative organs (著作权法 art. 5 (1): no copyright in them). The licence of "
    "this compilation is for whoever publishes it to give."
)
_SIMULATED = "各门户均为本机模拟，并非任何机关所公布 / the portals are imitations; no agency published this"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """A file that was written: ``path`` as the descriptor names it, ``size`` in bytes, ``digest`` its SHA-256."""

    path: str
    fmt: FileFormat
    sheet: Sheet
    rows: int
    size: int
    digest: str


def dictionary(sheet: Sheet) -> Iterable[Mapping[str, str]]:
    """A row for each column of a table."""
    for one in sheet.columns:
        yield {
            "table": sheet.name,
            "column": one.heading,
            "type": one.kind.value,
            "zh": one.zh,
            "en": one.en,
            "unit": one.unit,
            "unit_in": one.unit_in,
            "forms": " ".join(one.forms),
            "place": one.place,
            "state_in": one.state,
            "words": ""
            if _is_described_once(one)
            else "; ".join(f"{w.word}={w.zh} {w.en} ({w.number})" for w in one.words),
            "stata_name": stata_name(one.name),
            "stata_missing": _letters() if one.state else "",
        }


def _is_described_once(column: Column) -> bool:
    """Whether its words are those of every indicator's state in a wide table: the package tells them once."""
    return column.name.endswith(STATE)


def _letters() -> str:
    meanings = {one.word: one.zh for one in words("state")}
    return "; ".join(f".{letter}={state} {meanings[state]}" for state, letter in missing_letters().items())


def notes(sheet: Sheet, about: About) -> tuple[tuple[str, str], ...]:
    """What a reader of the file should know, as names and sentences."""
    return (
        ("table", f"{sheet.name}: {sheet.zh} / {sheet.en}"),
        ("asked", about.question),
        ("as of", instant_text(about.as_of)),
        ("software", about.software),
        ("reader version", about.reader),
        *([("simulated", _SIMULATED)] if about.simulated else []),
        ("numbers", "空白不是 0，原因见旁边的状态列 / a blank is not 0: the state column beside says why"),
        ("instants", "北京时间 / Asia/Shanghai"),
        ("codes", "区划代码、编号和摘要均为文本 / division codes, ids and digests are text"),
        (
            "provenance",
            "有出处各列的表，每行注明版本、网址、抓取时间、WARC 记录、文件 SHA-256 和读取程序版本 / "
            "where a table has these columns, each row names edition, address, fetch time, WARC record, "
            "document SHA-256 and reader version",
        ),
        *((f"form {name}", source) for name, source in about.forms),
        *((f"source {title}", address) for title, address in about.sources),
        ("licence", about.licence or "未给出 / not given"),
        ("rights", RIGHTS),
    )


def resource(file: ExportedFile) -> dict[str, object]:
    """A file as a resource of a Data Package. Only CSV is *tabular data* to it; other formats bear the schema too."""
    sheet = file.sheet
    descriptor: dict[str, object] = {
        "name": f"{sheet.name}-{file.fmt.value}" if file.fmt is not FileFormat.CSV else sheet.name,
        "path": file.path,
        "title": f"{sheet.zh} / {sheet.en}",
        "format": file.fmt.value,
        "mediatype": MEDIA_TYPES[file.fmt],
        "bytes": file.size,
        "hash": f"sha256:{file.digest}",
        "rows": file.rows,
    }
    if file.fmt.is_text:
        descriptor["encoding"] = "utf-8"
    if file.fmt is FileFormat.CSV:
        descriptor |= {"type": "table", "dialect": {"delimiter": ",", "lineTerminator": "\n", "header": True}}
    schema: dict[str, object] = {
        "fields": [_field(one, file.fmt) for one in sheet.columns],
        "missingValues": [""],
    }
    if sheet.key:
        schema["primaryKey"] = list(sheet.key)
    return descriptor | {"schema": schema}


def _field(one: Column, fmt: FileFormat) -> dict[str, object]:
    listed = one.kind in {ColumnKind.LIST, ColumnKind.NESTED}
    kind = ("array" if fmt is FileFormat.JSONL else "string") if listed else _TYPES[one.kind]
    descriptor: dict[str, object] = {
        "name": one.name if fmt is not FileFormat.DTA else stata_name(one.name),
        "type": kind,
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


def package(name: str, files: Iterable[ExportedFile], about: About, **more: object) -> dict[str, object]:
    """The descriptor of files: what ``datapackage.json`` holds."""
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
    return descriptor | {"resources": [resource(one) for one in files]}


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write an object as JSON that people can read."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


# ---------------------------------------------------------------------------------------------- names in Stata

MAX_STATA_NAME = 32  #: characters of a name
_KEPT, _MARKED = 26, 5  # characters of a name too long that stay, and hex digits of its digest
# [U] 11.3 of the Stata manual, with what a format would be taken for
_RESERVED = frozenset({
    "strL", "byte", "in", "_pred", "double", "float", "_coef", "_cons", "e", "with", "_all", "_b", "_r", "if", "str",
    "_rc", "using", "_skip", "_n", "_N", "_pi", "long", "_se", "int",
})  # fmt: skip
_STR = re.compile(r"str\d+")


@cache
def _shortened() -> Mapping[str, str]:
    text = files("archive.exports.formats").joinpath("stata_names.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def stata_name(name: str) -> str:
    """The name of a column in Stata files. It depends on ``name`` alone, and two names that differ differ in it."""
    words = [_shortened().get(word, word) for word in name.split(".")] if "." in name else [name]
    plain = re.sub(r"[^A-Za-z0-9_]", "_", "_".join(words))
    if plain[:1].isdigit() or plain in _RESERVED or _STR.fullmatch(plain):
        plain = f"v_{plain}"
    if len(plain) <= MAX_STATA_NAME:
        return plain
    return f"{plain[:_KEPT]}_{hashlib.sha256(name.encode()).hexdigest()[:_MARKED]}"
