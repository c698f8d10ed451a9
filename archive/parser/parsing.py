"""Pages → everything the reader makes of them, stage by stage.

A stage that breaks costs only itself: a finding ``reader_failed`` names it, and what the others made is kept, the text
in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from archive.documents.pages import Pages, Paragraph
from archive.forms.loader import old_form
from archive.identity.evidence import undisputed
from archive.parser import (
    contradictory,
    evidence,
    former,
    glued,
    narrative,
    outline,
    pre2019,
    repair,
    sections,
    several,
)
from archive.parser import findings as said
from archive.parser.absent import doubt_unfilled
from archive.parser.arranged.layout import laid_out
from archive.parser.arranged.years import doubt_columns, of_this_year, speaks_of_years
from archive.parser.attested import Attested
from archive.parser.begun import doubt_end
from archive.parser.cells import Placed
from archive.parser.checks import check_cells
from archive.parser.eras import of_another_year
from archive.parser.minus import doubt_drawn
from archive.parser.parted import doubt_parted
from archive.parser.place import place
from archive.parser.scattered.woven import woven
from archive.parser.sections import Line
from archive.parser.shifted import doubt_shifted
from archive.parser.statistics import taking
from archive.parser.tables import Tables
from archive.parser.units import doubt_units
from archive.parser.verdict import Verdict, judge_document, unless_cut
from storage.records import Cell, Finding, IdentityEvidence, Section

_T = TypeVar("_T")


@dataclass(slots=True)
class Parsed:
    """What a document's pages say: main text, sections, identity, placed cells, verdict, findings so far."""

    pages: Pages
    lines: list[Line] = field(default_factory=list)
    parts: tuple[Section, ...] = ()
    said: IdentityEvidence = field(default_factory=IdentityEvidence)
    placed: Placed = field(default_factory=Placed)
    old: pre2019.Old = pre2019.NONE
    verdict: Verdict = field(default_factory=lambda: Verdict(False, "reader_failed", None))
    findings: list[Finding] = field(default_factory=list)

    @property
    def cells(self) -> Mapping[str, Cell]:
        """The cells of a report; none where the document is none."""
        return self.placed.cells if self.verdict.is_report else {}

    def stage(self, name: str, zh: str, work: Callable[[], _T], otherwise: _T) -> _T:
        """What ``work`` gives, or ``otherwise`` with a finding that names the stage."""
        try:
            return work()
        except Exception as error:  # noqa: BLE001 — told as a finding; the other stages go on
            self.findings.append(said.stage_failed(name, zh, error))
            return otherwise


