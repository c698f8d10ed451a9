"""Portals by name from the project's directory, and many of them at once, resumable."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.onboarding.adding import LOG, add_many, read_log
from crawler.onboarding.directory import Place, PlaceError, directory, is_place, place
from crawler.portals import find
from imitation.server import ImitationPortals
from storage.home import init_home


def test_every_row_is_a_place_with_a_home_page() -> None:
    assert len(directory()) > 3_000
    for row in directory():
        assert row.code == "" or (len(row.code) == 6 and row.code.isdigit()), row
        assert urlsplit(row.home).scheme in {"http", "https"}, row
        assert urlsplit(row.home).hostname, row
        assert row.level in {"province", "prefecture", "county"}, row


@pytest.mark.parametrize(
    "text", ["汶上县", "370830", "山东省济宁市汶上县", "汶上", "济宁市汶上县", "汶上县人民政府", " 汶上县 "]
)
def test_a_place_has_many_names(text: str) -> None:
    assert is_place(text)
    assert (place(text).code, place(text).home) == ("370830", "http://www.wenshang.gov.cn/")


def test_a_name_of_several_places_is_never_chosen_between() -> None:
    with pytest.raises(PlaceError, match=r"北京市朝阳区 \(110105\).*吉林省长春市朝阳区"):
        place("朝阳区")
    assert place("长春市朝阳区").code == "220104"


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(PlaceError, match="汶上县"):
        place("汶上具")
    with pytest.raises(PlaceError, match="beginning of 12 codes: nianbao portal add --province 3708"):
        place("3708")
    assert is_place("3708")
    assert not is_place("http://www.wenshang.gov.cn/")
    assert not is_place("www.wenshang.gov.cn")


def test_who_interrupts_it_is_told_and_nothing_further_is_begun(tmp_path: Path) -> None:
    rows = [
        Place(f"4103{n}", f"甲{n}县", "河南省", "洛阳市", "county", f"http://www.a{n}.gov.cn/") for n in range(10, 40)
    ]
    told: list[str] = []

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with init_home(tmp_path / "archive", simulated=True) as home:
        with pytest.raises(KeyboardInterrupt):
            add_many(home, rows, progress=interrupt, stopped=lambda: told.append("ending"), side_by_side=1)
        assert told == ["ending"]
        assert 0 < len([*read_log(home.portals_dir / LOG)]) < len(rows)


def test_many_are_added_told_and_not_tried_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")
    rows = [
        Place("410324", "栾川县", "河南省", "洛阳市", "county", "http://www.luanchuan.gov.cn/"),
        Place("410399", "无有县", "河南省", "洛阳市", "county", "http://www.wuyou.gov.cn/"),
        Place("370830", "汶上县", "山东省", "济宁市", "county", "http://www.wenshang.gov.cn/"),
    ]
    with init_home(tmp_path / "archive", simulated=True) as home, ImitationPortals(home.path) as portals:
        portals.set_now(portals.scenario.days[-1])
        done = add_many(home, rows)
        assert [tried.outcome for tried in done][::2] == ["added", "known"]
        assert done[1].outcome == "unreachable"
        assert [note["code"] for note in done[1].notes] == ["not_reached", "try_a_browser"]
        county = find(done[0].slug, home.path)
        assert (county.place, county.division) == ("栾川县", "410324")
        asked = len(portals.log)
        assert add_many(home, rows) == done
        assert len(portals.log) == asked
        log = home.portals_dir / LOG
        with log.open("a", encoding="utf-8") as out:
            out.write('{"code": "41')  # a crash in the middle of a line
        again = add_many(home, rows, again=True)
        assert [tried.outcome for tried in again] == [tried.outcome for tried in done]
        assert [tried.code for tried in read_log(log)].count("410399") == 2
