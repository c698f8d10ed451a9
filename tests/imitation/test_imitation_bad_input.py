"""What portals publish as reports and nobody can read, made on purpose."""

from __future__ import annotations

import io
import zipfile

import pypdfium2
import pytest
from loopback_client import Client, report, url

from imitation.server import ImitationPortals


def attached(portals: ImitationPortals, get: Client, key: str) -> bytes:
    found = report(portals, key)
    now = portals.scenario.days[0]
    portals.set_now(now)
    (address,) = portals.site(found.portal).file_urls(found, now)
    return get(address).body


def test_a_torn_docx(portals: ImitationPortals, get: Client) -> None:
    data = attached(portals, get, "luoyang/gaj/2025")
    assert data.startswith(b"PK")
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(data))


def test_an_encrypted_pdf(portals: ImitationPortals, get: Client) -> None:
    with pytest.raises(pypdfium2.PdfiumError, match=r"[Pp]assword"):
        pypdfium2.PdfDocument(attached(portals, get, "jiyuan/gxj/2025"))


def test_a_readable_pdf_says_its_title(portals: ImitationPortals, get: Client) -> None:
    document = pypdfium2.PdfDocument(attached(portals, get, "yiyuan/sfj/2025"))
    text = "".join(page.get_textpage().get_text_range() for page in document)
    assert "沂源县司法局2025年政府信息公开工作年度报告" in "".join(text.split())
    assert "四、结转下年度继续办理" in "".join(text.split())


def test_a_doc_is_served(portals: ImitationPortals, get: Client) -> None:
    found = report(portals, "jiyuan/czj/2025")
    assert attached(portals, get, found.key)


def test_gbk_pages(portals: ImitationPortals, get: Client) -> None:
    whole, broken = get(url(portals, "yaodu/wjj/2025")), get(url(portals, "yaodu/nyncj/2025"))
    assert whole.headers["content-type"].endswith("gb18030")
    assert "尧都区卫生健康和体育局" in whole.body.decode("gb18030")
    assert broken.headers["content-type"].endswith("utf-8")
    with pytest.raises(UnicodeDecodeError):
        broken.body.decode("utf-8")
    with pytest.raises(UnicodeDecodeError):
        broken.body.decode("gb18030")


def test_a_report_without_tables(portals: ImitationPortals, get: Client) -> None:
    page = get(url(portals, "yaodu/wcz/2025")).text
    assert "三、收到和处理政府信息公开申请情况" in page
    assert "行政规范性文件" not in page


def test_a_link_that_leads_to_an_error_page_with_status_200(portals: ImitationPortals, get: Client) -> None:
    got = get(url(portals, "luoyang/nyncj/2023"))
    assert got.status == 200
    assert "页面不存在" in got.text
