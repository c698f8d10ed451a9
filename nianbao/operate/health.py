"""What is not well, as operators' pages say it: what was seen, and what can be done about it in a browser."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from crawler.operations.health import Problem, gather, problems
from nianbao.language import Language
from nianbao.messages import say
from nianbao.sentences import look_reason
from storage.home import Home

_STAYS = 10  # times as long as it took to find out


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is not well. ``severity``: ``error`` or ``warning``; ``advice``: what to do about it."""

    severity: str
    sentence: str
    advice: str


class Health:
    """What is not well with an archive. What took long to find out is kept for ten times as long."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._until = 0.0
        self._problems: Sequence[Problem] = ()

    def troubles(self, lang: Language) -> Mapping[str, Sequence[Trouble]]:
        """Return by portal what is not well, the worst first; under "" what concerns the archive as a whole."""
        began = time.monotonic()
        if began >= self._until:
            self._problems = problems(gather(self._home))
            took = time.monotonic() - began
            self._until = began + (_STAYS * took if took > 1 else 0.0)
        found = defaultdict[str, list[Trouble]](list)
        for one in self._problems:
            found[one.portal].append(_trouble(one, lang))
        return found


def _trouble(problem: Problem, lang: Language) -> Trouble:
    values = dict(problem.values)
    if reasons := values.get("reasons"):
        comma = say("cli", lang, "join.names")
        values["reasons"] = comma.join(look_reason(one, lang) for one in str(reasons).split(", "))
    advice = say("operate", lang, f"advice.{problem.code}")
    return Trouble(problem.severity, replace(problem, values=values).sentence(lang), advice)
