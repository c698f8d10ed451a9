"""Tables of the projections, made from the records they hold; the columns of ``cells`` are the caller's indicators.

Scalars of a record are columns of the same name, anything else is compact JSON text. An indicator's column is its id
with "__" for "." (SQLite and PostgreSQL would both want quotes otherwise).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, MetaData, Table

from storage.exact import Exact
from storage.judgements import Contradiction, Fingerprint, LookJudgement, Repeat, StoredDocument, StoredFinding
from storage.records import Binding, Duty, Edition, Finding, Lead, StatusInterval
from storage.search_tables import SearchTables, search_tables
from storage.shapes import shape
from storage.tables import Clean, Hex, Instant, Number, Utc

__all__ = ["SCHEMA", "ProjectionTables", "column_of", "projection_tables", "shape"]

SCHEMA = "9"  # version of these tables: another one means rebuild


@cache
def column_of(indicator: str) -> str:
    """The column of an indicator."""
    return indicator.replace(".", "__")


@dataclass(frozen=True)
class ProjectionTables:
    """The tables of one generation of projections."""

    metadata: MetaData
    indicators: tuple[str, ...]
    digits: Mapping[str, int]
    documents: Table
    readings: Table
    cells: Table
    cell_notes: Table
    leads: Table
    look_judgements: Table
    bindings: Table
    editions: Table
    edition_captures: Table
    duties: Table
    statuses: Table
    standing: Table
    tallies: Table
    findings: Table
    contradictions: Table
    fingerprints: Table
    repeats: Table
    meta: Table
    search: SearchTables

    @property
    def of_portal(self) -> Mapping[str, Table]:
        """The tables replaced portal by portal."""
        names = (
            "leads",
            "look_judgements",
            "bindings",
            "editions",
            "edition_captures",
            "duties",
            "statuses",
            "standing",
            "tallies",
            "findings",
            "contradictions",
            "fingerprints",
            "repeats",
        )
        return {name: getattr(self, name) for name in names}


@cache
def projection_tables(indicators: tuple[tuple[str, int], ...]) -> ProjectionTables:
    """Tables for these indicators, each with the number of decimals its values may have (0: a count)."""
    metadata = MetaData()

    def of_portal(name: str, kind: type[Any], *indices: Sequence[str], without: str = "") -> Table:
        made = Table(
            name,
            metadata,
            Column("no", Number, primary_key=True),
            Column("portal", Clean, nullable=False),
            *_columns(kind, {"portal", without}),
        )
        for names in (("portal",), *indices):
            Index(f"ix_{name}_{'_'.join(names)}", *[made.c[column] for column in names])
        return made

    findings = of_portal("findings", StoredFinding, ("subject",), ("agency", "year"), without="finding")
    for column in _columns(Finding, set()):
        findings.append_column(column)
    # asked for together with a status, many thousands at once: so they stand beside it
    statuses = of_portal("statuses", StatusInterval, ("agency", "year", "since"), ("portal", "year", "status"))
    for column in _columns(Duty, {"agency", "year", "basis"}):
        column.nullable = True
        statuses.append_column(column)
    statuses.append_column(Column("rests", Clean))
    return ProjectionTables(
        metadata=metadata,
        indicators=tuple(name for name, _ in indicators),
        digits=dict(indicators),
        documents=Table("documents", metadata, *_columns(StoredDocument, set(), key="digest")),
        readings=Table(
            "readings",
            metadata,
            Column("no", Number, primary_key=True),  # that of no other reading, ever: others name it
            Column("document", Hex(32), nullable=False, unique=True),
            *[Column(name, Clean, nullable=False) for name in ("reader", "normaliser", "kind", "reason", "title")],
            Column("is_report", Boolean, nullable=False),
            Column("form", Clean),
            Column("content_digest", Clean, nullable=False),
            Column("unreadable", Clean, nullable=False),
            Column("body", LargeBinary, nullable=False),
            sqlite_autoincrement=True,
        ),
        cells=Table(
            "cells",
            metadata,
            # that of its reading: a digest and its index would be a fifth of the row
            Column("no", Number, primary_key=True, autoincrement=False),
            *[Column(column_of(name), Exact(digits)) for name, digits in indicators],
            Column("form", Clean),
            Column("states", LargeBinary, nullable=False),
            Column("doubts", LargeBinary, nullable=False),
        ),
        cell_notes=Table(
            "cell_notes",
            metadata,
            Column("no", Number, primary_key=True, autoincrement=False),
            Column("notes", LargeBinary, nullable=False),
        ),
        leads=of_portal("leads", Lead, ("url",), ("agency", "year")),
        look_judgements=of_portal("look_judgements", LookJudgement, ("look",)),
        bindings=of_portal("bindings", Binding, ("document",), ("agency", "year")),
        editions=of_portal("editions", Edition, ("id",), ("agency", "year")),
        edition_captures=Table(
            "edition_captures",
            metadata,
            Column("no", Number, primary_key=True),
            Column("portal", Clean, nullable=False, index=True),
            Column("edition", Clean, nullable=False, index=True),
            Column("capture", Hex(16), nullable=False, index=True),
        ),
        duties=of_portal("duties", Duty, ("agency", "year")),
        statuses=statuses,
        standing=Table(
            "standing",
            metadata,
            Column("no", Number, primary_key=True),
            *[Column(name, Clean, nullable=False) for name in ("portal", "agency", "kind", "counts")],
            Column("year", Integer, nullable=False),
            Column("since", Instant, nullable=False),
            Column("until", Instant),
            Column("status", Clean, nullable=False),
            Column("edition", Clean),
            Column("editions", Integer, nullable=False),
            Column("tabled", Boolean, nullable=False),
            Column("reading", Number),
            Column("documents", LargeBinary, nullable=False),
            Column("marks", Clean, nullable=False),
            Index("ix_standing_portal", "portal"),
            Index("ix_standing_kind_year", "kind", "year"),
        ),
        tallies=Table(
            "tallies",
            metadata,
            Column("no", Number, primary_key=True),
            Column("portal", Clean, nullable=False),
            Column("year", Integer, nullable=False),
            Column("since", Utc, nullable=False),
            Column("counts", Clean, nullable=False),
            Index("ix_tallies_portal_year", "portal", "year"),
        ),
        findings=findings,
        contradictions=of_portal("contradictions", Contradiction, ("year", "code"), ("agency", "year")),
        fingerprints=of_portal(
            "fingerprints", Fingerprint, *[(name, "year") for name in ("content", "figures", "text1", "text2", "text3")]
        ),
        repeats=of_portal("repeats", Repeat, ("mark", "agency")),
        meta=Table("meta", metadata, Column("key", Clean, primary_key=True), Column("value", Clean, nullable=False)),
        search=search_tables(metadata),
    )


def _columns(kind: type[Any], without: set[str], key: str = "") -> list[Column[Any]]:
    described = shape(kind)
    return [
        Column(
            name,
            Integer() if name in {"year", "rule"} else of,
            primary_key=name == key,
            nullable=name in described.nullable,
        )
        for name, of in described.columns.items()
        if name not in without
    ]
