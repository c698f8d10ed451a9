"""A county on each content system, crawled over loopback: all is found, and what goes wrong is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from county import FIRST, HOST, THEN, column, county, scenario

from imitation.portals.gkmlpt import category
from imitation.portals.lonsun import address_of
from storage.records import CaptureOutcome, CaptureRole, LookOutcome

PATH, SECOND = "/open/nb/", "/open/nb/list-2.do"  # of a column, and of its second page
CZJ, JYJ = column("czj", "/czj/gkmlpt/annualreport"), column("jyj", "/jyj/gkmlpt/annualreport")
LIST = column("nb", "/public/column/6596221")
BY_INTERFACE = {
    # the imitation: the class, the columns of the imitation, and the path of each as a portal's file says it
    "gkmlpt": ("gkmlpt.Gkmlpt", {CZJ: CZJ.path, JYJ: f"/jyj/gkmlpt/index#{category(JYJ)}"}),
    "lonsun": ("lonsun.Lonsun", {LIST: address_of(LIST)}),
}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")


def test_a_list_of_pages_is_read_and_what_fails_is_told(tmp_path: Path) -> None:
    with county(tmp_path / "archive", scenario("unknown", column("nb", PATH))) as place:
        listing = f'column("nb", "http://{HOST}{PATH}", title="政府信息公开年报", covers="department")'
        place.spider("generic.Generic", listing)
        (look,) = place.crawl()
        assert (look.outcome, look.reason) == (LookOutcome.OK, "")
        assert place.found(look) == place.true_entries(FIRST, "nb")
        assert place.fetched() >= place.true_reports(FIRST, "nb")
        assert {c.outcome for c in place.captures(CaptureRole.ATTACHMENT)} == {CaptureOutcome.PAGE}
        fault = place.portals.add_fault(HOST, kind="not_found", path=SECOND)
        assert [look.outcome for look in place.crawl()] == [LookOutcome.PARTIAL]
        place.portals.remove_fault(fault)
        (look,) = place.crawl(THEN)
        assert look.outcome is LookOutcome.OK
        assert place.found(look) == place.true_entries(THEN, "nb")
        new = place.true_reports(THEN, "nb") - place.true_reports(FIRST, "nb")
        assert len(new) == 1
        assert new <= place.fetched()


@pytest.mark.parametrize("family", BY_INTERFACE)
def test_a_list_behind_an_interface_is_read_in_each_crawl(tmp_path: Path, family: str) -> None:
    base, columns = BY_INTERFACE[family]
    keys = [one.key for one in columns]
    with county(tmp_path / "archive", scenario(family, *columns)) as place:
        place.spider(
            base,
            *(
                f'column("{one.key}", "http://{HOST}{path}", title="政府信息公开年报", covers="department")'
                for one, path in columns.items()
            ),
        )
        for day in (FIRST, THEN):  # the second day brings a report
            looks = place.crawl(day)
            assert {look.outcome for look in looks} == {LookOutcome.OK}
            assert [place.found(look) for look in looks] == [place.true_entries(day, key) for key in keys]
            assert place.fetched() == place.true_reports(day, *keys)
        assert len(place.true_reports(THEN, *keys) - place.true_reports(FIRST, *keys)) == 1
        assert len(place.fetched(CaptureRole.ATTACHMENT)) == 1
