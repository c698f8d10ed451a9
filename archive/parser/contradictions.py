"""Report what a document says of itself that cannot be, or says twice and differently; nothing is decided by it.

Two titles of different bodies or years; a stated period that no calendar has; a signature from before the year was over
or long after it; a title that says it is a draft. No clock is asked: a document is read alike on every day.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from archive.documents.pages import Pages, Paragraph
from archive.findings import finding
from archive.forms.spelling import fold, simplify
from archive.identity import names
from archive.identity.division_lists import is_listed
from archive.identity.evidence import UNFINISHED, agree, is_publisher_of_all, title_of, undisputed
from archive.identity.text import squeeze
from archive.identity.titles import Strength, TitleVerdict, judge
from archive.identity.wording import without_reasons
from archive.identity.years import parse_days
from archive.parser.sections import TextLine
from archive.parser.signatures import Signed, signed
from archive.parser.statistics.titles import ABOVE, body_above, is_of_another_body
from storage.records import Finding, IdentityEvidence, Section, Severity

_OPENING = 1_500  # characters
_SENTENCE = 300
_SPEAKS = ("统计", "期限", "时限", "周期", "数据", "时间", "期间")  # a sentence on the stated period has one of them
_PERIOD = re.compile(
    r"(?<!\d)(?P<y0>20\d\d)年?(?P<m0>\d{1,2})月(?P<d0>\d{1,2})[日号]起?[至到—–~－-]+"
    r"(?:(?P<y1>20\d\d)年?)?(?P<m1>\d{1,2})月(?P<d1>\d{1,2})[日号]"
)
#: A sentence on the report's own period, not on a campaign or a half of the year.
_OF_THE_REPORT = re.compile(r"(?:统计|报告|数据|信息).{0,12}(?:期限|时限|周期|起止)|(?:所列|统计)数据")
_END = (12, 31)  # month and day
_BOUNDS = 2  # days of a period, each with its month
_LONGEST = 366  # days of a year that a report is on
_LINKED = re.compile(r"\s*(?:[上下前后]一?[篇条页个则]|相关|附件|链接|来源)")  # begins what leads to another report
#: Kinds whose title is the page's own; that of an office file or PDF is often the file's that it was made from.
_TITLED = frozenset({"html", "mhtml", "json"})
_OPEN_MARKS = ("xx", "XX", "××")
_OPEN = re.compile("(?:x{2,3}|X{2,3}|×{2,3})[省市县区旗镇乡局委]")
_HEAD, _MARK = 5, 12  # lines of the head, and characters of one that has nothing but （征求意见稿）
_FIRST_SIGNED = (12, 1)  # month and day of the report's year: some are signed before it is quite over
_LATE, _TOO_LATE = 1, 2  # years after that in which a report is due


def contradictions(
    pages: Pages, lines: Sequence[TextLine], parts: Sequence[Section], evidence: IdentityEvidence, year: int | None
) -> Iterator[Finding]:
    """All findings.

    ``lines``: the main text, ``parts``: the same by sections; ``year``: the report's, where title and period
    agree.
    """
    verdict, basis = title_of(evidence)
    agency = verdict.agency if verdict is not None else ""
    if verdict is not None and basis == "title":
        yield from _titles(pages, evidence, verdict)
    if evidence.running and agency:
        yield from _subject(parts, evidence, agency)
    yield from _foreign_caption(pages, evidence)
    beginning = _beginning(lines)
    yield from _period(beginning, year)
    dated = list(signed(lines))
    if year is not None and dated:
        yield from _signed(dated, agency, year)
    yield from _signed_on_no_day(dated)
    yield from _draft(pages, lines, evidence, beginning)


def _titles(pages: Pages, evidence: IdentityEvidence, chosen: TitleVerdict) -> Iterator[Finding]:
    """Titles of the page that name another body or year than the printed one that counts."""
    printed = next((title for title in evidence.titles if judge(title) == chosen), "")
    others = {
        (other.agency, other.year): title
        for title in (*evidence.titles, *([pages.title] if pages.kind in _TITLED else []))
        if (other := judge(title)) is not chosen
        and other.strength is Strength.FULL
        and _differ(chosen, other)
        and not _LINKED.match(title)
        and not printed.endswith(title)  # its last line alone
        and squeeze(printed) not in squeeze(title)  # with a line before it
    }
    for title in others.values() if len(others) == 1 else ():  # several are a list of reports
        yield finding(
            "title_conflict",
            expected=printed,
            found=title,
        )


def _differ(one: TitleVerdict, other: TitleVerdict) -> bool:
    if one.year and other.year and one.year != other.year:
        return True
    if one.agency == other.agency or not (one.agency and other.agency):
        return False
    return not agree(names.complete(one.agency), names.complete(other.agency))


def _subject(parts: Sequence[Section], evidence: IdentityEvidence, agency: str) -> Iterator[Finding]:
    """The first sentence on the work done is about another body; the title's is named nowhere: it was copied."""
    if agency in evidence.running:
        return
    text = next((part.text for part in parts if part.key == "overview"), "")
    own = names.complete(agency)
    named = [(printed, name) for printed in evidence.running if (name := names.complete(printed)).complete]
    others = [(printed, name) for printed, name in named if not (is_publisher_of_all(name) or agree(own, name))]
    sentence = simplify(text[:_SENTENCE]).split("。")[0] if others else ""
    if any(printed in sentence for printed, name in named if agree(own, name)):
        return
    for printed, name in others:
        if printed in sentence and is_listed(name.county):
            yield finding(
                "agency_conflict",
                case="first_sentence",
                expected=agency,
                found=name.text,
            )
            return


