"""The panel is balanced, never fills in what is unknown, is the same again, and says what moved between two of it."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from html import unescape
from pathlib import Path

import pytest
from small_archive import InProcess, SmallSite, at, new_archive, report_page, title

from archive.assessment.measures import measures
from archive.exports.formats.columns import FileFormat, Row, Sheet, panel_columns
from archive.exports.formats.describing import stata_name
from archive.exports.panel import in_cass_sample, panel_sheet, places_sheet
from archive.exports.release.checking import ChangeReason, check_release, compare_releases
from archive.exports.release.making import make_release
from archive.exports.release.panel_release import PanelRelease
from archive.exports.tables import Export, TableQuestion
from archive.projection.update import update
from archive.queries.where import Where, choose
from storage.home import Home, open_home
from storage.observations import Observations
from storage.records import AgencyKind, LookOutcome, RulingKind
from tests.played import nianbao
from tests.queries.test_figures import unified_page

SFJ, CZJ = "汶上县司法局", "汶上县财政局"
COUNT, GRANTED = "applications.received.total", "joined.applications.result.granted.total"
REGISTERED = panel_columns()["registry"]
FORMATS = [FileFormat.CSV, FileFormat.DTA]


def cells(number: int) -> dict[str, int]:
    """Cells of a report whose sums hold."""
    rows = ("applications.received", "applications.result.granted", "applications.result.total")
    return {f"{row}.{column}": number for row in rows for column in ("natural_person", "total")}


def play(home: Home) -> None:
    """A department that revises its report in silence (and has one of 2018), one that is late, one that has none."""
    site = SmallSite(home, first_year=2018)
    site.departments(sfj=SFJ, czj=CZJ, mzj="汶上县民政局")
    site.agency("gov", "汶上县人民政府", AgencyKind.GOVERNMENT)
    column = site.column(covers=(AgencyKind.DEPARTMENT, AgencyKind.GOVERNMENT))
    old = ("nb/2018.html", title(SFJ, 2018), "2019-03-01")
    first = ("nb/sfj.html", title(SFJ), "2026-01-19")
    late = ("nb/czj.html", title(CZJ))
    site.look("2026-01-20 09:00", column, [old, first])
    site.fetch("2026-01-20 09:01", "nb/2018.html", unified_page(2018, "8", "6"))
    site.fetch("2026-01-20 09:02", "nb/sfj.html", report_page(SFJ, 2025, cells(4)))
    for when in ("2026-02-03 09:00", "2026-02-12 09:00"):
        site.look(when, column, [old, first])
    site.look("2026-03-02 09:00", column, [old, first, late])
    site.fetch("2026-03-02 09:01", "nb/sfj.html", report_page(SFJ, 2025, cells(5)))
    site.fetch("2026-03-02 09:02", "nb/czj.html", report_page(CZJ, 2025, cells(3), published="2026-02-14"))
    other = SmallSite(home, name="qufu", place="曲阜市", division="370881", first_year=2025)
    other.agency("town", "曲阜市尼山镇人民政府", AgencyKind.TOWNSHIP)
    other.look("2026-02-09 09:00", other.column(), [], outcome=LookOutcome.BLOCKED)


def instant(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00+08:00")


def rows(home: Home, table: str = "panel", day: str = "2026-03-10") -> dict[tuple[str, int], Row]:
    key = "agency_id" if table == "panel" else "portal"
    made = Export(home, TableQuestion(table=table, where=Where(as_of=instant(day))))
    return {(row[key], row["year"]): row for row in made}  # type: ignore[misc]


def made(home: Home, target: Path, day: str, **more: object) -> Path:
    question = TableQuestion(table="gaps", where=Where(as_of=instant(day)))
    make_release(home, "p", target, question, FORMATS, release_type=PanelRelease, **more)  # type: ignore[arg-type]
    return target


@pytest.fixture(scope="module")
def releases(home: Home, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The release before the report was revised, of an archive with an address but without a DOI, and the one after."""
    folder, own = tmp_path_factory.mktemp("releases"), home.config
    home.config = own.model_copy(update={"public_url": "https://reports.example"})
    old = made(home, folder / "old", "2026-02-20")
    home.config = own
    return old, made(home, folder / "new", "2026-03-10", licence="CC-BY-4.0", doi="10.5281/zenodo.1")


