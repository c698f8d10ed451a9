"""tests/cases/combinations: one document for every kind, form and maker, and the truth of each form's report.

``python -m tests.reading.make_combinations`` needs LibreOffice and Chromium: where a program that is not
ours writes a kind, it makes the document. The files are committed, so that the tests need neither.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import sync_playwright

from imitation import figures
from imitation.documents import archived, flat, html, ofd, portable, scanned, sheets, word
from imitation.documents.scanned import Scan
from imitation.records import ImAgency, ImReport, Version
from imitation.wording import Block, blocks, form_of
from storage.records import SHANGHAI, AgencyKind

FOLDER = Path(__file__).parents[1] / "cases" / "combinations"
_YEARS = {"pre2019": 2016, "2019": 2020, "2021": 2023}
_SCANS = {
    "scanned_150_skewed": Scan(dpi=150, skew=0.7, quality=40),
    "scanned_150_grey": Scan(dpi=150, paper=225, ink=40, shade=0.15, quality=40),
    "scanned_200_noisy": Scan(dpi=200, noise=6, quality=35),
    "scanned_200_sealed": Scan(dpi=200, seal=True, quality=35),
}
_WIDE_TABLE = "<style>td{padding:14px 4px;border:1px solid #000}table{border-collapse:collapse;width:100%}</style>"


@dataclass(frozen=True)
class Report:
    """One report on one form: its blocks for the writers, its cells for the truth."""

    form: str
    agency: str
    year: int
    title: str
    blocks: tuple[Block, ...]
    cells: Mapping[str, Decimal | None]


def reports() -> Iterator[Report]:
    """One report for each national form, of an agency of the demo's county."""
    for form, year in _YEARS.items():
        agency = ImAgency(
            portal="yiyuan", id="combination", name="沂源县水利局", kind=AgencyKind.DEPARTMENT, code="", column=""
        )
        title = f"沂源县水利局{year}年政府信息公开工作年度报告"
        shown = datetime(year + 1, 1, 20, tzinfo=SHANGHAI)
        cells = _old_cells() if form == "pre2019" else _cells(form, year)
        version = Version(at=shown, title=title, declared=shown, figures="", sums=cells)
        report = ImReport(
            portal="yiyuan", agency=agency, year=year, column="", kind="html", form=form, created=shown, periods=(),
            versions=(version,), expect=None,  # type: ignore[arg-type]  # nothing is expected of a single document
        )  # fmt: skip
        whole = figures.cells(report, version, form_of(report).ids)
        kept = {name: value for name, value in whole.items() if _is_printed(name)}
        yield Report(form, agency.name, year, title, blocks(report, version), kept)


def _is_printed(indicator: str) -> bool:
    """Whether a report prints an indicator: the table of 2014 has one column here, and no rows of older tables."""
    return not indicator.startswith("pre2019.") or (indicator.endswith(".year") and ".older." not in indicator)


def _cells(form: str, year: int) -> dict[str, Decimal | None]:
    """Figures that obey the sums of the form, some of two and three digits."""
    return dict(figures.drawn("combinations", year, form, size=25, carries=False))


def _old_cells() -> dict[str, Decimal | None]:
    """Figures of the table of 2014 whose parts make up their sums."""
    return {f"pre2019.{key}.year": Decimal(value) for key, value in _OLD.items()}


_OLD = {
    "proactive.items": 712, "channels.website": 405, "channels.weibo": 122, "channels.wechat": 185,
    "proactive.normative": 12, "proactive.normative_issued": 13, "response.topics": 4, "response.interviews": 2,
    "response.interviews_by_leaders": 1, "response.explanations": 27,
    "applications.received": 9, "applications.online": 6, "applications.by_letter": 3, "applications.completed": 9,
    "applications.on_time": 8, "applications.extended": 1, "applications.answered": 9,
    "applications.answered.granted": 7, "applications.answered.nonexistent": 2, "review": 1, "review.upheld": 1,
    "staff.bodies": 1, "staff.reading_rooms": 3, "staff.people": 4, "staff.full_time": 1, "staff.part_time": 3,
    "training.meetings": 2, "training.courses": 1, "training.people": 65,
}  # fmt: skip