def parse(pages: Pages) -> Parsed:
    """All stages over the blocks of one document. Pictures and members are the caller's."""
    result = Parsed(pages)
    if pages.scattered is not None:
        pages = result.stage("places", "位置", lambda: woven(pages), pages)
    pages = result.pages = result.stage("reports", "几份报告", lambda: several.one_report(pages), pages)
    pages = result.pages = result.stage("layout", "表格布局", lambda: laid_out(pages), pages)
    tables = result.stage("tables", "表格", lambda: Tables.of(pages), Tables())
    asked = pages
    result.old = old = result.stage("pre2019", "统计表", lambda: pre2019.find(pages), pre2019.NONE)
    if old.tables:
        tables = result.stage("tables", "表格", lambda: tables.without(old.tables), Tables())
    result.lines = result.stage(
        "text",
        "正文",
        lambda: sections.main_lines(pages, tables.of_the_form, pre2019.listed(pages, old, tables.of_the_form)),
        _plain_lines(pages),
    )
    no_parts: tuple[Section, ...] = ()
    result.parts = result.stage("sections", "章节", lambda: outline.sections(result.lines), no_parts)
    result.said = result.stage(
        "identity", "机关和年度", lambda: evidence.collect(pages, result.lines, result.parts), IdentityEvidence()
    )
    year = undisputed(result.said)[1]
    several_years = result.stage("columns", "各年度的栏", lambda: speaks_of_years(pages), True)
    if several_years:
        pages = result.pages = result.stage("columns", "各年度的栏", lambda: of_this_year(pages, year), pages)
        tables = result.stage("tables", "表格", lambda: Tables.of(pages).without(result.old.tables), Tables())
    result.placed = result.stage("cells", "单元格", lambda: place(tables.rows, year), Placed())
    if several_years:
        result.stage("columns", "各年度的栏", lambda: doubt_columns(pages, result.placed), None)
    if result.placed.dated or any(found.code == "duplicate_differs" for found in result.placed.findings):
        tables = result.stage("years", "各年度的表", lambda: _of_this_year(result, tables), tables)
    result.stage("digits", "粘连数字", lambda: glued.solve(pages, result.placed, year), None)
    result.stage("labels", "项目名称", lambda: doubt_shifted(tables.rows, result.placed), None)
    result.stage("end", "文末", lambda: doubt_end(pages, result.placed), None)
    result.stage("lines", "格内分行", lambda: doubt_parted(result.placed, pages.kind), None)
    result.stage("minus", "负号", lambda: doubt_drawn(result.placed), None)
    result.stage("units", "计量单位", lambda: doubt_units(pages, result.placed, tables.rows), None)
    result.stage("repair", "识别校正", lambda: repair.repair(result.placed, Attested(result.parts, result.said)), None)
    result.stage("blanks", "空白表格", lambda: doubt_unfilled(result.placed, pages), None)
    if old and result.placed.form is None:
        labels, agencies = sorted(old.labels), undisputed(result.said)[0]
        result.placed = result.stage(
            "statistics", "统计表取值", lambda: taking.take(asked, old.tables, labels, year, agencies), result.placed
        )
    form = result.placed.form.name if result.placed.form else None
    otherwise = Verdict(bool(result.placed.cells), "" if result.placed.cells else "reader_failed", form)
    result.verdict = result.stage("verdict", "判断", lambda: _judge(result), otherwise)
    if result.verdict.is_report:
        _check(result)
    return result


def _of_this_year(result: Parsed, tables: Tables) -> Tables:
    """The tables without those, and the rows, labelled as another year's; their cells are not among the placed."""
    year = undisputed(result.said)[1]
    others = former.tables_of_other_years(result.pages, tables.rows, year)
    left = tables.without(others) if others else tables
    rows, gone = former.without_rows_of_other_years(left.rows, year)
    left = Tables.with_rows(rows) if result.placed.dated else left
    if left is tables:
        return tables
    result.placed = place(left.rows, year)
    if others or gone:
        result.placed.findings.append(former.told(len(others), gone))
    return left


def _plain_lines(pages: Pages) -> list[Line]:
    return [Line(block.text, block.heading) for block in pages.blocks if isinstance(block, Paragraph)]


def _judge(result: Parsed) -> Verdict:
    form = result.placed.form.name if result.placed.form else old_form().name if result.old else None
    verdict = judge_document(result.pages, result.lines, result.parts, result.said, result.placed, form)
    return unless_cut(verdict, result.pages)


def _check(result: Parsed) -> None:
    """Arithmetic, domain and text against the cells of a report, or against itself where no form was recognised."""
    form, cells = result.placed.form, result.placed.cells
    agencies, year = undisputed(result.said)
    nothing: list[Finding] = []
    result.findings += result.stage(
        "contradictions",
        "自相矛盾",
        lambda: list(contradictory.contradictions(result.pages, result.lines, result.parts, result.said, year)),
        nothing,
    )
    if form is not None:
        plan = form
        result.findings += result.stage(
            "checks", "核对", lambda: check_cells(plan, cells, agencies, result.parts), nothing
        )
    taken = len(cells) if form is old_form().plan else 0
    result.findings += pre2019.told(result.old, taken)
    result.findings += of_another_year(form.name if form is not None else None, year)
    result.findings += result.stage(
        "narrative", "正文核对", lambda: narrative.check_text(form, cells, result.parts, year, agencies), nothing
    )
