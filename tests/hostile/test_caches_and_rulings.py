"""A cache asks again before it shows what a ruling may have withheld since."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from nianbao.application import application
from storage.home import open_home
from tests.hostile.withheld_reports import SFJ, TOTAL, two_reports
from tests.patience import PATIENCE
from tests.played import nianbao
from tests.served import served

PICTURE = f"/source/wenshang/sfj/2025/{TOTAL}/picture"


def test_a_ruling_takes_effect_at_once_in_feeds_and_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nianbao.web.report_pages.page_picture", lambda *_, **__: b"a picture")
    path = tmp_path / "archive"
    two_reports(path)
    with (
        open_home(path, read_only=True) as home,
        served(application(home, a_minute=0)) as address,
        httpx.Client(base_url=address, timeout=PATIENCE) as client,
    ):
        first = {place: client.get(place) for place in (PICTURE, "/zh/news.atom?since=2026-01-01")}
        assert {(one.status_code, one.headers["Cache-Control"]) for one in first.values()} == {(200, "no-cache")}
        known = {place: {"If-None-Match": one.headers["ETag"]} for place, one in first.items()}
        assert {client.get(place, headers=known[place]).status_code for place in known} == {304}
        ran = nianbao("withhold", SFJ, "2025", "--by", "archivist", "--reason", "an applicant asked", archive=path)
        assert ran.code == 0, ran.err
        after = {place: client.get(place, headers=known[place]).status_code for place in known}
    assert after == {PICTURE: 404, "/zh/news.atom?since=2026-01-01": 200}


def test_a_page_that_took_long_to_make_does_not_outlive_a_ruling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nianbao.web.serving.LONG", -1.0)
    monkeypatch.setattr("nianbao.web.serving.STAYS", 1_000_000)
    path = tmp_path / "archive"
    two_reports(path)
    with (
        open_home(path, read_only=True) as home,
        served(application(home, a_minute=0)) as address,
        httpx.Client(base_url=address, timeout=PATIENCE) as client,
    ):
        before = client.get("/zh/portal/wenshang").headers["ETag"]
        ran = nianbao("withhold", SFJ, "2025", "--by", "archivist", "--reason", "an applicant asked", archive=path)
        assert ran.code == 0, ran.err
        assert client.get("/zh/portal/wenshang").headers["ETag"] != before
