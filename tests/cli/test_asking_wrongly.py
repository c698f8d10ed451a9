"""Asked wrongly, every command says in one sentence what there is; of what is not there, whether that is known."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import typer
from small_archive import Site, new_archive, report_page

from archive.projection.update import update
from archive.queries.bounds import QueryError
from archive.queries.results import Known
from archive.queries.words import CHINA
from nianbao.cli.options import moment, year_of, years_of
from nianbao.cli.texts.empty_answers import besides, nothing
from storage.home import init_home
from storage.records import AgencyKind, LookOutcome
from tests.played import Ran, nianbao

SFJ, CZJ = "汶上县司法局", "汶上县财政局"
RECEIVED = "applications.received.total"
NOW = "2026-04-02T09:00:00+08:00"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("wrongly") / "archive"
    with new_archive(path) as home:
        site = Site(home, first_year=2025)
        for key, name in (("sfj", SFJ), ("czj", CZJ)):
            site.agency(key, name)
        column = site.column(covers=(AgencyKind.DEPARTMENT,))
        site.look("2026-01-20 09:00", column, [("nb/sfj.html", f"{SFJ}2025年政府信息公开工作年度报告")])
        site.fetch("2026-01-20 09:01", "nb/sfj.html", report_page(SFJ, 2025, published="2026-01-19"))
        for day in ("2026-02-01", "2026-02-09"):
            site.look(f"{day} 09:00", column, [("nb/sfj.html", f"{SFJ}2025年政府信息公开工作年度报告")])
        city = Site(home, name="jiyuan", place="济源市", division="419001", first_year=2025)
        city.agency("sfj", "济源市司法局")
        city.look("2026-02-01 09:00", city.column(), outcome=LookOutcome.BLOCKED)
        update(home)
    return path


def ask(archive: Path, *words: str) -> Ran:
    ran = nianbao(*words, archive=archive, now=NOW)
    assert "Traceback" not in ran.err
    return ran


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("mising", "2025"), "missing"),
        (("missing", "汶上县", "2025"), "'汶上县' is not a year"),
        (("missing", "2024-2025"), "nianbao coverage --years"),
        (("missing", "1066"), "between 1990 and 2100"),
        (("search", "公开", "--years", "1990"), "Nothing is known of the reports for 1990 (known: "),
        (("missing", "2025", "汶上线"), "汶上县"),
        (("missing", "2025", "370831"), "泗水县"),
        (("missing", "2025", "--kind", "deprtment"), "Did you mean: department?"),
        (("missing", "2025", "--evidence", "prooven"), "Did you mean: proven?"),
        (("missing", "2025", "--portal", "汶上县"), "wenshang"),
        (("missing", "2025", "--as-of", "10.02.2026"), "Write 2025-02-01"),
        (("coverage", "--years", "2025-2019"), "Write 2019-2025"),
        (("coverage", "--years", "19-25"), "Write 2023, 2019-2025 or 2019,2021"),
        (("coverage", "--years", "1999"), "known: 2025"),
        (("late", "2030"), "known: 2025"),
        (("status", "汶上县司发局"), SFJ),
        (("status", "司法局", "2025"), "济源市司法局 (jiyuan/sfj)"),
        (("status", SFJ, "2025", "--years", "2025"), "not both"),
        (("show", CZJ, "2025"), "EMPTY (missing, proven)"),
        (("show", "济源市司法局", "2025"), "UNKNOWN (unknown, none)"),
        (("diff", SFJ, "2025"), "UNKNOWN whether it changed: it was met once"),
        (("cite", "济源市司法局", "2025"), "UNKNOWN (unknown, none)"),
        (("revisions", "--year", "2030"), "known: 2025"),
        (("news", "--since", "gestern"), "Write 2025-02-01"),
        *(
            (("news", "--since", day), "is not a date")
            for day in ("", "0000-01-01", "10000-01-01", "2026-02-01T00:00+99:00")
        ),
        *(
            (("revisions", "--since", day), "is not a date")
            for day in ("\udcff", "0001-01-01T00:00+23:59", "٢٠٢٦-13-01")
        ),
        (("news", "--since", "2026-02-01", "--until", "2026-01-01"), "a time that ends after it begins"),
        (("missing", "9" * 20), "is not a year"),
        (("missing", "--", "-1"), "is not a year"),
        (("coverage", "--years", "1-1000000000"), "is not understood"),
        (("coverage", "--years", "1989-2025"), "between 1990 and 2100"),
        (("search", " ".join(f"字{number}" for number in range(1_000))), "at most 10 can be searched for together"),
        (("search", "公开 " * 30_000), "at most 10,000 can be searched for"),
        (("search", "公开", "--limit", "1001"), "at most 1,000"),
        (("search", "公开", "--snippets", "101"), "at most 100"),
        (("search", "公开", "--around", "9" * 30), "at most 1,000"),
        (("search", "公开", "--cursor", "x"), "This cursor was not given"),
        (("search", "公开", "--cursor", "x", "--lang", "zh"), "请去掉它，从头查起"),
        (("missing", "2025", "--output", "-"), "takes the name of a file"),
        (("missing", "2025", "汶" * 301), "a name has at most 300 characters"),
        (("status", "汶" * 301, "2025"), "a name has at most 300 characters"),
        (("status", "a/\udcff", "2025"), "a character that no name can have"),
        (("series", *[RECEIVED] * 1_001), "can be asked for at once; 1,001 were given"),
        (("series", "applications.recieved.total"), RECEIVED),
        (("series", "zzzz"), "nianbao indicators"),
        (("series", RECEIVED, "--place", "汶上线"), "汶上县"),
        (("compare", RECEIVED, "2024", "汶上县"), "years are compared with years"),
        (("compare", RECEIVED, "2025", "2025"), "two years are compared"),
        (("review", "--portal", "wenshan"), "wenshang"),
        (("agencies", "list", "--portal", "wenshan"), "wenshang"),
        (("crawl", "汶上县"), "wenshang"),
        (("export", "wacz", "--portal", "汶上", "--year", "2025"), "wenshang"),
        (("export", "wacz", "--portal", "wenshang", "--year", "1999"), "known: 2025"),
    ],
)
def test_what_is_wrong_is_told_with_what_is_right(archive: Path, words: tuple[str, ...], expected: str) -> None:
    ran = ask(archive, *words)
    assert (ran.code, ran.out) == (2, "")
    assert expected in ran.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ("missing", "2025", "济源"),
            "UNKNOWN: none is known missing for 2025, but 1 of 1 duty is unknown (blocked 1)",
        ),
        (("missing", "2025", "--as-of", "2020-01-01"), "none of these duties was known by then; the first was from"),
        (
            ("late", "2025", "汶上"),
            "UNKNOWN: none is known late for 2025, but hardly any department is known of wenshang, where some twenty",
        ),
        (("late", "2025", "汶上", "--kind", "office"), "no duty is known that was asked about"),
        (("late", "2025", "--min-days", "30"), "UNKNOWN: none is known late for 2025 by 30 days or more"),
        (("missing", "2025", "--kind", "township"), "no duty is known that was asked about"),
        (("coverage", "济源市", "--evidence", "proven"), "UNKNOWN"),
        (("revisions", "汶上"), "UNKNOWN: none of the 1 report held was met a second time"),
        (("news", "--since", "2026-03-01"), "UNKNOWN: no news, and nothing was looked at"),
        (("series", RECEIVED, "--kind", "office"), "UNKNOWN: none is known with a figure"),
        (("table", RECEIVED), "UNKNOWN: none is known with a figure"),
        (("rank", RECEIVED, "2025", "--bodies", "--place", "济源"), "UNKNOWN: none is known that can be ranked"),
    ],
)
def test_an_empty_answer_says_whether_it_is_empty_or_unknown(
    archive: Path, words: tuple[str, ...], expected: str
) -> None:
    ran = ask(archive, *words)
    assert ran.code == (0 if "EMPTY" in ran.out else 1)  # of what nobody knows somebody should know that
    assert expected in ran.out


@pytest.mark.parametrize("words", [("missing", "2025", "济源"), ("news", "--since", "2026-03-01"), ("table", RECEIVED)])
def test_programs_are_told_of_it_beside_what_they_read(archive: Path, words: tuple[str, ...]) -> None:
    ran = ask(archive, *words, "--csv")
    assert "UNKNOWN" in ran.err
    assert len(list(csv.reader(io.StringIO(ran.out)))) == 1


def test_exports_without_rows_say_so_too(archive: Path) -> None:
    ran = ask(archive, "export", "duties", "--kind", "office")
    assert (ran.code, ran.out) == (0, "")
    assert "UNKNOWN" in ran.err


def test_names_and_years_are_taken_as_people_write_them(archive: Path) -> None:
    [row] = csv.DictReader(io.StringIO(ask(archive, "missing", "２０２５年", "汶上縣", "--csv").out))
    assert row["agency"] == CZJ
    assert (
        ask(archive, "missing", "2025", "３７０８", "--kind", "部门").out == ask(archive, "missing", "2025", "汶上").out
    )


def test_each_line_for_programs_has_its_reason_and_what_it_rests_on(archive: Path) -> None:
    [row] = csv.DictReader(io.StringIO(ask(archive, "missing", "2025", "汶上", "--csv").out))
    assert "未公布" in row["zh"]
    assert "missing" in row["en"]
    assert len(row["looks"].split()) == len(row["look_times"].split()) == 2
    assert row["look_urls"].split()[0] == "http://www.wenshang.gov.cn/nb/"
    [line] = map(json.loads, ask(archive, "missing", "2025", "汶上", "--jsonl").out.splitlines())
    page = line["looks"][0]["captures"][0]
    assert page in ask(archive, "show-capture", page).out
    lines = [json.loads(one) for one in ask(archive, "coverage", "汶上", "--jsonl").out.splitlines()]
    assert {one["agency"]: bool(one["looks"] or one["captures"]) for one in lines} == {SFJ: True, CZJ: True}
    assert f"look 2026-02-01 09:00 {line['looks'][0]['id'][:8]}" in ask(archive, "missing", "2025", "--links").out


def test_coverage_prints_rates_with_their_bounds(archive: Path) -> None:
    shown = ask(archive, "coverage", "--years", "2025").out
    assert "33–67 %" in shown
    rates = list(csv.DictReader(io.StringIO(ask(archive, "coverage", "--rates", "--csv").out)))
    missing = next(row for row in rates if row["rate"] == "missing")
    assert (missing["count"], missing["unknown"], missing["population"]) == ("1", "1", "3")
    [whole] = json.loads(ask(archive, "coverage", "--json").out)
    assert whole["rates"][0]["rates"]["missing"]["high"] == pytest.approx(2 / 3)
    only = [json.loads(one) for one in ask(archive, "coverage", "--rates", "--jsonl").out.splitlines()]
    assert {one["rate"] for one in only} == {"on_time", "late", "missing", "published"}


def test_status_of_an_agency_needs_no_year(archive: Path) -> None:
    shown = ask(archive, "status", CZJ).out
    assert "missing" in shown
    [line] = map(json.loads, ask(archive, "status", CZJ, "--jsonl").out.splitlines())
    assert (line["year"], line["status"]) == (2025, "missing")
    assert "UNKNOWN" in ask(archive, "status", CZJ, "--as-of", "2020-01-01").out
    before = ask(archive, "status", CZJ, "2025", "--as-of", "2026-02-02")
    assert "absent in one look" in before.out


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2019-2021", [2019, 2020, 2021]),
        ("2019–2021", [2019, 2020, 2021]),
        ("２０１９至２０２１年", [2019, 2020, 2021]),
        ("2019-21", [2019, 2020, 2021]),
        ("2021,2019,2021", [2019, 2021]),
        ("2019、2021年度", [2019, 2021]),
        ("2023", [2023]),
    ],
)
def test_years_are_read_as_people_write_them(text: str, years: list[int]) -> None:
    assert years_of(text) == years


@pytest.mark.parametrize(
    "text", ["", "x", "2019-", "2019-1", "2025-2019", "1066", "20190-20195", "2019-2999", "--", ","]
)
def test_years_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(QueryError, match="--years"):
        years_of(text)


@pytest.mark.parametrize(
    "text", ["2026-02-01", "2026-2-1", "2026/02/01", "2026.2.1", "2026年2月1日", "20260201", "２０２６－０２－０１"]
)
def test_days_are_read_as_people_write_them(text: str) -> None:
    assert moment("--as-of", text, end=True) == datetime(2026, 2, 1, 23, 59, 59, 999999, CHINA)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "01.02.2026",
        "2026-02-30",
        "2026-13-01",
        "0000-01-01",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_days_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(QueryError, match="--as-of"):
        moment("--as-of", text, end=True)


@pytest.mark.parametrize("text", ["", "20255", "abc", "2019,2020", "2019-2020", "1066", "²⁰²⁵x"])
def test_a_year_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        year_of(text)


def test_what_is_known_is_told_in_one_sentence() -> None:
    everything = Known(duties=5, not_owed=1, unknown=0, reasons={}, undetermined=1)
    assert (
        nothing("late", everything) == "EMPTY: none late; all 5 duties are known, 1 of them not due yet or not expected"
    )
    assert (
        nothing("late", everything, timed=True)
        == "UNKNOWN: none is known late, but whether 1 published report was on time is unknown"
    )
    assert besides(everything) == ""
    beside = Known(duties=5, not_owed=0, unknown=0, reasons={}, undetermined=0, unnamed=9, unread=1, guessed=2)
    assert nothing("late", beside) == (
        "UNKNOWN: none is known late, but 9 reports are held that name nobody known, or no year: nianbao review; "
        "1 list is not read to the end, or showing less than before: nianbao runs and nianbao review say why; "
        "2 bodies are only guessed: no source attests so much"
    )
    guessed = Known(duties=5, not_owed=0, unknown=0, reasons={}, undetermined=0, guessed=1)
    assert nothing("late", guessed) == (
        "EMPTY: none late; all 5 duties are known; 1 body is only guessed: no source attests so much"
    )
    unborn = Known(duties=3, not_owed=3, unknown=0, reasons={}, undetermined=0)
    assert nothing("missing", unborn).startswith("EMPTY: none missing; none of the 3 duties is due yet")
    assert nothing("missing", replace(everything, few=("a",))).startswith("UNKNOWN: none is known missing, but hardly")


@pytest.mark.parametrize("question", [("missing", "2025"), ("late", "2025"), ("coverage",), ("review",)])
def test_an_archive_without_a_portal_knows_nothing(tmp_path: Path, question: tuple[str, ...]) -> None:
    init_home(tmp_path / "none", simulated=True)
    ran = ask(tmp_path / "none", *question)
    assert ran.code == 1
    assert "no portal was looked at yet" in ran.out


@pytest.mark.parametrize(
    "question",
    [
        ("missing", "2025"), ("late", "2025"), ("coverage",), ("coverage", "--rates"), ("status", CZJ, "2025"),
        ("series", "applications.received.total"), ("table", "applications.received.total"),
        ("rank", "applications.received.total", "2025"), ("revisions",), ("check",), ("rollup", "汶上县", "2025"),
        ("search", "公开"), ("export", "figures", "applications.received.total"), ("release", "2099-01"),
    ],
)  # fmt: skip
def test_a_day_that_has_not_come_is_refused(archive: Path, question: tuple[str, ...]) -> None:
    ahead = ask(archive, *question, "--as-of", "2099-01-01")
    assert (ahead.code, ahead.out) == (2, "")
    assert "2099-01-01 23:59 has not come yet" in ahead.err
    assert not (archive / "releases").exists()


def test_rates_that_nobody_knows_are_told_as_such(archive: Path) -> None:
    before = ask(archive, "coverage", "--rates", "--as-of", "2020-01-01")
    assert before.code == 1
    assert "UNKNOWN: none is known" in before.out
    assert "as known at 2020-01-01 23:59" in before.out


def test_this_day_is_asked_about_as_far_as_it_has_come(archive: Path) -> None:
    today = ask(archive, "missing", "2025", "汶上", "--as-of", "2026-04-02")
    assert CZJ in today.out
    assert "has not come yet" not in today.err
    assert "as known at 2026-04-02 23:59" not in today.out


def test_news_and_changes_of_days_to_come_are_refused(archive: Path) -> None:
    for question in (("news",), ("revisions",)):
        ahead = ask(archive, *question, "--since", "2099-01-01")
        assert (ahead.code, ahead.out) == (2, "")
        assert "has not come yet" in ahead.err
    assert ask(archive, "news", "--since", "2026-02-01", "--until", "2099-01-01").code == 2


def test_numbers_beyond_all_reason_are_answered(archive: Path) -> None:
    last = ask(archive, "missing", "2025", "--as-of", "9999-12-31")
    assert (last.code, last.out) == (2, "")
    assert "9999-12-31 23:59 has not come yet" in last.err
    old = ask(archive, "export", "figures", "applications.received.total", "--codes", "1")
    assert (old.code, old.out) == (2, "")
    assert "division codes are known from" in old.err


@pytest.mark.parametrize("place", ["汶上县南站街道", "汶上县XYZ", "370830101", "370830101000", "汶上县' OR '1'='1"])
def test_what_lies_in_a_place_or_is_none_is_not_the_place(archive: Path, place: str) -> None:
    ran = ask(archive, "missing", "2025", place)
    assert (ran.code, ran.out) == (2, "")
    assert "No portal is at" in ran.err


@pytest.mark.parametrize("place", ["山东省济宁市汶上县", "汶上", "370830000000", "37083", "济宁市"])
def test_a_place_is_meant_by_all_its_names(archive: Path, place: str) -> None:
    assert CZJ in ask(archive, "missing", "2025", place).out


@pytest.mark.parametrize("words", [("news", "--since", "2026-02-01", "--atom"), ("diff", CZJ, "2025", "--html")])
def test_a_feed_or_page_replaces_no_file_of_the_archive(archive: Path, words: tuple[str, ...]) -> None:
    before = {path: path.read_bytes() for path in archive.glob("*.sqlite")}
    for place in (*map(str, before), "/dev/null", str(archive / "not" / "there.xml")):
        assert ask(archive, *words, place).code == 2
    assert ({path: path.read_bytes() for path in before}, Path("/dev/null").is_file()) == (before, False)
