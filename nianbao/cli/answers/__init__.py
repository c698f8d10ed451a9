"""How the answer of each question reads on a terminal: one function for each, with the options that it adds."""

from __future__ import annotations

from collections.abc import Mapping

#: name of a question → module and function here. Questions that a group of commands asks stand with that group.
SHOWN: Mapping[str, str] = {
    "coverage": "duties:coverage",
    "missing": "duties:missing",
    "late": "duties:late",
    "status": "duties:status",
    "show": "show:show",
    "diff": "diff:diff",
    "cite": "cite:cite",
    "search": "search:search",
    "revisions": "news:revisions",
    "news": "news:news",
    "check": "check:check",
    "indicators": "figures:indicators",
    "series": "figures:series",
    "table": "figures:table",
    "rank": "figures:rank",
    "compare": "figures:compare",
    "rollup": "rollup:rollup",
    "non_reports": "lists:non_reports",
}
