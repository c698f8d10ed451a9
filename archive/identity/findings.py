"""The findings this room makes, each in Chinese and English. Codes are documented in ``docs/findings.md``."""

from __future__ import annotations

from storage.records import Finding, Severity

_TEXTS: dict[str, tuple[Severity, str, str]] = {
    "agency_conflict": (
        Severity.WARNING,
        "机关名称不一致：{basis}为“{found}”，而采用的是“{expected}”。",
        "The agency is named differently: {basis} says {found}; {expected} was taken.",
    ),
    "agency_unknown": (
        Severity.WARNING,
        "标题所示机关“{found}”不在名录中。",
        "The agency printed, {found}, is not in the registry.",
    ),
    "agency_ambiguous": (
        Severity.WARNING,
        "机关名称“{found}”可指名录中的多个机关：{expected}。",
        "The agency printed, {found}, can be more than one of the registry: {expected}.",
    ),
    "agency_unnamed": (
        Severity.WARNING,
        "无法确定是哪个机关的报告：{expected}。",
        "Whose report this is cannot be told: {expected}.",
    ),
    "agency_inferred": (
        Severity.INFO,
        "标题未写明机关，依据{basis}认定为“{found}”。",
        "The title names no agency; {found} was taken from {basis}.",
    ),
    "agency_short_name": (
        Severity.INFO,
        "标题所示机关为“{found}”，名录中只有“{expected}”可以是它（一为另一的简称），推定为该机关的报告。",
        "The title names {found}; of the registry only {expected} can be meant (one name is short for the other), and "
        "it was taken.",
    ),
    "agency_completed": (
        Severity.INFO,
        "机关写作“{expected}”，未写明属于何地，依据{basis}认定为“{found}”。",
        "The body is printed as {expected}, without its place; {found} was taken from {basis}.",
    ),
    "shared_report": (
        Severity.WARNING,
        "一份报告列为多个机关（{found}）：{expected}。",
        "One report stands for several bodies ({found}): {expected}.",
    ),
    "foreign_report": (
        Severity.INFO,
        "这是其他地方机关“{found}”的报告，不属于“{expected}”。",
        "This is the report of a body of another place, {found}, not of {expected}.",
    ),
    "place_conflict": (
        Severity.WARNING,
        "地名不一致：文中为“{found}”，而所属地方为“{expected}”。",
        "The place printed is {found}, the place it was found under is {expected}.",
    ),
    "place_misread": (
        Severity.WARNING,
        "地名“{found}”疑为“{expected}”的误写或误识。",
        "The place is printed as {found}; it is taken for a misprint or misreading of {expected}.",
    ),
    "place_differs": (
        Severity.WARNING,
        "地名不一致：标题为“{found}”，网站或发布机构为“{expected}”，只差一字，请核对。",
        "The title has the place {found}, the site or the publisher {expected}: they differ by one character.",
    ),
    "place_unlisted": (
        Severity.WARNING,
        "地名“{found}”不在行政区划名录中，名录中仅差一字的有：{expected}；请核对是否误写或误识。",
        "No list of divisions has the place printed, {found}; by one character it differs from {expected}: it may be "
        "misprinted or misread.",
    ),
    "place_unknown": (
        Severity.INFO,
        "地名“{found}”不在任何年份的行政区划名录中。",
        "No list of divisions, of any year, has the place printed, {found}.",
    ),
    "place_ambiguous": (
        Severity.INFO,
        "名为“{found}”的地方不止一处（{expected}），文中未写明是哪一处。",
        "Several places are called {found} ({expected}); the document does not say which it means.",
    ),
    "system_report": (
        Severity.INFO,
        "“{found}”的报告为全系统合并编制，一份报告代表多个机关。",
        "One report stands for a whole system: {found}.",
    ),
    "year_conflict": (
        Severity.ERROR,
        "报告年度有矛盾：{basis}为{found}年，{expected}。",
        "The reporting year is contradicted: {basis} says {found}; {expected}.",
    ),
    "published_early": (
        Severity.WARNING,
        "页面所示的发布日期为{found}，当时{expected}年度尚未结束。",
        "The page says it was published on {found}, before {expected}, the year of the report, was over.",
    ),
    "year_slip": (
        Severity.WARNING,
        "年度笔误：{basis}写作{found}年，而报告年度为{expected}年。",
        "A slip in the year: {basis} says {found}, the report is for {expected}.",
    ),
    "year_ahead": (
        Severity.WARNING,
        "报告年度为{found}年，而读取时（{expected}）该年度尚未结束。",
        "The report is on {found}, a year that was not over on the day of reading, {expected}.",
    ),
    "year_unnamed": (
        Severity.WARNING,
        "文中、页面均未写明报告年度，也无从推定。",
        "No reporting year is printed, and nothing tells it.",
    ),
    "year_inferred": (
        Severity.WARNING,
        "文中未写明年度，按发布日期推定为{found}年。",
        "No reporting year is printed; {found} was inferred from the date of publication.",
    ),
}

_BASES = {
    "title": ("标题", "the title"),
    "listing": ("所在栏目或地址", "the column or address"),
    "metadata": ("页面元数据", "the page's metadata"),
    "period": ("统计期限", "the stated period"),
    "statement": ("正文开头或落款", "the opening or signature"),
    "place": ("所属地方", "the place"),
    "running": ("正文", "the running text"),
    "dates": ("页面日期", "the dates on the page"),
    "ruling": ("人工裁定", "a ruling"),
}


def note(
    code: str, *, basis: str = "", found: object = "", expected: object = "", remark: tuple[str, str] | None = None
) -> Finding:
    """Make a finding. ``remark``: what its sentences say in place of ``expected``, in Chinese and English."""
    severity, zh, en = _TEXTS[code]
    basis_zh, basis_en = _BASES.get(basis, (basis, basis))
    expected_zh, expected_en = remark or (expected, expected)
    return Finding(
        code=code,
        severity=severity,
        zh=zh.format(basis=basis_zh, found=found, expected=expected_zh),
        en=en.format(basis=basis_en, found=found, expected=expected_en),
        expected=str(expected) or None,
        found=str(found) or None,
    )
