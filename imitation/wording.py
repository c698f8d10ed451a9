"""The text of an imitation report: six sections in our own words, printed tables, and numbers that match the cells.

The wording varies a little between agencies, as in real reports; nothing is copied from a real report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from archive.forms.loader import form as load_form
from archive.forms.loader import old_form
from archive.forms.model import Form
from archive.forms.printer import PrintedTable, tables
from imitation import figures
from imitation.old_reports import sections
from imitation.records import ImitatedVersion, ImReport, draw
from storage.records import AgencyKind


@dataclass(frozen=True)
class SectionHeading:
    """A section heading."""

    text: str


Block = SectionHeading | PrintedTable | str
Values = Mapping[str, Decimal | None]

_PROBLEMS = (
    ("公开内容的针对性还不够强，部分信息更新不够及时", "对照公开目录逐项自查，明确各股室更新时限"),
    ("专职人员少，业务培训不够经常", "每季度组织一次学习，固定专人负责"),
    ("政策解读形式较为单一", "推进图文、问答等形式的解读，做到同步起草、同步发布"),
    ("依申请公开答复文书还不够规范", "统一文书样式，重要答复先作合法性审核"),
)


def form_of(report: ImReport) -> Form:
    """Return the form on which the report is printed."""
    return load_form(report.form)


def values(report: ImReport, version: ImitatedVersion) -> dict[str, Decimal | None]:
    """Return all cells of the report's form in this version; None is blank."""
    return figures.cells(report, version, form_of(report).ids)


def blocks(report: ImReport, version: ImitatedVersion, *, with_tables: bool = True) -> tuple[Block, ...]:
    """Return the report in reading order, without its title."""
    plan, cells = form_of(report), values(report, version)
    if plan.name == old_form().name:
        return tuple(part for heading, below in sections(report, cells) for part in (SectionHeading(heading), *below))
    printed = {table.key: table for table in tables(plan, cells)} if with_tables else {}
    say = _ReportWords(report, cells)
    sentences = {
        "overview": say.overview(),
        "proactive": [],
        "applications": [],
        "remedies": [],
        "problems": say.problems(),
        "other": say.other(),
    }
    out: list[Block] = [version.note] if version.note else []
    out.append(say.opening(plan))
    for section in plan.sections:
        out.append(SectionHeading(f"{section.number}、{section.heading}"))
        out += sentences.get(section.key, [])
        out += [printed[t.key] for t in plan.tables if t.section == section.key and t.key in printed]
    return tuple(out)


class _ReportWords:
    """Makes the sentences of one report."""

    def __init__(self, report: ImReport, cells: Values) -> None:
        self.report = report
        self.name = report.agency.name
        self.year = report.year
        self.me = "全县（市、区）" if report.agency.kind is AgencyKind.GOVERNMENT else "本机关"
        self.cells = cells

    def number(self, key: str) -> Decimal:
        return self.cells.get(key) or Decimal(0)

    def opening(self, plan: Form) -> str:
        return (
            f"本报告由{self.name}按照《中华人民共和国政府信息公开条例》和《中华人民共和国政府信息公开工作年度报告格式》"
            f"（{plan.source}）的要求编制。本报告所列数据的统计期限自{self.year}年1月1日起至{self.year}年12月31日止。"
        )

    def overview(self) -> list[str]:
        year = self.year - 1 if self.report.slip else self.year
        published = 60 + draw(f"{self.report.key}published", 900)
        topic = f"，{self.report.agency.topic}" if self.report.agency.topic else ""
        received, answered = self.number("applications.received.total"), self.number("applications.result.total.total")
        if received:
            sentence = (
                f"{self.year}年，{self.me}新收政府信息公开申请{received}件，办结{answered}件，均在法定期限内答复。"
            )
        else:
            sentence = f"{self.year}年，{self.me}未收到政府信息公开申请。"
        return [
            f"（一）主动公开。{year}年，{self.me}通过政府网站、政务新媒体等平台主动公开各类信息{published}条{topic}。",
            f"（二）依申请公开。{sentence}",
            "（三）政府信息管理。落实公开属性源头认定和发布前审查制度，定期清理已失效的信息。",
            "（四）平台建设。维护好政府信息公开专栏，做到栏目统一、内容规范。",
            "（五）监督保障。将政务公开纳入年度考核，未发生责任追究情形。",
        ]

    def problems(self) -> list[str]:
        index = draw(self.report.key + "problem", len(_PROBLEMS))
        (first, then_first), (second, then_second) = _PROBLEMS[index], _PROBLEMS[(index + 1) % len(_PROBLEMS)]
        return [f"存在的主要问题：一是{first}；二是{second}。", f"改进措施：一是{then_first}；二是{then_second}。"]

    def other(self) -> list[str]:
        return [f"{self.year}年，{self.me}未收取政府信息公开信息处理费。除此之外，无其他需要报告的事项。"]