def test_every_agency_has_a_row_for_every_year_and_what_is_unknown_is_empty(home: Home) -> None:
    panel = rows(home)
    agencies, years = {agency for agency, _ in panel}, {year for _, year in panel}
    assert (len(panel), years) == (len(agencies) * len(years), {*range(2018, 2026)})
    unheard = panel["qufu/town", 2018]
    assert (unheard["duty_known"], unheard["status"], unheard[COUNT], unheard[f"{COUNT}.state"]) == (False, *[None] * 3)
    assert unheard["findings_cells"] is unheard["revisions"] is None
    absent = panel["wenshang/mzj", 2025]
    assert (absent["status"], absent[COUNT], absent[f"{COUNT}.state"]) == ("missing", None, "missing")
    read = panel["wenshang/sfj", 2025]
    assert [read[COUNT + end] for end in ("", ".state", ".doubt", ".class")] == [5, "printed", 0, "own"]
    assert (read["division_then"], read["division_how"]) == ("370830", "carried")
    zero = "applications.carried_in.total"
    assert (read[zero], panel["wenshang/sfj", 2018][f"{zero}.state"]) == (0, "not_in_form")


@pytest.mark.parametrize("make", [panel_sheet, places_sheet])
def test_other_processes_make_the_same_rows(home: Home, make: Callable[..., Sheet]) -> None:
    chosen, indicators = choose(home, Where(as_of=instant("2026-03-10"))), tuple(measures().values())
    assert [*make(chosen, indicators, processes=2).rows] == [*make(chosen, indicators).rows]


def test_lateness_is_an_interval_and_a_missing_report_has_no_upper_end(home: Home) -> None:
    panel = rows(home)
    bounds = {
        agency: tuple(panel[f"wenshang/{agency}", 2025][f"days_late_{side}"] for side in ("least", "most"))
        for agency in ("sfj", "czj", "mzj", "gov")
    }
    # absent twice, last on 12 February, and shown on 2 March: the status does not rest on the site's date, 14 February,
    # as that of 汶上县教育和体育局 does not in the demo; the government's report is not due before 31 March
    assert bounds == {"sfj": (0, 0), "czj": (12, 30), "mzj": (30, None), "gov": (None, None)}


def test_revisions_name_their_cells_and_are_unknown_of_a_report_fetched_once(home: Home) -> None:
    panel = rows(home)
    revised, once = panel["wenshang/sfj", 2025], panel["wenshang/czj", 2025]
    assert (revised["revisions"], revised["revisions_silent"], revised["revised_cells"]) == (1, 1, sorted(cells(0)))
    assert (once["days_fetched"], once["revisions"], once["score.revisions_announced"]) == (1, None, None)
    assert (revised["score.revisions_announced"], revised["score.revisions_announced.why"]) == (0, "silent_revision")
    assert rows(home, day="2026-02-20")["wenshang/sfj", 2025]["editions_held"] == 1


@pytest.mark.parametrize(
    ("code", "year", "is_in"),
    [("410000", 2013, True), ("410300", 2022, True), ("410800", 2020, False), ("370830", 2020, None),
     ("410300", 2012, None), ("410300", 2023, None)],
)  # fmt: skip
def test_the_sample_of_cass_is_all_provinces_and_the_larger_cities(code: str, year: int, is_in: bool | None) -> None:
    assert in_cass_sample(code, year) is is_in


def test_a_place_counts_its_agencies_with_bounds(home: Home) -> None:
    place = rows(home, "panel_places")["wenshang", 2025]
    counted = [place[name] for name in ("dated_due", "on_time", "late", "missing", "unknown", "government")]
    assert counted == [3, 1, 1, 1, 0, "wenshang/gov"]
    assert (place["late_low"], place["late_high"]) == (0.333333, 0.333333)
    unread = rows(home, "panel_places")["qufu", 2025]
    assert (unread["towns_unknown"], unread["late_low"], unread["government"]) == (1, None, None)


