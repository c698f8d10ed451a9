"""WARC files say of themselves how was asked, and how what was not fetched came to be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from county import HOST, column, county, scenario

from crawler.lists.browser import why_no_browser
from storage.captures import CaptureStore
from storage.records import CaptureRole
from storage.warc_reader import WarcRecord, whole_records

needs_browser = pytest.mark.skipif(bool(why_no_browser()), reason=f"{why_no_browser()}: it is what this test is about.")


def records_of(path: Path) -> list[WarcRecord]:
    with path.open("rb") as file:
        return list(whole_records(file))


def described(folder: Path) -> list[tuple[WarcRecord, Mapping[str, str]]]:
    """Each resource of the WARC files below ``folder`` with what is said of it."""
    records = [record for path in sorted(folder.rglob("*.warc.gz")) for record in records_of(path)]
    by_id = {record.fields["warc-record-id"]: record for record in records}
    about = [record for record in records if record.kind == "metadata"]
    return [(by_id[record.fields["warc-refers-to"]], record.info) for record in about]


def test_a_crawl_says_how_it_asked(played: Path) -> None:
    for path in (played / "warc").rglob("*.warc.gz"):
        first = records_of(path)[0].info
        assert first["software"].startswith("nianbao/")
        assert "Scrapy/" in first["software"]
        assert first["http-header-user-agent"].startswith("nianbao/")
        assert (first["robots"], first["simulated"], first["isPartOf"]) == ("obey", "true", path.parent.name)
        assert "Transfer-Encoding is undone" in first["description"]
        configuration = json.loads(first["configuration"])
        assert configuration["seconds_between_requests"] == [0.01, 0.015]
        assert (configuration["robots_obeyed"], configuration["cookies"]) == (True, False)
        assert configuration["protocol"] == "HTTP/1.1"


@needs_browser
def test_what_a_browser_made_says_which_and_of_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.02")
    monkeypatch.setenv("NIANBAO_BROWSER", "")
    listed = f'column("nb", "http://{HOST}/gk/nb/", title="政府信息公开年报", covers="department")'
    with county(tmp_path, scenario("script_made", column("nb", "/gk/nb/"), size=100)) as place:
        place.spider("generic.Generic", listed)
        place.crawl()
        with place.home() as home:
            found = {record.fields["warc-target-uri"]: about for record, about in described(home.warc_dir)}
            captures = list(CaptureStore(home).for_portal("wanping", (CaptureRole.LISTING,)))
    plain = next(one for one in captures if one.status == 200)
    address = f"http://{HOST}/gk/nb/"
    assert set(found) == {f"urn:dom:{address}", f"urn:view:{address}"}
    for about in found.values():
        assert about["via"] == address
        assert about["made-by"].startswith("rendered by ")
        assert about["made-from"].replace("-", "") == f"<urn:uuid:{plain.id}>"
