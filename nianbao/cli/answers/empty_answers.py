"""What an empty answer means: EMPTY (everything asked about is known, and none is such) or UNKNOWN (nobody can say)."""

from __future__ import annotations

from typing import Any

from archive.queries.results import Known


def nothing(what: str, known: Known, *, timed: bool = False) -> str:
    """Say why a list is empty. ``what``: of which there is none; ``timed``: whoever cannot tell when a report came
    cannot tell this either.
    """
    from nianbao.cli.screens import part

    return part("empty", "nothing", what, known, timed, is_empty(known, timed=timed))


def why_empty(lines: object, what: str, known: Known, *, timed: bool = False) -> dict[str, Any]:
    """What :meth:`View.present` is told of an answer that may have no ``lines``: why, and whether that is an answer."""
    if lines:
        return {}
    return {"empty": nothing(what, known, timed=timed), "attention": not is_empty(known, timed=timed)}


def is_empty(known: Known, *, timed: bool = False) -> bool:
    """Whether nothing is left open: an empty answer then says that there is none."""
    if not known.duties or known.unknown or (timed and known.undetermined):
        return False
    return known.not_owed == known.duties or not (known.unnamed or known.unread or known.few or known.unjudged)