def test_a_release_explains_every_column_in_both_languages_and_can_be_cited(releases: tuple[Path, Path]) -> None:
    folder = releases[1]
    assert check_release(folder).problems == ()
    with (folder / "data/panel.csv").open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    with (folder / "codebook.csv").open(encoding="utf-8", newline="") as stream:
        entries = {row["column"]: row for row in csv.DictReader(stream) if row["table"] == "panel"}
    assert [*entries] == header
    assert {entries[name]["comparability"] for name in (COUNT, GRANTED)} == {"same", "near"}
    assert "国办发〔2014〕32号" in entries[GRANTED]["comparability_zh"]
    short = [name for name in header if len(entries[name]["zh"]) < 8 and f"{name}.state" not in header]
    assert short == []
    assert entries["days_late_least"]["zh"].startswith("逾期天数下限：至少逾期多少天")
    for lang in ("en", "zh"):
        page = (folder / f"codebook.{lang}.html").read_text("utf-8")
        assert set(header) <= {unescape(name) for name in re.findall(r"<code>([^<]*)</code>", page)}
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    assert {one["format"] for one in package["resources"] if "rows" in one} == {"csv"}
    described = json.loads((folder / "dataset.jsonld").read_text("utf-8"))
    assert (described["@type"], described["temporalCoverage"], described["license"]) == (
        "Dataset",
        "2018/2025",
        "https://spdx.org/licenses/CC-BY-4.0",
    )
    # schema.org/Dataset, Google's guide to datasets, DataCite 4.5
    assert (described["url"], described["identifier"]) == ("https://doi.org/10.5281/zenodo.1",) * 2
    assert COUNT in {one["propertyID"] for one in described["variableMeasured"]}
    registered = json.loads((folder / "datacite.json").read_text("utf-8"))
    assert registered["identifiers"] == [{"identifier": "10.5281/zenodo.1", "identifierType": "DOI"}]
    before = [json.loads((releases[0] / name).read_text("utf-8")) for name in ("datacite.json", "dataset.jsonld")]
    assert before[0]["identifiers"] == [{"identifier": "https://reports.example", "identifierType": "URL"}]
    assert (before[1]["url"], "identifier" in before[1]) == ("https://reports.example", False)
    assert (registered["publicationYear"], registered["titles"][0]["title"][:9]) == ("2026", "SIMULATED")
    with (folder / "forms/division_codes.csv").open(encoding="utf-8", newline="") as stream:
        assert {row["heirs"] for row in csv.DictReader(stream) if row["code"] == "371202"} == {"370116"}
    assert "`tables/table_3.csv`" in (folder / "README.zh.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["tables.py", "tables.ipynb", "tables.R"])
def test_the_program_makes_the_tables_of_the_readme_from_the_release_alone(
    releases: tuple[Path, Path], name: str
) -> None:
    pytest.importorskip("pandas")
    if name == "tables.R" and shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    folder = releases[1] / "analysis"
    command = ["Rscript", name] if name == "tables.R" else [sys.executable, name]
    if name == "tables.ipynb":
        cells = json.loads((folder / name).read_text("utf-8"))["cells"]
        sources = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        command = [sys.executable, "-c", "\n".join(sources)]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout.count("Table ")) == (0, 3), ran.stderr


def test_stata_loads_numbers_and_the_do_file_names_what_is_there(releases: tuple[Path, Path]) -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.read_stata(releases[1] / "data/panel.dta")
    for name in (COUNT, f"{COUNT}.doubt", "score.punctual", "days_late_least"):
        assert table[stata_name(name)].dtype.kind in "if"
    program = (releases[1] / "analysis/tables.do").read_text("utf-8")
    used = [line.split('"')[1] for line in program.splitlines() if line.startswith("local ") and "joined" in line]
    assert (len(used), set(used) <= set(table.columns), "@" in program) == (10, True, False)


def test_what_moved_is_told_with_its_reason(home: Home, releases: tuple[Path, Path], tmp_path: Path) -> None:
    moved = {(one.agency_id, one.year, one.column): one for one in compare_releases(*releases)}
    figure = moved["wenshang/sfj", "2025", COUNT]
    assert (figure.before, figure.after, figure.why) == ("4", "5", ChangeReason.NEW_EDITION)
    status = moved["wenshang/czj", "2025", "status"]
    assert (status.before, status.after, status.why) == ("missing", "late", ChangeReason.NEW_CAPTURE)
    first = moved["wenshang/czj", "2025", COUNT]
    assert (first.before, first.after, first.why) == ("", "3", ChangeReason.FIRST_EDITION)
    assert ChangeReason.UNEXPLAINED not in {one.why for one in moved.values()}

    reread = shutil.copytree(releases[1], tmp_path / "reread")
    table = reread / "data/panel.csv"
    with table.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    report = next(line for line in lines if (line["agency_id"], line["year"]) == ("wenshang/czj", "2025"))
    report |= {"reader": "next", COUNT: "30"}
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*lines[0]])
        writer.writeheader()
        writer.writerows(lines[:-1])
    why = {one.column: one.why for one in compare_releases(releases[1], reread)}
    assert why == {COUNT: ChangeReason.NEWER_READER, "": ChangeReason.ROWS}


