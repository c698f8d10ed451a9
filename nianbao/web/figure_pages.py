"""Pages of figures over the years: the page with charts, pictures to download, and a page for other sites to embed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from archive.assessment.figures import FigureState
from archive.assessment.measures import SMALL
from archive.exports.formats.columns import AnswerFormat, Content, answer_formats
from archive.exports.plain_values import cell_text
from archive.queries.bounds import NotKnownError, QueryError, number
from archive.queries.duty_rows import duty_lines
from archive.queries.figure_answers import FigureLine, Series
from archive.queries.stored import group_by
from archive.queries.tallies import DATED_KINDS
from archive.queries.where import Where, choose
from nianbao.answer_metadata import law_words
from nianbao.api.guarding import EMBEDDED
from nianbao.api.routes import FORMATS
from nianbao.form_fields import form_fields
from nianbao.language import Language
from nianbao.messages import say
from nianbao.page_routes import register_choices
from nianbao.parameters import refuse_unknown
from nianbao.questions import question
from nianbao.sentences import word
from nianbao.web.archived import NotDrawnError
from nianbao.web.figure_charts import WEAK, ChartGroup, Curve, chart_groups, curves_of, first_known, letters_of
from nianbao.web.figure_picture import STYLES, PictureText, can_draw_png, compose, draw_png
from nianbao.web.list_tables import ListOrder, by_agency, heading, list_order, list_table
from nianbao.web.serving import Archive, PageRequest, PageVisit, Values, answer_of_state, page, permanent, router
from storage.home import Home
from storage.records import NOT_OWED, AgencyKind, EvidenceGrade
from storage.registry import agencies_by_id

INDICATOR = "applications.received.total"  #: the default of pages of figures
_ONE_SCALE = "one"  # the value of ``scale`` in an address: far larger figures get no scale of their own
_AGENCIES_ON_A_PAGE = 18  # with as many charts a page stays below 150 kB
_MAX_PAGES = 10_000
ARRANGING = frozenset({"sort", "page", "scale"})  #: fields of an address that do not change which rows an answer has
_DEFAULT_AGENCIES = 12
_NARROWING = frozenset({"place", "portal", "kind", "agency", "agencies"})  # filters that choose agencies
_PICTURES = {name: one for name, one in answer_formats().items() if one.content is Content.PICTURE}
_EVIDENCE = (FigureState.PRINTED, FigureState.COMPUTED, FigureState.STATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureView:
    """The part of a series that one page shows: its first indicator for some agencies.

    ``query_values``: parameters of the address, with defaults for those left out; ``is_default``: the visitor did not
    choose agencies; ``curves``: figures of this page's agencies, in ``order``; ``number``: of the page; ``more``: a
    page follows.
    """

    query_values: Mapping[str, Any]
    is_default: bool
    answer: Series
    curves: Sequence[Curve]
    order: ListOrder | None
    number: int
    more: bool
    text: PictureText
    groups: Sequence[ChartGroup]

    @property
    def lines(self) -> list[FigureLine]:
        """Return the figures of this page's agencies in their order, for all indicators."""
        by_agency = group_by(self.answer.lines, lambda line: line.agency.id)
        return [line for curve in self.curves for line in by_agency[curve.agency.id]]

    def query(self, **more: object) -> str:
        """Return the query string of this view as of its instant, with ``more`` parameters."""
        return permanent(self.answer.as_of, {**self.query_values, **more})


@page("ask/series", "series.html")
def series(visit: PageRequest) -> Values:
    """Show figures over the years: charts, a table, downloads, and how to embed the charts."""
    view = _view(visit)
    one, lang = question("series"), visit.lang
    files = {key: value for key, value in view.query_values.items() if key not in ARRANGING}
    address = f"{visit.site}/{lang}/embed/series?{view.query()}"
    title = view.text.title.replace('"', "”")
    fields = form_fields(one.parameters, {"indicator": view.query_values["indicator"], **visit.fields})
    first, lines = first_known(view.curves), view.lines
    heads, rows = ([], []) if len(view.answer.indicators) == 1 else list_table(one, lines, lang)
    figures = by_agency([line for line in lines if line.year >= first], lang) if not rows and lines else None
    if figures:
        columns = {
            "agency": say("web", lang, "column.agency"),
            **{str(year): str(year) for year in reversed(figures[0])},
        }
        heads = [heading(text, name, view.order, visit.fields) for name, text in columns.items()]
    return {
        "question": one, "view": view, "heads": heads, "rows": rows,
        "fields": fields,
        "by_agency": figures,
        "pictures": [one for one in _PICTURES.values() if one.name != "png" or can_draw_png()],
        "snippet": f'<iframe src="{address}" title="{title}" width="100%" height="620" loading="lazy"></iframe>',
        "links": {
            "picture": view.query(), "permanent": view.query(), "formats": [*FORMATS.values()],
            "files": f"{permanent(view.answer.as_of, files)}&lang={lang}",
            "next": view.query(page=view.number + 1) if view.more else "",
        },
    }  # fmt: skip


