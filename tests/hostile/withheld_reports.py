"""An archive of two reports, one of which is to be withheld: the other's page names it, as does its list."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path

from small_archive import Site, new_archive, report_page

from archive.projection.update import update
from storage.records import AgencyKind, CaptureOutcome, CaptureRole

SFJ, CZJ = "汶上县司法局", "汶上县财政局"
MARK = "石榴园纠纷"
TITLE = f"{SFJ}2025年政府信息公开工作年度报告（{MARK}）"
BESIDE = f"{CZJ}2025年政府信息公开工作年度报告"
TOTAL = "applications.received.total"


def two_reports(path: Path) -> dict[str, str]:
    """Make the archive, and give the ids of captures in it: an attachment that came empty, a page, a list."""
    with new_archive(path) as home:
        site = Site(home, first_year=2025)
        for key, name in (("sfj", SFJ), ("czj", CZJ)):
            site.agency(key, name)
        site.agency("zf", "汶上县人民政府", AgencyKind.GOVERNMENT)
        column = site.column()
        links = [("nb/1.html", TITLE, "2026-01-25"), ("nb/2.html", BESIDE, "2026-01-25")]
        site.look("2026-01-26 09:00", column, links)
        for day in (26, 27):
            site.fetch(f"2026-01-{day} 09:01", "nb/1.html", report_page(SFJ, 2025, {TOTAL: day}, text="我局"))
            said = f"上一篇：{TITLE.replace('年度', '年 度')}。另见{TITLE}，第{day}日。"
            page = site.fetch(f"2026-01-{day} 09:02", "nb/2.html", report_page(CZJ, 2025, {TOTAL: day}, text=said))
        empty = site.fetch(
            "2026-01-26 09:03", "files/9.doc", b"", role=CaptureRole.ATTACHMENT, outcome=CaptureOutcome.EMPTY,
            via=page.id, link_text=TITLE,
        )  # fmt: skip
        look = site.look("2026-01-28 09:00", column, links)
        update(home)
    return {"empty": empty.id, "page": page.id, "list": look.captures[0]}


def unpacked(folder: Path) -> Iterator[bytes]:
    """What was written into a folder, unpacked."""
    for path in folder.rglob("*"):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                inside = [packed.read(name) for name in packed.namelist()]
        else:
            inside = [path.read_bytes()] if path.is_file() else []
        yield from (gzip.decompress(one) if one.startswith(b"\x1f\x8b") else one for one in inside)
