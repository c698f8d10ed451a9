"""Bodies that only their own reports name: who is taken into the registry as guessed, and who is left to people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from identity_making import SHOWN, agency, listing, reading

from archive.identity.agency_csv import is_self_named
from archive.identity.binding import bind
from archive.identity.classification import lead_of
from archive.projection.self_named import self_named
from storage.records import Agency, AgencyKind, Binding, IdentityEvidence, Lead, Link, Listing, Portal

NOW = datetime(2026, 4, 2, tzinfo=UTC)
PLAIN = "{year}年政府信息公开工作年度报告"
GOV = agency("gov", "汶上县人民政府", AgencyKind.GOVERNMENT)
SFJ = agency("sfj", "汶上县司法局")
BOTH = (AgencyKind.DEPARTMENT, AgencyKind.TOWNSHIP)


class Column:
    """A list of a portal: reports are put on it, and bound against the registry's ``rows``."""

    def __init__(self, portal: Portal, *rows: Agency, row: Listing | None = None) -> None:
        self.portal, self.rows = portal, rows or (GOV, SFJ)
        self.row = row or listing(covers=BOTH)
        self.leads: list[Lead] = []
        self.bindings: list[Binding] = []
        self.said: dict[str, IdentityEvidence] = {}

    def report(self, year: int, title: str = PLAIN, *, link: str = "", body: str = "", **more: Any) -> None:
        """A report under ``title``; ``body`` stands in its publisher and its text, where ``more`` says nothing else."""
        number = len(self.bindings) + 1
        url = f"http://www.wenshang.gov.cn/art/{year + 1}/1/20/art_1_{number}.html"
        title = title.format(year=year)
        given = {"meta": {"发布机构": body}, "statements": (body,)} if body else {}
        read = replace(reading(title, period=(year,), **{**given, **more}), document=f"{number:064}")
        text = (link or title).format(year=year)
        lead = lead_of(Link(url=url, text=text, capture="c"), self.row, self.portal, self.rows)
        self.leads.append(lead)
        self.said[read.document] = read.identity
        self.bindings.append(
            bind(
                read, url=url, lead=lead, listing=self.row, portal=self.portal, agencies=self.rows, rulings=(),
                shown_at=SHOWN,
            )
        )  # fmt: skip

    def named(self) -> list[str]:
        return [one.name for one in self.taken()]

    def taken(self) -> Sequence[Agency]:
        return self_named(self.portal, self.rows, [self.row], self.leads, self.bindings, self.said, now=NOW)


def test_a_body_that_publisher_and_text_name_is_taken_as_guessed(portal: Portal) -> None:
    column = Column(portal)
    for year in (2023, 2024):
        column.report(year, body="汶上县林业局")
    (one,) = column.taken()
    assert (one.name, one.kind, one.guessed, one.recorded_at) == ("汶上县林业局", AgencyKind.DEPARTMENT, True, NOW)
    assert one.source.endswith("/art/2025/1/20/art_1_2.html")
    assert is_self_named(one)
    assert not is_self_named(replace(one, guessed=False, source="import of list.csv: a document"))


def test_a_township_listed_by_its_short_name_is_taken_under_its_own(portal: Portal) -> None:
    column = Column(portal)
    title = "汶上县郭仓镇人民政府{year}年政府信息公开工作年度报告"
    column.report(
        2024, title, link="郭仓镇", statements=("汶上县郭仓镇人民政府办公室",), meta={"来源": "郭仓镇人民政府"}
    )
    (one,) = column.taken()
    assert (one.name, one.kind) == ("汶上县郭仓镇人民政府", AgencyKind.TOWNSHIP)


def test_one_part_alone_is_not_beyond_doubt(portal: Portal) -> None:
    column = Column(portal)
    column.report(2024, statements=("汶上县林业局",), running=("汶上县林业局",))
    title = "汶上县水利局{year}年政府信息公开工作年度报告"
    column.report(2024, title, meta={"articletitle": title.format(year=2024)})
    column.report(2024, statements=("民政局",), meta={"发布机构": "民政局"})  # nobody says of which place
    assert column.named() == []