@router.get("/{lang}/embed/series")
def embedded(visit: PageRequest) -> Response:
    """Respond with the charts alone, on a page that other sites may show in a frame."""
    view = _view(visit)
    response = visit.render("embed.html", {"view": view, "links": {"page": view.query()}})
    response.headers.update(EMBEDDED)
    return response


register_choices("picture", (f".{name}" for name in _PICTURES))


@router.get("/api/v1/series{suffix:picture}")
def picture_of_answer(request: Request, home: Archive) -> Response:
    """Respond with the picture at the API's address of the answer, where ``lang`` selects the language."""
    is_chinese = request.query_params.get("lang") == Language.ZH
    return picture_file(PageVisit(request, home, Language.ZH if is_chinese else Language.EN))


@router.get("/{lang}/ask/series{suffix:picture}")
def picture_file(visit: PageRequest) -> Response:
    """Respond with the charts, with title, legend and notes, as one picture."""
    fmt = _PICTURES[visit.request.path_params["suffix"].removeprefix(".")]
    return answer_of_state(visit.request, visit.home, fmt.media, partial(_picture, visit, fmt))


def _picture(visit: PageVisit, fmt: AnswerFormat) -> bytes:
    """Return the page's figure as SVG or PNG. Raises NotKnownError if it cannot be drawn."""
    view = _view(visit)
    picture = compose(view.text, view.groups, visit.lang)
    if fmt.name == "svg":
        return bytes(visit.render("figure.svg", {"picture": picture, "styles": STYLES}).body)
    try:
        return draw_png(picture)
    except NotDrawnError as error:
        raise NotKnownError(code=error.code) from None


# ---------------------------------------------------------------------------------------------- values of the pages


def _view(visit: PageVisit) -> FigureView:
    """Ask the question ``series`` with the parameters in the address, and choose the agencies of the asked page."""
    fields = visit.fields
    refuse_unknown([*question("series").parameters.model_fields, *ARRANGING], fields)
    written = str(fields.pop("page", "1"))
    at = number(int(written) if written.isdecimal() else 0, "page", 1, _MAX_PAGES)
    scale = fields.pop("scale", "")
    if scale not in ("", _ONE_SCALE):
        raise QueryError(code="query.no_choice", name="scale", every=_ONE_SCALE)
    sort = fields.pop("sort", "")
    arranging = {
        name: value for name, value in {"page": at, "scale": scale, "sort": sort}.items() if value not in {1, ""}
    }
    query_values = series_values(visit.home, fields) if visit.is_page else fields
    is_default = visit.is_page and _NARROWING.isdisjoint(fields)
    answer: Series = visit.ask("series", **query_values)
    first = answer.indicators[0]
    every = curves_of(line for line in answer.lines if line.indicator == first.id)
    order = list_order(sort, ["agency", *(str(year) for year in sorted({line.year for line in answer.lines}))])
    if order:
        column = order.column
        every = order.arrange(every, lambda one: one.agency.name if column == "agency" else one.values.get(int(column)))
    begin = (at - 1) * _AGENCIES_ON_A_PAGE
    curves = every[begin : begin + _AGENCIES_ON_A_PAGE]
    groups = chart_groups(curves, visit.lang, has_one_scale=bool(scale))
    return FigureView(
        query_values={**query_values, **arranging}, is_default=is_default, answer=answer, curves=curves, order=order,
        number=at,
        more=len(every) > begin + _AGENCIES_ON_A_PAGE, groups=groups,
        text=_picture_text(visit, answer, curves, groups, len(every)),
    )  # fmt: skip


