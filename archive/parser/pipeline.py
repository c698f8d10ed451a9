"""Read the pages of a document: all stages of reading, in their order, in one list (``STAGES``).

Each stage takes what is known so far and gives it on together with its own part. A stage that breaks costs only
itself: a finding ``reader_failed`` names it, and what the others made is kept, the text in any case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from archive.documents.pages import Pages, Paragraph
from archive.forms.loader import old_form
from archive.identity.evidence import undisputed
from archive.parser import (
    contradictions,
    evidence,
    glued,
    narrative,
    other_years,
    outline,
    pre2019,
    repair,
    sections,
    several_reports,
)
from archive.parser.absent_tables import doubt_unfilled
from archive.parser.arranged.layout import arrange_tables
from archive.parser.arranged.year_columns import doubt_columns, of_this_year, speaks_of_years
from archive.parser.cell_placement import place
from archive.parser.cells import Placement
from archive.parser.checks import check_cells
from archive.parser.doubts import doubt_dash_minus, doubt_shifted
from archive.parser.findings import stage_failed
from archive.parser.form_years import of_another_year
from archive.parser.sections import TextLine
from archive.parser.split_digits import doubt_split_digits
from archive.parser.statistics import cells
from archive.parser.tables import Tables
from archive.parser.text_witness import TextEvidence
from archive.parser.truncated_rows import doubt_end
from archive.parser.units import doubt_units
from archive.parser.unruled.insertion import with_rebuilt_tables
from archive.parser.verdict import Verdict, judge_document, unless_cut
from storage.records import Cell, Finding, IdentityEvidence, Section


@dataclass(frozen=True, slots=True)
class Parsed:
    """What is known of a document, stage by stage.

    ``pages``: its blocks; ``pages_all_years``: the same before columns of other years were left out. ``tables``: its
    rows; ``statistics``: the free table of before 2019. ``lines``, ``sections``: the main text. ``placed``: the cells
    of the form; stages behind ``cells`` doubt and repair them there.
    """

    pages: Pages
    pages_all_years: Pages
    tables: Tables = field(default_factory=Tables)
    statistics: pre2019.StatisticsTableMatch = pre2019.NO_MATCH
    lines: tuple[TextLine, ...] = ()
    sections: tuple[Section, ...] = ()
    identity: IdentityEvidence = field(default_factory=IdentityEvidence)
    several_years: bool = False
    placed: Placement = field(default_factory=Placement)
    verdict: Verdict = field(default_factory=lambda: Verdict(False, "reader_failed", None))
    findings: tuple[Finding, ...] = ()

    @property
    def year(self) -> int | None:
        """The reporting year, where the document says one and no other."""
        return undisputed(self.identity)[1]

    @property
    def cells(self) -> dict[str, Cell]:
        """The cells of a report; none where the document is none."""
        return self.placed.cells if self.verdict.is_report else {}

    def adding(self, *findings: Finding) -> Parsed:
        """The same with findings more."""
        return replace(self, findings=(*self.findings, *findings))


class Stage(NamedTuple):
    """One stage: its name, what it does, what holds where it breaks."""

    name: str
    run: Callable[[Parsed], Parsed]
    otherwise: Callable[[Parsed], Parsed] = lambda parsed: parsed


def parse(pages: Pages) -> Parsed:
    """All stages over the blocks of one document. Pictures and members are the caller's."""
    parsed = Parsed(pages, pages)
    for stage in STAGES:
        try:
            parsed = stage.run(parsed)
        except Exception as error:  # noqa: BLE001 — told as a finding; the other stages go on
            parsed = stage.otherwise(parsed).adding(stage_failed(stage.name, error))
    return parsed


# ---------------------------------------------------------------------------------------------- blocks and text


def _scattered(parsed: Parsed) -> Parsed:
    return parsed if parsed.pages.positioned is None else replace(parsed, pages=with_rebuilt_tables(parsed.pages))


def _one_report(parsed: Parsed) -> Parsed:
    return replace(parsed, pages=several_reports.one_report(parsed.pages))


def _layout(parsed: Parsed) -> Parsed:
    return replace(parsed, pages=arrange_tables(parsed.pages))


def _tables(parsed: Parsed) -> Parsed:
    return replace(parsed, pages_all_years=parsed.pages, tables=Tables.of(parsed.pages))


def _statistics(parsed: Parsed) -> Parsed:
    found = pre2019.find(parsed.pages)
    return replace(parsed, statistics=found, tables=parsed.tables.without(found.tables))


def _text(parsed: Parsed) -> Parsed:
    statistics = pre2019.statistics_tables(parsed.pages, parsed.statistics, parsed.tables.of_the_form)
    return replace(parsed, lines=tuple(sections.main_lines(parsed.pages, parsed.tables.of_the_form, statistics)))


def _plain_lines(parsed: Parsed) -> Parsed:
    blocks = (block for block in parsed.pages.blocks if isinstance(block, Paragraph))
    return replace(parsed, lines=tuple(TextLine(block.text, block.heading) for block in blocks))


def _sections(parsed: Parsed) -> Parsed:
    return replace(parsed, sections=outline.sections(parsed.lines))


def _identity(parsed: Parsed) -> Parsed:
    return replace(parsed, identity=evidence.collect(parsed.pages, parsed.lines, parsed.sections))


# ---------------------------------------------------------------------------------------------- cells


def _this_year(parsed: Parsed) -> Parsed:
    """Leave out the columns of other years, where the tables have any."""
    if not speaks_of_years(parsed.pages):
        return parsed
    pages = of_this_year(parsed.pages, parsed.year)
    return replace(parsed, pages=pages, tables=Tables.of(pages).without(parsed.statistics.tables), several_years=True)