@pytest.mark.parametrize(
    "given",
    [
        {"meta": {"发布机构": "汶上县民政局"}, "statements": ("汶上县林业局",)},
        {"meta": {"发布机构": "汶上县林业局"}, "statements": ("汶上县林业局", "汶上县民政局")},
        {"body": "济宁市林业局"},
        {"body": "梁山县林业局"},
        {"body": "汶上县人民政府办公室"},
        {"body": "汶上县林业局办公室"},
        {"body": "汶上县公安局南站派出所"},
        {"body": "国家税务总局汶上县税务局"},
    ],
)
def test_whom_the_report_contradicts_and_bodies_of_others_are_left_to_people(portal: Portal, given: Any) -> None:
    column = Column(portal)
    column.report(2024, **given)
    assert column.named() == []


@pytest.mark.parametrize(
    ("known", "met"),
    [
        ("汶上县林业和草原局", "汶上县林业局"),
        ("林业局", "汶上县林业局"),
        ("济宁市汶上县林业局", "汶上县林业局"),
        ("汶上县水务局", "汶上县水利局"),
        ("汶上县教体局", "汶上县教育体育局"),
        ("汶上县医疗保障局", "汶上县医疗保险局"),
        ("汶上县郭仓镇人民政府", "汶上县郭仓街道办事处"),
        ("汶上县郭仓镇", "汶上县郭仓镇人民政府"),
        ("汶上县郭仓镇人民政府", "汶上县郭合镇人民政府"),
    ],
)
def test_no_body_is_doubled_that_could_be_known_under_another_name(portal: Portal, known: str, met: str) -> None:
    kind = AgencyKind.TOWNSHIP if "郭仓" in known else AgencyKind.DEPARTMENT
    column = Column(portal, GOV, agency("known", known, kind), row=listing(covers=(*BOTH, AgencyKind.SUBDISTRICT)))
    column.report(2024, body=met)
    assert column.named() == []
    former = agency("known", "汶上县商务局", kind, aliases=(known,))
    column = Column(portal, GOV, former, row=listing(covers=(*BOTH, AgencyKind.SUBDISTRICT)))
    column.report(2024, body=met)
    assert column.named() == []


def test_neither_of_two_new_names_is_taken_that_may_be_one_bodys(portal: Portal) -> None:
    column = Column(portal)
    column.report(2023, body="汶上县林业局")
    column.report(2024, body="汶上县林业和草原局")
    column.report(2024, body="汶上县上店镇人民政府")
    column.report(2024, body="汶上县小店镇人民政府")  # with reports on one year they are two
    assert column.named() == ["汶上县上店镇人民政府", "汶上县小店镇人民政府"]


def test_the_list_must_be_one_of_many_and_cover_the_kind(portal: Portal) -> None:
    whole, towns = listing(), listing(covers=(AgencyKind.TOWNSHIP,))
    anothers, governments = listing(agency="wenshang/gov"), listing(covers=(AgencyKind.GOVERNMENT,))
    for row, names in ((whole, ["汶上县林业局"]), (towns, []), (anothers, []), (governments, [])):
        column = Column(portal, row=row)
        column.report(2024, body="汶上县林业局")
        assert column.named() == names


def test_on_the_site_of_one_body_all_others_are_shown_again(portal: Portal) -> None:
    column = Column(portal, SFJ)
    column.report(2024, body="汶上县林业局")
    assert column.named() == []


def test_who_fell_silent_may_have_ended(portal: Portal) -> None:
    column = Column(portal)
    column.report(2022, body="汶上县林业局")
    column.report(2023, body="汶上县民政局")
    column.report(2024, body="汶上县司法局")
    assert column.named() == ["汶上县民政局"]