def series_values(home: Home, fields: Mapping[str, Any]) -> Values:
    """Return the fields of the address, with the default indicator and agencies if it names none."""
    values: Values = {"indicator": INDICATOR, **fields}
    if _NARROWING.isdisjoint(fields) and (governments := first_governments(home)):
        values["agencies"] = governments
    return values


def first_governments(home: Home) -> list[str]:
    """Return the ids of the first governments in the archive, ordered by division code."""
    chosen = choose(home, Where(kinds=frozenset({AgencyKind.GOVERNMENT})))
    order = sorted((chosen.portals[one.portal].division or "", one.id) for one in chosen.agencies.values())
    return [name for _, name in islice(order, _DEFAULT_AGENCIES)]


def _picture_text(
    visit: PageVisit, answer: Series, curves: list[Curve], groups: list[ChartGroup], count: int
) -> PictureText:
    """Return the text around the charts: what they show (some of ``count`` agencies), how many figures are known, their
    evidence and source.
    """
    t = partial(say, "web", visit.lang)
    begin = first_known(curves)
    every = [line for curve in curves for line in curve.lines.values()]
    lines = [line for line in every if line.year >= begin]
    years = [line.year for line in lines] or [0]
    known_lines = [line for line in lines if line.figure.value is not None]
    of_all = t("figures.of_all", count=count) if count > len(curves) else ""
    due = [line for line in lines if line.figure.value is not None or line.status not in NOT_OWED]
    by_law = sum(line.agency.kind in DATED_KINDS for line in due)
    states = Counter(line.figure.state for line in known_lines)
    evidence = t("form.comma").join(t(f"figures.{one}", count=states[one]) for one in _EVIDENCE if states[one])
    weak = Counter(mark for line in known_lines for mark in line.marks)
    taken_down = [f"{line.agency.name} {line.year}" for line in known_lines if "withdrawn" in line.marks]
    charts = [chart for group in groups for chart in group.charts]
    letters = letters_of(charts)
    only_narrow = [one for one in letters_of(chart.narrow for chart in charts if chart.narrow) if one not in letters]
    indicator = answer.indicators[0]
    label = indicator.zh if visit.lang is Language.ZH else indicator.en
    unit = word("unit", indicator.unit, visit.lang)
    return PictureText(
        title=t("figures.title", name=label, unit=unit) if unit and unit not in label else label,
        summary=t("figures.summary", agencies=len(curves), all=of_all, first=min(years), last=max(years),
            known=len(known_lines), due=len(due), by_law=law_words(by_law, len(due), visit.lang)),
        warning=t("site.simulated") if visit.home.simulated else "",
        narrow_note=t("figures.letters", every=t("form.comma").join(only_narrow)) if only_narrow else "",
        notes=(
            t("figures.evidence", evidence=evidence or "–")
            + "".join(t(f"figures.{one}", count=weak[one], least=SMALL) for one in sorted(WEAK) if weak[one]),
            *_status_note(visit, known_lines, answer.as_of),
            *([t("figures.taken_down", every=t("form.comma").join(taken_down))] if taken_down else []),
            *([t("figures.letters", every=t("form.comma").join(letters))] if letters else []),
            t("figures.reading") + (t("figures.begins", first=begin) if len(lines) < len(every) else ""),
            t("figures.source_here" if visit.is_on_this_machine else "figures.source",
                site=visit.site, indicator=indicator.id, at=cell_text(answer.as_of)),
        ),
    )  # fmt: skip


def _status_note(visit: PageVisit, lines: Sequence[FigureLine], as_of: datetime) -> list[str]:
    """Return on what evidence the statuses of the reports that give these figures rest, as a sentence; [] for none."""
    by_id = {one.id: one for one in agencies_by_id(visit.home, {line.agency.id for line in lines})}
    duties = duty_lines(replace(choose(visit.home, Where(as_of=as_of)), by_id=by_id), links=False)
    reports = {(line.agency.id, line.year) for line in lines}
    counts = Counter(one.evidence for one in duties if (one.agency.id, one.year) in reports)
    t = partial(say, "web", visit.lang)
    grades = t("form.comma").join(
        t("form.grade", grade=word("evidence", grade, visit.lang), number=counts[grade])
        for grade in EvidenceGrade
        if counts[grade]
    )
    return [t("figures.statuses", count=counts.total(), grades=grades)] if counts else []
