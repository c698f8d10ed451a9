"""Imitation portals never mix with a real archive, and their figures and addresses are those of real reports.

That they publish what their scenario says is shown by the crawls of it (tests/test_whole_way.py).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imitation.records import Scenario
from imitation.registry import register_agencies
from imitation.scenario import load
from imitation.server import MAP, ImitationPortals, main
from imitation.wording import values
from storage.home import init_home, open_home
from storage.registry import Registry

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


def test_every_host_is_mapped_to_loopback_while_it_runs(tmp_path: Path) -> None:
    with ImitationPortals(tmp_path) as portals:
        hosts = json.loads((tmp_path / MAP).read_text("utf-8"))["hosts"]
        assert set(hosts) == set(portals.scenario.by_host)
        assert set(hosts.values()) == {portals.address}
        assert portals.address.startswith("127.0.0.1:")
    assert not (tmp_path / MAP).exists()


def test_a_real_archive_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with init_home(tmp_path / "archive") as home, pytest.raises(ValueError, match="real archive"):
        register_agencies(home)
    with pytest.raises(ValueError, match="real archive"):
        ImitationPortals(tmp_path / "archive").start()
    assert not (tmp_path / "archive" / MAP).exists()
    assert main([str(tmp_path / "archive")]) == 2
    assert "real archive" in capsys.readouterr().err
    with open_home(tmp_path / "archive") as home:
        assert Registry(home).agencies() == ()


@pytest.mark.parametrize(("key", "name"), REAL.items())
def test_figures_are_those_of_real_reports(scenario: Scenario, shared: Path, key: str, name: str) -> None:
    wanted = json.loads((shared / "corpus" / f"{name}.truth.json").read_text("utf-8"))["cells"]
    report = next(r for r in scenario.reports() if r.key == key)
    made = {k: None if v is None else float(v) for k, v in values(report, report.versions[0]).items()}
    assert made == {k: None if v is None else float(v) for k, v in wanted.items()}
