"""What an empty answer means: EMPTY (everything asked about is known, and none is such) or UNKNOWN (nobody can say)."""

from __future__ import annotations

from collections.abc import Sequence

from archive.exports.plain_values import cell_text
from archive.queries.grounds import Known

_MOST = 6


def nothing(what: str, known: Known, *, timed: bool = False, names: str = "") -> str:
    """Say why a list is empty. ``what``: of which there is none; ``timed``: whoever cannot tell when a report came
    cannot tell this either; ``names``: the command that names those of whom nobody knows.
    """
    if not known.duties:
        return _no_duty(what, known)
    if is_empty(known, timed=timed) and known.not_owed == known.duties:
        return f"EMPTY: none {what}; none of the {known.duties} duties is due yet, or expected at all"
    if not is_empty(known, timed=timed):
        return f"UNKNOWN: none is known {what}, but {besides(known, timed=timed, names=names)}"
    rest = f", {known.not_owed} of them not due yet or not expected" if known.not_owed else ""
    rest += f"; {_guessed(known)}" if known.guessed else ""
    return f"EMPTY: none {what}; all {known.duties} duties are known{rest}"


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
        reasons = [f"{code} {number}" for code, number in known.reasons.items()]
        more = f", {len(reasons) - _MOST} more reasons" if len(reasons) > _MOST else ""
        at = f" at {', '.join(known.portals)}" if known.portals else ""
        parts.append(f"{known.unknown} of {known.duties} duties are unknown ({', '.join(reasons[:_MOST])}{more}){at}")
    if timed and known.undetermined:
        parts.append(f"of {known.undetermined} nobody can say whether in time")
    if parts and names:
        parts[-1] += f": {names}"
    return "; ".join([*parts, *_beyond(known)])


def _beyond(known: Known) -> list[str]:
    """What is held or listed of nobody whose duty is known."""
    parts = []
    if known.unnamed:
        parts.append(f"{_many(known.unnamed, 'report')} held that name nobody known, or no year: nianbao review")
    if known.unread:
        parts.append(
            f"{_many(known.unread, 'list')} not read to the end, or showing less than before: nianbao runs and "
            "nianbao review say why"
        )
    if known.few:
        parts.append(
            f"hardly any department is known of {some(known.few)}, where some twenty owe reports: "
            "nianbao portal probe looks for more lists, nianbao agencies import adds bodies"
        )
    if known.unjudged:
        parts.append(f"nothing was read and judged yet of {some(known.unjudged)}: nianbao crawl, nianbao reread")
    if known.guessed:
        parts.append(_guessed(known))
    return parts


def some(names: Sequence[str], most: int = _MOST) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def _guessed(known: Known) -> str:
    return f"{_many(known.guessed, 'body', 'bodies')} only guessed: no source attests so much"


def _many(number: int, one: str, several: str = "") -> str:
    return f"1 {one} is" if number == 1 else f"{number} {several or one + 's'} are"


def _no_duty(what: str, known: Known) -> str:
    if known.asked == 0:
        return (
            f"UNKNOWN: none is known {what}, for no portal was looked at yet: nianbao portal list names those that "
            "are set up, nianbao crawl looks, nianbao portal add URL adds one"
        )
    if known.first_record is not None:
        at = cell_text(known.first_record)
        return f"UNKNOWN: none is known {what}, for none of these duties was known by then; the first was from {at} on"
    return (
        f"UNKNOWN: none is known {what}, for no duty is known that was asked about: "
        "nianbao agencies list shows who owes reports, nianbao crawl finds out"
        + "".join(f"; {part}" for part in _beyond(known))
    )
