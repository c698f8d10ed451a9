"""What the registry's rows say of agencies: who follows whom, which sources name them, and what in them is doubtful."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from archive.assessment.registry import Lineage, attestations, doubt_codes, doubts, kind_of
from archive.assessment.stated_agency_counts import compare_stated_counts, stated_count_differs
from storage.records import Agency, AgencyEnd, AgencyKind, Portal
from tests.case_tables import read_cases

AT = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 3, 1, tzinfo=UTC)


def agency(key: str, name: str = "", **more: Any) -> Agency:
    given = {"kind": AgencyKind.DEPARTMENT, "recorded_at": AT, **more}
    given |= {one: date.fromisoformat(given[one]) for one in ("valid_from", "valid_to") if one in given}
    given["successors"] = tuple(f"ws/{one}" for one in given.get("successors", "").split())
    given |= {"parent": f"ws/{given['parent']}"} if "parent" in given else {}
    return Agency(id=f"ws/{key}", portal="ws", name=name or key, **given)


# ------------------------------------------------------------------------------------------------ lineage


def carried(*agencies: Agency, reported: str, year: int = 2025) -> str | None:
    held = {(f"ws/{name}", year - 1) for name in reported.split()}
    names = Lineage(agencies).carried_from("ws/new", year, held)
    return None if names is None else " ".join(names).replace("ws/", "")


def test_whom_to_ask_is_who_stands_at_the_end_and_a_circle_leads_nowhere() -> None:
    rows = {"a": "b c", "b": "d", "c": "", "d": "", "e": "gone", "f": "", "x": "y", "y": "z", "z": "x"}
    line = Lineage([agency(key, successors=heirs) for key, heirs in rows.items()])
    assert line.heirs("ws/a") == ("ws/d", "ws/c")
    assert line.heirs("ws/e") == ("ws/gone",)
    assert line.heirs("ws/f") == line.heirs("unheard of") == ()
    assert line.heirs("ws/x") == ("ws/z",)
    assert [one.id for one in line.predecessors("ws/d")] == ["ws/b"]


def described(text: str) -> Agency:
    """An agency as a case gives it: its key, its first and last day, who followed it, and what else is known of it."""
    key, *words = text.split()
    first, _, last = next((one for one in words if ".." in one), "..").partition("..")
    days = {name: day for name, day in (("valid_from", first), ("valid_to", last)) if day}
    more: dict[str, Any] = dict(one.split("=") for one in words if "=" in one)
    more |= {"ended": AgencyEnd(more["ended"])} if "ended" in more else {}
    more |= {"aliases": (more["aliases"],)} if "aliases" in more else {}
    return agency(key, successors=" ".join(one[1:] for one in words if one[0] == ">"), **days, **more)


@pytest.mark.parametrize(("rows", "reported", "expected"), read_cases(__file__, "carried"))
def test_whose_last_report_carries_over(rows: str, reported: str, expected: str) -> None:
    assert carried(*map(described, rows.split(";")), reported=reported) == (None if expected == "none" else expected)


# ------------------------------------------------------------------------------------------------ doubts


def told(*agencies: Agency, division: str | None = "370830") -> list[tuple[str, str, tuple[str, ...]]]:
    portal = Portal(name="ws", place="汶上县", division=division, hosts=(), family="x", recorded_at=AT)
    return [(one.code, one.subject.removeprefix("ws/"), one.others) for one in doubts(portal, agencies)]


def test_a_registry_in_order_has_no_doubts() -> None:
    gov = agency("gov", "汶上县人民政府", kind=AgencyKind.GOVERNMENT)
    merged = agency("old", "工商局", valid_to="2019-01-31", ended=AgencyEnd.MERGED, successors="new")
    new = agency("new", "市场监管局", valid_from="2019-02-01", parent="gov", code="11370830004335465W")
    assert told(gov, merged, new) == told() == told(division=None) == []
    assert told(agency("a", "局", valid_to="2018-12-31"), agency("b", "局", valid_from="2019-01-01")) == []


@pytest.mark.parametrize(("agencies", "expected"), read_cases(__file__, "doubts"))
def test_each_doubt_is_told_once(agencies: str, expected: tuple[str, str, tuple[str, ...]]) -> None:
    assert told(*map(described, agencies.split(";"))) == [expected]
    assert expected[0] in doubt_codes()


def test_a_division_code_that_is_no_longer_in_force_or_never_was_is_doubted() -> None:
    assert told(division="371202") == [("division_former", "ws", ())]
    assert told(division="999999") == [("division_unknown", "ws", ())]


# ------------------------------------------------------------------------------------------------ sources


@pytest.mark.parametrize(("source", "kind"), read_cases(__file__, "sources"))
def test_a_source_is_of_one_kind(source: str, kind: str) -> None:
    assert kind_of(source) == kind


def test_every_source_that_ever_named_a_body_is_told_the_most_trusted_first() -> None:
    rows = [
        agency("a", source="ws.csv: guessed: http://a/", guessed=True),
        agency("a", source="ws.csv: http://a/jgsz", recorded_at=LATER),
        agency("a", source="import of june.xlsx: letter", recorded_at=LATER),
    ]
    found = attestations(rows, published={2023, 2021})
    assert [(one.kind, one.attests) for one in found] == [
        ("operator", True), ("published", True), ("directory", True), ("guessed", False),
    ]  # fmt: skip
    assert (found[1].years, found[1].since) == ((2021, 2023), None)
    assert found[3].since == date(2026, 1, 1)
    # a row marked as a guess attests nothing, whatever list it came in with
    assert [one.kind for one in attestations([agency("a", source="import of x.csv: y", guessed=True)])] == ["guessed"]


# ----------------------------------------------------------------------------- numbers of agencies that a report states


@pytest.mark.parametrize(("text", "expected"), read_cases(__file__, "sentences"))
def test_numbers_of_bodies_that_publish_reports(text: str, expected: tuple[tuple[int, str, bool], ...]) -> None:
    assert tuple((one.number, one.what, one.exact) for one in compare_stated_counts(text, (), 2023)) == expected


def registry(*kinds: AgencyKind, **more: str) -> list[Agency]:
    return [agency(f"{at}{kind}", kind=kind, **more) for at, kind in enumerate(kinds)]


def test_the_registry_of_that_year_is_counted_by_kinds_and_doubtful_kinds_are_a_margin() -> None:
    agencies = registry(*AgencyKind)
    gone = registry(*[AgencyKind.SUBDISTRICT] * 3, valid_to="2023-12-30")
    text = "全县5家单位、2个部门、2个镇的年度报告均已公开。"
    found = {one.what: one for one in compare_stated_counts(text, agencies + gone, 2023)}
    assert {what: (one.least, one.most, one.agrees, one.lacks) for what, one in found.items()} == {
        "all": (4, 6, True, 0),
        "departments": (2, 3, True, 0),
        "townships": (2, 2, True, 0),
    }
    before = {one.what: one for one in compare_stated_counts(text, agencies + gone, 2022)}
    assert (before["townships"].least, before["townships"].agrees) == (5, False)


def test_what_the_registry_lacks_is_a_finding_that_quotes_the_sentence() -> None:
    text = "一、总体情况\n完成全县64家单位年度报告公开。又：全县64家单位年度报告公开到位。"
    (found,) = compare_stated_counts(text, registry(AgencyKind.DEPARTMENT), 2024)
    finding = stated_count_differs(found, 2024)
    assert (found.lacks, finding.code, finding.expected, finding.found) == (63, "bodies_stated", "1", "64")
    assert "完成全县64家单位年度报告公开" in finding.en
