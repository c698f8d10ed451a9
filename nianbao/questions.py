"""Every question once: its name, what it takes, what it answers, which query answers it, what tells its lines apart.

The HTTP API makes a route of each, the command line a command with its place in help, the web pages of lists,
``nianbao.open(…)`` a method; files are made of the answers. docs/add-a-question.md says how to add one. What one
question needs is imported when it is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any

from archive.queries.frames import listed_records
from archive.queries.parameter_enums import Which
from nianbao import parameters as p

if TYPE_CHECKING:
    from archive.exports.tables import TableQuestion
    from storage.home import Home

#: parameters of queries that a question calls otherwise
_CALLED = {
    "which": "edition", "names": "indicator", "name": "indicator", "whom": "body", "most_snippets": "snippets",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question.

    ``zh``, ``en``: what it answers. ``query``: the function that answers it, as ``module:function``; it is given the
    archive as ``home``, the choice of agencies as ``where``, and every parameter that it names. ``gives``: the type of
    its answer in ``archive/queries``, as ``module:type``.

    ``arguments``: the parameters that are given without their names, in this order; one that takes several values takes
    all that are left. ``group``: where its command stands in help. ``command``: the words of the command that asks it,
    where it has none of its own. ``terminal``: the function of ``nianbao/cli/answers`` that shows the answer; without
    one it is shown as a table of its columns. ``example``: parameters that work on the demonstration's archive.

    ``lines``: the lists of the answer that make up its lines, in this order; ``()`` of an answer that is one record, or
    nothing but lines (``only_lines``), of which ``gives`` is the type. ``key``: the fields that tell a line from all
    others (none: all; of a table those that ``columns.toml`` names). ``slim``: the columns that people are
    shown; ``sentence`` is in their language. ``by_time``: its lines are in the order of time, so that people are shown
    the last of them first. ``windowed``: it turns its own pages, by the parameters ``limit`` and ``offset`` given to
    :meth:`ask`. ``table``: the exported table whose rows are its lines; then it has no query.
    """

    name: str
    zh: str
    en: str
    parameters: type[p.Parameters]
    gives: str = ""
    query: str = ""
    example: Mapping[str, Any] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    group: str = ""
    command: str = ""
    terminal: str = ""
    slim: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    only_lines: bool = False
    key: tuple[str, ...] = ()
    windowed: bool = False
    by_time: bool = False
    table: str | None = None

    @property
    def is_list(self) -> bool:
        """Whether the answer is a list, of which pages are given."""
        return bool(self.lines) or self.only_lines or self.table is not None

    @property
    def answer(self) -> Any:
        """The type of the answer; None of a table."""
        return _named(f"archive.queries.{self.gives}") if self.gives else None

    @property
    def item(self) -> Any:
        """The type of a line; None of a table, and of an answer that is one record."""
        if self.lines:
            return listed_records(self.answer)[self.lines[0]]
        return self.answer if self.only_lines else None

    def ask(self, home: Home | None, asked: p.Parameters, **more: Any) -> Any:
        """Answer the question; ``more``: what the query takes besides the parameters. Raises what the query raises."""
        return _call(self.query, home, asked, more)


