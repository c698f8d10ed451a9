"""Every question once: its name, what it takes, what it answers, how it is asked, what tells its lines apart.

The HTTP API makes a route of each, the pages and tables are made from the answers, and ``nianbao.open(…)`` has a method
of each name. To add a question, add its parameters and an entry in :data:`QUESTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.exports.formats.columns import table_key
from archive.exports.tables import Question as TableQuestion
from archive.exports.tables import Table
from archive.queries import (
    bounds,
    changed,
    checked,
    citing,
    figured,
    figures,
    figures_sums,
    keeping,
    overview,
    registered,
    registry,
    reports,
    results,
    rolled,
    rollup,
    search_results,
    verdict,
)
from archive.queries import check as checking
from archive.queries import news as told
from archive.queries import revisions as revising
from archive.queries import search as searching
from archive.queries import totals as counting
from archive.queries.figures_rows import Which
from nianbao import parameters as p
from storage.home import Home

Ask = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question.

    ``zh``, ``en``: what it answers. ``lines``: the lists of the answer that make up its lines, in this order; ``()`` of
    an answer that is one record; ``item`` is what a line is. ``key``: the fields that tell a line from all others
    (none: all).
    ``windowed``: it turns its own pages, by the parameters ``limit`` and ``offset`` given to ``ask``. ``table``: the
    exported table whose rows are its lines; then ``ask`` is not called. ``example``: parameters that work on the
    demonstration's archive.
    """

    name: str
    zh: str
    en: str
    parameters: type[p.Parameters]
    answer: Any
    ask: Ask
    example: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    item: Any = None
    key: tuple[str, ...] = ()
    windowed: bool = False
    table: Table | None = None

    @property
    def is_list(self) -> bool:
        """Whether the answer is a list, of which pages are given."""
        return self.item is not None or self.table is not None


def table_question(table: Table, asked: p.Rows) -> TableQuestion:
    """The rows of an exported table that parameters ask for."""
    return TableQuestion(
        table=table,
        where=asked.where(),
        years=asked.years,
        as_of=asked.as_of,
        which=getattr(asked, "edition", Which.LAST),
        indicators=tuple(getattr(asked, "indicator", ())),
        evidence=getattr(asked, "evidence", None),
    )


# ---------------------------------------------------------------------------------------------- how each is asked


def _coverage(home: Home, asked: p.Coverage) -> results.Coverage:
    return overview.coverage(home, asked.where(), years=asked.years, as_of=asked.as_of, evidence=asked.evidence)


def _totals(home: Home, asked: p.Totals) -> counting.Totals:
    return counting.totals(home, asked.where(), years=asked.years, as_of=asked.as_of, evidence=asked.evidence)


def _missing(home: Home, asked: p.Missing) -> results.DutyList:
    return overview.missing(home, asked.year, asked.where(), as_of=asked.as_of, evidence=asked.evidence)


def _late(home: Home, asked: p.Late) -> results.DutyList:
    return overview.late(
        home, asked.year, asked.where(), min_days=asked.min_days, as_of=asked.as_of, evidence=asked.evidence
    )


def _cite(home: Home, asked: p.Cite) -> citing.Citation:
    if asked.agency.startswith(citing.SCHEME):
        return citing.resolve(home, citing.parse(asked.agency))
    if asked.year is None:
        raise bounds.QueryError("a citation needs a year too, or an address that says it: nianbao:AGENCY/YEAR@DIGEST")
    return citing.cite(home, asked.agency, asked.year, asked.edition, asked.cell)


def _search(home: Home, asked: p.Search, limit: int, offset: int) -> search_results.SearchAnswer:
    return searching.search(
        home, asked.query, asked.where(), years=asked.years, all_editions=asked.all_editions, as_of=asked.as_of,
        limit=limit, offset=offset, most_snippets=asked.snippets, around=asked.around,
    )  # fmt: skip


def _revisions(home: Home, asked: p.Revisions) -> changed.Revisions:
    return revising.revisions(home, asked.where(), year=asked.year, since=asked.since, as_of=asked.as_of)


def _check(home: Home, asked: p.Check) -> checked.Check:
    return checking.check(
        home, asked.where(), years=asked.years, codes=asked.code or checking.CODES, severity=asked.severity,
        as_of=asked.as_of,
    )  # fmt: skip


def _news(home: Home, asked: p.News) -> changed.News:
    return told.news(home, asked.where(), since=asked.since, until=asked.until or asked.as_of, evidence=asked.evidence)


def _series(home: Home, asked: p.Series) -> figured.Series:
    return figures.series(
        home, asked.indicator, asked.where(), years=asked.years, as_of=asked.as_of, which=asked.edition,
        stated=asked.stated,
    )  # fmt: skip


def _table(home: Home, asked: p.SumTable) -> figured.SumTable:
    return figures_sums.table(
        home, asked.indicator, asked.where(), by=asked.by, level=asked.level, years=asked.years, as_of=asked.as_of,
        which=asked.edition, stated=asked.stated,
    )  # fmt: skip


