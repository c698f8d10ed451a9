"""A county that no spider knows: one file and one CSV in the archive, and it is crawled like the others."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from crawler.operations import runs
from crawler.operations.runs import RunReport
from imitation.play import play_days
from imitation.registry import agencies_csv
from imitation.server import ImitationPortals
from storage.home import Home, init_home
from storage.observations import Observations
from storage.records import LookOutcome

SPIDER = '''"""栾川县: dated directories."""
from crawler.cms.classes import DatedList, column


class Luanchuan(DatedList):
    name, place, division, first_year = "luanchuan", "栾川县", "410324", 2022
    hosts = ("www.luanchuan.gov.cn",)
    nianbao = "http://www.luanchuan.gov.cn/zfxxgk/zfxxgknb/"
    listings = (column("zfxxgknb", nianbao, title="政府信息公开年报", covers="government department"),)
'''


def test_one_file_and_one_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")

    def crawl(home: Home, day: datetime) -> list[RunReport]:
        return runs.crawl(home, ["luanchuan"])

    with init_home(tmp_path / "archive", simulated=True) as home, ImitationPortals(home.path) as portals:
        county = portals.scenario.portal("luanchuan")
        (home.portals_dir / "luanchuan.py").write_text(SPIDER, encoding="utf-8")
        (home.portals_dir / "luanchuan.csv").write_text(agencies_csv(county), encoding="utf-8")
        days = portals.scenario.days[-2:]
        results = play_days(home, days, crawl=crawl, portals=portals)
        assert [report.outcome for (report,) in results] == ["ok", "ok"]
        observations = Observations(home)
        looks = list(observations.looks("luanchuan"))
        assert [look.outcome for look in looks] == [LookOutcome.OK, LookOutcome.OK]
        for look, day in zip(looks, days, strict=True):
            links = observations.extractions(look.id)[-1].links
            assert {link.url for link in links} == {
                portals.site("luanchuan").url(entry) for entry in county.in_column("nb", day)
            }