def _named(place: str) -> Any:
    """What stands at ``module:name``."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def _call(place: str, home: Home | None, asked: p.Parameters, more: Mapping[str, Any]) -> Any:
    """Call the query at ``place`` with what it names."""
    query = _named(place)
    known = type(asked).model_fields
    given: dict[str, Any] = {"home": home, "asked": asked, **more}
    for one in signature(query).parameters:
        field = one if one in known else _CALLED.get(one, one)
        if one == "where" and isinstance(asked, p.Narrowed):
            given[one] = asked.where()
        elif field in known:
            given.setdefault(one, getattr(asked, field))
    return query(**{one: given[one] for one in signature(query).parameters if one in given})


def table_question(table: str, asked: p.Rows, *, wide: bool = False) -> TableQuestion:
    """The rows of an exported table that parameters ask for. ``wide``: a column for each indicator."""
    from archive.exports.tables import Table, TableQuestion

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


_RECEIVED = "applications.received.total"
_DUTY = ("agency.portal", "agency.id", "year")
_OF_AGENCY = ("agency_name", "agency_place", "agency_kind", "year")
_SLIM_FIGURE = (*_OF_AGENCY, "indicator", "value", "state", "n", "marks")
_ADAPTED = "nianbao.question_adapters"


def _table(name: str, zh: str, en: str, parameters: type[p.Rows], *arguments: str, **example: Any) -> Question:
    """A question for the rows of an exported table, which says itself what tells them apart."""
    return Question(
        name=name, zh=zh, en=en, parameters=parameters, table=name, example=example, arguments=arguments,
        command=f"export {name}",
    )  # fmt: skip


QUESTIONS: tuple[Question, ...] = (
    Question(
        name="coverage", zh="逐机关、逐年份：按时、逾期、未公布、不详",
        en="Agency by year: on time, late, missing, unknown",
        query="archive.queries.overview:coverage", terminal="duties:coverage", group="ask",
        parameters=p.Coverage, arguments=("place",), example={"place": "370830", "years": "2022-2025"},
        gives="results:Coverage", lines=("rows",), key=("agency.portal", "agency.id"),
        slim=(*_OF_AGENCY, "due", "status", "evidence", "days_late", "sentence"),
    ),
    Question(
        name="totals", zh="各门户各年份的数量与比率", en="Counts and rates by portal and year",
        query="archive.queries.overview:totals", terminal="duties:totals", group="ask",
        parameters=p.Totals, arguments=("place",), example={"years": "2024-2025"}, gives="results:Totals",
    ),
    Question(
        name="missing", zh="到期后查找而未见的年报", en="Reports looked for after their date and not found",
        query="archive.queries.overview:missing", group="ask",
        parameters=p.Missing, arguments=("year", "place"), example={"year": 2025, "place": "汶上县"},
        gives="results:DutyList", lines=("duties", "townships"), key=_DUTY,
        slim=(*_OF_AGENCY, "due", "status", "evidence", "last_absent", "sentence"),
    ),
    Question(
        name="late", zh="逾期公布的年报", en="Reports published after their date",
        query="archive.queries.overview:late",
        group="ask",
        parameters=p.Late, arguments=("year", "place"), example={"year": 2025, "min_days": 1},
        gives="results:DutyList", lines=("duties", "townships"), key=_DUTY,
        slim=(*_OF_AGENCY, "due", "days_late", "declared", "evidence", "sentence"),
    ),
    Question(
        name="search", zh="含有某些词语的年报", en="Reports that contain some words",
        query="archive.queries.search:search", windowed=True, terminal="search:search", group="ask",
        parameters=p.Search, arguments=("query",), example={"query": "行政复议", "years": "2024-2025", "place": "3708"},
        gives="search:SearchAnswer", lines=("hits",),
        key=("agency.id", "year", "edition"),
        slim=("agency_name", "agency_place", "year", "occurrences", "edition", "first_seen"),
    ),
    Question(
        name="news", zh="一段时间内的新情况", en="What is new", by_time=True,
        query="archive.queries.news:news", group="ask",
        parameters=p.News, arguments=("since", "place"), example={"since": "2026-02-01", "until": "2026-03-01"},
        gives="news:News", lines=("items",),
        key=("at", "kind", "agency.id", "year", "editions"),
        slim=("at", "kind", "agency_name", "agency_place", "year", "sentence"),
    ),
    Question(
        name="status", zh="一份应公布的年报：状态、经过与全部证据",
        en="One report owed: its status, history and evidence",
        query="archive.queries.verdict:status", terminal="duties:status", group="evidence",
        parameters=p.OneDuty, arguments=("agency", "year"), example={"agency": "汶上县司法局", "year": 2025},
        gives="results:Verdict",
    ),
    Question(
        name="agency_duties", zh="一个机关历年应公布的年报及其状态", en="Every report that one agency owes, by year",
        query="archive.queries.verdict:duties", command="status",
        parameters=p.AgencyDuties, arguments=("agency",), example={"agency": "汶上县司法局"},
        gives="results:AgencyDuties",
    ),
    Question(
        name="show", zh="一份年报：全部数据、正文与来源", en="One report: its cells, text and source",
        query=f"{_ADAPTED}:show", terminal="show:show", group="evidence",
        parameters=p.OneReport, arguments=("agency", "year", "edition"),
        example={"agency": "汶上县司法局", "year": 2022}, gives="results:Report",
    ),
    Question(
        name="diff", zh="一份年报的两个版本之间改了什么", en="What changed between two editions of a report",
        query="archive.queries.reports:diff", terminal="diff:diff", group="evidence",
        parameters=p.Difference, arguments=("agency", "year", "a", "b"),
        example={"agency": "洛阳市财政局", "year": 2025}, gives="results:Difference",
    ),
    Question(
        name="cite", zh="引用一份年报或其中一个数据", en="A citation of a report or of one of its cells",
        query=f"{_ADAPTED}:cite", terminal="cite:cite", group="evidence",
        parameters=p.Cite, arguments=("agency", "year", "edition", "cell"),
        example={"agency": "汶上县司法局", "year": 2022, "cell": _RECEIVED}, gives="results:Citation",
    ),
    Question(
        name="cite_absence", zh="引用一份年报未公布的事实及其证据",
        en="A citation of the fact that a report is not there",
        query="archive.queries.citing:cite_absence", command="cite",
        parameters=p.OneDuty, arguments=("agency", "year"), example={"agency": "济源市公安局", "year": 2025},
        gives="results:Absence",
    ),
    Question(
        name="series", zh="各机关历年的数据", en="Figures of bodies over the years",
        query="archive.queries.figures:series", terminal="figures:series", group="figures",
        parameters=p.Series, arguments=("indicator",),
        example={"indicator": [_RECEIVED], "place": "370830", "years": "2021-2025"},
        gives="figure_answers:Series", lines=("lines",),
        key=("agency.id", "year", "indicator"),
        slim=_SLIM_FIGURE,
    ),
    Question(
        name="table", zh="按地区、类别或门户合计", en="Sums of figures by place, kind or portal",
        query="archive.queries.figures_sums:table", terminal="figures:table", group="figures",
        parameters=p.SumTable, arguments=("indicator",),
        example={"indicator": [_RECEIVED], "bodies": True, "by": "portal"},
        gives="figure_answers:SumTable", lines=("groups",), key=("key", "indicator"),
        slim=("key", "name", "indicator", "year", "value", "reports", "owed", "complete", "low", "high"),
    ),
    Question(
        name="rank", zh="按一项数据排序", en="Bodies in the order of one figure",
        query="archive.queries.figures_sums:rank", terminal="figures:rank", group="figures",
        parameters=p.Rank, arguments=("indicator", "year"),
        example={"indicator": _RECEIVED, "year": 2024, "bodies": True},
        gives="figure_answers:Ranking", lines=("lines", "set_apart"),
        key=("line.agency.id",),
        slim=("rank", *_SLIM_FIGURE),
    ),
    Question(
        name="compare", zh="几个机关的对比", en="A few bodies side by side",
        query="archive.queries.figures:compare_bodies", terminal="figures:compare", group="figures",
        parameters=p.Compare, arguments=("indicator", "body"),
        example={"indicator": _RECEIVED, "body": ["汶上县", "沂源县"]}, gives="figure_answers:BodyComparison",
    ),
    Question(
        name="compare_years", zh="同一机关两个年份的对比", en="Two years of each body side by side",
        query="archive.queries.figures_sums:compare_years", command="compare",
        parameters=p.CompareYears, arguments=("indicator", "before", "after"),
        example={"indicator": _RECEIVED, "before": 2024, "after": 2025},
        gives="figure_answers:YearComparison", lines=("lines",),
        key=("before.agency.id",),
        slim=("after_agency_name", "after_agency_place", "before_year", "before_value", "before_state", "after_year",
              "after_value", "after_state", "change", "ratio"),
    ),
    Question(
        name="rollup", zh="政府年报与所属机关年报之和的核对", en="A government's report against the sum of its bodies'",
        query="archive.queries.rollup:rollup", terminal="rollup:rollup", group="figures",
        parameters=p.RollUp, arguments=("place", "year"), example={"place": "汶上县", "year": 2025},
        gives="rollup:RollUpAnswer",
    ),
    Question(
        name="check", zh="自相矛盾的数据", en="Figures that contradict themselves, the text or other reports",
        query="archive.queries.check:check", group="figures",
        parameters=p.Check, arguments=("place",),
        example={"place": "370830", "years": "2022-2025", "severity": "warning"},
        gives="check:Check", lines=("lines",),
        key=("code", "agency.id", "year", "edition", "cells", "zh"),
        slim=("agency_name", "agency_place", "year", "severity", "code", "sentence", "cells", "edition"),
    ),
    Question(
        name="indicators", zh="可以查询的全部指标及其含义", en="Every figure that can be asked for, with its meaning",
        query="archive.queries.figures:indicators", terminal="figures:indicators", group="figures",
        parameters=p.IndicatorList, arguments=("text",), example={"text": "不予公开"},
        gives="figure_answers:IndicatorLine", only_lines=True, key=("id",),
        slim=("id", "sentence", "unit", "kind", "forms"),
    ),
    Question(
        name="revisions", zh="公布后改动过的年报", en="Reports that changed after they were published", by_time=True,
        query="archive.queries.revisions:revisions", group="figures",
        parameters=p.Revisions, arguments=("place",), example={"year": 2025, "since": "2026-02-01"},
        gives="revisions:Revisions", lines=("lines",),
        key=("agency.id", "year", "change", "address", "known"),
        slim=("agency_name", "agency_place", "year", "change", "known", "cells", "lines", "sentence"),
    ),
    Question(
        name="non_reports", zh="在年报栏目中但不是年报的文件", en="Documents found among reports that are none",
        query="archive.queries.holdings:non_reports", group="figures",
        parameters=p.OfPlace, arguments=("place",), example={"place": "汶上县"},
        gives="results:NonReport", only_lines=True, key=("document", "portal", "url"),
        slim=("portal", "title", "kind", "reason", "url", "documents"),
    ),
    Question(
        name="body", zh="一个机关的登记：名称、沿革、义务与依据",
        en="What is registered of one agency, and what it owes",
        query="archive.queries.registry:body", command="agencies show",
        parameters=p.OneBody, arguments=("agency",), example={"agency": "汶上县司法局"}, gives="registry:Body",
    ),
    Question(
        name="rules", zh="期限规则及其法律依据", en="The rules on due dates, with their source",
        query="archive.queries.registry:rules", command="agencies rules",
        parameters=p.Plain, gives="registry:RuleLine", only_lines=True,
        key=("level", "place", "kinds", "from_year", "to_year", "day", "article", "origin"),
        slim=("level", "place", "kinds", "from_year", "to_year", "day", "article", "basis", "source"),
    ),
    Question(
        name="portals", zh="各门户及所存内容", en="The portals, with what is held of each",
        query="archive.queries.holdings:portals", command="portal list",
        parameters=p.OfPlace, arguments=("place",), gives="results:PortalLine", only_lines=True, key=("name",),
        slim=("name", "place", "division", "family", "agencies", "listings", "looks", "last_ok_look", "reports"),
    ),
    Question(
        name="runs", zh="历次抓取", en="The crawls that were made", by_time=True,
        query=f"{_ADAPTED}:runs", command="runs list",
        parameters=p.Runs, arguments=("portal",), gives="results:RunLine", only_lines=True, key=("id",),
        slim=("portal", "purpose", "started", "finished", "outcome", "note"),
    ),
    _table("duties", "每项应公布义务及其状态与证据", "Each duty with its status and evidence", p.DutyRows),
    _table("leads", "列表页上的每个链接及其判断", "Each link of a listing and what it was taken for", p.Rows),
    _table("agencies", "登记的每个机关", "Each agency as registered", p.Rows),
    _table("editions", "年报的每个版本", "Each edition of a report", p.Rows),
    _table("cells", "每个版本的每个表格数据", "Each cell of each edition", p.CellRows, "indicator",
           indicator=[_RECEIVED]),
    _table("figures", "每个机关每年的数据", "Figures by agency and year", p.FigureRows, "indicator",
           indicator=[_RECEIVED]),
    _table("findings", "每条发现", "Each finding about a report, a duty or a look", p.Rows),
    _table("gaps", "存档自身的缺口", "What the archive itself lacks", p.Rows),
)  # fmt: skip
_BY_NAME = {one.name: one for one in QUESTIONS}


def question(name: str) -> Question:
    """The question of this name. Raises KeyError."""
    return _BY_NAME[name]


def parameters_of_table(name: str) -> type[p.Rows]:
    """What an exported table takes: the parameters of its question, or those that all tables take."""
    one = _BY_NAME.get(name)
    if one is not None and one.table is not None and issubclass(one.parameters, p.Rows):
        return one.parameters
    return p.Rows
