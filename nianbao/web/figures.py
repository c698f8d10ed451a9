"""The routes of figures: bodies side by side, and a government's report against those of its bodies."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from archive.queries.figure_answers import BodyComparison
from archive.queries.rollup import RollUpAnswer
from archive.queries.words import CHINA
from nianbao.page_routes import PageRoute
from nianbao.parameters import Lang, refuse_unknown, understood
from nianbao.questions import question
from nianbao.web.plot import curves_of, plot
from nianbao.web.serving import Archive, given, last_year, page
from nianbao.web.views import figure_cell

router = APIRouter(include_in_schema=False, route_class=PageRoute)
INDICATOR = "applications.received.total"  #: what is shown where none is named


@router.get("/{lang}/compare")
def compare(request: Request, home: Archive, lang: Lang) -> Response:
    """One figure of a few bodies over the years: a plot, and the figures below it."""
    one, asked = question("compare"), {"indicator": INDICATOR, **given(request)}
    refuse_unknown(one.parameters.model_fields, asked)
    values: dict[str, Any] = {"asked": asked, "found": None}
    if "body" not in asked:
        return page(request, "compare.html", lang, **values)
    found: BodyComparison = one.ask(home, understood(one.parameters, asked))
    lines = [line for year in sorted(found.lines) for line in found.lines[year] if line is not None]
    rows = [
        (year, [None if line is None else (figure_cell(line.figure, lang), line) for line in found.lines[year]])
        for year in sorted(found.lines)
    ]
    as_of = found.as_of.astimezone(CHINA).isoformat(timespec="seconds")
    kept = urlencode({**asked, "as_of": as_of}, doseq=True)
    values |= {"found": found, "rows": rows, "plot": plot(curves_of(lines)), "permanent": kept}
    return page(request, "compare.html", lang, **values)


@router.get("/{lang}/rollup")
def rollup(request: Request, home: Archive, lang: Lang) -> Response:
    """A government's figures against the sums of its bodies' ones."""
    one, asked = question("rollup"), {"year": last_year(home), **given(request)}
    refuse_unknown(one.parameters.model_fields, asked)
    values: dict[str, Any] = {"asked": asked, "found": None}
    if "place" not in asked:
        return page(request, "rollup.html", lang, **values)
    found: RollUpAnswer = one.ask(home, understood(one.parameters, asked))
    as_of = found.as_of.astimezone(CHINA).isoformat(timespec="seconds")
    kept = urlencode({**asked, "as_of": as_of}, doseq=True)
    cells = [cell for cell in found.cells if cell.tells]
    values |= {"found": found, "cells": cells, "permanent": kept}
    return page(request, "rollup.html", lang, **values)