def _cells(parsed: Parsed) -> Parsed:
    return replace(parsed, placed=place(parsed.tables.rows, parsed.year))


def _columns(parsed: Parsed) -> None:
    if parsed.several_years:
        doubt_columns(parsed.pages, parsed.placed)


def _years(parsed: Parsed) -> Parsed:
    """Leave out tables and rows labelled as another year's, where some are; their cells are not among the placed."""
    placed, year = parsed.placed, parsed.year
    if not placed.dated and not any(found.code == "duplicate_differs" for found in placed.findings):
        return parsed
    others = other_years.tables_of_other_years(parsed.pages, parsed.tables.rows, year)
    left = parsed.tables.without(others) if others else parsed.tables
    rows, left_out = other_years.without_rows_of_other_years(left.rows, year)
    left = Tables.with_rows(rows) if placed.dated else left
    if left is parsed.tables:
        return parsed
    again = place(left.rows, year)
    if others or left_out:
        again.findings.append(other_years.tables_left_out(len(others), left_out))
    return replace(parsed, tables=left, placed=again)


def _on_cells(work: Callable[[Parsed], None]) -> Callable[[Parsed], Parsed]:
    """A stage that doubts or repairs the placed cells: in a copy, so that one which breaks leaves all as it was."""

    def run(parsed: Parsed) -> Parsed:
        changed = replace(parsed, placed=parsed.placed.copy())
        work(changed)
        return changed

    return run


def _statistics_cells(parsed: Parsed) -> Parsed:
    """Take the certain figures of the free table of before 2019, where no table of a national form is there."""
    old = parsed.statistics
    if not old or parsed.placed.form is not None:
        return parsed
    agencies, year = undisputed(parsed.identity)
    placed = cells.take(parsed.pages_all_years, old.tables, sorted(old.labels), year, agencies)
    return replace(parsed, placed=placed)


# ---------------------------------------------------------------------------------------------- verdict and checks


def _verdict(parsed: Parsed) -> Parsed:
    form = parsed.placed.form.name if parsed.placed.form else old_form().name if parsed.statistics else None
    verdict = judge_document(parsed.pages, parsed.lines, parsed.sections, parsed.identity, parsed.placed, form)
    return replace(parsed, verdict=unless_cut(verdict, parsed.pages))


def _verdict_by_cells(parsed: Parsed) -> Parsed:
    form = parsed.placed.form.name if parsed.placed.form else None
    found = bool(parsed.placed.cells)
    return replace(parsed, verdict=Verdict(found, "" if found else "reader_failed", form))


def _of_report(check: Callable[[Parsed], list[Finding]]) -> Callable[[Parsed], Parsed]:
    """A stage that adds findings on a report; a document that is none is not checked."""
    return lambda parsed: parsed.adding(*check(parsed)) if parsed.verdict.is_report else parsed


def _contradictions(parsed: Parsed) -> list[Finding]:
    pages, lines, parts, identity = parsed.pages, parsed.lines, parsed.sections, parsed.identity
    return list(contradictions.contradictions(pages, lines, parts, identity, parsed.year))


def _arithmetic(parsed: Parsed) -> list[Finding]:
    form, agencies = parsed.placed.form, undisputed(parsed.identity)[0]
    return [] if form is None else check_cells(form, parsed.placed.cells, agencies, parsed.sections)


def _forms(parsed: Parsed) -> list[Finding]:
    form = parsed.placed.form
    cells_taken = len(parsed.placed.cells) if form is old_form().plan else 0
    name = form.name if form is not None else None
    return [*pre2019.table_findings(parsed.statistics, cells_taken), *of_another_year(name, parsed.year)]


def _narrative(parsed: Parsed) -> list[Finding]:
    agencies, year = undisputed(parsed.identity)
    return narrative.check_text(parsed.placed.form, parsed.placed.cells, parsed.sections, year, agencies)


STAGES: tuple[Stage, ...] = (
    Stage("unruled tables", _scattered),
    Stage("several reports", _one_report),
    Stage("table layout", _layout),
    Stage("tables", _tables),
    Stage("statistics table", _statistics),
    Stage("text", _text, _plain_lines),
    Stage("sections", _sections),
    Stage("identity", _identity),
    Stage("columns of other years", _this_year),
    Stage("cells", _cells),
    Stage("column doubts", _on_cells(_columns)),
    Stage("tables of other years", _years),
    Stage("run-together digits", _on_cells(lambda parsed: glued.solve(parsed.pages, parsed.placed, parsed.year))),
    Stage("shifted rows", _on_cells(lambda parsed: doubt_shifted(parsed.tables.rows, parsed.placed))),
    Stage("truncated row", _on_cells(lambda parsed: doubt_end(parsed.pages, parsed.placed))),
    Stage("split digits", _on_cells(lambda parsed: doubt_split_digits(parsed.placed, parsed.pages.kind))),
    Stage("dash as minus", _on_cells(lambda parsed: doubt_dash_minus(parsed.placed))),
    Stage("units", _on_cells(lambda parsed: doubt_units(parsed.pages, parsed.placed, parsed.tables.rows))),
    Stage(
        "repair",
        _on_cells(lambda parsed: repair.repair(parsed.placed, TextEvidence(parsed.sections, parsed.identity))),
    ),
    Stage("unfilled tables", _on_cells(lambda parsed: doubt_unfilled(parsed.placed, parsed.pages))),
    Stage("statistics figures", _statistics_cells),
    Stage("verdict", _verdict, _verdict_by_cells),
    Stage("contradictions", _of_report(_contradictions)),
    Stage("checks", _of_report(_arithmetic)),
    Stage("forms", _of_report(_forms)),
    Stage("narrative", _of_report(_narrative)),
)
