"""One page for two bodies: each has its report where the text names both; else the other's is unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.exports.duty_and_lead_rows import duty_rows, lead_rows
from archive.projection.update import rebuild, update
from archive.queries.check import check
from archive.queries.review import review
from storage.home import Home
from storage.records import CaptureOutcome, RulingKind
from tests.projection.small_archive import Site, at, new_archive, report_page

SFJ, CZJ = "汶上县司法局", "汶上县财政局"
BOTH = f"{SFJ}、{CZJ}"
LATER = "2026-03-01 09:00"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_archive(tmp_path / "archive")


def title(name: str, year: int = 2025) -> str:
    return f"{name}{year}年政府信息公开工作年度报告"


def page(name: str = "", opening: str = "", foot: str = "") -> bytes:
    """A report titled for ``name``, of which the opening names the bodies of ``opening``; ``foot`` signs it."""
    text = report_page(SFJ, 2025).decode().replace(title(SFJ), title(name))
    text = text.replace(f"{SFJ}按照规定", f"{opening or name or '本机关'}按照规定")
    return text.replace("</body>", f"{foot}</body>").encode()


def linked(home: Home, body: bytes | None, *titles: str) -> Site:
    """A list whose entries of these titles have one address; two looks in January, and two in February."""
    site = Site(home, first_year=2025)
    site.agency("sfj", SFJ)
    site.agency("czj", CZJ)
    listing = site.column()
    links = [("1.html", one, "2026-01-20") for one in titles]
    for day in ("2026-01-20 09:00", "2026-02-02 09:00", "2026-02-12 09:00"):
        site.look(day, listing, links)
    outcome = CaptureOutcome.PAGE if body else CaptureOutcome.TOO_LARGE
    site.fetch("2026-01-20 09:05", "1.html", body, outcome=outcome)
    return site


def told(home: Home) -> dict[str, tuple[object, ...]]:
    update(home, workers=1)
    rows = duty_rows(home, as_of=at(LATER))
    return {str(row["agency"]): (row["status"], row["evidence"], "shared_report" in row["findings"]) for row in rows}  # type: ignore[operator]


TWO = (title(SFJ), title(CZJ))
ON_TIME, UNKNOWN = ("on_time", "proven"), ("unknown", "none")


@pytest.mark.parametrize("titles", [TWO, (title(BOTH),), (title(SFJ),)], ids=["two links", "a joint one", "one of one"])
@pytest.mark.parametrize(
    "name",
    [BOTH, f"{SFJ}和{CZJ}", f"{SFJ}、财政局", f"{SFJ}{CZJ}", f"{SFJ}（{CZJ}）"],
)
def test_a_title_of_two_bodies(home: Home, name: str, titles: tuple[str, ...]) -> None:
    linked(home, page(name), *titles)
    assert told(home) == {SFJ: (*ON_TIME, True), CZJ: (*ON_TIME, True)}


@pytest.mark.parametrize(
    "body",
    [
        page(SFJ, foot=f"<p>{SFJ}</p><p>{CZJ}</p><p>2026年1月20日</p>"),
        page("", opening=BOTH),
        page(""),
    ],
    ids=["both sign", "no title", "nobody is named"],
)
def test_two_links_to_one_report_of_both(home: Home, body: bytes) -> None:
    linked(home, body, *TWO)
    assert told(home) == {SFJ: (*ON_TIME, True), CZJ: (*ON_TIME, True)}


@pytest.mark.parametrize("titles", [TWO, (title(BOTH),)], ids=["two links", "a joint one"])
def test_a_text_that_names_one_leaves_the_other_unknown(home: Home, titles: tuple[str, ...]) -> None:
    linked(home, page(SFJ), *titles)
    assert told(home) == {SFJ: (*ON_TIME, False), CZJ: (*UNKNOWN, True)}


def test_the_text_decides_against_the_link(home: Home) -> None:
    linked(home, page(CZJ), *TWO)
    assert told(home) == {SFJ: (*UNKNOWN, True), CZJ: (*ON_TIME, False)}


@pytest.mark.parametrize("titles", [TWO, (title(BOTH),)], ids=["two links", "a joint one"])
def test_of_what_cannot_be_fetched_the_links_speak(home: Home, titles: tuple[str, ...]) -> None:
    linked(home, None, *titles)
    assert told(home) == {SFJ: (*ON_TIME, True), CZJ: (*ON_TIME, True)}


def test_a_link_of_one_body_to_anothers_report_is_no_shared_one(home: Home) -> None:
    linked(home, page(SFJ), title(CZJ))
    assert told(home) == {SFJ: (*ON_TIME, False), CZJ: (*UNKNOWN, False)}


def test_a_person_decides(home: Home) -> None:
    site = linked(home, page(SFJ), *TWO)
    site.rule("2026-02-20 09:00", RulingKind.BINDING, site.url("1.html"), agency="wenshang/sfj", year=2025)
    assert told(home) == {SFJ: (*ON_TIME, False), CZJ: ("missing", "proven", False)}


def test_each_has_its_edition_and_its_leads_and_a_rebuild_gives_the_same(home: Home) -> None:
    linked(home, page(BOTH), *TWO)
    update(home, workers=1)
    rows = list(duty_rows(home, as_of=at(LATER)))
    editions = [edition["id"] for row in rows for edition in row["editions"]]  # type: ignore[attr-defined]
    assert [one.split("@")[0] for one in editions] == ["wenshang/czj/2025", "wenshang/sfj/2025"]
    assert {tuple(row["urls"]) for row in rows} == {("http://www.wenshang.gov.cn/1.html",)}  # type: ignore[arg-type]
    assert {(row["agency"], row["title"]) for row in lead_rows(home)} == {(SFJ, TWO[0]), (CZJ, TWO[1])}
    assert not [line for line in review(home) if line.kind != "scope"]
    assert not check(home, codes=["same_document"]).lines
    assert not [finding for row in rows for finding in row["findings"] if finding in ("page_gone", "withdrawn")]  # type: ignore[attr-defined]
    rebuild(home, workers=1)
    assert list(duty_rows(home, as_of=at(LATER))) == rows
