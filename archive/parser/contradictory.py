"""What a report says of itself that cannot be, or says twice and differently: told, and nothing is decided by it.

Two titles of different bodies or years; a stated period that no calendar has; a signature from before the year was over
or long after it; a title that says it is a draft. No clock is asked: a document is read alike on every day.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from archive.documents.pages import Pages
from archive.forms.spelling import fold, simplify
from archive.identity import names
from archive.identity.evidence import agree, is_publisher_of_all, title_of
from archive.identity.listed import is_listed
from archive.identity.titles import Strength, TitleVerdict, judge
from archive.identity.years import SHANGHAI, parse_date
from archive.parser.evidence import SIGNATURE_LINES, SIGNED
from archive.parser.findings import finding
from archive.parser.sections import Line
from storage.records import Finding, IdentityEvidence, Section, Severity

_OPENING = 1_500  # characters
_SENTENCE = 300
_SPEAKS = ("统计", "期限", "时限", "周期", "数据", "时间", "期间")  # a sentence on the stated period has one of them
_PERIOD = re.compile(
    r"(?<!\d)(?P<y0>20\d\d)年(?P<m0>\d{1,2})月(?P<d0>\d{1,2})[日号]起?[至到—–~－-]+"
    r"(?:(?P<y1>20\d\d)年)?(?P<m1>\d{1,2})月(?P<d1>\d{1,2})[日号]"
)
_BOUNDS = 2  # days of a period, each with its month
_LONGEST = 366  # days of a year that a report is on
_LINKED = re.compile(r"\s*(?:[上下前后]一?[篇条页个则]|相关|附件|链接|来源)")  # begins what leads to another report
#: Kinds whose title is the page's own; that of an office file or PDF is often the file's that it was made from.
_TITLED = frozenset({"html", "mhtml", "json"})
_DATE = 40  # characters that a line with nothing but a date never has
_FIRST_SIGNED = (12, 1)  # month and day of the report's year: some are signed before it is quite over
_LATE, _TOO_LATE = 1, 2  # years after that in which a report is due


def contradictions(
    pages: Pages, lines: Sequence[Line], parts: Sequence[Section], said: IdentityEvidence, year: int | None
) -> Iterator[Finding]:
    """All findings.

    ``lines``: the main text, ``parts``: the same by sections; ``year``: the report's, where title and period
    agree.
    """
    yield from _titles(pages, said)
    if said.running:
        yield from _subject(parts, said)
    yield from _period(_beginning(lines))
    if year is not None:
        yield from _signed(said, year)
    yield from _signed_on_no_day(lines, {one.text for one in said.dates})
    yield from _draft(pages, said)


def _titles(pages: Pages, said: IdentityEvidence) -> Iterator[Finding]:
    """Titles of the page that name another body or year than the printed one that counts."""
    chosen, basis = title_of(said)
    if chosen is None or basis != "title":
        return
    others = {
        (other.agency, other.year): title
        for title in (*said.titles, *([pages.title] if pages.kind in _TITLED else []))
        if (other := judge(title)) is not chosen
        and other.strength is Strength.FULL
        and _differ(chosen, other)
        and not _LINKED.match(title)
    }
    for title in others.values() if len(others) == 1 else ():  # several are a list of reports
        printed = next((title for title in said.titles if judge(title) == chosen), "")
        yield finding(
            "title_conflict",
            Severity.WARNING,
            f"标题不一致：一处为“{printed}”，另一处为“{title}”。",
            f"Two titles differ: one is {printed}, another {title}.",
            expected=printed,
            found=title,
        )


def _differ(one: TitleVerdict, other: TitleVerdict) -> bool:
    if one.year and other.year and one.year != other.year:
        return True
    if one.agency == other.agency or not (one.agency and other.agency):
        return False
    return not agree(names.complete(one.agency), names.complete(other.agency))


def _subject(parts: Sequence[Section], said: IdentityEvidence) -> Iterator[Finding]:
    """The first sentence on the work done is about another body; the title's is named nowhere: it was copied."""
    verdict, _ = title_of(said)
    if verdict is None or not verdict.agency or verdict.agency in said.running:
        return
    text = next((part.text for part in parts if part.key == "overview"), "")
    own = names.complete(verdict.agency)
    named = [(printed, name) for printed in said.running if (name := names.complete(printed)).complete]
    others = [(printed, name) for printed, name in named if not (is_publisher_of_all(name) or agree(own, name))]
    sentence = simplify(text[:_SENTENCE]).split("。")[0] if others else ""
    if any(printed in sentence for printed, name in named if agree(own, name)):
        return
    for printed, name in others:
        if printed in sentence and is_listed(name.county):
            yield finding(
                "agency_conflict",
                Severity.WARNING,
                f"机关名称不一致：正文首句说的是“{name.text}”，而标题为“{verdict.agency}”。",
                f"The agency is named differently: the first sentence is about {name.text}; the title has "
                f"{verdict.agency}.",
                expected=verdict.agency,
                found=name.text,
            )
            return


