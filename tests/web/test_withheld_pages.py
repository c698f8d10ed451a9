"""What a ruling withholds stands on no page, in no frame, no picture, no feed and no file of the pages."""

from __future__ import annotations

from pathlib import Path

import httpx
from small_archive import Site, new_archive, report_page

from archive.projection.update import update
from nianbao.application import application
from nianbao.web.list_tables import LISTS
from storage.captures import CaptureStore
from storage.home import open_home
from tests.patience import PATIENCE
from tests.played import nianbao
from tests.served import served

SFJ, HIDDEN = "汶上县司法局", "绝无第二份的词语"
RECEIVED = "applications.received.total"


def test_a_withheld_report_is_on_no_page(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    with new_archive(path) as home:
        site = Site(home, first_year=2025)
        agency = site.agency("sfj", SFJ)
        title = f"{SFJ}2025年政府信息公开工作年度报告"
        look = site.look("2026-01-26 09:00", site.column(), [("nb/1.html", title)])
        text = f"{HIDDEN}。全年收到申请七千七百七十七件。"
        site.fetch("2026-01-26 09:01", "nb/1.html", report_page(SFJ, 2025, {RECEIVED: 7777}, text=text))
        update(home)
        [capture] = [one for one in CaptureStore(home).for_portal("wenshang") if one.url.endswith("nb/1.html")]
    owed = f"{agency.id}/2025"
    pages = [
        *("", f"duty/{owed}", f"report/{owed}", f"cell/{owed}/{RECEIVED}", "portal/wenshang", "news.atom"),
        *(f"capture/{capture.id}", f"capture/{look.captures[0]}", f"compare?indicator={RECEIVED}&body={SFJ}"),
        *(f"ask/{name}" for name in sorted(LISTS)),
        *(f"ask/search?query={HIDDEN}", f"ask/series?indicator={RECEIVED}", "rollup?place=汶上县&year=2025"),
    ]
    loose = [f"/captured/{capture.id}", f"/captured/{capture.id}/file", f"/captured/{look.captures[0]}"]
    loose += [f"/source/{owed}/{RECEIVED}/{form}" for form in ("page", "picture")]
    places = [*(f"/zh/{page}" for page in pages), *loose]

    def shown() -> str:
        with (
            open_home(path, read_only=True) as home,
            served(application(home, a_minute=0)) as address,
            httpx.Client(base_url=address, timeout=PATIENCE) as web,
        ):
            answers = [web.get(place) for place in places]
        assert all(answer.status_code in {200, 404, 422} for answer in answers)
        return "\n".join(
            answer.text.replace(HIDDEN, "", place.count(HIDDEN)) for place, answer in zip(places, answers, strict=True)
        )

    before = shown()
    assert HIDDEN in before
    assert "7777" in before
    ran = nianbao("withhold", SFJ, "2025", "--by", "archivist", "--reason", "asked for", archive=path)
    assert ran.code == 0, ran.err
    after = shown()
    assert f"{HIDDEN}。" not in after
    assert "7777" not in after
    assert "依裁定" in after
