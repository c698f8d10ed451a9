"""Reports on the years before 2019: free headings, and the 政府信息公开情况统计表 of 国办发〔2014〕32号 at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from archive.forms.free import TABLE, YEAR
from archive.forms.loader import old_form
from archive.forms.printer import PrintedCell, PrintedTable
from imitation.records import ImReport

_HEADERS = ("统计指标", "单位", "统计数")
_OLDER = "pre2019.older."  # rows that the table of 2014 no longer has


def sections(
    report: ImReport, cells: Mapping[str, Decimal | None]
) -> Sequence[tuple[str, Sequence[str | PrintedTable]]]:
    """Each heading with what stands below it."""
    year, name = report.year, report.agency.name
    received = cells.get("pre2019.applications.received.year") or Decimal(0)
    answered = cells.get("pre2019.applications.answered.year") or Decimal(0)
    return (
        ("一、概述", [f"{year}年，{name}认真贯彻《中华人民共和国政府信息公开条例》，加强组织领导，完善公开目录。"]),
        ("二、主动公开情况", ["通过政府网站、政府公报、政务微博微信等渠道主动公开政府信息，详见附表。"]),
        ("三、依申请公开情况", [f"{year}年共收到政府信息公开申请{received}件，答复{answered}件。"]),
        ("四、存在的主要问题和改进措施", ["部分信息更新不够及时，将进一步明确责任和时限。"]),
        ("五、附表", [_table(cells)]),
    )


def _table(cells: Mapping[str, Decimal | None]) -> PrintedTable:
    rows = [row for row in old_form().rows if not row.id.startswith(_OLDER)]
    lines = [_HEADERS, *((row.label, row.unit or "", _text(cells.get(f"{row.id}.{YEAR}"))) for row in rows)]
    printed = [
        PrintedCell(row=at, col=col, text=text) for at, line in enumerate(lines) for col, text in enumerate(line)
    ]
    return PrintedTable(key=TABLE, rows=len(lines), cols=len(_HEADERS), cells=tuple(printed))


def _text(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"