def convert(data: bytes, suffix: str, target: str, filter_name: str = "") -> bytes:
    """Return a file as LibreOffice saves it in another format."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"report.{suffix}"
        source.write_bytes(data)
        wanted = f"{target}:{filter_name}" if filter_name else target
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", wanted, "--outdir", f"{folder}/made", str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        return (Path(folder) / "made" / f"report.{target}").read_bytes()


def print_page(markup: bytes) -> bytes:
    """Return a page as Chromium prints it."""
    program = shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content(markup.decode(), wait_until="load")
        printed = page.pdf(format="A4", margin={"top": "20mm", "bottom": "20mm", "left": "15mm", "right": "15mm"})
        browser.close()
    return printed


def documents(report: Report) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield the name of each document, ``MAKER.SUFFIX``, with what makes it."""
    title, parts = report.title, report.blocks
    page = html.page(title, parts)
    tall = html.page(title, parts, furniture=False).replace(b"</head>", _WIDE_TABLE.encode() + b"</head>")
    written = word.docx(title, parts)
    sheet = sheets.xlsx(title, parts)
    yield "written_by_hand.html", lambda: page
    yield "pasted_from_word.html", lambda: html.page(title, parts, variant="word", charset="gbk")
    yield "libreoffice.html", lambda: convert(written, "docx", "html", "HTML (StarWriter)")
    yield "word.docx", lambda: written
    yield "libreoffice.docx", lambda: convert(written, "docx", "docx")
    yield "libreoffice.doc", lambda: convert(written, "docx", "doc")
    yield "libreoffice.wps", lambda: convert(page, "html", "doc", "MS Word 97")
    yield "libreoffice.rtf", lambda: convert(written, "docx", "rtf")
    yield "excel.xls", lambda: sheets.xls(title, parts)
    yield "libreoffice.xls", lambda: convert(sheet, "xlsx", "xls")
    yield "excel.xlsx", lambda: sheet
    yield "libreoffice.xlsx", lambda: convert(sheet, "xlsx", "xlsx")
    yield "chromium.pdf", lambda: print_page(tall)
    yield "libreoffice.pdf", lambda: convert(written, "docx", "pdf")
    yield "reportlab.pdf", lambda: portable.pdf(title, parts, style=portable.Style(open_ends=True, page_numbers=True))
    yield "ours.ofd", lambda: ofd.ofd(title, parts)
    yield "zip.zip", lambda: archived.zipped([("说明.txt", b""), ("年报.docx", written)])
    yield "libreoffice.txt", lambda: convert(written, "docx", "txt", "Text (encoded):UTF8")
    yield "tabs.txt", lambda: flat.text(title, parts)
    for name, scan in _SCANS.items():
        yield f"{name}.pdf", lambda scan=scan: _scanned(tall, scan)  # type: ignore[misc]
    yield "pictures.html", lambda: _pictured_page(title, tall)
    yield "pictures.docx", lambda: convert(_pictured_page(title, tall), "html", "docx", "MS Word 2007 XML")


def _scanned(markup: bytes, scan: Scan) -> bytes:
    return scanned.images_pdf(_pages(markup, scan), scan)


def _pages(markup: bytes, scan: Scan) -> list[scanned.Picture]:
    return scanned.worsened(scanned.rendered(print_page(markup), scan.dpi), scan)


def _pictured_page(title: str, markup: bytes) -> bytes:
    """A page whose report is pictures of its pages."""
    scan = replace(Scan(), dpi=150)
    images = (b64encode(scanned.encoded(page, "png", scan)).decode() for page in _pages(markup, scan))
    body = "".join(f'<p><img src="data:image/png;base64,{image}"></p>' for image in images)
    head = f'<html><head><meta charset="utf-8"><title>{title}</title></head>'
    return f"{head}<body><h1>{title}</h1>{body}</body></html>".encode()


def truth(report: Report) -> str:
    """Return what every document of a report must be read as."""
    cells = {name: None if value is None else float(value) for name, value in report.cells.items()}
    facts = {"agency": report.agency, "year": report.year, "form": report.form, "title": report.title, "cells": cells}
    return json.dumps(facts, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Make every document, or those whose names hold one of the arguments."""
    FOLDER.mkdir(exist_ok=True)
    for report in reports():
        (FOLDER / f"{report.form}.truth.json").write_text(truth(report), "utf-8")
        for name, make in documents(report):
            path = FOLDER / f"{report.form}.{name}"
            if not sys.argv[1:] or any(word in path.name for word in sys.argv[1:]):
                path.write_bytes(make())


if __name__ == "__main__":
    main()
