"""What is said where nothing tells whose report a document is, or on which year: what it does print of them."""

from __future__ import annotations

from collections.abc import Iterator

from archive.identity.central import is_central
from archive.identity.divisions import is_generic_zone
from archive.identity.evidence import Identified
from archive.identity.findings import note
from archive.identity.naming import complete
from archive.identity.printed_body import printed_bodies
from archive.identity.text import squeeze
from archive.identity.years import unheard_of
from archive.parser.evidence import simplify_keeping_lines
from storage.records import Finding, Reading, ReportKind


def unnamed(reading: Reading, who: Identified) -> Iterator[Finding]:
    """Findings on a report's body and year that are not told.

    A township (唐村镇) or zone without its place may be one of several.
    """
    if not reading.is_report or reading.reason:
        return
    if who.year is None and not any(said.code == "year_conflict" for said in who.findings):
        yield _on_no_year(reading)
    if who.report_kind is ReportKind.SYSTEM:
        return
    if who.agency is not None and is_central(who.agency) and not (who.place and is_generic_zone(who.place)):
        return
    if who.agency is None or who.place is None or is_generic_zone(who.place):
        yield _of_nobody(reading, who)


def _on_no_year(reading: Reading) -> Finding:
    """Say that no year is printed; or that one is on which there are no reports, or several are."""
    impossible = next((year for title in reading.identity.titles if (year := unheard_of(squeeze(title)))), None)
    if impossible is not None:
        remark = ("该年度没有这样的报告", "there are no such reports on that year")
        return note("year_conflict", basis="title", found=impossible, remark=remark)
    if len(years := sorted(set(reading.identity.period))) > 1:
        found, remark = "、".join(map(str, years)), ("无法判断是哪一年", "it cannot be told which")
        return note("year_conflict", basis="running", found=found, remark=remark)
    return note("year_unnamed")


def _of_nobody(reading: Reading, who: Identified) -> Finding:
    """Say what is printed of a body that does not tell whose report it is."""
    printed = (who.agency,) if who.agency else printed_bodies(reading.identity, simplify_keeping_lines(reading.text))
    said, said_en = "、".join(f"“{name}”" for name in printed), ", ".join(printed)
    if not printed:
        zh, en = "标题、页面信息和正文均未写明机关", "no title, metadata or text names it"
    elif len(printed) > 1 or (not who.agency and complete(printed[0]).county):
        zh, en = (
            f"正文提到{said}，未写明是哪个机关的报告",
            f"its text speaks of {said_en}, and not as whose report it is",
        )
    elif who.place is None or is_generic_zone(who.place):
        zh, en = f"只印有{said}，未说明属于何地", f"it prints {said_en}, and not of which place"
    else:
        zh, en = f"只印有{said}，未说明是否属于{who.place}", f"it prints {said_en}, and not whether of {who.place}"
    return note("agency_unnamed", found="、".join(printed), remark=(zh, en))
