"""An archive of two reports, one of which is to be withheld: a page, a list and addresses name it."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from small_archive import Site, new_archive, report_page

from archive.projection.update import update
from storage.records import AgencyKind, CaptureOutcome, CaptureRole

SFJ, CZJ = "汶上县司法局", "汶上县财政局"
DOWNLOAD = "点击下载附件"
MARK = "石榴园纠纷"
TITLE = f"{SFJ}2025年政府信息公开工作年度报告（{MARK}）"
BESIDE = f"{CZJ}2025年政府信息公开工作年度报告"
#: How a text may name what is withheld: its mark and the address of its page, in their spellings.
SPELLINGS = (
    *(MARK, "".join(rf"\u{ord(one):04x}" for one in MARK), quote(MARK), quote(MARK).lower(), quote(quote(MARK))),
    *(quote(MARK.encode("gbk")), "nb/1.html", "nb%2F1.html"),
)
BYTES = (*(one.encode() for one in SPELLINGS), MARK.encode("utf-16-le"))
TOTAL = "applications.received.total"


def two_reports(path: Path) -> dict[str, str]:
    """Make the archive, and give the ids of captures in it: attachments that came empty, a page, a list."""
    with new_archive(path) as home:
        site = Site(home, first_year=2025)
        for key, name in (("sfj", SFJ), ("czj", CZJ)):
            site.agency(key, name)
        site.agency("zf", "汶上县人民政府", AgencyKind.GOVERNMENT)
        column = site.column()
        links = [("nb/1.html", TITLE, "2026-01-25"), ("nb/2.html", BESIDE, "2026-01-25")]
        site.look("2026-01-26 09:00", column, links)
        address, linked = site.url("nb/1.html"), site.url(f"files/{quote(MARK)}.doc")
        for day in (26, 27):
            own = site.fetch(f"2026-01-{day} 09:01", "nb/1.html", report_page(SFJ, 2025, {TOTAL: day}, text="我局"))
            said = f"上一篇：{TITLE.replace('年度', '年 度')}。另见{TITLE}，第{day}日。"
            said += f"{DOWNLOAD}：{linked}，亦见{address}。"
            page = site.fetch(f"2026-01-{day} 09:02", "nb/2.html", report_page(CZJ, 2025, {TOTAL: day}, text=said))
        site.fetch(
            "2026-01-27 09:03", "files/8.html", "<html><body><p>办件量说明。</p></body></html>".encode(),
            role=CaptureRole.ATTACHMENT, via=page.id, link_text=TITLE,
        )  # fmt: skip
        gone = {"role": CaptureRole.ATTACHMENT, "outcome": CaptureOutcome.EMPTY}
        empty = site.fetch("2026-01-26 09:03", "files/9.doc", b"", via=page.id, link_text=TITLE, **gone)
        file = site.fetch("2026-01-26 09:04", f"files/{MARK}.doc", b"", via=own.id, link_text=DOWNLOAD, **gone)
        named = [
            site.fetch(f"2026-01-26 09:{at}", f"{one}.doc", b"", via=page.id, link_text="附件", **gone)
            for at, one in enumerate((quote(TITLE), quote(TITLE.encode("gbk")), quote(quote(TITLE))), start=10)
        ]
        look = site.look("2026-01-28 09:00", column, links)
        update(home)
    held = {"empty": empty, "page": page, "gone": file, "named": named[0], "gbk": named[1], "twice": named[2]}
    return {name: one.id for name, one in held.items()} | {"list": look.captures[0]}


def unpacked(folder: Path) -> Iterator[bytes]:
    """What was written into a folder, unpacked."""
    for path in folder.rglob("*"):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                inside = [packed.read(name) for name in packed.namelist()]
        else:
            inside = [path.read_bytes()] if path.is_file() else []
        yield from map(_plain, inside)


def _plain(content: bytes) -> bytes:
    if content.startswith(b"PAR1"):
        import pyarrow.parquet as pq

        return repr(pq.read_table(io.BytesIO(content)).to_pylist()).encode()
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
