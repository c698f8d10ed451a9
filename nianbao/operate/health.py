"""Find problems of portals and of the archive, in words for operators' pages."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from crawler.operations.health import Problem, gather, problems
from nianbao.language import Language
from nianbao.messages import say
from nianbao.sentences import look_reason
from storage.home import Home

_STAYS = 10  # if finding problems took over a second, the result is kept for 10 times as long
_kept: dict[Path, tuple[float, Sequence[Problem]]] = {}


def problems_by_portal(home: Home, lang: Language) -> Mapping[str, Sequence[Problem]]:
    """Return portal → its problems, the worst first; "" → problems of the archive as a whole."""
    began = time.monotonic()
    until, current = _kept.get(home.path, (0.0, ()))
    if began >= until:
        current, took = problems(gather(home)), time.monotonic() - began
        _kept[home.path] = (began + (_STAYS * took if took > 1 else 0.0), current)
    ordered = sorted((_in_words(one, lang) for one in current), key=lambda one: one.portal)
    return {portal: [*group] for portal, group in groupby(ordered, key=lambda one: one.portal)}


def _in_words(problem: Problem, lang: Language) -> Problem:
    """Return a problem with the codes of its reasons replaced by words."""
    if not (reasons := problem.values.get("reasons")):
        return problem
    words = [look_reason(one, lang) for one in str(reasons).split(", ")]
    return replace(problem, values={**problem.values, "reasons": say("cli", lang, "join.names").join(words)})
