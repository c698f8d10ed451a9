"""The ground truth holds together, and its figures are those of real reports where it says so."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from archive.forms.loader import form
from imitation import figures
from imitation.portals.all import sites
from imitation.records import Scenario
from imitation.scenario import load
from imitation.wording import values

REAL = {
    "wenshang/sfj/2022": "wenshang_sfj_2022",
    "yiyuan/sfj/2024": "yiyuan_sfj_2024",
    "jiyuan/sfj/2023": "jiyuan_sfj_2023",
    "luoyang/sfj/2021": "luoyang_sfj_2021",
    "yaodu/sfj/2019": "yaodu_sfj_2019",
}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load()


def test_five_portals_and_one_that_no_spider_knows(scenario: Scenario) -> None:
    assert [p.name for p in scenario.portals if not p.new] == ["wenshang", "yiyuan", "jiyuan", "yaodu", "luoyang"]
    assert [p.name for p in scenario.portals if p.new] == ["luanchuan"]


def test_every_agency_has_a_report_or_an_absence_for_every_year(scenario: Scenario) -> None:
    told = {report.key for report in scenario.reports()}
    for portal in scenario.portals:
        assert 4 < len(portal.agencies) < 30
        for agency in portal.agencies:
            assert {f"{portal.name}/{agency.id}/{year}" for year in (2022, 2023, 2024, 2025)} <= told


def test_addresses_are_unique(scenario: Scenario) -> None:
    by_host = sites(scenario)
    addresses = [by_host[p.hosts[0]].url(e) for p in scenario.portals for e in (*p.reports, *p.others)]
    assert len(addresses) == len(set(addresses)) > 200


def test_known_real_addresses(scenario: Scenario) -> None:
    by_host = sites(scenario)
    made = {r.key: by_host[p.hosts[0]].url(r) for p in scenario.portals for r in p.reports}
    assert made["wenshang/gcz/2025"] == (
        "http://www.wenshang.gov.cn/module/xxgk/xxgkAnnualReport.jsp?area=11370830004335465W&fbtime=2025"
    )
    assert made["yiyuan/xrmzf/2023"] == (
        "http://www.yiyuan.gov.cn/gongkai/channel_c_5f9f696d489871774b4da7ea_n_1605850162.1332/"
        "doc_65d31c1b0adcabfa3655daae.html"
    )
    assert made["jiyuan/srmzf/2019"].endswith("jiyuan.gov.cn/zwgk/zfxxgk/zfxxgknb/t657193.html")


@pytest.mark.parametrize(("key", "name"), REAL.items())
def test_figures_of_real_reports(scenario: Scenario, shared: Path, key: str, name: str) -> None:
    truth = shared / "corpus" / f"{name}.truth.json"
    report = next(r for r in scenario.reports() if r.key == key)
    wanted = json.loads(truth.read_text("utf-8"))["cells"]
    made = {k: None if v is None else float(v) for k, v in values(report, report.versions[0]).items()}
    assert made == {k: None if v is None else float(v) for k, v in wanted.items()}


def test_identities_hold_in_all_figures_but_the_broken_ones(scenario: Scenario) -> None:
    broken = set()
    for report in scenario.reports():
        for version in report.versions:
            cells = values(report, version)
            for identity in form(report.form).identities:
                sides = [[cells[i] for i in side] for side in (identity.left, identity.right)]
                if all(value is None for side in sides for value in side):
                    continue
                left, right = (sum((v or Decimal(0) for v in side), Decimal(0)) for side in sides)
                if left != right:
                    broken.add(report.key)
    assert broken == {"yaodu/wjj/2025"}


def test_what_one_year_carries_out_the_next_carries_in() -> None:
    for year in (2022, 2023, 2024):
        before, after = (figures.drawn("yaodu/jyj", y, "2021") for y in (year, year + 1))
        assert before["applications.carried_out.total"] == after["applications.carried_in.total"]


def test_expectations_name_statuses_of_the_table(scenario: Scenario) -> None:
    expected = scenario.expected()
    seen = {(e.status, e.evidence) for e in expected.values()}
    assert {("on_time", "proven"), ("on_time", "claimed"), ("late", "proven"), ("late", "claimed")} <= seen
    assert {("late", "one_look"), ("missing", "proven"), ("missing", "one_look"), ("undetermined", "conflict")} <= seen
    assert {("not_found", "proven"), ("unknown", "none"), ("published", "")} <= seen
    assert scenario.expected(ruled=True)["yaodu/qxj/2025"].status == "elsewhere"


def test_an_absent_report_is_expected_as_no_report(scenario: Scenario) -> None:
    for report in scenario.reports():
        if not report.periods:
            assert report.expect.status in {"missing", "not_found", "unknown"}, report.key


def test_silent_revisions_keep_title_and_printed_date(scenario: Scenario) -> None:
    silent = [report for report in scenario.reports() if report.silent_at()]
    assert {r.key for r in silent} == {"wenshang/sthjj/2025", "luoyang/czj/2025"}
    for report in silent:
        before, after = report.versions
        assert before.declared == after.declared
        assert values(report, before) != values(report, after)
    assert scenario.revised() == {r.key: "silent" for r in silent} | {"jiyuan/sfj/2025": "announced"}
    assert scenario.silently_revised() == "济宁市生态环境局汶上县分局"