def _rank(home: Home, asked: p.Rank) -> figured.Ranking:
    return figures_sums.rank(
        home, asked.indicator, asked.year, asked.where(), level=asked.level, ascending=asked.ascending,
        min_n=asked.min_n, as_of=asked.as_of, which=asked.edition,
    )  # fmt: skip


def _compare_years(home: Home, asked: p.CompareYears) -> figured.YearComparison:
    return figures_sums.compare_years(
        home, asked.indicator, (asked.before, asked.after), asked.where(), level=asked.level, as_of=asked.as_of,
        which=asked.edition,
    )  # fmt: skip


def _compare(home: Home, asked: p.Compare) -> figured.BodyComparison:
    return figures.compare_bodies(
        home, asked.indicator, asked.body, years=asked.years, as_of=asked.as_of, which=asked.edition
    )


def _in_a_table(_home: Home, _asked: p.Rows) -> None:
    raise TypeError("the lines of a table are walked, not asked for at once")


# ---------------------------------------------------------------------------------------------- the questions

_RECEIVED = "applications.received.total"
_DUTY = ("agency.portal", "agency.id", "year")
_WHO = {"agency": "汶上县司法局", "year": 2025}


def _listed(table: Table, zh: str, en: str, parameters: type[p.Rows], **example: Any) -> Question:
    return Question(
        name=table.value, zh=zh, en=en, parameters=parameters, answer=None, ask=_in_a_table, key=table_key(table.value),
        table=table, example=example,
    )  # fmt: skip


