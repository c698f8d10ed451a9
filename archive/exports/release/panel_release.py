"""Define the release of the panel: its tables, a codebook, metadata for catalogues, three tables for its README that
are counted while the panel is written, and the programs that reproduce them (``analysis``). In which formats, the
command says (``nianbao/cli/commands/export.py``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from archive.assessment import scores
from archive.assessment.measures import measures
from archive.exports.formats.columns import Batch, Sheet, rows_of
from archive.exports.formats.describing import RIGHTS
from archive.exports.panel_figures import HOW_JOINED
from archive.exports.release.making import Release
from archive.exports.release.texts import filled, write_codebook
from archive.exports.writing import passed_through, write_csv
from archive.identity.divisions import DIVISION_CODES


class PanelRelease(Release):
    """The panel of agencies and of places, with the changes of reports, the registry, the definitions of indicators,
    the known gaps, and all division codes with their changes (``forms/division_codes.csv``).
    """

    subcommand, template = "panel", "PANEL"
    tables = ("panel", "panel_places", "revisions", "agencies", "indicators", "gaps")

    _counts: PanelTables | None = None

    def watch(self, sheet: Sheet) -> Sheet:
        """Return the table; when the panel is first written, with rows that are counted."""
        if sheet.name == "panel" and self._counts is None:
            self._counts = PanelTables()
            sheet = self._counts.watch(sheet)
        return sheet

    def write_more(self) -> Mapping[str, object]:
        """Write codebook, metadata, licence, the three tables of the README, and the programs that reproduce them.
        Return what the README shows: these tables, and the version of the scores.
        """
        folder, about, counts = self.folder, self.about, self._counts or PanelTables()
        tables = counts.tables()
        write_codebook(self.sheets, about, folder)
        for name in ("tables", "analysis"):
            (folder / name).mkdir()
        for at, table in enumerate(tables, start=1):
            write_csv(folder / f"tables/table_{at}.csv", table[0], table[1:])
        definitions = Path(scores.__file__).with_name("scores.toml")
        indicators = measures().values()
        texts = {
            **{f"analysis/{name}": filled(f"analysis/{name}.template") for name in _PROGRAMS},
            **{f"forms/{one.name}": one.read_text(encoding="utf-8") for one in (definitions, DIVISION_CODES)},
            "LICENCE.txt": f"{about.licence or 'none given / 未指定'}\n\n{RIGHTS}\n",
            **{
                name: filled(f"{name}.template", release=self, years=sorted(counts.years), indicators=indicators)
                for name in _METADATA
            },
        }
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        return {"tables": tables, "scores": scores.version()}


# ---------------------------------------------------------------------------------------------- tables of the README


_STATUSES = ("on_time", "late", "undetermined", "missing", "unknown", "elsewhere")
_OUTCOMES = {
    "granted": "joined.applications.result.granted.total",
    "partial": "joined.applications.result.partial.total",
    "denied": "joined.derived.applications.denied_all.total",
    "not_held": "joined.applications.result.unable.not_held.total",
    "results": "joined.applications.result.total.total",
}
_COUNTED_COLUMNS = (
    *("year", "level", "kind", "due", "status", "editions_held", "revisions", "revisions_silent", "revised_cells"),
    *(name + end for name in _OUTCOMES.values() for end in ("", HOW_JOINED)),
)
_METADATA = ("dataset.jsonld", "datacite.json")  # of schema.org, and of DataCite 4.5
_PROGRAMS = ("tables.ipynb", "tables.py", "tables.R", "tables.do")
_REVISED = ("held", "fetched_again", "revised", "silent", "cells")
TextTable = Sequence[Sequence[str]]  #: rows of text, the first its header


class PanelTables:
    """Counts the rows of a panel while they are written."""

    def __init__(self) -> None:
        self._punctual: dict[tuple[str, int], Counter[str]] = {}
        self._outcomes: dict[int, Counter[str]] = {}
        self._revised: dict[str, Counter[str]] = {}
        self.years: set[int] = set()

    def watch(self, sheet: Sheet) -> Sheet:
        """Return the table with rows that are counted for the README while they are written."""

        def count_rows(batches: Iterable[Batch]) -> Iterator[Batch]:
            for batch in batches:
                for row in rows_of(batch, _COUNTED_COLUMNS):
                    self._count(row)
                yield batch

        return passed_through(sheet, count_rows)

    def _count(self, row: Any) -> None:
        """Add a row of the panel to the tables: punctuality, outcomes (of county governments), revisions (if held)."""
        year, level, kind = row["year"], row["level"], row["kind"]
        self.years.add(year)
        if row["due"] is not None and level is not None and row["status"] not in {"not_expected", "not_yet_due"}:
            self._punctual.setdefault((level, year), Counter()).update(["due", row["status"]])
        if not row["editions_held"]:
            return
        if kind == "government" and level == "county":
            self._count_outcomes(row, year)
        counts = self._revised.setdefault(kind, Counter())
        counts["held"] += 1
        if row["revisions"] is not None:
            counts["fetched_again"] += 1
            counts["revised"] += bool(row["revisions"])
            counts["silent"] += bool(row["revisions_silent"])
            counts["cells"] += len(row["revised_cells"])

    def _count_outcomes(self, row: Any, year: int) -> None:
        """Add the outcomes of a county government's applications: their sums, the number of reports that have both an
        outcome and the total of results, and the sum of these totals. ``near``: how many reports have a figure joined
        from a form that counts only nearly the same.
        """
        counts = self._outcomes.setdefault(year, Counter())
        counts["reports"] += 1
        counts["near"] += any(row[name + HOW_JOINED] == "near" for name in _OUTCOMES.values())
        total = row[_OUTCOMES["results"]]
        if total is None:  # a share needs the same reports above and below
            return
        for word, name in _OUTCOMES.items():
            if row[name] is not None:
                counts[word] += 1
                counts[f"{word}_sum"] += row[name]
                counts[f"{word}_of"] += total

    def tables(self) -> tuple[TextTable, ...]:
        """Return the three tables as rows of text, the header first. Rates have two bounds: reports of which the answer
        is not known count for none or for all.
        """
        shares = ("late_low", "late_high", "missing_low", "missing_high")
        punctual = [["level", "year", "due", *_STATUSES, *shares]]
        for (level, year), counts in sorted(self._punctual.items()):
            late, missing, unknown = counts["late"], counts["missing"], counts["unknown"]
            most_late = late + unknown + counts["undetermined"] + counts["elsewhere"]
            parts = [f"{part / counts['due']:.4f}" for part in (late, most_late, missing, missing + unknown)]
            punctual.append([level, str(year), *(str(counts[one]) for one in ("due", *_STATUSES)), *parts])
        names = [name for word in _OUTCOMES for name in (word, f"{word}_n", f"{word}_of")]
        outcomes = [["year", "reports", "near", *names[:-1]]]  # a total of totals is no column
        for year, counts in sorted(self._outcomes.items()):
            numbers = list[str]()
            for word in _OUTCOMES:
                own, of_total = (f"{Decimal(counts[word + end]):f}" if counts[word] else "" for end in ("_sum", "_of"))
                numbers += [own, str(counts[word]), of_total]
            outcomes.append([str(year), str(counts["reports"]), str(counts["near"]), *numbers[:-1]])
        revised = [["kind", *_REVISED, "revised_low", "revised_high"]]
        for kind, counts in sorted(self._revised.items()):
            most = counts["revised"] + counts["held"] - counts["fetched_again"]
            parts = [f"{part / counts['held']:.4f}" for part in (counts["revised"], most)]
            revised.append([kind, *(str(counts[name]) for name in _REVISED), *parts])
        return punctual, outcomes, revised
