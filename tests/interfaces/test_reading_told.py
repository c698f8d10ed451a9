"""What ``nianbao read`` says of whose report a document is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.documents.pages import Pages, Paragraph
from archive.forms.loader import form
from archive.interfaces.reading import reading_json
from archive.parser.reader import read_pages_to_reading
from storage.records import Reading
from tests import form_rendering as render

FORM = form("2021")


def titled(title: str) -> Reading:
    pages = render.as_pages(render.tables_of(FORM, dict.fromkeys(FORM.ids, None)))
    blocks = (Paragraph(text=title), *pages.blocks[1:])
    return read_pages_to_reading(Pages(kind="docx", blocks=blocks), "1" * 64)


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("2023年政府信息公开工作年度报告", [None]),
        ("司法局2023年政府信息公开工作年度报告", ["司法局"]),
        ("汶上县司法局2023年政府信息公开工作年度报告", []),
    ],
)
def test_a_report_of_nobody_known_is_told(title: str, found: list[str | None]) -> None:
    record = reading_json("a.docx", titled(title), None)
    told = record["findings"]
    assert isinstance(told, list)
    assert [said["found"] for said in told if said["code"] == "agency_unnamed"] == found
    assert (record["agency"] is None) == bool(found)


def test_what_is_no_report_is_nobodys() -> None:
    reading = replace(titled("2023年政府信息公开工作年度报告"), is_report=False, reason="blank_template")
    findings = reading_json("a.docx", reading, None)["findings"]
    assert isinstance(findings, list)
    assert not [said for said in findings if said["code"] == "agency_unnamed"]
