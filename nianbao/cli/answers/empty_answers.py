"""What an empty answer means: EMPTY (everything asked about is known, and none is such) or UNKNOWN (nobody can say)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archive.exports.plain_values import cell_text
from archive.queries.results import Known
from nianbao.sentences import named, phrase

_MOST = 6


def nothing(what: str, known: Known, *, timed: bool = False, names: str = "") -> str:
    """Say why a list is empty. ``what``: of which there is none; ``timed``: whoever cannot tell when a report came
    cannot tell this either; ``names``: the command that names those of whom nobody knows.
    """
    if not known.duties:
        return _no_duty(what, known)
    if is_empty(known, timed=timed) and known.not_owed == known.duties:
        return phrase("empty.none_owed", what=what, duties=known.duties)
    if not is_empty(known, timed=timed):
        return phrase("empty.unknown", what=what, besides=besides(known, timed=timed, names=names))
    rest = phrase("empty.not_owed", count=known.not_owed) if known.not_owed else ""
    rest += phrase("join.sentences") + phrase("empty.guessed", count=known.guessed) if known.guessed else ""
    return phrase("empty.none", what=what, duties=known.duties, rest=rest)


def why_empty(lines: object, what: str, known: Known, *, timed: bool = False) -> dict[str, Any]:
    """What :meth:`View.present` is told of an answer that may have no ``lines``: why, and whether that is an answer."""
    if lines:
        return {}
    return {"empty": nothing(what, known, timed=timed), "attention": not is_empty(known, timed=timed)}


def is_empty(known: Known, *, timed: bool = False) -> bool:
    """Whether nothing is left open: an empty answer then says that there is none."""
    open_ = known.unknown + (known.undetermined if timed else 0)
    if known.duties and not open_ and known.not_owed == known.duties:
        return True
    return bool(known.duties) and not (open_ or known.unnamed or known.unread or known.few or known.unjudged)


def besides(known: Known, *, timed: bool = False, names: str = "") -> str:
    """Say of how many duties nobody knows, and why, and what may hold reports of bodies that have none here; "" where
    all is known.
    """
    parts = []
    if known.unknown:
        reasons = [
            phrase("empty.reason", reason=named(code, "reason"), count=number) for code, number in known.reasons.items()
        ]
        told = phrase("join.names").join(reasons[:_MOST])
        told += phrase("empty.more_reasons", count=len(reasons) - _MOST) if len(reasons) > _MOST else ""
        at = phrase("empty.at", portals=phrase("join.names").join(known.portals)) if known.portals else ""
        parts.append(phrase("empty.unknown_duties", unknown=known.unknown, duties=known.duties, reasons=told, at=at))
    if timed and known.undetermined:
        parts.append(phrase("empty.undetermined", count=known.undetermined))
    if parts and names:
        parts[-1] = phrase("join.titled", title=parts[-1], text=names)
    return phrase("join.sentences").join([*parts, *_beyond(known)])


def _beyond(known: Known) -> list[str]:
    """What is held or listed of nobody whose duty is known."""
    parts = []
    if known.unnamed:
        parts.append(phrase("empty.unnamed", count=known.unnamed))
    if known.unread:
        parts.append(phrase("empty.unread", count=known.unread))
    if known.few:
        parts.append(phrase("empty.few", names=some(known.few)))
    if known.unjudged:
        parts.append(phrase("empty.unjudged", names=some(known.unjudged)))
    if known.guessed:
        parts.append(phrase("empty.guessed", count=known.guessed))
    return parts


def some(names: Sequence[str], most: int = _MOST) -> str:
    """The first names, and how many more there are."""
    more = phrase("join.more", count=len(names) - most) if len(names) > most else ""
    return phrase("join.names").join(names[:most]) + more


def _no_duty(what: str, known: Known) -> str:
    if known.asked == 0:
        return phrase("empty.no_portal", what=what)
    if known.first_record is not None:
        return phrase("empty.not_then", what=what, at=cell_text(known.first_record))
    return phrase("join.sentences").join([phrase("empty.no_duty", what=what), *_beyond(known)])
