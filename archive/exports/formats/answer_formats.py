"""The formats of answers, from ``formats.toml``; pages, API routes and exports offer these."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files


class FileFormat(StrEnum):
    """A format in which a table is one file."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    PARQUET = "parquet"
    DTA = "dta"

    @property
    def is_text(self) -> bool:
        """Whether the format is text that can be written to standard output line by line."""
        return self in {FileFormat.CSV, FileFormat.JSONL}

    @property
    def media_type(self) -> str:
        """The media type of the format."""
        return answer_formats()[self].media


class Content(StrEnum):
    """What a file of a format contains. ``answer``: a page of a list, or one record; ``table``: all lines."""

    ANSWER = "answer"
    TABLE = "table"
    PACKAGE = "package"
    METADATA = "metadata"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFormat:
    """One format. ``name``: the suffix of addresses; ``media``: the media type; other fields as in ``formats.toml``."""

    name: str
    content: Content
    media: str
    zh: str
    en: str
    needs: str = ""
    writer: str = ""


@cache
def answer_formats() -> Mapping[str, AnswerFormat]:
    """Return all formats by name, in the order in which pages offer them."""
    text = files("archive.exports.formats").joinpath("formats.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text).items()
    return {name: AnswerFormat(name=name, **{**one, "content": Content(one["content"])}) for name, one in entries}