QUESTIONS: tuple[Question, ...] = (
    Question(
        name="coverage", zh="逐机关、逐年份：按时、逾期、缺失、未知",
        en="Agency by year: on time, late, missing, unknown",
        parameters=p.Coverage, answer=results.Coverage, ask=_coverage, lines=("rows",), item=results.CoverageRow,
        key=("agency.portal", "agency.id"), example={"place": "汶上县"},
    ),
    Question(
        name="totals", zh="各门户各年份的数量与比率", en="Counts and rates by portal and year",
        parameters=p.Totals, answer=counting.Totals, ask=_totals, example={"years": "2024-2025"},
    ),
    Question(
        name="missing", zh="到期后查找而未见的年报", en="Reports looked for after their date and not found",
        parameters=p.Missing, answer=results.DutyList, ask=_missing, lines=("duties", "townships"),
        item=results.DutyLine, key=_DUTY, example={"year": 2025},
    ),
    Question(
        name="late", zh="逾期公布的年报", en="Reports published after their date",
        parameters=p.Late, answer=results.DutyList, ask=_late, lines=("duties", "townships"),
        item=results.DutyLine, key=_DUTY, example={"year": 2025},
    ),
    Question(
        name="status", zh="一份应公布的年报：状态、经过与全部证据",
        en="One report owed: its status, history and evidence",
        parameters=p.OneDuty, answer=results.Verdict, example=_WHO,
        ask=lambda home, asked: verdict.status(home, asked.agency, asked.year, as_of=asked.as_of),
    ),
    Question(
        name="show", zh="一份年报：全部数据、正文与来源", en="One report: its cells, text and source",
        parameters=p.OneReport, answer=results.Report, example=_WHO,
        ask=lambda home, asked: reports.show(home, asked.agency, asked.year, asked.edition),
    ),
    Question(
        name="diff", zh="一份年报的两个版本之间改了什么", en="What changed between two editions of a report",
        parameters=p.Difference, answer=results.Difference, example={"agency": "洛阳市财政局", "year": 2025},
        ask=lambda home, asked: reports.diff(home, asked.agency, asked.year, asked.a, asked.b),
    ),
    Question(
        name="cite", zh="引用一份年报或其中一个数据", en="A citation of a report or of one of its cells",
        parameters=p.Cite, answer=citing.Citation, ask=_cite, example=_WHO,
    ),
    Question(
        name="search", zh="含有某些词语的年报", en="Reports that contain some words",
        parameters=p.Search, answer=search_results.SearchAnswer, ask=_search, lines=("hits",), windowed=True,
        item=search_results.SearchHit, key=("agency.id", "year", "edition"), example={"query": "政府信息"},
    ),
    Question(
        name="revisions", zh="公布后改动过的年报", en="Reports that changed after they were published",
        parameters=p.Revisions, answer=changed.Revisions, ask=_revisions, lines=("lines",), item=changed.RevisionLine,
        key=("agency.id", "year", "change", "address", "known"),
    ),
    Question(
        name="check", zh="自相矛盾的数据", en="Figures that contradict themselves, the text or other reports",
        parameters=p.Check, answer=checked.Check, ask=_check, lines=("lines",), item=checked.CheckLine,
        key=("code", "agency.id", "year", "edition", "cells", "zh"),
    ),
    Question(
        name="news", zh="一段时间内新知道的事", en="What became known in some time",
        parameters=p.News, answer=changed.News, ask=_news, lines=("items",), item=changed.NewsItem,
        key=("at", "kind", "agency.id", "year", "editions"), example={"since": "2026-01-01"},
    ),
    Question(
        name="indicators", zh="可以查询的全部指标及其含义", en="Every figure that can be asked for, with its meaning",
        parameters=p.IndicatorList, answer=figured.IndicatorLine, item=figured.IndicatorLine, key=("id",),
        ask=lambda _home, asked: figures.indicators(asked.text), example={"text": "收到"},
    ),
    Question(
        name="series", zh="各机关历年的数据", en="Figures of bodies over the years",
        parameters=p.Series, answer=figured.Series, ask=_series, lines=("lines",), item=figured.FigureLine,
        key=("agency.id", "year", "indicator"), example={"indicator": [_RECEIVED], "place": "汶上县"},
    ),
    Question(
        name="table", zh="按地区、类别或门户合计", en="Sums of figures by place, kind or portal",
        parameters=p.SumTable, answer=figured.SumTable, ask=_table, lines=("groups",), item=figured.GroupLine,
        key=("key", "indicator"), example={"indicator": [_RECEIVED]},
    ),
    Question(
        name="rank", zh="按一项数据排序", en="Bodies in the order of one figure",
        parameters=p.Rank, answer=figured.Ranking, ask=_rank, lines=("lines",), item=figured.RankLine,
        key=("line.agency.id",), example={"indicator": _RECEIVED, "year": 2025},
    ),
    Question(
        name="compare_years", zh="同一机关两个年份的对比", en="Two years of each body side by side",
        parameters=p.CompareYears, answer=figured.YearComparison, ask=_compare_years, lines=("lines",),
        item=figured.YearsCompared, key=("before.agency.id",),
        example={"indicator": _RECEIVED, "before": 2024, "after": 2025},
    ),
    Question(
        name="compare", zh="几个机关的对比", en="A few bodies side by side",
        parameters=p.Compare, answer=figured.BodyComparison, ask=_compare,
        example={"indicator": _RECEIVED, "body": ["汶上县", "沂源县"]},
    ),
    Question(
        name="rollup", zh="政府年报与所属机关年报之和的核对", en="A government's report against the sum of its bodies'",
        parameters=p.RollUp, answer=rolled.RollUpAnswer, example={"place": "汶上县", "year": 2025},
        ask=lambda home, asked: rollup.rollup(home, asked.place, asked.year, as_of=asked.as_of),
    ),
    Question(
        name="body", zh="一个机关的登记：名称、沿革、义务与依据",
        en="What is registered of one agency, and what it owes",
        parameters=p.OneBody, answer=registered.Body, example={"agency": "汶上县司法局"},
        ask=lambda home, asked: registry.body(home, asked.agency, as_of=asked.as_of),
    ),
    Question(
        name="rules", zh="期限规则及其法律依据", en="The rules on due dates, with their source",
        parameters=p.Plain, answer=registered.RuleLine, item=registered.RuleLine,
        key=("level", "place", "kinds", "from_year", "to_year", "day", "article", "origin"),
        ask=lambda home, _asked: registry.rules(home),
    ),
    Question(
        name="portals", zh="各门户及所存内容", en="The portals, with what is held of each",
        parameters=p.OfPlace, answer=results.PortalLine, item=results.PortalLine, key=("name",),
        ask=lambda home, asked: keeping.portals(home, asked.where()),
    ),
    Question(
        name="runs", zh="历次抓取", en="The crawls that were made",
        parameters=p.Runs, answer=results.RunLine, item=results.RunLine, key=("id",),
        ask=lambda home, asked: keeping.runs(home, asked.portal),
    ),
    Question(
        name="non_reports", zh="在年报栏目中但不是年报的文件", en="Documents found among reports that are none",
        parameters=p.OfPlace, answer=results.NonReport, item=results.NonReport, key=("document", "portal", "url"),
        ask=lambda home, asked: keeping.non_reports(home, asked.where()),
    ),
    _listed(Table.DUTIES, "每项应公布义务及其状态与证据", "Each duty with its status and evidence", p.DutyRows),
    _listed(Table.LEADS, "列表页上的每个链接及其判断", "Each link of a listing and what it was taken for", p.Rows),
    _listed(Table.AGENCIES, "登记的每个机关", "Each agency as registered", p.Rows),
    _listed(Table.EDITIONS, "年报的每个版本", "Each edition of a report", p.Rows),
    _listed(Table.CELLS, "每个版本的每个表格数据", "Each cell of each edition", p.CellRows, indicator=[_RECEIVED]),
    _listed(Table.FIGURES, "每个机关每年的数据", "Figures by agency and year", p.FigureRows, indicator=[_RECEIVED]),
    _listed(Table.FINDINGS, "每条发现", "Each finding about a report, a duty or a look", p.Rows),
    _listed(Table.GAPS, "存档自身的缺口", "What the archive itself lacks", p.Rows),
)  # fmt: skip

_BY_NAME = {one.name: one for one in QUESTIONS}


def question(name: str) -> Question:
    """The question of this name. Raises KeyError."""
    return _BY_NAME[name]