def _beginning(lines: Sequence[Line]) -> str:
    taken: list[str] = []
    size = 0
    for line in lines:
        taken.append(line.text)
        size += len(line.text)
        if size > _OPENING:
            break
    return "".join(taken)[:_OPENING]


def _period(text: str) -> Iterator[Finding]:
    """A stated period that ends before it begins, is longer than a year, or names a day that there is not."""
    for sentence in text.split("。"):
        if sentence.count("月") < _BOUNDS or not any([word in sentence for word in _SPEAKS]):  # noqa: C419 — a generator costs twice as much
            continue
        for match in _PERIOD.finditer(fold(sentence)):
            first, last = _day(match, "0"), _day(match, "1")
            if first is not None and last is not None and 0 <= (last - first).days < _LONGEST:
                continue
            yield finding(
                "period_impossible",
                Severity.WARNING,
                f"统计期限有误：“{match[0]}”，不是一年内的起止日期。",
                f"The stated period cannot be: {match[0]} is no span of days within a year.",
                found=match[0],
            )
            return


def _day(match: re.Match[str], which: str) -> date | None:
    try:
        return date(int(match["y" + which] or match["y0"]), int(match["m" + which]), int(match["d" + which]))
    except ValueError:
        return None


def _signed(said: IdentityEvidence, year: int) -> Iterator[Finding]:
    """A signature from before the year was over, or from later than the year after it: none of several is sound."""
    days = [_local(one.at) for one in said.dates if one.origin == "signature" and "年" in one.text and "月" in one.text]
    if not days or any(date(year, *_FIRST_SIGNED) <= day < date(year + 1 + _LATE, 1, 1) for day in days):
        return
    day = days[-1]
    if day < date(year, *_FIRST_SIGNED):
        severity, zh, en = Severity.WARNING, "当时该年度尚未结束", "that year was not over by then"
    else:
        severity = Severity.INFO if day.year <= year + _TOO_LATE else Severity.WARNING
        zh, en = "比应公布的年份晚一年以上", "more than a year after that in which it was due"
    yield finding(
        "signature_date",
        severity,
        f"落款日期为{day.year}年{day.month}月{day.day}日，报告年度是{year}年，{zh}。",
        f"The signature is dated {day.isoformat()} in a report for {year}: {en}.",
        expected=year + 1,
        found=day.isoformat(),
    )


def _signed_on_no_day(lines: Sequence[Line], known: Collection[str]) -> Iterator[Finding]:
    """A signature dated on a day that there is not (2025年13月40日). ``known``: days as printed that there are."""
    for line in lines[-SIGNATURE_LINES:]:
        text = line.text.strip() if len(line.text) < _DATE else ""
        if "年" in text and text not in known and SIGNED.match(text) and parse_date(text) is None:
            yield finding(
                "signature_date",
                Severity.WARNING,
                f"落款日期“{text}”不存在。",
                f"There is no such day as that of the signature, {text}.",
                found=text,
            )
            return


def _local(instant: datetime) -> date:
    return (instant.astimezone(SHANGHAI) if instant.tzinfo else instant).date()


def _draft(pages: Pages, said: IdentityEvidence) -> Iterator[Finding]:
    """A title that calls the report a draft (征求意见稿, 送审稿)."""
    titles = (*said.titles, said.meta.get("articletitle", ""), said.meta.get("标题", ""), pages.title)
    title = next((title for title in titles if title and judge(title).reason == "draft"), "")
    if title:
        yield finding(
            "draft",
            Severity.WARNING,
            f"标题表明这是未定稿：“{title}”。",
            f"By its title this is a draft: {title}.",
            found=title,
        )
