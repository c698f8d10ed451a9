"""Every question has a command, a method, an example, a key, and labels in both languages; lists have pages."""

from __future__ import annotations

import csv
import inspect
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pyreadstat
import pytest
import typer.main
from lxml import html
from small_archive import Site, new_archive, report_page

from archive.exports.formats.columns import heading, table_key
from archive.projection.update import update
from archive.queries.bounds import MOST_TURNED
from archive.queries.frames import grid_of_lines
from nianbao.cli.command_table import application
from nianbao.cli.derived import command_name
from nianbao.messages import LANGUAGES, messages
from nianbao.paging import Cursor
from nianbao.parameters import Paged
from nianbao.python_api import Archive, open_archive
from nianbao.questions import QUESTIONS, Question
from scripts.python_api_stub import methods
from storage.records import AgencyKind
from tests.played import Ran, nianbao
from tests.served import asking

SFJ, CZJ, MZJ = "汶上县司法局", "汶上县财政局", "汶上县民政局"
NOW = "2026-04-02T09:00:00+08:00"


def commands() -> set[str]:
    whole = typer.main.get_command(application())
    found: set[str] = set()
    for name in whole.known():
        below = getattr(whole.get_command(None, name), "commands", {})
        found |= {f"{name} {child}" for child in below} or {name}
    return found


@pytest.fixture(scope="module")
def every() -> set[str]:
    return commands()


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_a_question_lacks_nothing(question: Question, every: set[str]) -> None:
    assert question.zh
    assert question.en
    assert command_name(question) in every
    method = getattr(Archive, question.name)
    assert {*question.arguments} <= inspect.signature(method).parameters.keys()
    assert question.parameters.model_validate(question.example)  # the API's tests ask it
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
        table_key(question.table)


def test_type_checkers_are_told_every_method_as_it_is() -> None:
    written = (Path(__file__).parent.parent.parent / "nianbao" / "python_api.pyi").read_text("utf-8")
    assert methods(written) == methods()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("asked") / "archive"
    with new_archive(path) as home:
        site = Site(home, first_year=2025)
        for key, name in (("sfj", SFJ), ("czj", CZJ), ("mzj", MZJ)):
            site.agency(key, name)
        column = site.column(covers=(AgencyKind.DEPARTMENT,))
        listed = [("nb/sfj.html", f"{SFJ}2025年政府信息公开工作年度报告")]
        site.look("2026-01-20 09:00", column, listed)
        site.fetch("2026-01-20 09:01", "nb/sfj.html", report_page(SFJ, 2025, published="2026-01-19"))
        for day in ("2026-02-01", "2026-02-09"):
            site.look(f"{day} 09:00", column, listed)
        update(home)
    return path


def ask(archive: Path, *words: str, **env: str) -> Ran:
    ran = nianbao(*words, archive=archive, now=NOW, **env)
    assert "Traceback" not in ran.err
    return ran


def test_arguments_may_be_named_and_the_words_then_stand_for_the_others(archive: Path) -> None:
    plain = ask(archive, "missing", "2025", "汶上县", "--csv")
    assert plain.code == 0
    for words in (("--year", "2025", "汶上县"), ("2025", "--place", "汶上县"), ("--year=2025", "--place=370830")):
        assert ask(archive, "missing", *words, "--csv").out == plain.out
    twice = ask(archive, "missing", "2025", "汶上县", "--year", "2025")
    assert (twice.code, "one word too many" in twice.err) == (2, True)
    lacking = ask(archive, "missing")
    assert (lacking.code, lacking.err.strip()) == (2, "nianbao: Give a year, such as 2025")


def test_a_list_is_given_in_pages_that_make_it_up(archive: Path) -> None:
    whole = [row["agency"] for row in map(json.loads, ask(archive, "missing", "2025", "--jsonl").out.splitlines())]
    assert len(whole) == 2
    first = ask(archive, "missing", "2025", "--limit", "1", "--jsonl")
    cursor = first.err.strip().rpartition(" ")[2]
    second = ask(archive, "missing", "2025", "--limit", "1", "--cursor", cursor, "--jsonl")
    assert [json.loads(page.out)["agency"] for page in (first, second)] == whole
    assert "--cursor" not in second.err
    [page] = json.loads(ask(archive, "coverage", "--limit", "2", "--json").out)
    assert (len(page["rows"]), page["next"] is not None) == (2, True)
    with open_archive(archive) as held:
        assert len(held.page("coverage", limit=2).lines) == 2


