"""What an empty answer means: EMPTY (everything asked about is known, and none is such) or UNKNOWN (nobody can say)."""

from __future__ import annotations

from typing import Any

from archive.exports.plain_values import cell_text
from archive.queries.results import Known
from nianbao.sentences import joined, listed, named, sentence, some

_MOST = 6  # reasons and portals that are named


def nothing(what: str, known: Known, *, timed: bool = False) -> str:
    """Say why a list is empty. ``what``: of which there is none; ``timed``: whoever cannot tell when a report came
    cannot tell this either.
    """
    if not known.duties:
        if known.asked == 0:
            return sentence("empty.no_portal", what=what)
        if known.first_record is not None:
            return sentence("empty.not_then", what=what, at=cell_text(known.first_record))
        return joined("sentences", sentence("empty.no_duty", what=what), *_beyond(known))
    if not is_empty(known, timed=timed):
        return sentence("empty.unknown", what=what, besides=besides(known, timed=timed))
    if known.not_owed == known.duties:
        return sentence("empty.none_owed", what=what, duties=known.duties)
    rest = sentence("empty.not_owed", count=known.not_owed) if known.not_owed else ""
    rest += sentence("join.sentences") + sentence("empty.guessed", count=known.guessed) if known.guessed else ""
    return sentence("empty.none", what=what, duties=known.duties, rest=rest)


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


def besides(known: Known, *, timed: bool = False, names: str = "") -> str:
    """Say of how many duties nobody knows, and why, and what may hold reports of bodies that have none here; "" where
    all is known. ``names``: the command that names those of whom nobody knows.
    """
    parts = []
    if known.unknown:
        counts = [sentence("empty.reason", reason=named(code, "reason"), count=n) for code, n in known.reasons.items()]
        reasons = listed(counts[:_MOST])
        reasons += sentence("empty.more_reasons", count=len(counts) - _MOST) if len(counts) > _MOST else ""
        at = sentence("empty.at", portals=listed(known.portals)) if known.portals else ""
        parts.append(
            sentence("empty.unknown_duties", unknown=known.unknown, duties=known.duties, reasons=reasons, at=at)
        )
    if timed and known.undetermined:
        parts.append(sentence("empty.undetermined", count=known.undetermined))
    if parts and names:
        parts[-1] = sentence("join.titled", title=parts[-1], text=names)
    return joined("sentences", *parts, *_beyond(known))


def _beyond(known: Known) -> list[str]:
    """What is held or listed of nobody whose duty is known."""
    parts = [sentence("empty.unnamed", count=known.unnamed)] if known.unnamed else []
    parts += [sentence("empty.unread", count=known.unread)] if known.unread else []
    parts += [sentence("empty.few", names=some(known.few, _MOST))] if known.few else []
    parts += [sentence("empty.unjudged", names=some(known.unjudged, _MOST))] if known.unjudged else []
    return parts + ([sentence("empty.guessed", count=known.guessed)] if known.guessed else [])
