"""From truth to statuses, by updates or a rebuild: small archives are played, then asked; some killed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from small_archive import SmallSite, at, new_archive, play_one_report, report_page, title

from archive.forms.indicators import indicator_digits
from archive.parser.reader import READER_VERSION
from archive.projection.judge import judge
from archive.projection.truth import PortalTruth
from archive.projection.update import rebuild, update, waiting
from archive.projection.workers import Pool
from archive.queries.bounds import NotKnownError
from archive.queries.overview import coverage
from archive.queries.reports import diff, show
from archive.queries.results import DutyLine
from archive.queries.verdict import status
from archive.queries.where import Where
from storage.home import Home
from storage.judgements import PortalRows
from storage.old_readings import FormerReadings
from storage.projections import ProjectionStore
from storage.records import (
    AgencyKind,
    Capture,
    CaptureRole,
    CellState,
    EvidenceGrade,
    Listing,
    Reading,
    RulingKind,
    Status,
    StoredCell,
)
from storage.registry import Registry
from tests.crash.holds import content
from tests.crash.killing import command
from tests.played import nianbao

SFJ, CZJ = "汶上县司法局", "汶上县财政局"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Home]:
    with new_archive(tmp_path / "archive") as home:
        yield home


def lines(home: Home) -> dict[tuple[str, int], DutyLine]:
    return {(row.agency.id, year): line for row in coverage(home).rows for year, line in row.cells.items()}


def season(site: SmallSite) -> None:
    """Two departments, a government and a township; one late, one missing, one silently revised."""
    site.departments(sfj=SFJ, czj=CZJ, mzj="汶上县民政局")
    site.agency("xzf", "汶上县人民政府", AgencyKind.GOVERNMENT)
    site.agency("gcz", "汶上县郭仓镇人民政府", AgencyKind.TOWNSHIP)
    kinds = (AgencyKind.DEPARTMENT, AgencyKind.GOVERNMENT, AgencyKind.TOWNSHIP)
    column = site.column(covers=kinds)
    first = [("nb/t20260120_1.html", title(CZJ, 2025), "2026-01-20")]
    site.look("2026-01-25 09:00", column, first)
    page = report_page(CZJ, 2025, {"proactive.normative.issued": 2}, published="2026-01-20")
    site.fetch("2026-01-25 09:01", "nb/t20260120_1.html", page)
    site.look("2026-02-01 09:00", column, first)
    site.look("2026-02-02 10:00", column, first)
    both = [*first, ("nb/t20260203_2.html", title(SFJ, 2025), "2026-02-03")]
    site.look("2026-02-09 09:00", column, both)
    site.fetch("2026-02-09 09:01", "nb/t20260203_2.html", report_page(SFJ, 2025, published="2026-02-03"))
    site.look("2026-04-01 09:00", column, both)
    page = report_page(CZJ, 2025, {"proactive.normative.issued": 3}, published="2026-01-20")
    site.fetch("2026-04-01 09:01", "nb/t20260120_1.html", page)


def test_updates_day_by_day_equal_one_rebuild(archive: Home) -> None:
    site = SmallSite(archive, first_year=2025)
    site.agency("sfj", SFJ)
    column = site.column()
    update(archive)
    site.look("2026-02-01 09:00", column)
    update(archive)
    site.look("2026-02-09 09:00", column, [("nb/2.html", title(SFJ, 2025))])
    update(archive)
    site.fetch("2026-02-09 09:01", "nb/2.html", report_page(SFJ, 2025))
    usual = archive.config
    archive.config = usual.model_copy(update={"reading_seconds": 0})
    update(archive)
    archive.config = usual
    assert lines(archive)["wenshang/sfj", 2025].status is Status.UNKNOWN  # its link is shown, and not read yet
    update(archive)
    assert lines(archive)["wenshang/sfj", 2025].status is Status.LATE
    step_by_step = content(archive)
    assert update(archive).documents_read == 0
    assert content(archive) == step_by_step
    archive.clock.instant = at("2026-07-01 09:00")  # type: ignore[attr-defined]
    assert rebuild(archive).documents_read == 1
    assert content(archive) == step_by_step


def test_tables_in_several_attachments_make_one_report(archive: Home) -> None:
    site = SmallSite(archive, first_year=2025)
    site.agency("sfj", SFJ)
    links = "".join(f'<a href="{n}.htm">附件：{n}.htm</a>' for n in (1, 2, 3))
    name = title(SFJ, 2025)
    frame = f"<html><head><title>{name}</title></head><body><h1>{name}</h1>{links}</body></html>"
    site.look("2026-01-25 09:00", site.column(), [("nb/1.html", name)])
    page = site.fetch("2026-01-25 09:01", "nb/1.html", frame.encode()).id
    grids = re.findall(r"<table.*?</table>", report_page(SFJ, 2025, {"applications.received.total": 7}).decode(), re.S)
    for number, grid in enumerate(grids, 1):
        body = f"<html><head><meta charset=utf-8><title>附件{number}</title></head><body>{grid}</body></html>".encode()
        site.fetch(f"2026-01-25 09:0{1 + number}", f"nb/{number}.htm", body, role=CaptureRole.ATTACHMENT, via=page)
    update(archive)
    [edition] = status(archive, "sfj", 2025).editions
    shown = show(archive, "sfj", 2025)
    assert {cell.locator["part"].rpartition("/")[2] for cell in shown.cells} == {"1.htm", "2.htm", "3.htm"}
    assert len(shown.cells) == 200
    assert {str(cell.value) for cell in shown.cells if cell.id == "applications.received.total"} == {"7"}
    assert edition.cells_from not in {capture.document for capture in edition.captures}


def reported(archive: Home, **names: str) -> tuple[SmallSite, Listing, list[Capture]]:
    """A portal whose column showed the report of each body on 25 January; the pages."""
    site = SmallSite(archive, first_year=2025)
    site.departments(**names)
    column, shown = site.column(), [(f"nb/{key}.html", title(name, 2025)) for key, name in names.items()]
    site.look("2026-01-25 09:00", column, shown)
    pages = [site.fetch("2026-01-25 09:01", f"nb/{key}.html", report_page(name, 2025)) for key, name in names.items()]
    return site, column, pages


def test_bytes_that_are_gone_are_told_and_nothing_else_suffers(archive: Home) -> None:
    _, _, (lost, _) = reported(archive, sfj=SFJ, czj=CZJ)
    assert lost.warc is not None
    (archive.warc_dir / lost.warc.file).unlink()
    report = update(archive)
    assert report.documents_read == 1
    assert [one.code for one in report.problems] == ["document_unread"]
    assert lines(archive)["wenshang/czj", 2025].status is Status.ON_TIME


def test_a_document_that_breaks_the_reader_costs_only_itself(archive: Home) -> None:
    reported(archive, sfj=SFJ, czj=CZJ)
    report = update(archive, pool=Pool(workers=2, target="hostile_readers:break_on_one_agency", plain=""))
    assert (report.documents_read, report.documents_failed) == (2, 1)
    assert "reader_failed" in {one.code for one in status(archive, "czj", 2025).findings}
    assert status(archive, "czj", 2025).duty.status is Status.ON_TIME
    assert status(archive, "sfj", 2025).editions[0].cells_from is not None


def test_a_portal_whose_documents_cost_too_much_is_read_over_several_runs(
    archive: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is told, says nothing against anybody, and is read by the runs that follow; other portals are read."""
    for name, body in (("aaa", CZJ), ("bbb", SFJ)):
        site = SmallSite(archive, name=name, first_year=2025)
        site.agency("sfj", body)
        site.look("2026-01-25 09:00", site.column(), [(f"nb/{n}.html", "年度报告") for n in range(2)])
        for number in range(2):
            page = report_page(body, 2025) + f"<!-- {name} {number} -->".encode()
            site.fetch("2026-01-25 09:01", f"nb/{number}.html", page)
    monkeypatch.setattr(archive, "config", archive.config.model_copy(update={"reading_seconds": 1}))
    pool = Pool(workers=1, target="hostile_readers:spend_on_one_agency", plain="")
    first = update(archive, pool=pool)
    assert first.documents_read == 3
    (problem,) = first.problems
    assert (problem.code, problem.values["portal"], problem.values["number"]) == ("reading_seconds_spent", "aaa", 1)
    second = update(archive, pool=pool)
    assert (second.documents_read, second.problems) == (1, ())
    assert update(archive, pool=pool).documents_read == 0


