"""The three tables that the README of a panel shows, counted while its rows are written, and the programs that make
them again from the files of the release (``analysis``).
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files

from archive.exports.formats.columns import Row, Sheet, words
from archive.exports.formats.describing import stata_name
from archive.exports.panel import CLASS
from archive.exports.plain_values import plain

_STATUSES = ("on_time", "late", "undetermined", "missing", "unknown", "elsewhere")
_OUTCOMES = {
    "granted": "joined.applications.result.granted.total",
    "partial": "joined.applications.result.partial.total",
    "denied": "joined.derived.applications.denied_all.total",
    "not_held": "joined.applications.result.unable.not_held.total",
    "results": "joined.applications.result.total.total",
}
TITLES = (
    ("按层级和年度的及时性，含上下限", "Punctuality by level and year, with bounds"),
    (
        "县级政府申请办理结果，2019年改革前后",
        "Outcomes of applications, governments of counties, before and after 2019",
    ),
    ("各类机关公布后变更的报告", "Reports changed after publication, by kind of agency"),
)
_PLACEHOLDER = re.compile(r"@([a-z_.]+)(?::([a-z_]+))?@")
TextTable = Sequence[Sequence[str]]  #: rows of text, the first its header


class PanelTables:
    """Counts the rows of a panel as they pass."""

    def __init__(self) -> None:
        self._punctual: dict[tuple[str, int], Counter[str]] = {}
        self._outcomes: dict[int, Counter[str]] = {}
        self._sums: dict[int, dict[str, Decimal]] = {}
        self._revised: dict[str, Counter[str]] = {}
        self._years: set[int] = set()

    def years(self) -> tuple[int, int] | None:
        """Return the first and the last year of the rows; None where there was none."""
        return (min(self._years), max(self._years)) if self._years else None

    def watch(self, sheet: Sheet) -> Sheet:
        """Return the table with its rows counted as they are walked."""
        return replace(sheet, rows=self._counted(sheet))

    def _counted(self, sheet: Sheet) -> Iterator[Row]:
        for row in sheet.rows:
            self._count(row)
            yield row

    def _count(self, row: Row) -> None:
        year, level, kind = row["year"], row["level"], str(row["kind"])
        assert isinstance(year, int)
        self._years.add(year)
        if row["due"] is not None and level is not None and row["status"] not in {"not_expected", "not_yet_due"}:
            self._punctual.setdefault((str(level), year), Counter()).update(["due", str(row["status"])])
        if not row["editions_held"]:
            return
        if kind == "government" and level == "county":
            self._count_outcomes(row, year)
        counts = self._revised.setdefault(kind, Counter())
        counts["held"] += 1
        if row["revisions"] is not None:
            cells = row["revised_cells"]
            assert isinstance(cells, list)
            is_silent = bool(row["revisions_silent"])
            counts.update({"met_again": 1, "revised": bool(row["revisions"]), "silent": is_silent, "cells": len(cells)})

    def _count_outcomes(self, row: Row, year: int) -> None:
        counts, sums = self._outcomes.setdefault(year, Counter()), self._sums.setdefault(year, {})
        counts["reports"] += 1
        counts["near"] += any(row.get(name + CLASS) == "near" for name in _OUTCOMES.values())
        for word, name in _OUTCOMES.items():
            value = row.get(name)
            if value is not None:
                counts[word] += 1
                sums[word] = sums.get(word, Decimal(0)) + Decimal(str(value))

    def tables(self) -> tuple[TextTable, ...]:
        """Return the three tables as rows of text, the first of each its header."""
        return self._table_of_punctuality(), self._table_of_outcomes(), self._table_of_revisions()

    def _table_of_punctuality(self) -> TextTable:
        rows: list[Sequence[str]] = [
            ("level", "year", "due", *_STATUSES, "late_low", "late_high", "missing_low", "missing_high")
        ]
        for (level, year), counts in sorted(self._punctual.items()):
            untimed = counts["undetermined"] + counts["unknown"] + counts["elsewhere"]
            parts = (counts["late"], counts["late"] + untimed, counts["missing"], counts["missing"] + counts["unknown"])
            shares = (_share(part, counts["due"]) for part in parts)
            rows.append((level, str(year), str(counts["due"]), *(str(counts[one]) for one in _STATUSES), *shares))
        return rows

    def _table_of_outcomes(self) -> TextTable:
        header = [name for word in _OUTCOMES for name in (word, f"{word}_n")]
        rows: list[Sequence[str]] = [("year", "reports", "near", *header)]
        for year, counts in sorted(self._outcomes.items()):
            sums = self._sums[year]
            numbers = (
                text for word in _OUTCOMES for text in (plain(sums[word]) if word in sums else "", str(counts[word]))
            )
            rows.append((str(year), str(counts["reports"]), str(counts["near"]), *numbers))
        return rows

    def _table_of_revisions(self) -> TextTable:
        names = ("held", "met_again", "revised", "silent", "cells")
        rows: list[Sequence[str]] = [("kind", *names, "revised_low", "revised_high")]
        for kind, counts in sorted(self._revised.items()):
            unknown = counts["held"] - counts["met_again"]
            shares = (_share(counts["revised"] + more, counts["held"]) for more in (0, unknown))
            rows.append((kind, *(str(counts[name]) for name in names), *shares))
        return rows


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.4f}"


def as_csv(rows: TextTable) -> str:
    """Return a table as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def as_markdown(rows: TextTable) -> str:
    """Return a table as Markdown."""
    header, *others = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join((header, "|---" * len(rows[0]) + "|", *others))


def programs() -> Mapping[str, str]:
    """Return the programs that make the tables again, by file name; Stata's names and numbers are filled in."""
    folder = files("archive.exports.release").joinpath("analysis")
    texts = {f"tables.{end}": folder.joinpath(f"tables.{end}.template").read_text("utf-8") for end in ("py", "R", "do")}
    return {**texts, "tables.do": _PLACEHOLDER.sub(_in_stata, texts["tables.do"])}


def _in_stata(match: re.Match[str]) -> str:
    """What stands in Stata for the name of a column, or for a word of a list."""
    name, word = match.groups()
    return stata_name(name) if word is None else str(next(one.number for one in words(name) if one.word == word))