def test_a_ruling_is_told_as_one_and_the_command_writes_all(
    home: Home, releases: tuple[Path, Path], tmp_path: Path
) -> None:
    SmallSite(home, first_year=2018).rule("2026-03-09 09:00", RulingKind.WITHHOLD, "wenshang/czj/2025")
    made(home, tmp_path / "p.zip", "2026-03-10", zipped=True)
    out = tmp_path / "moved.csv"
    ran = nianbao("release", "diff", str(releases[1]), str(tmp_path / "p.zip"), "--output", str(out))
    assert (ran.code, "a ruling" in ran.out) == (0, True), ran.err
    with out.open(encoding="utf-8", newline="") as stream:
        moved = [line for line in csv.DictReader(stream) if line["column"] == COUNT]
    assert [(line["agency_id"], line["before"], line["after"], line["why"]) for line in moved] == [
        ("wenshang/czj", "3", "", "ruling")
    ]
    refused = nianbao("release", "diff", str(releases[0]), str(tmp_path))
    assert (refused.code, "no release of the panel" in refused.err) == (2, True)


def test_what_a_voided_look_or_a_binding_changes_is_told_as_no_new_capture(tmp_path: Path) -> None:
    """As the audit of a release found: a void look was told as "a new capture", a binding as "a new edition"."""
    play(home := new_archive(tmp_path / "archive"))
    update(home, pool=InProcess())
    before = made(home, tmp_path / "before", "2026-03-10")
    [look] = [one for one in Observations(home).looks("wenshang") if one.started == at("2026-02-12 09:00")]
    site = SmallSite(home)
    site.rule("2026-03-11 09:00", RulingKind.VOID_LOOK, look.id)
    site.rule("2026-03-11 09:00", RulingKind.BINDING, site.url("nb/2018.html"), agency="wenshang/mzj", year=2018)
    update(home, pool=InProcess())
    moved = [*compare_releases(before, made(home, tmp_path / "after", "2026-03-12"))]
    seen = {(one.agency_id, one.year, one.column) for one in moved}
    assert {("wenshang/czj", "2025", "days_late_least"), ("wenshang/mzj", "2018", COUNT)} <= seen
    assert {one.why for one in moved if one.column not in REGISTERED} == {ChangeReason.OTHER_EVIDENCE}


# ------------------------------------------------------------------------------------------------ studies

STUDIES = Path(__file__).parents[2] / "docs/studies"
KNOWN = {
    "punctuality": ["county", "2022", "45", "45"],
    "outcomes": ["in both periods", "before", "3", "3", "1331"],
    "revisions": ["department", "220", "39", "3", "2", "16"],
}


@pytest.fixture(scope="module")
def release(played: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("pandas")
    target, question = tmp_path_factory.mktemp("studies") / "panel", TableQuestion(table="panel")
    with open_home(played, read_only=True) as home:
        make_release(home, "study", target, question, [FileFormat.CSV], release_type=PanelRelease)
    return target


@pytest.mark.parametrize("study", KNOWN)
def test_a_study_prints_the_table_of_its_page_and_draws_its_figure(study: str, release: Path, tmp_path: Path) -> None:
    figure = tmp_path / "figure.svg"
    ran = subprocess.run([sys.executable, STUDIES / f"{study}.py", release, figure], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    rows = [*csv.reader(ran.stdout.splitlines())]
    assert KNOWN[study] in [row[: len(KNOWN[study])] for row in rows]
    for page in (STUDIES / f"{study}.md", STUDIES / f"{study}.zh.md"):
        assert {f"| {' | '.join(row)} |" for row in rows} <= {*page.read_text("utf-8").splitlines()}
    assert figure.read_bytes() == (STUDIES / f"{study}.svg").read_bytes()
