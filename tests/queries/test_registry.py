"""The registry asked: one body with its sources, successors and law; doubts and the rulings that settle them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from small_archive import Site, at, new_archive, report_page

from archive.projection.update import update
from archive.queries.registry import body, registry_doubts
from archive.queries.review import review
from nianbao.rulings import RulingError, decided, rule_on
from storage.home import Home
from storage.records import AgencyEnd
from storage.registry import Registry

GSJ, SCJ = "汶上县工商行政管理局", "汶上县市场监督管理局"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with new_archive(tmp_path / "archive") as home:
        site = Site(home)
        site.agency("scj", SCJ, valid_from=date(2025, 7, 1), aliases=("县市监局",))
        old = site.agency("gsj", GSJ, source="wenshang.csv: guessed: http://www.wenshang.gov.cn/", guessed=True)
        column = site.column()
        title = f"{GSJ}2024年政府信息公开工作年度报告"
        site.look("2026-01-10 09:00", column, [("nb/1.html", title, "2025-01-15")])
        site.fetch("2026-01-10 09:05", "nb/1.html", report_page(GSJ, 2024, {}, published="2025-01-15"))
        ended = replace(
            old, valid_to=date(2025, 6, 30), ended=AgencyEnd.MERGED, successors=("wenshang/scj",), guessed=False,
            source="import of june.csv: 鲁编办〔2025〕3号", recorded_at=at("2026-02-01 09:00"),
        )  # fmt: skip
        Registry(home).put_agencies([ended])
        update(home)
        yield home


def test_one_body_is_told_with_whence_it_is_known_and_who_took_over(home: Home) -> None:
    found = body(home, GSJ)
    assert [(one.kind, one.attests) for one in found.sources] == [
        ("operator", True), ("published", True), ("guessed", False),
    ]  # fmt: skip
    assert found.sources[1].years == (2024,)
    assert found.ask is not None
    assert found.ask.zh == (f"该机关存续至2025-06-30，并入{SCJ}：其后的年度报告应向后者查询，其余义务与状态不承继。")
    assert [one.source for one in found.history] == [
        "wenshang.csv: guessed: http://www.wenshang.gov.cn/",
        "import of june.csv: 鲁编办〔2025〕3号",
    ]
    assert ("valid_to", "", "2025-06-30") in found.history[1].changes
    duties = {one.year: one for one in found.duties}
    assert (duties[2024].due, duties[2024].article, duties[2024].code) == (
        date(2025, 1, 31),
        "第四十九条第一款",
        "370830",
    )
    assert (duties[2024].holiday, duties[2024].holidays_known) == ("春节", True)
    assert (duties[2025].status, duties[2025].code_how) == ("not_expected", "no_list")
    assert [one.name for one in body(home, SCJ).predecessors] == [GSJ]
    assert json.loads(json.dumps(found.to_dict(), default=str))["id"] == "wenshang/gsj"


def test_a_doubt_is_reviewed_until_the_row_is_mended_or_ruled_right(home: Home) -> None:
    registry = Registry(home)
    scj = next(one for one in registry.agencies() if one.id == "wenshang/scj")
    registry.put_agencies([replace(scj, valid_from=date(2025, 9, 1), recorded_at=at("2026-02-02 09:00"))])
    (line,) = [one for one in review(home) if one.kind == "registry"]
    assert (line.subject, line.title) == ("wenshang/gsj/gap", GSJ)
    assert line.en == f"It ended 62 days before its successor {SCJ} began."
    ruled = decided(home, "registry", f"{GSJ}/gap", ["holds=true"])
    assert ruled.subject == "wenshang/gsj/gap"
    rule_on(home, ruled, by="me", reason="law of 2025")
    assert [one for one in review(home) if one.kind == "registry"] == []
    assert len(registry_doubts(home)["wenshang"]) == 1
    with pytest.raises(RulingError, match="is not a doubt of the registry; write AGENCY/DOUBT, with one of: gap"):
        decided(home, "registry", f"{GSJ}/gaps", ["holds=true"])
    with pytest.raises(RulingError, match=r"holds=…"):
        decided(home, "registry", f"{GSJ}/gap", [])
