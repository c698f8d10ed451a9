"""Choose one of several whole reports that are printed one after the other in one document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from archive.documents.pages import Pages, Paragraph, Table
from archive.findings import finding, first_of
from archive.identity.evidence import best_title
from archive.identity.titles import Strength, judge
from archive.parser.report_grouping import ReportClaim, claim_of, contradicts
from archive.parser.text_classes import classes_of
from storage.records import Finding

_TITLE = 70  # characters; no title is longer
_SUBJECT, _KINDS = "信息公开", ("报告", "年报")
_NAMED = frozenset({Strength.FULL, Strength.BARE})
_META = ("articletitle", "标题", "名称", "title")
_SITE = re.compile(r"[_|｜]|\s[-–—]+\s|[-–—]{2}")  # before the name of the site in a page's title
_AGAIN = 3  # rows of the form that both reports print at least
_MOST = 5  # titles shown


@dataclass(frozen=True, slots=True)
class _Report:
    """The blocks of one report, from its title to the next one's."""

    title: str
    claim: ReportClaim
    begin: int
    end: int


def one_report(pages: Pages) -> Pages:
    """Return the document without the other reports in it, with the finding ``several_reports``.

    The one of which its metadata speak stays, else the first. The same object where there are no others.
    """
    reports, above = _reports(pages.blocks)
    if len(reports) < 2:
        return pages
    page_claim = _claim_of_page(pages, above)
    chosen = next((report for report in reports if not contradicts(page_claim, report.claim)), reports[0])
    pictures = [replace(p, at=p.at - chosen.begin) for p in pages.pictures if chosen.begin <= p.at <= chosen.end]
    return replace(
        pages,
        blocks=pages.blocks[chosen.begin : chosen.end],
        pictures=tuple(pictures),
        findings=(*pages.findings, _several_finding(chosen, [report for report in reports if report is not chosen])),
    )


def _claim_of_page(pages: Pages, above: Sequence[str]) -> ReportClaim:
    """What the page says of itself: its metadata, else a title that stands above those of all reports."""
    meta = [title for name in _META[:-1] if (title := pages.meta.get(name, ""))] + [pages.title] * bool(pages.title)
    meta_claim = claim_of(best_title([*meta, *(_SITE.split(title)[0] for title in meta)]))
    return meta_claim if meta_claim.year is not None or not above else claim_of(best_title(above))


def _reports(blocks: Sequence[Paragraph | Table]) -> tuple[list[_Report], list[str]]:
    """The reports, and the titles above them all, as a page has one of its own.

    A title begins another report where it contradicts the last, and rows printed there come again.
    """
    found: list[_Report] = []
    above: list[str] = []
    printed: list[set[str]] = []
    titles = _titles(blocks)
    for number, title in enumerate(titles):
        begin = title.begin if found else 0
        end = titles[number + 1].begin if number + 1 < len(titles) else len(blocks)
        rows = _rows(blocks[begin:end])
        again = found and contradicts(found[-1].claim, title.claim) and len(printed[-1] & rows) >= _AGAIN
        if again or not (found or len(rows) < _AGAIN):
            found.append(replace(title, begin=begin, end=end))
            printed.append(rows)
        elif found:
            found[-1] = replace(found[-1], end=end)
            printed[-1] |= rows
        else:
            above.append(title.title)
    return found, above


def _titles(blocks: Sequence[Paragraph | Table]) -> list[_Report]:
    """Lines that are titles of reports of a year; none unless they speak of several."""
    found: list[_Report] = []
    for at, block in enumerate(blocks):
        if not isinstance(block, Paragraph) or block.furniture or block.link or len(block.text) > _TITLE:
            continue
        if _SUBJECT in block.text and any(kind in block.text for kind in _KINDS):
            verdict = judge(block.text)
            if verdict.could_be and verdict.strength in _NAMED and verdict.year:
                found.append(_Report(block.text.strip(), claim_of(verdict), at, at))
    return found if any(contradicts(found[0].claim, title.claim) for title in found) else []


def _rows(blocks: Sequence[Paragraph | Table]) -> set[str]:
    """The rows of the form that stand there, in tables or lines."""
    texts = (
        text
        for block in blocks
        for text in ([cell.text for cell in block.cells] if isinstance(block, Table) else [block.text])
        if len(text) <= _TITLE
    )
    return {hit.key for text in texts if (hit := classes_of(text).row) is not None}


def _several_finding(chosen: _Report, others: Sequence[_Report]) -> Finding:
    titles = list(dict.fromkeys(report.title for report in others))
    return finding("several_reports", case="printed", found=first_of(titles, _MOST), taken=chosen.title)
