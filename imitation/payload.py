"""What a portal has for one version of a report or for another page: the article's HTML and the attached files.

The report's ``kind`` in the scenario decides the format; damaged kinds are damaged here, equally on every machine.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from functools import cache
from html import escape

from archive.forms.loader import form as load_form
from archive.forms.printer import tables
from imitation.documents.archived import zipped
from imitation.documents.legacy import doc
from imitation.documents.ofd import ofd
from imitation.documents.portable import pdf
from imitation.documents.scanned import Scan, scanned_pdf
from imitation.documents.sheets import xls
from imitation.documents.word import docx
from imitation.markup import fragment
from imitation.records import ImitatedVersion, ImReport, OtherPage
from imitation.wording import Block, SectionHeading, blocks

MIMES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "doc": "application/msword",
    "pdf": "application/pdf",
    "ofd": "application/octet-stream",
    "xls": "application/vnd.ms-excel",
    "zip": "application/zip",
}
PASSWORD = "imitation"  # noqa: S105 - of a file that must stay unreadable
SEE_ATTACHMENT = "（正文见附件）"


@dataclass(frozen=True)
class File:
    """An attached file: its displayed name, its suffix and its bytes."""

    name: str
    suffix: str
    data: bytes

    @property
    def mime(self) -> str:
        """Return the content type that servers send."""
        return MIMES[self.suffix]


@dataclass(frozen=True)
class Payload:
    """What is sent for an entry. ``html``: the article; ``encoding``, ``broken``: see :func:`encode`; ``is_error``:
    only an error page is sent.
    """

    html: str
    files: tuple[File, ...] = ()
    encoding: str = "utf-8"
    broken: bool = False
    is_error: bool = False


def encode(page: str, payload: Payload) -> tuple[bytes, str]:
    """Return a page's bytes and its declared charset. A ``broken`` page is GBK with a byte lost, declared as UTF-8."""
    data = page.encode(payload.encoding, "xmlcharrefreplace")
    if payload.broken:
        middle = data.find("政府信息".encode(payload.encoding), len(data) // 2)
        return data[: middle + 1] + data[middle + 2 :], "utf-8"
    return data, payload.encoding


@cache
def of_report(report: ImReport, version: ImitatedVersion) -> Payload:
    """Return the payload of one version of a report."""
    kind = report.kind
    if kind == "soft_404":
        return Payload("", is_error=True)
    if kind in {"html", "word_html", "no_tables"}:
        return Payload(fragment(blocks(report, version, with_tables=kind != "no_tables"), word=kind == "word_html"))
    if kind in {"gbk_html", "broken_gbk"}:
        return Payload(fragment(blocks(report, version)), encoding="gb18030", broken=kind == "broken_gbk")
    return Payload(fragment([SEE_ATTACHMENT]), (_make_file(report, version),))


def _make_file(report: ImReport, version: ImitatedVersion) -> File:
    """Return a report as a file of its kind. Raises ValueError for an unknown kind."""
    body, title = blocks(report, version), version.title
    match report.kind:
        case "docx":
            return File(f"{title}.docx", "docx", settled(docx(title, body)))
        case "truncated_docx":
            complete = settled(docx(title, body))
            return File(f"{title}.docx", "docx", complete[: len(complete) * 3 // 5])
        case "doc":
            return File(f"{title}.doc", "doc", doc(title, body))
        case "pdf":
            return File(f"{title}.pdf", "pdf", pdf(title, body))
        case "ofd":
            return File(f"{title}.ofd", "ofd", settled(ofd(title, body)))
        case "xls":
            return File(f"{title}.xls", "xls", xls(title, body))
        case "zip":
            return File(f"{title}.zip", "zip", zipped([(f"{title}.docx", settled(docx(title, body)))], names="gbk"))
        case "scan":
            return File(f"{title}.pdf", "pdf", scanned_pdf(title, body, Scan(skew=0.5, noise=5, seal=True)))
        case "encrypted_pdf":
            return File(f"{title}.pdf", "pdf", pdf(title, body, password=PASSWORD))
        case "long_pdf":
            filler = tuple(f"附页{n}。" for n in range(1, 201))
            return File(f"{title}.pdf", "pdf", pdf(title, (*body, *filler), page_per_line=True))
        case other:
            raise ValueError(f"{report.key}: unknown kind {other!r}")


def settled(data: bytes) -> bytes:
    """Return a zip file with all time stamps set to the same day, so that its bytes never differ."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        for entry in source.infolist():
            copy.writestr(zipfile.ZipInfo(entry.filename), source.read(entry), zipfile.ZIP_DEFLATED)
    return out.getvalue()


@cache
def of_other(page: OtherPage) -> Payload:
    """Return the payload of a page that is no report."""
    return Payload(fragment(_OTHER[page.body](page)))


def _interpretation(page: OtherPage) -> tuple[Block, ...]:
    return (
        f"近日，有关单位发布了政府信息公开工作年度报告，现就{escape(page.title)}所涉内容作如下解读。",
        SectionHeading("一、编制背景"),
        "年度报告是政府信息公开工作的重要制度。",
        SectionHeading("二、主要内容"),
        "报告从总体情况、主动公开、依申请公开等方面作了说明，数据详见原文。",
    )


def _rule_of_law(_: OtherPage) -> tuple[Block, ...]:
    return (
        "现将法治政府建设情况报告如下。",
        SectionHeading("一、推进法治政府建设的主要举措和成效"),
        "依法履行职责，行政复议和应诉工作平稳有序，行政规范性文件制定程序更加规范。",
        SectionHeading("二、存在的不足和原因"),
        "基层执法力量仍需加强。",
        SectionHeading("三、下一年度工作安排"),
        "继续加强执法监督和普法宣传。",
    )


def _website(_: OtherPage) -> tuple[Block, ...]:
    return (
        "政府网站工作年度报表",
        "网站名称、首页网址、主办单位、信息发布总数、专栏专题数量、解读回应数量、办事服务数量，见下。",
        "独立用户访问总量（个）：128406",
        "网站总访问量（次）：514220",
    )


def _notice(_: OtherPage) -> tuple[Block, ...]:
    return (
        "各有关单位：",
        "为做好政府信息公开工作年度报告编制发布工作，现将有关事项通知如下。",
        "一、认真对照国家统一格式编制。二、按时在门户网站公开并报送主管部门。",
    )


def _blank_template(_: OtherPage) -> tuple[Block, ...]:
    form = load_form("2021")
    out: list[Block] = ["（机关名称）××××年政府信息公开工作年度报告"]
    for section in form.sections:
        out.append(SectionHeading(f"{section.number}、{section.heading}"))
        out += [table for table, own in zip(tables(form, {}), form.tables, strict=True) if own.section == section.key]
    return tuple(out)


_OTHER = {
    "interpretation": _interpretation,
    "rule_of_law": _rule_of_law,
    "website": _website,
    "notice": _notice,
    "blank_template": _blank_template,
}
