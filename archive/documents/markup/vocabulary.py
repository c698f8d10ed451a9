"""markup.toml and harmless.toml, read once and compiled."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

OF_TABLES = 5  # of the table markers, the first, stand in one table each; the others may stand in any text


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the HTML reader knows as data; see markup.toml for the meaning of each field."""

    chapters: tuple[re.Pattern[str], ...]
    table_markers: tuple[re.Pattern[str], ...]
    heading: re.Pattern[str]
    strong: frozenset[str]
    weak: frozenset[str]
    titles: frozenset[str]
    furniture: frozenset[str]
    hidden: frozenset[str]
    notes: frozenset[str]
    lines: re.Pattern[str]
    tails: re.Pattern[str]
    value_tails: re.Pattern[str]
    labels: frozenset[str]
    label_start: re.Pattern[str]
    sources: frozenset[str]
    behind_day: re.Pattern[str]
    downloads: re.Pattern[str]
    ignored_frames: re.Pattern[str]
    ignored_images: re.Pattern[str]
    skipped: frozenset[str]
    blocks: frozenset[str]
    containers: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary of the package."""
    data = tomllib.loads(files("archive.documents.markup").joinpath("markup.toml").read_text("utf-8"))
    labels = sorted(data["labels"]["names"], key=len, reverse=True)
    return Vocabulary(
        chapters=tuple(re.compile(text) for text in data["markers"]["chapters"]),
        table_markers=tuple(re.compile(text) for text in data["markers"]["tables"]),
        heading=re.compile(data["markers"]["heading"]),
        strong=frozenset(data["containers"]["strong"]),
        weak=frozenset(data["containers"]["weak"]),
        titles=frozenset(data["containers"]["titles"]),
        furniture=frozenset(data["furniture"]["names"]),
        hidden=frozenset(data["hidden"]["names"]),
        notes=frozenset(data["notes"]["names"]),
        lines=_any(data["furniture"]["lines"]),
        tails=_any(data["furniture"]["tails"]),
        value_tails=_any(data["furniture"]["value_tails"]),
        labels=frozenset(labels),
        label_start=re.compile("[【\\[]?(" + "|".join(map(re.escape, labels)) + ")[】\\]]?[:：]"),
        sources=frozenset(data["dateline"]["sources"]),
        behind_day=_any(data["dateline"]["behind"]),
        downloads=_any(data["parts"]["downloads"], re.IGNORECASE),
        ignored_frames=_any(data["parts"]["ignored_frames"], re.IGNORECASE),
        ignored_images=_any(data["parts"]["ignored_images"], re.IGNORECASE),
        skipped=frozenset(data["tags"]["skipped"]),
        blocks=frozenset(data["tags"]["blocks"]),
        containers=frozenset(data["tags"]["containers"]),
    )


@dataclass(frozen=True, slots=True)
class Harmless:
    """What a style may say in a cell of figures; see harmless.toml."""

    names: frozenset[str]
    prefixes: tuple[str, ...]
    values: Mapping[str, re.Pattern[str]]
    alone: Mapping[str, re.Pattern[str]]


@cache
def harmless() -> Harmless:
    """harmless.toml, read once and compiled."""
    data = tomllib.loads(files("archive.documents.markup").joinpath("harmless.toml").read_text("utf-8"))
    values, alone = ({name: re.compile(text) for name, text in data[part].items()} for part in ("values", "alone"))
    return Harmless(frozenset(data["names"]), tuple(data["prefixes"]), values, alone)


def _any(patterns: list[str], flags: int = 0) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), flags)
