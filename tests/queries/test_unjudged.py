"""What was fetched and never read and judged (or whose projections were lost) is never told as EMPTY."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_archive import Site, at, new_archive, report_page

from archive import open_archive
from archive.projection.update import update
from storage.errors import ProjectionError
from tests.played import nianbao

SFJ = "汶上县司法局"
TITLE = f"{SFJ}2025年政府信息公开工作年度报告"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """One portal, looked at and fetched; nothing is read yet."""
    with new_archive(tmp_path / "archive") as home:
        _looked_at(Site(home, first_year=2025))
    return tmp_path / "archive"


def _looked_at(site: Site) -> None:
    site.agency("sfj", SFJ)
    site.look("2026-02-08 09:00", site.column(), [("nb/sfj.html", TITLE)])
    site.fetch("2026-02-08 09:01", "nb/sfj.html", report_page(SFJ, 2025))


@pytest.mark.parametrize("lost", [False, True])
def test_questions_are_refused_before_anything_is_judged(archive: Path, lost: bool) -> None:
    if lost:
        with new_archive(archive) as home:
            update(home)
        for path in archive.glob("projections*"):
            path.unlink()
    for words in (("news", "--since", "2026-01-01"), ("missing", "2025"), ("export", "duties", "--output", "-")):
        told = nianbao(*words, archive=archive)
        assert (told.code, told.out) == (3, "")
        assert "nothing of this archive was read and judged yet; run: nianbao reread" in told.err
    with open_archive(archive) as held, pytest.raises(ProjectionError, match="nianbao reread"):
        held.missing(year=2025)


def test_a_portal_that_was_never_judged_leaves_an_answer_unknown(archive: Path) -> None:
    with new_archive(archive) as home:
        update(home)
        _looked_at(Site(home, name="yiyuan", place="沂源县", division="370323", first_year=2025))
        news = open_archive(archive).news(at("2026-03-01 00:00"), at("2026-03-02 00:00"))
    assert news.unjudged == ("yiyuan",)
    told = nianbao("missing", "2025", archive=archive)
    assert told.out.startswith("UNKNOWN: no report is known missing for 2025")
    assert "yiyuan not read and assessed yet: nianbao crawl, nianbao reread" in told.out
    quiet = nianbao("news", "--since", "2026-02-08", "--until", "2026-02-09", archive=archive)
    assert "not read and assessed yet: yiyuan" in quiet.out
