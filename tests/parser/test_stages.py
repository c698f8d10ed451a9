"""What one stage of the reader breaks costs that stage; containers and pictures are read as one document."""

from __future__ import annotations

import io
import random
import sys
import zipfile
from dataclasses import replace

import pytest

from archive.documents.pages import Limits, Pages, Paragraph, Picture, Table
from archive.forms.loader import form
from archive.forms.model import Form
from archive.parser import evidence, pipeline, sections
from archive.parser.cells import Placement
from archive.parser.reader import READER_VERSION, read, read_pages_to_reading
from storage.records import Reading
from tests import form_rendering as render
from tests.adding_up import adding_up

NAME = "0" * 64


def filled() -> tuple[Form, render.Cells]:
    plan = form("2021")
    return plan, adding_up(plan, random.Random(1))


def pages() -> Pages:
    plan, cells = filled()
    return render.as_pages(render.tables_of(plan, cells))


def codes(reading: Reading) -> list[str]:
    return [found.code for found in reading.findings]


def broken(*_: object, **__: object) -> None:
    raise RuntimeError("out of order")


def broken_halfway(parsed_pages: Pages, placed: Placement, *_: object) -> None:
    placed.cells.clear()
    raise RuntimeError("out of order")


def test_what_a_stage_changed_before_it_broke_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read_pages_to_reading(pages(), NAME)
    monkeypatch.setattr(pipeline.glued, "solve", broken_halfway)
    reading = read_pages_to_reading(pages(), NAME)
    assert reading.cells == whole.cells
    assert codes(reading) == ["reader_failed"]


@pytest.mark.parametrize(
    ("target", "stage"),
    [
        ("narrative.check_text", "narrative"),
        ("check_cells", "checks"),
        ("glued.solve", "run-together digits"),
        ("repair.repair", "repair"),
        ("judge_document", "verdict"),
    ],
)
def test_a_stage_that_breaks_leaves_the_cells(monkeypatch: pytest.MonkeyPatch, target: str, stage: str) -> None:
    whole = read_pages_to_reading(pages(), NAME)
    assert whole.findings == ()
    owner, _, name = target.rpartition(".")
    monkeypatch.setattr(getattr(pipeline, owner) if owner else pipeline, name, broken)
    reading = read_pages_to_reading(pages(), NAME)
    assert reading.is_report
    assert reading.cells == whole.cells
    assert reading.text == whole.text
    [found] = reading.findings
    assert found.code == "reader_failed"
    assert (found.found or "").startswith(f"{stage}: RuntimeError")


@pytest.mark.parametrize("target", ["place", "Tables.of"])
def test_without_tables_the_text_is_still_read(monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    monkeypatch.setattr(f"archive.parser.pipeline.{target}", broken)
    reading = read_pages_to_reading(pages(), NAME)
    assert reading.title == render.TITLE
    assert render.TITLE in reading.text
    assert reading.cells == {}
    assert "reader_failed" in codes(reading)


def test_without_sections_and_evidence_the_text_is_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "main_lines", broken)
    monkeypatch.setattr(evidence, "collect", broken)
    reading = read_pages_to_reading(pages(), NAME)
    assert render.TITLE in reading.text
    assert reading.cells
    assert codes(reading).count("reader_failed") == 2


# ------------------------------------------------------------------------------------------------------- containers


def packed(**files: bytes) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_", "."), data)
    return into.getvalue()


def page_of(plan: Form, cells: render.Cells) -> bytes:
    return render.as_html(render.tables_of(plan, cells))


def test_a_report_in_a_zip_and_in_a_zip_within() -> None:
    plan, cells = filled()
    once = packed(report_html=page_of(plan, cells))
    for data in (once, packed(inner_zip=once)):
        reading = read(data)
        assert (reading.kind, reading.reader, reading.form) == ("zip", READER_VERSION, "2021")
        assert render.differences(reading, cells) == {}
        assert {cell.locator["part"] for cell in reading.cells.values()} != {""}


def test_containers_are_not_opened_without_end() -> None:
    plan, cells = filled()
    data = packed(report_html=page_of(plan, cells))
    for _ in range(4):
        data = packed(inner_zip=data)
    reading = read(data)
    assert reading.cells == {}
    assert [(found.code, found.found) for found in reading.findings] == [("part_unreadable", "nested")]
    assert "unpack it" in reading.findings[0].en


# --------------------------------------------------------------------------------------------------------- pictures


class NoImage:
    """An image whose bytes nobody can give."""

    def load(self) -> bytes:
        raise ValueError("no such image")


def with_picture(shown: Pages) -> Pages:
    return replace(shown, pictures=(Picture(at=len(shown.blocks), source=NoImage()),))


def test_pictures_are_left_alone_where_no_table_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "archive.documents.scan", None)
    assert codes(read_pages_to_reading(with_picture(pages()), NAME)) == []


def test_pictures_that_nothing_can_recognise_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "archive.documents.scan", None)
    text = tuple(block for block in pages().blocks if isinstance(block, Paragraph))
    reading = read_pages_to_reading(with_picture(Pages(kind="html", blocks=text)), NAME)
    assert reading.is_report
    assert codes(reading) == ["tables_absent", "needs_ocr"]


def test_what_pictures_say_joins_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from archive.documents import scan

    asked: list[Limits] = []

    def fill(shown: Pages, limits: Limits) -> Pages:
        asked.append(limits)
        return replace(shown, blocks=pages().blocks, pictures=())

    monkeypatch.setattr(scan, "fill", fill)
    whole = pages()
    parts = tuple(block for block in whole.blocks if not isinstance(block, Table))
    reading = read_pages_to_reading(with_picture(Pages(kind="html", blocks=parts)), NAME, limits=Limits(pictures=7))
    assert reading.cells == read_pages_to_reading(whole, NAME).cells
    assert codes(reading) == []
    assert [limits.pictures for limits in asked] == [7]


def test_recognition_that_breaks_leaves_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from archive.documents import scan

    monkeypatch.setattr(scan, "fill", broken)
    text = tuple(block for block in pages().blocks if isinstance(block, Paragraph))
    reading = read_pages_to_reading(with_picture(Pages(kind="html", blocks=text)), NAME)
    assert reading.title == render.TITLE
    assert codes(reading) == ["tables_absent", "reader_failed", "needs_ocr"]


def test_the_frame_of_a_report_that_is_not_there_is_none() -> None:
    """It was held as the report of that year."""
    head = "<html><head><title>汶上县司法局政府信息公开年报</title></head><body><h1>汶上县司法局政府信息公开年报</h1>"
    year = "<a href='?y=2025'>2025年</a>"
    for nothing in (f"{year}<p>暂无相关信息</p>", "<p>首页</p>", f"{year}<p>没有符合条件的记录。</p>"):
        assert not read(f"{head}{nothing}</body></html>".encode()).is_report
    said = "<p>我局2014年主动公开信息12条，未收到公开申请。</p>"
    assert read(f"{head}{said}</body></html>".encode()).is_report
    assert read(f"{head}<p><a href='/a.docx'>附件：年度报告.docx</a></p></body></html>".encode()).is_report
    assert read(f"{head}<p><img src='/1.jpg' width=800 height=1200></p></body></html>".encode()).is_report
