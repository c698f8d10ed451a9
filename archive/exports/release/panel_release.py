"""Define the release of the panel: its tables in all formats, a codebook, metadata for catalogues, and programs that
reproduce the three tables of its README.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template

from archive.assessment import scores
from archive.exports.formats.columns import Sheet
from archive.exports.formats.describing import RIGHTS, ExportedFile
from archive.exports.plain_values import instant_text, json_text
from archive.exports.release.codebook import write_codebook
from archive.exports.release.making import ReleaseContents, ReleaseFiles
from archive.exports.release.panel_tables import TITLES, PanelTables, TextTable, as_csv, as_markdown, programs
from archive.exports.release.texts import day_of
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
    filled, folder = {name: json_text(value) for name, value in values.items()}, files("archive.exports.release")
    texts = {}
    for name in ("dataset.jsonld", "datacite.json"):
        template = Template(folder.joinpath(f"{name}.template").read_text("utf-8"))
        content = _without_none(json.loads(template.substitute(filled)))
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
