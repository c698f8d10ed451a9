"""Rank the sources that attest a body by how far each is trusted (``sources.toml``)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from archive.assessment.calendar import local_day
from archive.assessment.data_files import data_file
from storage.records import Agency

_PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of source. ``rank``: 1 is trusted most; ``attests``: whether it says that the body exists."""

    key: str
    rank: int
    patterns: tuple[re.Pattern[str], ...]
    attests: bool
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """A source of a body: its kind and rank, what it says itself, since when the archive knows it (None: of reports).

    ``years``: the reporting years of the reports that are held, where they are the source.
    """

    kind: str
    rank: int
    attests: bool
    zh: str
    en: str
    said: str = ""
    since: date | None = None
    years: tuple[int, ...] = ()


@cache
def source_kinds() -> tuple[SourceKind, ...]:
    """The kinds in the order in which a source is held against them."""
    rows = data_file("sources.toml")["source"]
    return tuple(SourceKind(**{**row, "patterns": tuple(map(re.compile, row["patterns"]))}) for row in rows)


def kind_of(source: str) -> SourceKind:
    """The kind of a source as a row says it."""
    return next(kind for kind in source_kinds() if any(pattern.search(source) for pattern in kind.patterns))


def attestations(rows: Iterable[Agency], published: Collection[int] = ()) -> tuple[Attestation, ...]:
    """Every source that a body's rows ever named, and its reports held (``published``: their years); best first.

    A row that is marked as guessed attests nothing, whatever its source says.
    """
    by_key = {kind.key: kind for kind in source_kinds()}
    by_source: dict[tuple[str, str], Attestation] = {}

    def add(kind: SourceKind, text: str, since: date | None, years: Iterable[int] = ()) -> None:
        source = Attestation(
            kind=kind.key, rank=kind.rank, attests=kind.attests, zh=kind.zh, en=kind.en, said=text, since=since,
            years=tuple(sorted(set(years))),
        )  # fmt: skip
        by_source.setdefault((kind.key, text), source)

    for row in sorted(rows, key=lambda one: one.recorded_at):
        add(by_key["guessed"] if row.guessed else kind_of(row.source), row.source, local_day(row.recorded_at))
    if published:
        add(by_key[_PUBLISHED], "", None, published)
    return tuple(sorted(by_source.values(), key=lambda one: (one.rank, one.since or date.min, one.said)))
