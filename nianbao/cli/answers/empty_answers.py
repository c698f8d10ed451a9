"""What an empty answer means: EMPTY (everything asked about is known, and none is such) or UNKNOWN (nobody can say)."""

from __future__ import annotations

from typing import Any

from archive.queries.results import Known


def nothing(what: str, coverage: Known, *, timed: bool = False) -> str:
    """Say why a list is empty. ``what``: of which there is none; ``timed``: whoever cannot tell when a report came
    cannot tell this either.
    """
    from nianbao.cli.screens import part

    return part("empty", "nothing", what, coverage, timed, is_empty(coverage, timed=timed))


def why_empty(lines: object, what: str, coverage: Known, *, timed: bool = False) -> dict[str, Any]:
    """What :meth:`View.present` is told of an answer that may have no ``lines``: why, and whether that is an answer."""
    if lines:
        return {}
    return {"empty": nothing(what, coverage, timed=timed), "attention": not is_empty(coverage, timed=timed)}


def is_empty(coverage: Known, *, timed: bool = False) -> bool:
    """Whether nothing is left open: an empty answer then says that there is none."""
    if not coverage.duties or coverage.unknown or (timed and coverage.undetermined):
        return False
    return coverage.not_owed == coverage.duties or not (
        coverage.unnamed or coverage.unread or coverage.few or coverage.unjudged
    )