def test_only_what_is_stale_is_judged(archive: Home) -> None:
    sites = [SmallSite(archive, name=name, first_year=2025) for name in ("aaa", "bbb")]
    for site in sites:
        site.agency("sfj", SFJ)
        site.look("2026-02-01 09:00", site.column())
    assert update(archive).judged == ("aaa", "bbb")
    again = update(archive)
    assert (again.judged, again.duties, again.portals) == ((), 2, ("aaa", "bbb"))
    sites[1].look("2026-02-09 09:00", sites[1].column())
    assert update(archive).judged == ("bbb",)
    sites[0].agency("czj", CZJ)
    assert update(archive, ["aaa"]).judged == ("aaa",)
    sites[0].rule("2026-03-01 09:00", RulingKind.DUTY, "aaa/sfj/2025", status="elsewhere")
    assert update(archive).judged == ("aaa",)
    archive.clock.instant = at("2027-01-02 09:00")  # type: ignore[attr-defined]
    assert update(archive).judged == ("aaa", "bbb")
    assert ("aaa/sfj", 2026) in lines(archive)


def test_a_portal_that_cannot_be_judged_costs_no_other_and_keeps_what_was_judged(
    archive: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    sites = [SmallSite(archive, name=name, first_year=2025) for name in ("aaa", "bbb")]
    columns = []
    for site in sites:
        site.agency("sfj", SFJ)
        columns.append(site.column())
        site.look("2026-02-01 09:00", columns[-1])
    update(archive)
    before = lines(archive)
    for site, column in zip(sites, columns, strict=True):
        site.look("2026-02-09 09:00", column)

    def judge_but_one(truth: PortalTruth, readings: Mapping[str, Reading], now: datetime) -> PortalRows:
        if truth.portal.name == "aaa":
            raise KeyError("a cell")
        return judge(truth, readings, now)

    with monkeypatch.context() as patched:
        patched.setattr("archive.projection.update.judge", judge_but_one)
        report = update(archive)
        with pytest.raises(KeyError):  # a generation without it would lose it
            rebuild(archive)
    assert report.judged == ("bbb",)
    assert [(one.code, one.values["portal"]) for one in report.problems] == [("portal_unjudged", "aaa")]
    after = lines(archive)
    assert after["aaa/sfj", 2025] == before["aaa/sfj", 2025]
    assert after["bbb/sfj", 2025].status is Status.MISSING
    assert update(archive).judged == ("aaa",)


def test_what_another_process_captures_and_judges_during_a_rebuild_is_in_it(truth_url: str, tmp_path: Path) -> None:
    with new_archive(tmp_path / "archive", truth_url) as archive:
        site, column, _ = reported(archive, sfj=SFJ)
        site.agency("czj", CZJ)
        crawled: list[int] = []

        def crawl_beside(done: int, total: int) -> None:
            if not crawled:
                crawled.append(done)
                site.look(
                    "2026-01-26 09:00", column, [("nb/sfj.html", title(SFJ, 2025)), ("nb/2.html", title(CZJ, 2025))]
                )
                site.fetch("2026-01-26 09:01", "nb/2.html", report_page(CZJ, 2025))
                assert update(archive, workers=1).judged == ("wenshang",)

        assert rebuild(archive, workers=1, progress=crawl_beside).documents_read == 2
        assert crawled
        assert lines(archive)["wenshang/czj", 2025].status is Status.ON_TIME
        assert show(archive, "czj", 2025).title == title(CZJ, 2025)
        assert update(archive).judged == ()


def test_a_rebuild_that_ends_while_an_update_judges_loses_nothing_of_it(
    archive: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported(archive, sfj=SFJ)
    judged: list[str] = []

    def judge_and_swap(truth: PortalTruth, readings: Mapping[str, Reading], now: datetime) -> PortalRows:
        judged.append(truth.portal.name)
        if len(judged) == 1:  # an empty generation, as one made of what was there before the look
            with closing(ProjectionStore(archive, indicator_digits())) as store, store.building():
                pass
        return judge(truth, readings, now)

    monkeypatch.setattr("archive.projection.update.judge", judge_and_swap)
    update(archive, workers=1)
    assert judged == ["wenshang", "wenshang"]
    assert show(archive, "sfj", 2025).title == title(SFJ, 2025)
    assert lines(archive)["wenshang/sfj", 2025].status is Status.ON_TIME


def season_of(path: Path, database_url: str | None = None) -> Home:
    home = new_archive(path, database_url)
    season(SmallSite(home, first_year=2025))
    return home


def test_the_same_on_both_engines(truth_url: str, tmp_path: Path) -> None:
    with season_of(tmp_path / "archive", truth_url) as home:
        update(home)
        before = content(home)
        found = {agency.partition("/")[2]: (line.status, line.evidence) for (agency, _), line in lines(home).items()}
        assert found == {
            "czj": (Status.ON_TIME, EvidenceGrade.PROVEN),
            "sfj": (Status.LATE, EvidenceGrade.PROVEN),
            "mzj": (Status.MISSING, EvidenceGrade.PROVEN),
            "xzf": (Status.MISSING, EvidenceGrade.ONE_LOOK),
            "gcz": (Status.NOT_FOUND, EvidenceGrade.PROVEN),
        }
        assert [edition.change for edition in status(home, CZJ, 2025).editions] == ["first", "silent"]
        assert [change.id for change in diff(home, "wenshang/czj", 2025).cells] == ["proactive.normative.issued"]
        assert len(show(home, "wenshang/czj", 2025).cells) == 200
        assert len(status(home, "wenshang/sfj", 2025).looks) == 3
        rebuild(home)
        assert content(home) == before


def test_killed_in_the_middle_the_old_projections_stand_and_the_next_update_goes_on(tmp_path: Path) -> None:
    def kill(*words: str) -> None:
        """Run a command, and kill it before its second commit."""
        point, now = "command:COMMIT:2:before:group", "2026-04-02T09:00:00+08:00"
        ended = command(*words, "--workers", "1", archive=tmp_path / "archive", day=now, point=point)
        assert ended.killed, ended.err

    with season_of(tmp_path / "archive") as home:
        kill("reread")
        update(home)
        before = content(home)
        kill("rebuild")
        assert content(home) == before
        rebuild(home)
        assert content(home) == before
        assert update(home).documents_read == 0


# ------------------------------------------------------------------------------------------------ read again

TOTAL, PERSON, RULES = "applications.received.total", "applications.received.natural_person", "proactive.rules.issued"


@pytest.fixture
def home(archive: Home) -> Home:
    play_one_report(archive, SFJ, {PERSON: 3, TOTAL: 3})
    return archive


def as_read_before(home: Home) -> Reading:
    """The stored reading made to be one of an older reader, which read a figure wrong, missed one and had a doubt."""
    with closing(ProjectionStore(home, indicator_digits())) as store:
        (edition,) = store.editions()
        now = store.reading(edition.main)
        assert now is not None
        cells = {name: cell for name, cell in now.cells.items() if name != RULES}
        cells[PERSON] = replace(cells[PERSON], value=Decimal(8), raw="8")
        cells[TOTAL] = replace(cells[TOTAL], flags=("low_confidence",))
        former = replace(now, reader="1", cells=cells, title="旧题")
        store.put_readings([former])
    return former


def test_what_was_read_before_stays_as_a_record_until_it_is_forgotten(home: Home) -> None:
    former = as_read_before(home)
    assert "documents read: 1" in nianbao("reread", "--all", archive=home.path).out
    assert FormerReadings(home).of(former.document) == {"1": former}
    person = {cell.id: cell.value for cell in show(home, SFJ, 2025).cells}[PERSON]
    then = {cell.id: cell.value for cell in show(home, SFJ, 2025, reader="1").cells}[PERSON]
    assert (person, then) == (3, 8)
    assert show(home, SFJ, 2025, reader=READER_VERSION) == show(home, SFJ, 2025)
    with pytest.raises(NotKnownError, match=r"There is no reading of .* by reader '5'"):
        show(home, SFJ, 2025, reader="5")
    rebuild(home)  # by the same reader: adds nothing
    assert FormerReadings(home).of(former.document) == {"1": former}
    assert "8" in nianbao("show", SFJ, "2025", "--reader", "1", "--csv", archive=home.path).out
    assert nianbao("reread", "--forget", "1", archive=home.path).out == "readings by reader 1 deleted: 1\n"
    assert FormerReadings(home).of(former.document) == {}


def test_a_generation_of_other_columns_is_kept_with_the_columns_it_has(home: Home) -> None:
    """The form had fewer places when the stored generation was made."""
    with closing(ProjectionStore(home, indicator_digits())) as store:
        readings = [replace(one, reader="1", cells={TOTAL: one.cells[TOTAL]}) for one in store.readings()]
        documents = list(store.documents().values())
    gone = StoredCell(id="gone.since", state=CellState.PRINTED, value=Decimal("1.25"), raw="1.25", locator={})
    with closing(ProjectionStore(home, {TOTAL: 0, "gone.since": 2})) as older, older.building() as aside:
        aside.put_documents(documents)
        aside.put_readings(replace(one, cells={**one.cells, "gone.since": gone}) for one in readings)
    update(home)
    assert FormerReadings(home).of(readings[0].document)["1"].cells["gone.since"].value == Decimal("1.25")


def test_a_body_that_only_its_report_names_is_unknown_for_the_year_before_until_a_source_names_it(
    archive: Home,
) -> None:
    """Two sound looks after each due date; the forestry office is met with its report for 2026, the first of it."""
    archive.clock.instant = at("2027-04-02 09:00")  # type: ignore[attr-defined]
    site, name = SmallSite(archive, first_year=2025), "汶上县林业局"
    site.departments(sfj=SFJ, czj=CZJ)
    column = site.column()
    for day in ("2026-02-02 09:00", "2026-02-12 09:00"):
        site.look(day, column)
    site.look("2027-01-20 09:00", column, [("nb/1.html", "2026年政府信息公开工作年度报告")])
    site.fetch("2027-01-20 09:05", "nb/1.html", report_page(name, 2026, published="2027-01-19"))
    report = update(archive)
    (met,) = report.new_agencies
    assert (met.name, met.kind, met.guessed) == (name, AgencyKind.DEPARTMENT, True)
    assert (met.recorded_at, met.source.endswith("/nb/1.html")) == (archive.clock.now(), True)
    assert report.naming is not None
    assert report.naming.values["names"] == name
    found = lines(archive)
    assert (found[met.id, 2026].status, found[met.id, 2026].evidence) == (Status.ON_TIME, EvidenceGrade.PROVEN)
    before = found[met.id, 2025]
    assert (before.status, before.evidence, before.reason) == (Status.UNKNOWN, EvidenceGrade.NONE, "not_attested")
    other = found["wenshang/sfj", 2025]
    assert (other.status, other.evidence) == (Status.MISSING, EvidenceGrade.PROVEN)
    assert (waiting(archive), update(archive).new_agencies) == ((), ())
    # it was not known before its report was read
    then = at("2027-03-01 09:00")
    assert name not in {one.name for one in Registry(archive).agencies("wenshang", then)}
    assert name not in {row.agency.name for row in coverage(archive, Where(as_of=then)).rows if row.cells}
    stored = content(archive)
    rebuild(archive)
    assert content(archive) == stored
    Registry(archive).put_agencies([replace(met, source="import of list.csv: a document", guessed=False)])
    update(archive)
    named = lines(archive)[met.id, 2025]
    assert (named.status, named.evidence) == (Status.MISSING, EvidenceGrade.PROVEN)