def test_a_list_goes_into_files_that_people_open(archive: Path, tmp_path: Path) -> None:
    done = ask(archive, "missing", "2025", "--output", str(tmp_path / "m.csv"), "--slim", "--lang", "zh")
    assert (done.code, done.out) == (0, f"{tmp_path / 'm.csv'}：2 行\n")
    text = (tmp_path / "m.csv").read_text("utf-8")
    assert text.startswith("\ufeff机关,")
    [first, _] = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert (first["状态"], first["机关类别"]) == ("未公布", "部门")
    assert len(first) == 11
    assert ask(archive, "missing", "2025", "--output", str(tmp_path / "m.xlsx")).code == 0
    head, row, *_ = openpyxl.load_workbook(tmp_path / "m.xlsx", read_only=True).worksheets[0].values
    told = dict(zip(head, row, strict=True))
    assert told["Status"] == "missing"
    assert told["Looked at"].split()[0].startswith("2026-02-01T09:00")
    for ending in ("parquet", "dta", "jsonl"):
        assert ask(archive, "coverage", "--output", str(tmp_path / f"c.{ending}")).code == 0
    wrong = ask(archive, "missing", "2025", "--output", str(tmp_path / "m.doc"))
    assert (wrong.code, "no format" in wrong.err) == (2, True)


def test_stata_explains_words_and_missing_numbers_of_an_answer(archive: Path, tmp_path: Path) -> None:
    place = tmp_path / "s.dta"
    assert ask(archive, "series", "applications.received.total", "--output", str(place)).code == 0
    frame, meta = pyreadstat.read_dta(place, user_missing=True)
    labels = meta.column_names_to_labels
    assert (labels["agency_name"], labels["edition"], labels["editions"]) == ("机关", "版本", "版本数")
    assert "未公布 missing" in {
        meta.variable_value_labels["status"][int(one)] for one in frame["status"] if not isinstance(one, str)
    }
    assert "n" in set(frame["value"])  # .n: missing


def test_a_workbook_in_chinese_has_chinese_headings_and_words(archive: Path, tmp_path: Path) -> None:
    place = tmp_path / "f.xlsx"
    words = ("export", "figures", "applications.received.total", "--output", str(place))
    assert ask(archive, *words, NIANBAO_LANG="zh").code == 0
    book = openpyxl.load_workbook(place)
    head, *rows = book["figures"].iter_rows(values_only=True)
    assert {"行政机关", "报告年度", "数值状态"} <= set(head)
    assert "未公布" in {row[head.index("公布状态")] for row in rows}
    names = {row[1]: row[11] for row in book["dictionary"].iter_rows(values_only=True)}
    assert names["报告年度"] == "year"


def test_an_absence_is_cited_with_the_looks_that_prove_it(archive: Path) -> None:
    told = ask(archive, "cite", CZJ, "2025")
    assert told.code == 0
    assert f"nianbao:{CZJ}/2025" in told.out
    assert "[DB/OL]" in told.out
    assert "@misc{nianbao-absent-2025-" in told.out
    assert "2026-02-01 09:00" in told.out
    assert "2026-02-09 09:00" in told.out
    [row] = json.loads(ask(archive, "cite", CZJ, "2025", "--json").out)
    digests = [capture["document"] for look in row["looks"] for capture in look["captures"]]
    assert len(row["looks"]) == 2
    assert all(len(one) == 64 and one in told.out for one in digests)
    assert ask(archive, "cite", f"nianbao:{CZJ}/2025").out == told.out
    assert "author = {{年报存档 (nianbao)}}" in told.out  # the finding is ours, and no agency's
    assert row["zh"] in ask(archive, "cite", CZJ, "2025", NIANBAO_LANG="zh").out.split("note = ")[1]
    before = ask(archive, "cite", CZJ, "2025", "--as-of", "2026-01-25")
    assert before.code == 2
    assert ask(archive, "cite", SFJ, "2025").out.startswith(f"nianbao:{SFJ}/2025@")


