"""How many bodies a report says have published one, against the registry of that year."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from archive.assessment.bodies_stated import bodies_stated, stated_bodies
from storage.records import Agency, AgencyKind
from tests.case_tables import read_cases

AT = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("text", "expected"), read_cases(__file__, "sentences"))
def test_numbers_of_bodies_that_publish_reports(text: str, expected: tuple[tuple[int, str, bool], ...]) -> None:
    assert tuple((one.number, one.what, one.exact) for one in stated_bodies(text, (), 2023)) == expected


def registry(*kinds: AgencyKind, valid_to: date | None = None) -> list[Agency]:
    return [
        Agency(id=f"ws/{at}{kind}", portal="ws", name=str(at), kind=kind, valid_to=valid_to, recorded_at=AT)
        for at, kind in enumerate(kinds)
    ]


def test_the_registry_of_that_year_is_counted_by_kinds_and_doubtful_kinds_are_a_margin() -> None:
    bodies = registry(*AgencyKind)
    gone = registry(*[AgencyKind.SUBDISTRICT] * 3, valid_to=date(2023, 12, 30))
    text = "全县5家单位、2个部门、2个镇的年度报告均已公开。"
    found = {one.what: one for one in stated_bodies(text, bodies + gone, 2023)}
    assert {what: (one.least, one.most, one.agrees, one.lacks) for what, one in found.items()} == {
        "all": (4, 6, True, 0),
        "departments": (2, 3, True, 0),
        "townships": (2, 2, True, 0),
    }
    before = {one.what: one for one in stated_bodies(text, bodies + gone, 2022)}
    assert (before["townships"].least, before["townships"].agrees) == (5, False)


def test_what_the_registry_lacks_is_a_finding_that_quotes_the_sentence() -> None:
    text = "一、总体情况\n完成全县64家单位年度报告公开。又：全县64家单位年度报告公开到位。"
    (found,) = stated_bodies(text, registry(AgencyKind.DEPARTMENT), 2024)
    finding = bodies_stated(found, 2024)
    assert (found.lacks, finding.code, finding.expected, finding.found) == (63, "bodies_stated", "1", "64")
    assert "完成全县64家单位年度报告公开" in finding.en
