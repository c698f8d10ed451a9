"""``series``, ``table``, ``rank``, ``compare``, ``indicators`` as people and programs meet them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_archive import Site, new_archive, report_page

from archive.projection.update import update
from storage.records import AgencyKind
from tests.played import Ran, nianbao

RECEIVED, PERSONS = "applications.received.total", "applications.received.natural_person"
ROWS = {"carried_in": 3, "result.granted": 2, "result.denied.third_party": 1, "result.total": 3}  # sums hold
COLUMNS = ("natural_person", "total")
COUNTY, SFJ, ODD = "汶上县人民政府", "汶上县司法局", "=汶上县民政局"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("figuring") / "archive"
    with new_archive(path) as home:
        site = Site(home, first_year=2024)
        site.agency("xrmzf", COUNTY, AgencyKind.GOVERNMENT)
        site.agency("sfj", SFJ)
        site.agency("mzj", ODD)
        column = site.column(covers=(AgencyKind.GOVERNMENT, AgencyKind.DEPARTMENT))
        reports: list[tuple[str, dict[str, object]]] = [
            (COUNTY, {f"applications.{row}.{column}": n for row, n in ROWS.items() for column in COLUMNS}),
            (SFJ, {RECEIVED: None, PERSONS: None}),
        ]
        links = [(f"nb/{n}.html", f"{name}2025年政府信息公开工作年度报告") for n, (name, _) in enumerate(reports)]
        site.look("2026-02-09 09:00", column, links)
        for n, (name, cells) in enumerate(reports):
            site.fetch("2026-02-09 09:01", f"nb/{n}.html", report_page(name, 2025, cells))  # type: ignore[arg-type]
        update(home)
    return path


def ask(archive: Path, *words: str) -> Ran:
    return nianbao(*words, archive=archive)


def table(ran: Ran) -> list[dict[str, str]]:
    assert ran.code == 0, ran.err
    return list(csv.DictReader(io.StringIO(ran.out)))


def test_the_long_form_gives_value_and_state_apart(archive: Path) -> None:
    rows = table(ask(archive, "series", RECEIVED, "--place", "3708", "--years", "2025", "--csv"))
    told = {row["agency"]: (row["value"], row["state"], row["status"]) for row in rows}
    assert told[COUNTY][:2] == ("0", "printed")
    assert told[SFJ][:2] == ("", "blank")
    assert told[f"'{ODD}"] == ("", "missing", "missing")  # no spreadsheet runs a name
    assert {row["unit"] for row in rows} == {"件"}


def test_the_wide_form_has_columns_for_each_year(archive: Path) -> None:
    rows = table(ask(archive, "series", RECEIVED, "--years", "2024-2025", "--wide", "--csv"))
    assert len(rows) == 3
    county = next(row for row in rows if row["agency"] == COUNTY)
    assert (county["2025"], county["2025_state"], county["2024"], county["2024_status"]) == (
        "0", "printed", "", "missing",
    )  # fmt: skip
    shown = ask(archive, "series", RECEIVED, "--years", "2024-2025", "--wide").out
    assert "□: printed and left blank" in shown
    assert "1 of 6 have a figure" in shown


def test_json_says_definition_edition_and_time(archive: Path) -> None:
    [found] = json.loads(ask(archive, "series", "denial_rate", "--agency", COUNTY, "--years", "2025", "--json").out)
    [indicator] = found["indicators"]
    assert indicator["id"] == "derived.denial_rate"
    assert "不予公开" in indicator["zh"]
    [line] = found["lines"]
    assert (line["figure"]["value"], line["figure"]["n"], line["figure"]["part"]) == (0.333333, 3, 1)
    assert "small_n" in line["marks"]
    assert found["edition"] == "last"
    assert found["as_of"]


def test_a_small_rate_is_never_shown_without_saying_so(archive: Path) -> None:
    shown = ask(archive, "series", "derived.denial_rate", "--agency", COUNTY, "--years", "2025").out
    assert "33.3% n=3!" in shown
    assert "!: a rate of fewer than 20 cases" in shown
    ranked = ask(archive, "rank", "derived.denial_rate", "2025")
    assert "none has 20 cases or more" in ranked.out
    assert "not ranked, of fewer than 20 cases (--min-n): 1" in ranked.out


def test_a_file_holds_the_ranked_and_those_set_apart_as_the_terminal_does(archive: Path, tmp_path: Path) -> None:
    printed = table(ask(archive, "rank", "derived.denial_rate", "2025", "--csv"))
    assert [(row["list"], row["rank"], row["n"]) for row in printed] == [("set_apart", "", "3")]
    for more in ([], ["--slim"]):
        place = tmp_path / "ranked.csv"
        ran = ask(archive, "rank", "derived.denial_rate", "2025", "--lang", "en", *more, "--output", str(place))
        assert ran.code == 0, ran.err
        [row] = csv.DictReader(io.StringIO(place.read_text("utf-8-sig")))
        assert (row["Rank"], row["Cases"], row["Value"]) == ("", "3", "0.333333")
        assert ("List" in row) is not bool(more)  # a line without a rank is one that is set apart


def test_a_sum_says_what_is_added_up_and_what_is_not_known(archive: Path) -> None:
    shown = ask(archive, "table", RECEIVED, "--bodies", "--years", "2025").out
    assert "no figure (0/2)" in shown
    assert "no government's" in shown
    assert "1 blank, 1 missing" in shown
    [row] = table(ask(archive, "table", RECEIVED, "--years", "2025", "--csv"))
    assert (row["value"], row["reports"], row["owed"], row["complete"]) == ("0", "1", "1", "true")
    mixed = ask(archive, "table", RECEIVED, "--kind", "government", "--kind", "department")
    assert mixed.code == 2
    assert "count twice" in mixed.err


def test_years_and_bodies_are_compared(archive: Path) -> None:
    [row] = table(ask(archive, "compare", RECEIVED, "2024", "2025", "--csv"))
    assert (row["before"], row["before_state"], row["after"], row["change"]) == ("", "missing", "0", "")
    beside = ask(archive, "compare", RECEIVED, "汶上县", SFJ, "--years", "2025").out
    assert f"year\t{COUNTY}\t{SFJ}" in beside
    assert "2025\t0\t□" in beside
    for words in (("2024",), ("汶上县",), ("2023", "2024", "2025"), ("汶上县", SFJ, "--portal", "wenshang")):
        assert ask(archive, "compare", RECEIVED, *words).code == 2


def test_wrong_questions_are_answered_with_what_was_meant(archive: Path) -> None:
    for words, meant in (
        (("series", "applications.received"), RECEIVED),
        (("rank", "受理", "2025"), "nianbao indicators"),
        (("series", RECEIVED, "--years", "1999"), "2024"),
        (("series", RECEIVED, "--place", "汶下县"), "汶上县"),
        (("series", RECEIVED, "--codes", "2031"), "2024"),
        (("table", RECEIVED, "--bodies", "--kind", "department"), "Give either bodies or kind"),
    ):
        ran = ask(archive, *words)
        assert ran.code == 2
        assert meant in ran.err
        assert len([line for line in ran.err.splitlines() if line.startswith("nianbao: ")]) == 1


def test_indicators_are_listed_without_an_archive() -> None:
    listed = nianbao("indicators", "不予公开", "--csv")
    rows = table(listed)
    assert "derived.denial_rate" in {row["id"] for row in rows}
    assert nianbao("indicators", "天气").code == 2
