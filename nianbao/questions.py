"""Every question once: its name, what it takes, what it answers, how it is asked, what tells its lines apart.

The HTTP API makes a route of each, the command line a command, ``nianbao.open(…)`` a method; pages and files are made
of the answers. To add a question, add its parameters and an entry in :data:`QUESTIONS`, and to
``nianbao/cli/answers`` how its answer reads on a terminal. What one question needs is imported when it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from archive.queries import (
    bounds,
    change_answers,
    check_answers,
    figure_answers,
    registry_answers,
    results,
    rollup_answers,
    search_answers,
)
from archive.queries.parameter_enums import HITS, Which
from nianbao import parameters as p
from nianbao.language import Language

if TYPE_CHECKING:
    from archive.exports.tables import Question as TableQuestion
    from storage.home import Home

Ask = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question.

    ``zh``, ``en``: what it answers. ``arguments``: the parameters that are given without their names, in this order;
    one that takes several values takes all that are left. ``command``: the words of the command that asks it, where it
    is not one of the same name. ``lines``: the lists of the answer that make up its lines, in this order; ``()`` of an
    answer that is one record; ``item`` is what a line is. ``key``: the fields that tell a line from all others (none:
    all; of a table those that ``columns.toml`` names). ``slim``: the columns that a reader wants in a file;
    ``sentence`` is the one in the reader's language.
    ``ask_lines``: asks for its lines alone, where they are had without the rest of the answer, for files.
    ``by_time``: its lines are in the order of time, so that people are shown the last of them first.
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
    arguments: tuple[str, ...] = ()
    command: str = ""
    slim: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    item: Any = None
    key: tuple[str, ...] = ()
    windowed: bool = False
    by_time: bool = False
    table: str | None = None
    ask_lines: Ask | None = None

    @property
    def is_list(self) -> bool:
        """Whether the answer is a list, of which pages are given."""
        return self.item is not None or self.table is not None


def table_question(table: str, asked: p.Rows, *, wide: bool = False) -> TableQuestion:
    """The rows of an exported table that parameters ask for. ``wide``: a column for each indicator."""
    from archive.exports.tables import Question as TableQuestion
    from archive.exports.tables import Table

    return TableQuestion(
        table=Table(table),
        wide=wide,
        where=asked.where(),
        years=asked.years,
        as_of=asked.as_of,
        which=getattr(asked, "edition", Which.LAST),
        indicators=tuple(getattr(asked, "indicator", ())),
        evidence=getattr(asked, "evidence", None),
        statuses=getattr(asked, "status", None),
    )


# ---------------------------------------------------------------------------------------------- how each is asked


def _coverage(home: Home, asked: p.Coverage, *, links: bool = True) -> results.Coverage:
    from archive.queries.overview import coverage

    return coverage(home, asked.where(), years=asked.years, as_of=asked.as_of, evidence=asked.evidence, links=links)


def _totals(home: Home, asked: p.Totals) -> results.Totals:
    from archive.queries.totals import totals

    return totals(home, asked.where(), years=asked.years, as_of=asked.as_of, evidence=asked.evidence)


def _missing(home: Home, asked: p.Missing) -> results.DutyList:
    from archive.queries.overview import missing

    return missing(home, asked.year, asked.where(), as_of=asked.as_of, evidence=asked.evidence)


def _missing_lines(home: Home, asked: p.Missing) -> results.DutyLines:
    from archive.queries.asof import instant_of_question
    from archive.queries.overview import MISSING, list_duties

    as_of = instant_of_question(home, asked.as_of)
    return list_duties(home, asked.year, asked.where(), MISSING, as_of=as_of, evidence=asked.evidence)


def _late(home: Home, asked: p.Late) -> results.DutyList:
    from archive.queries.overview import late

    return late(home, asked.year, asked.where(), min_days=asked.min_days, as_of=asked.as_of, evidence=asked.evidence)


def _late_lines(home: Home, asked: p.Late) -> results.DutyLines:
    from archive.queries.asof import instant_of_question
    from archive.queries.overview import LATE, list_duties

    as_of = instant_of_question(home, asked.as_of)
    return list_duties(
        home, asked.year, asked.where(), LATE, min_days=asked.min_days, as_of=as_of, evidence=asked.evidence
    )


def _status(home: Home, asked: p.OneDuty) -> results.Verdict:
    from archive.queries.verdict import status

    return status(home, asked.agency, asked.year, as_of=asked.as_of)


def _agency_duties(home: Home, asked: p.AgencyDuties) -> results.AgencyDuties:
    from archive.queries.verdict import duties

    return duties(home, asked.agency, years=asked.years, as_of=asked.as_of, evidence=asked.evidence)


def _show(home: Home, asked: p.OneReport) -> results.Report:
    from archive.queries import citing, reports

    if asked.agency.startswith(citing.SCHEME):
        _alone(asked, "year", "edition")
        if duty := citing.parse_duty(asked.agency):
            return reports.show(home, *duty, None, asked.reader)
        return citing.report_at(home, citing.parse(asked.agency), asked.reader)
    return reports.show(home, asked.agency, _year_of(asked), asked.edition, asked.reader)


def _diff(home: Home, asked: p.Difference) -> results.Difference:
    from archive.queries.reports import diff

    return diff(home, asked.agency, asked.year, asked.a, asked.b)


def _cite(home: Home, asked: p.Cite) -> results.Citation:
    from archive.queries import citing

    if asked.agency.startswith(citing.SCHEME):
        _alone(asked, "year", "edition", "cell")
        if duty := citing.parse_duty(asked.agency):
            return citing.cite(home, *duty)
        return citing.resolve(home, citing.parse(asked.agency))
    return citing.cite(home, asked.agency, _year_of(asked), asked.edition, asked.cell)


def _cite_absence(home: Home, asked: p.OneDuty) -> results.Absence:
    from archive.queries.citing import cite_absence

    return cite_absence(home, asked.agency, asked.year, as_of=asked.as_of)


def _alone(asked: p.Parameters, *names: str) -> None:
    """Refuse what an address says itself."""
    if any(getattr(asked, name) is not None for name in names):
        raise bounds.QueryError(
            "an address says year, edition and cell itself; give it alone", code="query.address_alone"
        )


def _year_of(asked: p.Cite | p.OneReport) -> int:
    if asked.year is None:
        raise bounds.QueryError(
            "a report needs a reporting year too, or an address that says it: nianbao:AGENCY/YEAR@DIGEST",
            code="query.report_year",
        )
    return asked.year


def _search(home: Home, asked: p.Search, *, limit: int = HITS, offset: int = 0) -> search_answers.SearchAnswer:
    from archive.queries.search import search

    return search(
        home, asked.query, asked.where(), years=asked.years, all_editions=asked.all_editions, as_of=asked.as_of,
        limit=limit, offset=offset, most_snippets=asked.snippets, around=asked.around,
    )  # fmt: skip


def _revisions(home: Home, asked: p.Revisions) -> change_answers.Revisions:
    from archive.queries.revisions import CHANGES, revisions

    if unknown := sorted(set(asked.change or ()) - set(CHANGES)):
        every = ", ".join(CHANGES)
        message = f"{unknown[0]!r} is no change of a report; there are: {every}"
        raise bounds.QueryError(message, code="query.no_change", text=unknown[0], every=every)
    return revisions(
        home, asked.where(), year=asked.year, since=asked.since, codes=asked.change or CHANGES, as_of=asked.as_of
    )


def _check(home: Home, asked: p.Check) -> check_answers.Check:
    from archive.queries.check import CODES, check

    return check(
        home, asked.where(), years=asked.years, codes=asked.code or CODES, severity=asked.severity, as_of=asked.as_of
    )


def _news(home: Home, asked: p.News) -> change_answers.News:
    from archive.queries.news import news

    return news(home, asked.where(), since=asked.since, until=asked.until or asked.as_of, evidence=asked.evidence)


def _indicators(_home: Home | None, asked: p.IndicatorList) -> tuple[figure_answers.IndicatorLine, ...]:
    from archive.queries.figures import indicators

    return indicators(asked.text)


def _series(home: Home, asked: p.Series) -> figure_answers.Series:
    from archive.queries.figures import series

    return series(
        home, asked.indicator, asked.where(), years=asked.years, as_of=asked.as_of, which=asked.edition,
        stated=asked.stated,
    )  # fmt: skip


def _table(home: Home, asked: p.SumTable) -> figure_answers.SumTable:
    from archive.queries.figures_sums import table

    return table(
        home, asked.indicator, asked.where(), by=asked.by, level=asked.level, years=asked.years, as_of=asked.as_of,
        which=asked.edition, stated=asked.stated,
    )  # fmt: skip


def _rank(home: Home, asked: p.Rank) -> figure_answers.Ranking:
    from archive.queries.figures_sums import rank

    return rank(
        home, asked.indicator, asked.year, asked.where(), level=asked.level, ascending=asked.ascending,
        min_n=asked.min_n, as_of=asked.as_of, which=asked.edition,
    )  # fmt: skip


def _compare_years(home: Home, asked: p.CompareYears) -> figure_answers.YearComparison:
    from archive.queries.figures_sums import compare_years

    return compare_years(
        home, asked.indicator, (asked.before, asked.after), asked.where(), level=asked.level, as_of=asked.as_of,
        which=asked.edition,
    )  # fmt: skip


def _compare(home: Home, asked: p.Compare) -> figure_answers.BodyComparison:
    from archive.queries.figures import compare_bodies

    return compare_bodies(home, asked.indicator, asked.body, years=asked.years, as_of=asked.as_of, which=asked.edition)


def _rollup(home: Home, asked: p.RollUp) -> rollup_answers.RollUpAnswer:
    from archive.queries.rollup import rollup

    return rollup(home, asked.place, asked.year, as_of=asked.as_of)


def _body(home: Home, asked: p.OneBody) -> registry_answers.Body:
    from archive.queries.registry import body

    return body(home, asked.agency, as_of=asked.as_of)


def _rules(home: Home, _asked: p.Plain) -> tuple[registry_answers.RuleLine, ...]:
    from archive.queries.registry import rules

    return tuple(rules(home))


def _portals(home: Home, asked: p.OfPlace) -> tuple[results.PortalLine, ...]:
    from archive.queries.holdings import portals

    return tuple(portals(home, asked.where()))


def _runs(home: Home, asked: p.Runs) -> tuple[results.RunLine, ...]:
    from archive.queries.holdings import runs
    from nianbao.notes import run_sentence

    language = Language(asked.lang.value)
    return tuple(replace(one, note=run_sentence(one.note, one.notes, language)) for one in runs(home, asked.portal))


def _non_reports(home: Home, asked: p.OfPlace) -> tuple[results.NonReport, ...]:
    from archive.queries.holdings import non_reports

    return tuple(non_reports(home, asked.where()))


def _in_a_table(_home: Home, _asked: p.Rows) -> None:
    raise TypeError("the lines of a table are walked, not asked for at once")


# ---------------------------------------------------------------------------------------------- the questions

_RECEIVED = "applications.received.total"
_DUTY = ("agency.portal", "agency.id", "year")
_SLIM_DUTY = (
    "agency_name", "agency_kind", "agency_place", "year", "due", "status", "evidence", "days_late", "last_absent",
    "absent_as_of", "sentence",
)  # fmt: skip
_SLIM_FIGURE = (
    "agency_place", "agency_name", "agency_kind", "year", "indicator", "value", "state", "n", "marks", "status",
)  # fmt: skip
_WHO = {"agency": "汶上县司法局", "year": 2025}


def _listed(name: str, zh: str, en: str, parameters: type[p.Rows], *arguments: str, **example: Any) -> Question:
    """A question for the rows of an exported table, which says itself what tells them apart."""
    return Question(
        name=name, zh=zh, en=en, parameters=parameters, answer=None, ask=_in_a_table, table=name,
        example=example, arguments=arguments, command=f"export {name}",
    )  # fmt: skip


QUESTIONS: tuple[Question, ...] = (
    Question(
        name="coverage", zh="逐机关、逐年份：按时、逾期、未公布、不详",
        en="Agency by year: on time, late, missing, unknown",
        parameters=p.Coverage, answer=results.Coverage, ask=_coverage, lines=("rows",), item=results.CoverageRow,
        key=("agency.portal", "agency.id"), arguments=("place",), example={"place": "370830", "years": "2022-2025"},
        slim=_SLIM_DUTY,
    ),
    Question(
        name="totals", zh="各门户各年份的数量与比率", en="Counts and rates by portal and year",
        parameters=p.Totals, answer=results.Totals, ask=_totals, arguments=("place",), command="coverage",
        example={"years": "2024-2025"},
    ),
    Question(
        name="missing", zh="到期后查找而未见的年报", en="Reports looked for after their date and not found",
        parameters=p.Missing, answer=results.DutyList, ask=_missing, ask_lines=_missing_lines,
        lines=("duties", "townships"), item=results.DutyLine, key=_DUTY, arguments=("year", "place"),
        example={"year": 2025}, slim=_SLIM_DUTY,
    ),
    Question(
        name="late", zh="逾期公布的年报", en="Reports published after their date",
        parameters=p.Late, answer=results.DutyList, ask=_late, ask_lines=_late_lines,
        lines=("duties", "townships"), item=results.DutyLine, key=_DUTY, arguments=("year", "place"),
        example={"year": 2025}, slim=_SLIM_DUTY,
    ),
    Question(
        name="status", zh="一份应公布的年报：状态、经过与全部证据",
        en="One report owed: its status, history and evidence",
        parameters=p.OneDuty, answer=results.Verdict, ask=_status, arguments=("agency", "year"), example=_WHO,
    ),
    Question(
        name="agency_duties", zh="一个机关历年应公布的年报及其状态", en="Every report that one agency owes, by year",
        parameters=p.AgencyDuties, answer=results.AgencyDuties, ask=_agency_duties, arguments=("agency",),
        command="status", example={"agency": "汶上县司法局"},
    ),
    Question(
        name="show", zh="一份年报：全部数据、正文与来源", en="One report: its cells, text and source",
        parameters=p.OneReport, answer=results.Report, ask=_show, arguments=("agency", "year", "edition"), example=_WHO,
    ),
    Question(
        name="diff", zh="一份年报的两个版本之间改了什么", en="What changed between two editions of a report",
        parameters=p.Difference, answer=results.Difference, ask=_diff, arguments=("agency", "year", "a", "b"),
        example={"agency": "洛阳市财政局", "year": 2025},
    ),
    Question(
        name="cite", zh="引用一份年报或其中一个数据", en="A citation of a report or of one of its cells",
        parameters=p.Cite, answer=results.Citation, ask=_cite,
        arguments=("agency", "year", "edition", "cell"), example=_WHO,
    ),
    Question(
        name="cite_absence", zh="引用一份年报未公布的事实及其证据",
        en="A citation of the fact that a report is not there",
        parameters=p.OneDuty, answer=results.Absence, ask=_cite_absence, arguments=("agency", "year"), command="cite",
        example={"agency": "济源市公安局", "year": 2025},
    ),
    Question(
        name="search", zh="含有某些词语的年报", en="Reports that contain some words",
        parameters=p.Search, answer=search_answers.SearchAnswer, ask=_search, lines=("hits",), windowed=True,
        item=search_answers.SearchHit, key=("agency.id", "year", "edition"), arguments=("query",),
        example={"query": "政府信息"},
        slim=("agency_name", "agency_place", "year", "occurrences", "edition", "first_seen"),
    ),
    Question(
        name="revisions", zh="公布后改动过的年报", en="Reports that changed after they were published", by_time=True,
        parameters=p.Revisions, answer=change_answers.Revisions, ask=_revisions, lines=("lines",),
        item=change_answers.RevisionLine,
        key=("agency.id", "year", "change", "address", "known"), arguments=("place",),
        slim=("agency_name", "agency_place", "year", "change", "last_before", "first_after", "cells", "lines",
              "address", "sentence"),
    ),
    Question(
        name="check", zh="自相矛盾的数据", en="Figures that contradict themselves, the text or other reports",
        parameters=p.Check, answer=check_answers.Check, ask=_check, lines=("lines",), item=check_answers.CheckLine,
        key=("code", "agency.id", "year", "edition", "cells", "zh"), arguments=("place",),
        slim=("agency_name", "agency_place", "year", "code", "severity", "expected", "found", "sentence", "edition"),
    ),
    Question(
        name="news", zh="一段时间内的新情况", en="What is new", by_time=True,
        parameters=p.News, answer=change_answers.News, ask=_news, lines=("items",), item=change_answers.NewsItem,
        key=("at", "kind", "agency.id", "year", "editions"), arguments=("since", "place"),
        example={"since": "2026-01-01"},
        slim=("at", "kind", "agency_name", "agency_place", "year", "status", "evidence", "sentence", "address"),
    ),
    Question(
        name="indicators", zh="可以查询的全部指标及其含义", en="Every figure that can be asked for, with its meaning",
        parameters=p.IndicatorList, answer=figure_answers.IndicatorLine, item=figure_answers.IndicatorLine, key=("id",),
        ask=_indicators, arguments=("text",), example={"text": "收到"},
        slim=("id", "zh", "unit", "kind", "forms"),
    ),
    Question(
        name="series", zh="各机关历年的数据", en="Figures of bodies over the years",
        parameters=p.Series, answer=figure_answers.Series, ask=_series, lines=("lines",),
        item=figure_answers.FigureLine,
        key=("agency.id", "year", "indicator"), arguments=("indicator",),
        example={"indicator": [_RECEIVED], "place": "汶上县"},
        slim=_SLIM_FIGURE,
    ),
    Question(
        name="table", zh="按地区、类别或门户合计", en="Sums of figures by place, kind or portal",
        parameters=p.SumTable, answer=figure_answers.SumTable, ask=_table, lines=("groups",),
        item=figure_answers.GroupLine,
        key=("key", "indicator"), arguments=("indicator",), example={"indicator": [_RECEIVED]},
        slim=("key", "name", "indicator", "year", "value", "reports", "owed", "complete", "low", "high"),
    ),
    Question(
        name="rank", zh="按一项数据排序", en="Bodies in the order of one figure",
        parameters=p.Rank, answer=figure_answers.Ranking, ask=_rank, lines=("lines", "set_apart"),
        item=figure_answers.RankLine,
        key=("line.agency.id",), arguments=("indicator", "year"), example={"indicator": _RECEIVED, "year": 2025},
        slim=("rank", *_SLIM_FIGURE),
    ),
    Question(
        name="compare_years", zh="同一机关两个年份的对比", en="Two years of each body side by side",
        parameters=p.CompareYears, answer=figure_answers.YearComparison, ask=_compare_years, lines=("lines",),
        item=figure_answers.YearsCompared, key=("before.agency.id",),
        arguments=("indicator", "before", "after"), command="compare",
        example={"indicator": _RECEIVED, "before": 2024, "after": 2025},
        slim=("after_agency_place", "after_agency_name", "before_year", "before_value", "before_state", "after_year",
              "after_value", "after_state", "change", "ratio"),
    ),
    Question(
        name="compare", zh="几个机关的对比", en="A few bodies side by side",
        parameters=p.Compare, answer=figure_answers.BodyComparison, ask=_compare,
        arguments=("indicator", "body"), example={"indicator": _RECEIVED, "body": ["汶上县", "沂源县"]},
    ),
    Question(
        name="rollup", zh="政府年报与所属机关年报之和的核对", en="A government's report against the sum of its bodies'",
        parameters=p.RollUp, answer=rollup_answers.RollUpAnswer, ask=_rollup, arguments=("place", "year"),
        example={"place": "汶上县", "year": 2025},
    ),
    Question(
        name="body", zh="一个机关的登记：名称、沿革、义务与依据",
        en="What is registered of one agency, and what it owes",
        parameters=p.OneBody, answer=registry_answers.Body, ask=_body, arguments=("agency",), command="agencies show",
        example={"agency": "汶上县司法局"},
    ),
    Question(
        name="rules", zh="期限规则及其法律依据", en="The rules on due dates, with their source",
        parameters=p.Plain, answer=registry_answers.RuleLine, item=registry_answers.RuleLine,
        key=("level", "place", "kinds", "from_year", "to_year", "day", "article", "origin"),
        ask=_rules, command="agencies rules",
        slim=("level", "place", "kinds", "from_year", "to_year", "day", "article", "basis", "source"),
    ),
    Question(
        name="portals", zh="各门户及所存内容", en="The portals, with what is held of each",
        parameters=p.OfPlace, answer=results.PortalLine, item=results.PortalLine, key=("name",),
        ask=_portals, arguments=("place",), command="portal list",
        slim=("name", "place", "division", "family", "agencies", "listings", "looks", "last_ok_look", "reports"),
    ),
    Question(
        name="runs", zh="历次抓取", en="The crawls that were made", by_time=True,
        parameters=p.Runs, answer=results.RunLine, item=results.RunLine, key=("id",),
        ask=_runs, arguments=("portal",), command="runs list",
        slim=("id", "portal", "purpose", "started", "finished", "outcome", "note"),
    ),
    Question(
        name="non_reports", zh="在年报栏目中但不是年报的文件", en="Documents found among reports that are none",
        parameters=p.OfPlace, answer=results.NonReport, item=results.NonReport, key=("document", "portal", "url"),
        ask=_non_reports, arguments=("place",),
        slim=("portal", "title", "kind", "reason", "url", "documents"),
    ),
    _listed("duties", "每项应公布义务及其状态与证据", "Each duty with its status and evidence",
            p.DutyRows),
    _listed("leads", "列表页上的每个链接及其判断", "Each link of a listing and what it was taken for", p.Rows),
    _listed("agencies", "登记的每个机关", "Each agency as registered", p.Rows),
    _listed("editions", "年报的每个版本", "Each edition of a report", p.Rows),
    _listed("cells", "每个版本的每个表格数据", "Each cell of each edition", p.CellRows, "indicator",
            indicator=[_RECEIVED]),
    _listed("figures", "每个机关每年的数据", "Figures by agency and year", p.FigureRows,
            "indicator", indicator=[_RECEIVED]),
    _listed("findings", "每条发现", "Each finding about a report, a duty or a look", p.Rows),
    _listed("gaps", "存档自身的缺口", "What the archive itself lacks", p.Rows),
)  # fmt: skip

_BY_NAME = {one.name: one for one in QUESTIONS}


def question(name: str) -> Question:
    """The question of this name. Raises KeyError."""
    return _BY_NAME[name]


def parameters_of_table(name: str) -> type[p.Rows]:
    """What an exported table takes: the parameters of its question, or those that all tables take."""
    one = _BY_NAME.get(name)
    return (
        one.parameters if one is not None and one.table is not None and issubclass(one.parameters, p.Rows) else p.Rows
    )
