"""Questions on the command line: each lacks nothing, a wrong one is told what is right, an empty answer says why."""

from __future__ import annotations

import csv
import inspect
import io
import json
from pathlib import Path
from pkgutil import resolve_name

import pytest
from small_archive import SmallSite, new_archive, report_page

from archive.exports.formats.columns import heading, sheet
from archive.projection.update import update
from archive.queries.frames import grid_of_lines
from nianbao.cli.command_table import program
from nianbao.cli.question_commands import command_name
from nianbao.messages import LANGUAGES, messages
from nianbao.parameters import Paged
from nianbao.python_api import Archive
from nianbao.questions import QUESTIONS, Question
from storage.home import init_home
from storage.records import AgencyKind, LookOutcome
from tests.case_tables import read_cases
from tests.played import Ran, nianbao

COUNTY, SFJ, CZJ = "汶上县人民政府", "汶上县司法局", "汶上县财政局"
RECEIVED, PERSONS = "applications.received.total", "applications.received.natural_person"
ROWS = {"carried_in": 3, "result.granted": 2, "result.denied.third_party": 1, "result.total": 3}  # sums hold
CELLS = {f"applications.{row}.{column}": n for row, n in ROWS.items() for column in ("natural_person", "total")}
NOW = "2026-04-02T09:00:00+08:00"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The county and a bureau have published, another bureau has not, and a portal refused to answer."""
    path = tmp_path_factory.mktemp("asked") / "archive"
    with new_archive(path) as home:
        site = SmallSite(home, first_year=2025)
        site.agency("xrmzf", COUNTY, AgencyKind.GOVERNMENT)
        for key, name in (("sfj", SFJ), ("czj", CZJ)):
            site.agency(key, name)
        column = site.column(covers=(AgencyKind.GOVERNMENT, AgencyKind.DEPARTMENT))
        listed = [
            (f"nb/{key}.html", f"{name}2025年政府信息公开工作年度报告") for key, name in (("z", COUNTY), ("s", SFJ))
        ]
        site.look("2026-01-20 09:00", column, listed)
        site.fetch("2026-01-20 09:01", "nb/z.html", report_page(COUNTY, 2025, CELLS, published="2026-01-18"))
        blank = report_page(SFJ, 2025, {RECEIVED: None, PERSONS: None}, published="2026-01-19")
        site.fetch("2026-01-20 09:01", "nb/s.html", blank)
        for day in ("2026-02-01", "2026-02-09"):
            site.look(f"{day} 09:00", column, listed)
        city = SmallSite(home, name="jiyuan", place="济源市", division="419001", first_year=2025)
        city.agency("sfj", "济源市司法局")
        city.look("2026-02-01 09:00", city.column(), outcome=LookOutcome.BLOCKED)
        update(home)
    return path


def ask(archive: Path, words: str, *more: str, **env: str) -> Ran:
    ran = nianbao(*words.split(), *more, archive=archive, now=NOW, **env)
    assert "Traceback" not in ran.err
    return ran


def rows_of(ran: Ran) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(ran.out)))


# ---------------------------------------------------------------------------------------------- what a question has


@pytest.fixture(scope="module")
def commands() -> set[str]:
    whole = program()
    found: set[str] = set()
    for name in whole.all_names():
        below = getattr(whole.get_command(None, name), "commands", {})
        found |= {f"{name} {child}" for child in below} or {name}
    return found


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_a_question_lacks_nothing(question: Question, commands: set[str]) -> None:
    assert question.zh
    assert question.en
    assert command_name(question) in commands
    assert {*question.arguments} <= inspect.signature(getattr(Archive, question.name)).parameters.keys()
    assert question.parameters.model_validate(question.example)  # the API's tests ask it
    query = resolve_name(question.query or "archive.queries.find:find")
    takes = inspect.signature(query).parameters.keys()
    assert ("as_of" in takes) <= question.has_as_of <= bool({"as_of", "where"} & takes)
    shown = question.parameters.model_fields.keys() - {"lang", *Paged.model_fields}
    assert not {name for name in shown if f"parameter.{name}" not in messages("web")}
    if question.item is not None:
        columns = grid_of_lines(question.item, ()).columns
        for lang in LANGUAGES:
            assert all(heading(name, lang) for name in columns)
        assert {*question.slim} - {"sentence"} <= columns.keys()
        assert 1 < len(question.slim) <= 11
        assert question.key
    if question.table is not None:
        sheet(question.table, ())


# ---------------------------------------------------------------------------------------------- asked wrongly

CASES = read_cases(__file__, "wrong")


@pytest.mark.parametrize(("words", "expected"), CASES, ids=[words[:40] for words, _ in CASES])
def test_what_is_wrong_is_told_with_what_is_right(archive: Path, words: str, expected: str) -> None:
    ran = ask(archive, words)
    assert (ran.code, ran.out) == (2, "")
    assert expected in ran.err
    assert len([line for line in ran.err.splitlines() if line.startswith(("nianbao: ", "Error: "))]) == 1


# ---------------------------------------------------------------------------------------------- empty or unknown

UNKNOWN = read_cases(__file__, "unknown")


@pytest.mark.parametrize(("words", "expected"), UNKNOWN, ids=[words for words, _ in UNKNOWN])
def test_an_empty_answer_that_may_not_be_empty_says_so_to_people_and_programs(
    archive: Path, words: str, expected: str
) -> None:
    shown, written = ask(archive, words), ask(archive, f"{words} --csv")
    assert (shown.code, written.code) == (1, 1)  # of what nobody knows somebody should know that
    assert expected in shown.out
    assert expected in written.err
    assert len(written.out.splitlines()) <= 1


def test_an_archive_without_a_portal_knows_nothing_and_names_the_crawl_of_one_that_is_set_up(tmp_path: Path) -> None:
    init_home(tmp_path / "none", simulated=True)
    for words in ("missing 2025", "review"):
        ran = ask(tmp_path / "none", words)
        assert (ran.code, "no portal has been crawled yet" in ran.out) == (1, True)
    assert "nianbao crawl wenshang" in ask(tmp_path / "none", "missing 2025 汶上县").out


def test_without_an_archive_the_demo_beside_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    named = 'After the demo: export NIANBAO_ARCHIVE="$PWD/demo-archive"'
    assert named not in nianbao("missing", "2025").err
    (tmp_path / "demo-archive").mkdir()
    assert named in nianbao("missing", "2025").err


def test_a_list_that_shows_fewer_entries_than_it_states_says_so(tmp_path: Path) -> None:
    with new_archive(tmp_path / "archive") as home:
        site = SmallSite(home, first_year=2025)
        site.look("2026-02-01 09:00", site.column(), [("nb/1.html", f"{SFJ}2025年政府信息公开工作年度报告")], total=2)
        update(home)
    [portal] = json.loads(ask(tmp_path / "archive", "portal show wenshang --json").out)
    [scope] = portal["scopes"]
    assert {name: scope["looked"][name] for name in ("entries", "total", "reached")} == {
        "entries": 1, "total": 2, "reached": False,
    }  # fmt: skip


def test_an_answer_is_as_old_as_the_looks_at_the_portals_that_it_is_about(archive: Path) -> None:
    assert (
        "; all lists were last read to their end on 2026-02-09, 52 days ago\n" in ask(archive, "missing 2025 汶上").out
    )
    assert "52 days ago; some list was never read to its end: 济源市\n" in ask(archive, "missing 2025").out
    assert "Beijing time; some list was never read to its end: 济源市\n" in ask(archive, "missing 2025 济源").out


def test_an_answer_about_several_places_gives_the_ages_of_the_oldest_and_the_newest_look(tmp_path: Path) -> None:
    with new_archive(tmp_path / "two") as home:
        for name, place, day in (("wenshang", "汶上县", "2026-02-01"), ("jiyuan", "济源市", "2026-02-09")):
            site = SmallSite(home, name=name, place=place, first_year=2025)
            site.look(f"{day} 09:00", site.column())
        update(home)
    assert "2026-02-01 (汶上县) and 2026-02-09, 52 to 60 days ago" in ask(tmp_path / "two", "missing 2025").out


# ---------------------------------------------------------------------------------------------- as people write


def test_names_and_years_are_taken_as_people_write_them(archive: Path) -> None:
    for words in ("２０２５年 汶上縣", "汶上县 2025", "2025 ３７０８ --kind 部门", "--year=2025 --place=370830"):
        [row] = rows_of(ask(archive, f"missing {words} --csv"))
        assert (row["agency"], row["status"], row["evidence"]) == (CZJ, "missing", "proven")
        assert len(row["looks"].split()) == 2
    assert ("未见" in row["zh"], "missing" in row["en"]) == (True, True)
    for other in ("coverage 2025 汶上县", "check 2025", f"rank {PERSONS} 汶上县 2025", "rollup 2025 汶上县"):
        assert ask(archive, other).code < 2


# ---------------------------------------------------------------------------------------------- figures


def test_a_small_rate_is_never_shown_without_saying_so(archive: Path) -> None:
    assert "33.3% n=3 (few cases)" in ask(archive, f"series derived.denial_rate --agency {COUNTY}").out
    ranked = ask(archive, "rank derived.denial_rate 2025")
    assert "none has 20 cases or more" in ranked.out
    assert "1 not ranked (fewer than 20 cases; --min-n)" in ranked.out
    [row] = rows_of(ask(archive, "rank derived.denial_rate 2025 --csv"))
    assert (row["list"], row["rank"], row["n"]) == ("set_apart", "", "3")


# ---------------------------------------------------------------------------------------------- files and evidence


def test_a_list_goes_into_files_that_people_open(archive: Path, tmp_path: Path) -> None:
    import openpyxl

    done = ask(archive, "missing 2025 --slim --lang zh --output", str(tmp_path / "m.csv"))
    assert (done.code, done.out) == (0, f"{tmp_path / 'm.csv'}：1行\n")
    [row] = csv.DictReader(io.StringIO((tmp_path / "m.csv").read_text("utf-8-sig")))
    assert (row["机关"], row["状态"], row["机关类别"]) == (CZJ, "未公布", "部门")
    assert ask(archive, "missing 2025 --output", str(tmp_path / "m.xlsx")).code == 0
    head, told, *_ = openpyxl.load_workbook(tmp_path / "m.xlsx", read_only=True).worksheets[0].values
    cells = dict(zip(head, told, strict=True))
    assert (cells["Status"], cells["Reason"]) == ("missing", "absent from two complete looks")


def test_an_absence_is_cited_with_the_looks_that_prove_it(archive: Path) -> None:
    told = ask(archive, f"cite {CZJ} 2025")
    assert told.code == 0
    for part in (f"nianbao:{CZJ}/2025", "[DB/OL]", "@misc{nianbao-absent-2025-", "2026-02-01 09:00"):
        assert part in told.out
    [row] = json.loads(ask(archive, f"cite {CZJ} 2025 --json").out)
    digests = [capture["document"] for look in row["looks"] for capture in look["captures"]]
    assert len(row["looks"]) == 2
    assert all(len(one) == 64 and one in told.out for one in digests)
    assert ask(archive, f"cite nianbao:{CZJ}/2025").out == told.out
    address = ask(archive, f"cite {SFJ} 2025").out.splitlines()[0]
    assert ask(archive, f"show {address}").out == ask(archive, f"show {SFJ} 2025").out
    assert "author = {{年报存档 (nianbao)}}" in told.out  # the finding is ours, and no agency's
    assert ask(archive, f"cite {CZJ} 2025 --as-of 2026-01-25").code == 2
    assert ask(archive, f"cite {SFJ} 2025 {RECEIVED}").out == ask(archive, f"cite {SFJ} 2025 --cell {RECEIVED}").out
    assert ask(archive, f"cite {SFJ} 2025").out.startswith(f"nianbao:{SFJ}/2025@")
