"""Define the release of the panel: its tables in all formats, a codebook, metadata for catalogues, three tables for its
README that are counted while the panel is written, and the programs that reproduce them (``analysis``).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from archive.assessment import scores
from archive.exports.formats.columns import Batch, BatchedRows, Sheet, batches_of, rows_of, words
from archive.exports.formats.describing import RIGHTS, ExportedFile, stata_name
from archive.exports.panel_figures import CLASS
from archive.exports.plain_values import instant_text, json_text
from archive.exports.release.making import ReleaseContents, ReleaseFiles
from archive.exports.release.texts import day_of, template, write_codebook
from archive.exports.tables import ExportedTable
from archive.exports.writing import with_progress


class PanelContents(ReleaseContents):
    """The panel of agencies and of places, with the registry, the definitions of indicators and the known gaps."""

    command, template = "panel", "PANEL"
    tables = tuple(
        (table, False)
        for table in (
            ExportedTable.PANEL,
            ExportedTable.PANEL_PLACES,
            ExportedTable.AGENCIES,
            ExportedTable.INDICATORS,
            ExportedTable.GAPS,
        )
    )

    def __init__(self) -> None:
        self._tables: PanelTables | None = None

    def watch(self, sheet: Sheet) -> Sheet:
        """Return the table with progress shown; when the panel is first written, its rows are also counted."""
        if sheet.name == ExportedTable.PANEL and self._tables is None:
            self._tables = PanelTables()
            return with_progress(self._tables.watch(sheet))
        return with_progress(sheet)

    def write_more(self, release: ReleaseFiles) -> Mapping[str, Mapping[str, str]]:
        """Write codebook, metadata, licence, the three tables of the README, and the programs that reproduce them."""
        folder, counted = release.folder, self._tables or PanelTables()
        write_codebook(release.sheets, release.about, folder)
        definitions = Path(scores.__file__).with_name("scores.toml")
        tables = counted.tables()
        _write_texts(folder / "tables", {f"table_{at}.csv": as_csv(one) for at, one in enumerate(tables, start=1)})
        _write_texts(folder / "analysis", programs())
        _write_texts(folder / "forms", {definitions.name: definitions.read_text(encoding="utf-8")})
        licence = f"{release.about.licence or 'none given / 未指定'}\n\n{RIGHTS}\n"
        _write_texts(folder, {"LICENCE.txt": licence, **_metadata(release, counted.years)})
        look = day_of(release.last_look) if release.last_look else "–"
        return {
            lang: {"tables": _tables_as_markdown(tables, at), "scores": scores.version(), "last_look": look}
            for at, lang in enumerate(("zh", "en"))
        }


def _tables_as_markdown(tables: Sequence[TextTable], lang: int) -> str:
    """Return the three tables as Markdown, with titles in Chinese (0) or English (1)."""
    parts = []
    for at, (titles, table) in enumerate(zip(TITLES, tables, strict=True), start=1):
        parts.append(f"**{at}. {titles[lang]}** (`tables/table_{at}.csv`)\n\n{as_markdown(table)}")
    return "\n\n".join(parts)


def _metadata(release: ReleaseFiles, years: Sequence[int]) -> Mapping[str, str]:
    """Return the files for catalogues, by name: schema.org ``Dataset`` as JSON-LD, and DataCite metadata (4.5)."""
    about, day = release.about, day_of(release.about.as_of)
    marks = ("（模拟数据）", "SIMULATED: ") if about.simulated else ("", "")
    values = {
        "title_zh": f"{marks[0]}nianbao 政府信息公开工作年度报告平衡面板",
        "title_en": f"{marks[1]}nianbao: balanced panel of China's annual open-government reports",
        "abstract": "One row per agency and year: status with evidence, days late as bounds, revisions, findings, "
        "measures, and every indicator of the forms of 2014, 2019 and 2021 with value, state and doubt. A blank is "
        f"not 0. As of {instant_text(about.as_of)}; {release.part['en'] or 'everything'}.",
        "name": release.name,
        "day": day,
        "publication_year": day[:4],
        "years": f"{min(years)}/{max(years)}" if years else None,
        "author": release.publisher or "operator of the nianbao archive",
        "licence": about.licence or None,
        "rights": RIGHTS,
        "size": f"{sum(one.size for one in release.files)} bytes",
        "files": [_download(one) for one in release.files],
    }
    filled = {name: json_text(value) for name, value in values.items()}
    texts = {}
    for name in ("dataset.jsonld", "datacite.json"):
        content = _without_none(json.loads(template(f"{name}.template").substitute(filled)))
        texts[name] = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    return texts


def _download(file: ExportedFile) -> dict[str, str]:
    kind = file.fmt.media_type
    return {"@type": "DataDownload", "contentUrl": file.path, "encodingFormat": kind, "sha256": file.digest}


def _without_none(value: object) -> object:
    """Return the value without entries that are None, such as the licence if none is given."""
    if isinstance(value, dict):
        return {name: _without_none(one) for name, one in value.items() if one is not None}
    return [one for one in map(_without_none, value) if one != {}] if isinstance(value, list) else value


def _write_texts(folder: Path, texts: Mapping[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


# ---------------------------------------------------------------------------------------------- tables of the README


_STATUSES = ("on_time", "late", "undetermined", "missing", "unknown", "elsewhere")
_OUTCOMES = {
    "granted": "joined.applications.result.granted.total",
    "partial": "joined.applications.result.partial.total",
    "denied": "joined.derived.applications.denied_all.total",
    "not_held": "joined.applications.result.unable.not_held.total",
    "results": "joined.applications.result.total.total",
}
_COUNTED = (
    *("year", "level", "kind", "due", "status", "editions_held", "revisions", "revisions_silent", "revised_cells"),
    *(name + end for name in _OUTCOMES.values() for end in ("", CLASS)),
)
_REVISED = ("held", "fetched_again", "revised", "silent", "cells")
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
    """Counts the rows of a panel while they are written."""

    def __init__(self) -> None:
        self._punctual: dict[tuple[str, int], Counter[str]] = {}
        self._outcomes: dict[int, Counter[str]] = {}
        self._sums: dict[int, dict[str, Decimal]] = {}
        self._revised: dict[str, Counter[str]] = {}
        self.years: list[int] = []

    def watch(self, sheet: Sheet) -> Sheet:
        """Return the table with rows that are counted during iteration."""

        def counted() -> Iterator[Batch]:
            for batch in batches_of(sheet.rows, [one.name for one in sheet.columns], 1):
                for row in rows_of(batch, _COUNTED):
                    self._count(row)
                yield batch

        return replace(sheet, rows=BatchedRows(counted()))

    def _count(self, row: Any) -> None:
        year, level, kind = row["year"], row["level"], row["kind"]
        self.years = [min([year, *self.years]), max([year, *self.years])]
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
        counts, sums = self._outcomes.setdefault(year, Counter()), self._sums.setdefault(year, {})
        counts["reports"] += 1
        counts["near"] += any(row[name + CLASS] == "near" for name in _OUTCOMES.values())
        for word, name in _OUTCOMES.items():
            if row[name] is not None:
                counts[word] += 1
                sums[word] = sums.get(word, Decimal(0)) + row[name]

    def tables(self) -> tuple[TextTable, ...]:
        """Return the three tables as rows of text; the first row is the header."""
        shares = ("late_low", "late_high", "missing_low", "missing_high")
        punctual = [["level", "year", "due", *_STATUSES, *shares]]
        for (level, year), counts in sorted(self._punctual.items()):
            late, missing, unknown = counts["late"], counts["missing"], counts["unknown"]
            most_late = late + unknown + counts["undetermined"] + counts["elsewhere"]
            parts = [f"{part / counts['due']:.4f}" for part in (late, most_late, missing, missing + unknown)]
            punctual.append([level, str(year), *(str(counts[one]) for one in ("due", *_STATUSES)), *parts])
        outcomes = [["year", "reports", "near", *(name for word in _OUTCOMES for name in (word, f"{word}_n"))]]
        for year, counts in sorted(self._outcomes.items()):
            sums = {word: f"{value:f}" for word, value in self._sums[year].items()}
            numbers = [text for word in _OUTCOMES for text in (sums.get(word, ""), str(counts[word]))]
            outcomes.append([str(year), str(counts["reports"]), str(counts["near"]), *numbers])
        revised = [["kind", *_REVISED, "revised_low", "revised_high"]]
        for kind, counts in sorted(self._revised.items()):
            most = counts["revised"] + counts["held"] - counts["fetched_again"]
            parts = [f"{part / counts['held']:.4f}" for part in (counts["revised"], most)]
            revised.append([kind, *(str(counts[name]) for name in _REVISED), *parts])
        return punctual, outcomes, revised


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
    """Return the programs that reproduce the tables, by file name, with Stata's names and codes filled in."""
    folder = files("archive.exports.release").joinpath("analysis")
    texts = {one.name.removesuffix(".template"): one.read_text("utf-8") for one in folder.iterdir()}
    return {**texts, "tables.do": _PLACEHOLDER.sub(_in_stata, texts["tables.do"])}


def _in_stata(match: re.Match[str]) -> str:
    """Return the Stata name of a column, or the code of a word, for a placeholder ``@column@`` or ``@list:word@``."""
    name, word = match.groups()
    return stata_name(name) if word is None else str(next(one.number for one in words(name) if one.word == word))
