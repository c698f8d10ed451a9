"""The release of the panel: one table in four formats, with codebook and metadata of catalogues, and with programs that
make the three tables of its README again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from archive.assessment import scores
from archive.exports.formats.columns import Sheet
from archive.exports.formats.describing import RIGHTS, write_json
from archive.exports.release.codebook import write_codebook
from archive.exports.release.making import Contents, ReleaseFiles
from archive.exports.release.metadata import ReleaseDescription, datacite, json_ld
from archive.exports.release.panel_tables import TITLES, PanelTables, TextTable, as_csv, as_markdown, programs
from archive.exports.tables import Table
from archive.exports.writing import watched


class PanelContents(Contents):
    """The panel of agencies and of places, with the registry, the definitions of indicators and the known gaps."""

    command = "panel"
    template = "PANEL"
    tables = (
        (Table.PANEL, False),
        (Table.PANEL_PLACES, False),
        (Table.AGENCIES, False),
        (Table.INDICATORS, False),
        (Table.GAPS, False),
    )

    def __init__(self) -> None:
        self._tables: PanelTables | None = None

    def watch(self, sheet: Sheet) -> Sheet:
        """Count the rows of the panel the first time that they are written."""
        if sheet.name == Table.PANEL and self._tables is None:
            self._tables = PanelTables()
            return watched(self._tables.watch(sheet))
        return watched(sheet)

    def write_more(self, release: ReleaseFiles) -> Mapping[str, Mapping[str, str]]:
        """Write codebook, metadata, licence, the three tables and the programs that make them."""
        folder, counted = release.folder, self._tables or PanelTables()
        write_codebook(release.sheets, release.about, folder)
        (folder / "LICENCE.txt").write_text(_licence(release.about.licence), encoding="utf-8")
        definitions = Path(scores.__file__).with_name("scores.toml")
        (folder / "forms" / definitions.name).write_bytes(definitions.read_bytes())
        tables = counted.tables()
        _write_texts(folder / "tables", {f"table_{at}.csv": as_csv(one) for at, one in enumerate(tables, start=1)})
        _write_texts(folder / "analysis", programs())
        described = ReleaseDescription(
            name=release.name,
            about=release.about,
            publisher=release.publisher,
            years=counted.years(),
            part=release.part["en"],
        )
        write_json(folder / "dataset.jsonld", json_ld(described, release.files))
        write_json(folder / "datacite.json", datacite(described, release.files))
        return {
            lang: {"tables": _shown(tables, at), "scores": scores.version()} for at, lang in enumerate(("zh", "en"))
        }


def _shown(tables: Sequence[TextTable], lang: int) -> str:
    """The three tables as Markdown, each with its title in Chinese (0) or English (1)."""
    numbered = enumerate(zip(TITLES, tables, strict=True), start=1)
    return "\n\n".join(
        f"**{at}. {titles[lang]}** (`tables/table_{at}.csv`)\n\n{as_markdown(table)}"
        for at, (titles, table) in numbered
    )


def _licence(licence: str) -> str:
    given = licence or "none given / 未指定"
    return f"Licence of this compilation / 汇编的许可: {given}\n\n{RIGHTS}\n"


def _write_texts(folder: Path, texts: Mapping[str, str]) -> None:
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
