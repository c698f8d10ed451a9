"""An entry that names a body and no year, and opens nothing or no report, is asked about: nothing else settles it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_archive import Site, new_archive

from archive.projection.update import update
from archive.queries.review import review
from archive.queries.verdict import status
from storage.home import Home
from storage.records import CaptureOutcome, RulingKind, Status


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Home]:
    with new_archive(tmp_path / "archive") as home:
        yield home


NO_REPORT = "<html><body><h1>网站地图</h1><p>汶上县人民政府门户网站，栏目一览。</p></body></html>"


@pytest.mark.parametrize("page", [None, NO_REPORT])
def test_it_is_listed_with_the_years_it_keeps_open_until_a_person_rules(archive: Home, page: str | None) -> None:
    site = Site(archive, first_year=2025)
    sfj = site.agency("sfj", "汶上县司法局")
    column = site.column()
    url = site.url("nb/1.html")
    for when in ("2026-02-01 09:00", "2026-02-09 09:00"):
        site.look(when, column, [("nb/1.html", "汶上县司法局政府信息公开工作年度报告")])
        outcome = CaptureOutcome.PAGE if page else CaptureOutcome.NOT_FOUND
        site.fetch(when, "nb/1.html", page.encode() if page else None, outcome=outcome)
    update(archive)
    before = status(archive, sfj.name, 2025)
    assert before.duty.status is Status.UNKNOWN
    (line,) = (one for one in review(archive) if one.subject == url)
    assert (line.kind, line.portal, line.title) == ("lead", "wenshang", "汶上县司法局政府信息公开工作年度报告")
    assert "汶上县司法局" in line.en
    assert "2025" in line.en
    none = next(choice for choice in line.choices if choice.words[-1] == "is_report=false")
    assert none.words[:2] == ("lead", url)
    site.rule("2026-02-10 09:00", RulingKind.LEAD, url, is_report=False)
    update(archive)
    assert status(archive, sfj.name, 2025).duty.status is Status.MISSING
    assert not [one for one in review(archive) if one.subject == url]