def test_beside_an_empty_answer_stands_the_report_that_the_same_address_gave(played: Path, tmp_path: Path) -> None:
    agency, said = "汶上县民政局", "asked for 汶上县司法局 and 2025, returned a report."
    [row] = json.loads(ask(played, "status", agency, "2025", "--json").out)
    terminal = ask(played, "status", agency, "2025").out
    assert ask(played, "status", agency, "2025", "--html", str(tmp_path / "duty.html")).code == 0
    alone = html.fromstring((tmp_path / "duty.html").read_bytes())
    with asking(played) as client:
        web = html.fromstring(client.get("/en/duty/wenshang/mzj/2025").content)
        served = [client.get(one.get("src")).text for one in web.iter("iframe")]
    for page, frames in ((web, served), (alone, [one.get("srcdoc") for one in alone.iter("iframe")])):
        assert page.text_content().count(said) == terminal.count(said) == len(row["looks"]) == 2
        assert ["一、总体情况" in one for one in frames] == [False, True, False, True]  # empty, report; twice
    for look in row["looks"]:
        assert look["captures"][0]["url"] != look["control"]["capture"]["url"]
        assert f"nianbao show-capture {look['control']['capture']['id'][:8]}" in terminal
    [other] = json.loads(ask(played, "status", "济源市公安局", "2025", "--json").out)
    assert [look["control"] for look in other["looks"]] == [None, None]  # a list proves its absences itself


def test_an_absence_is_shown_on_a_page_that_stands_alone(played: Path, tmp_path: Path) -> None:
    place, agency = tmp_path / "duty.html", "济源市公安局"
    assert ask(played, "status", agency, "2025", "--html", str(place)).code == 0
    page = place.read_text("utf-8")
    [row] = json.loads(ask(played, "cite", agency, "2025", "--json").out)
    assert row["zh"] in page
    assert row["en"] in page
    for look in row["looks"]:
        for capture in look["captures"]:
            assert capture["document"] in page
            assert f"nianbao show-capture {capture['id']} --verify" in page
    assert page.count("<iframe sandbox") == 2  # the list as it was captured in each look
    assert "济源市财政局2025" in page
    assert "<script" not in page
    assert "no agency published this" in page  # the portals of this archive are imitations
    assert ask(played, "show", "汶上县司法局", "2022", "--html", str(tmp_path / "report.html")).code == 0
    assert "<iframe sandbox" in (tmp_path / "report.html").read_text("utf-8")
    assert ask(played, "status", agency, "--html", str(place)).code == 2


def test_a_report_is_shown_by_its_address_and_a_capture_by_the_beginning_of_its_id(archive: Path) -> None:
    address = ask(archive, "cite", SFJ, "2025").out.splitlines()[0]
    assert ask(archive, "show", address).out == ask(archive, "show", SFJ, "2025").out
    shown = ask(archive, "status", CZJ, "2025").out
    command = next(line.split()[-1] for line in shown.splitlines() if "show-capture" in line)
    assert len(command) == 8
    assert f"id: {command}" in ask(archive, "show-capture", command).out
    assert ask(archive, "show-capture", command[:7]).code == 2


def test_an_answer_says_how_old_it_is(archive: Path) -> None:
    assert "last look 2026-02-09, 52 days ago" in ask(archive, "missing", "2025").out
    assert "最近一次完整查看：2026-02-09，距今 52 天" in ask(archive, "missing", "2025", NIANBAO_LANG="zh").out


def test_duties_are_exported_by_status(archive: Path) -> None:
    rows = ask(archive, "export", "duties", "--status", "missing").rows()
    assert {row["agency"] for row in rows} == {CZJ, MZJ}
    assert ask(archive, "export", "duties", "--status", "未公布").rows() == rows
    wrong = ask(archive, "export", "duties", "--status", "mising")
    assert (wrong.code, "Did you mean: missing?" in wrong.err) == (2, True)


def test_the_evidence_for_one_agency_is_packed(archive: Path, tmp_path: Path) -> None:
    done = ask(archive, "export", "wacz", "--agency", CZJ, "--year", "2025", "--output", str(tmp_path / "a.wacz"))
    assert done.code == 0, done.err
    assert "0 editions" in done.out
    assert ask(archive, "export", "wacz", "--year", "2025").code == 2


def test_a_portal_that_is_set_up_and_was_not_looked_at_is_not_said_to_be_unknown(tmp_path: Path) -> None:
    assert nianbao("init", str(tmp_path / "new")).code == 0
    for words in (("missing", "2025", "汶上县"), ("coverage", "--portal", "wenshang")):
        ran = nianbao(*words, archive=tmp_path / "new")
        assert ran.code == 1
        assert "nianbao crawl wenshang" in ran.out


def test_a_list_is_not_turned_over_for_ever(archive: Path) -> None:
    far = Cursor(datetime(2026, 4, 1, tzinfo=UTC), MOST_TURNED + 1, "0" * 16).written()
    ran = ask(archive, "missing", "2025", "--cursor", far)
    assert (ran.code, "first 1,000,000 lines" in ran.err) == (2, True)
