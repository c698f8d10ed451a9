"""Reports for years before 2019: free headings, and at the end the 政府信息公开情况统计表 of 国办发〔2014〕32号."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from archive.forms.loader import old_form
from archive.forms.printer import PrintedTable, tables
from imitation.records import ImReport


def sections(
    report: ImReport, cells: Mapping[str, Decimal | None]
) -> Sequence[tuple[str, Sequence[str | PrintedTable]]]:
    """Return each heading with the paragraphs and tables below it."""
    year, name = report.year, report.agency.name
    received = cells.get("pre2019.applications.received.year") or Decimal(0)
    answered = cells.get("pre2019.applications.answered.year") or Decimal(0)
    return (
        ("一、概述", [f"{year}年，{name}认真贯彻《中华人民共和国政府信息公开条例》，加强组织领导，完善公开目录。"]),
        ("二、主动公开情况", ["通过政府网站、政府公报、政务微博微信等渠道主动公开政府信息，详见附表。"]),
        ("三、依申请公开情况", [f"{year}年共收到政府信息公开申请{received}件，答复{answered}件。"]),
        ("四、存在的主要问题和改进措施", ["部分信息更新不够及时，将进一步明确责任和时限。"]),
        ("五、附表", [*tables(old_form(), cells)]),
    )
