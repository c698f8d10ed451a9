"""The formats in which an answer can be had, from ``formats.toml``, of which pages, routes and files are made."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files


class FileFormat(StrEnum):
    """A format of tables, each of which is one file."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    PARQUET = "parquet"
    DTA = "dta"

    @property
    def is_text(self) -> bool:
        """Whether it can go to standard output, a line after the other."""
        return self in {FileFormat.CSV, FileFormat.JSONL}

    @property
    def media_type(self) -> str:
        """Its media type."""
        return answer_formats()[self].media


class Content(StrEnum):
    """What an answer holds in a format. ``answer``: a page of a list, or one record; ``table``: all lines."""

    ANSWER = "answer"
    TABLE = "table"
    PACKAGE = "package"
    METADATA = "metadata"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFormat:
    """One format. ``name``: the suffix of its address; ``media``: its media type; the other fields as in the file."""

    name: str
    content: Content
    media: str
    zh: str
    en: str
    needs: str = ""
    writer: str = ""


@cache
def answer_formats() -> Mapping[str, AnswerFormat]:
    """Return every format by its name, in the order in which pages offer them."""
    text = files("archive.exports.formats").joinpath("formats.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text).items()
    return {name: AnswerFormat(name=name, **{**one, "content": Content(one["content"])}) for name, one in entries}