def _beginning(lines: Sequence[TextLine]) -> str:
    opening: list[str] = []
    size = 0
    for line in lines:
        opening.append(line.text)
        size += len(line.text)
        if size > _OPENING:
            break
    return "".join(opening)[:_OPENING]


def _period(text: str, year: int | None) -> Iterator[Finding]:
    """A stated period that ends before it begins, is longer than a year, names a day that there is not, or stops before
    the year was over.
    """
    for sentence in text.split("。"):
        if sentence.count("月") < _BOUNDS or not any([word in sentence for word in _SPEAKS]):  # noqa: C419 — a generator costs twice as much
            continue
        for match in _PERIOD.finditer(fold(sentence)):
            first, last = _day(match, "0"), _day(match, "1")
            if first is not None and last is not None and 0 <= (last - first).days < _LONGEST:
                if (last.month, last.day) == _END or year is None or not _OF_THE_REPORT.search(fold(sentence)):
                    continue
                if last.year == year:
                    yield _stops(match[0], last, year)
                    return
                continue
            yield finding("period_impossible", found=match[0])
            return


def _stops(printed: str, last: date, year: int) -> Finding:
    return finding("period_incomplete", expected=f"{year}-12-31", found=last, last=last, year=year, printed=printed)


def _day(match: re.Match[str], which: str) -> date | None:
    try:
        return date(int(match["y" + which] or match["y0"]), int(match["m" + which]), int(match["d" + which]))
    except ValueError:
        return None


def _signed(dated: Iterable[Signed], agency: str, year: int) -> Iterator[Finding]:
    """A signature from before the year was over, or from later than the year after it: none of several is sound."""
    signatures = [one for one in dated if _is_signature(one, agency)]
    days = [days for one in signatures if (days := parse_days(one.text)) is not None]
    first, last = date(year, *_FIRST_SIGNED), date(year + 1 + _LATE, 1, 1)
    if not days or any(end >= first and begin < last for begin, end in days):
        return
    begin, end = days[-1]
    if end >= first and not any(map(_is_in_words, signatures)):  # when it was put on a page anew
        return
    late = end >= first
    yield finding(
        "signature_date",
        case="late" if late else "early",
        severity=Severity.INFO if late and begin.year <= year + _TOO_LATE else None,
        expected=year + 1,
        found=begin.isoformat() if begin == end else f"{begin:%Y-%m}",
        day=f"{begin.year}年{begin.month}月" + (f"{begin.day}日" if begin == end else ""),
        year=year,
    )


def _is_signature(one: Signed, agency: str) -> bool:
    """Whether a date is a signature's: without 年 and 月 it may be that of the page or of another entry of a list."""
    if _is_in_words(one):
        return True
    return one.last and bool(one.by and agency) and agree(names.complete(agency), names.complete(one.by))


def _is_in_words(one: Signed) -> bool:
    return "年" in one.date and "月" in one.date


def _signed_on_no_day(dated: Iterable[Signed]) -> Iterator[Finding]:
    """A signature dated on a day that there is not (2025年13月40日)."""
    for one in dated:
        if one.last and "年" in one.date and parse_days(one.text) is None:
            yield finding("signature_date", case="no_day", found=one.text)
            return


def _draft(pages: Pages, lines: Sequence[TextLine], evidence: IdentityEvidence, beginning: str) -> Iterator[Finding]:
    """A title, or a line of its own below it, that calls the report a draft or a template (送审稿, 模板); or, where the
    text begins, a body that is left open (xx县).
    """
    below = (line.text for line in lines[1:_HEAD] if len(line.text) <= _MARK)
    titles = (
        *evidence.titles,
        evidence.meta.get("articletitle", ""),
        evidence.meta.get("标题", ""),
        *_own_title(pages, evidence),
        *below,
    )
    title = next((title for title in titles if title and judge(title).reason in UNFINISHED), "")
    if title:
        case = "template" if judge(title).reason == "template" else "draft"
        yield finding("draft", case=case, found=title)
    elif any([mark in beginning for mark in _OPEN_MARKS]) and (blank := _OPEN.search(beginning)):  # noqa: C419
        yield finding("draft", case="open", found=blank[0])


def _own_title(pages: Pages, evidence: IdentityEvidence) -> Sequence[str]:
    """The title that a page or a file bears for machines; a file's may be left of the one that it was made from: not
    where it is of another body or year than the title printed, or of none.
    """
    printed = next((one for title in evidence.titles if (one := judge(title)).strength is Strength.FULL), None)
    if pages.kind in _TITLED or printed is None:
        return (pages.title,)
    own = judge(without_reasons(pages.title, UNFINISHED))
    same = own.strength is Strength.FULL and not _differ(printed, own)
    return (pages.title,) if same else ()


def _foreign_caption(pages: Pages, evidence: IdentityEvidence) -> Iterator[Finding]:
    """A finding for the first line above a table by which the table is another body's (填报单位：汶上县教育局)."""
    above: deque[str] = deque(maxlen=ABOVE)
    own: list[names.Name] | None = None
    for block in pages.blocks:
        if isinstance(block, Paragraph):
            if not block.furniture:
                above.appendleft(block.text)
            continue
        if any([body_above(line) for line in above]):  # noqa: C419 — nearly always none
            own = own or [name for text in undisputed(evidence)[0] if (name := names.complete(text)).text]
            if own and is_of_another_body(above, own):
                body = next(body for line in above if (body := body_above(line)))
                yield finding("agency_conflict", case="caption", expected=own[0].text, found=body)
                return
        above.clear()
