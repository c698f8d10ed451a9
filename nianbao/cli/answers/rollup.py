"""``rollup``: a government's report against the sum of those of its departments and townships."""

from __future__ import annotations

from typing import Annotated

import typer

from archive.queries.rolled import RollUpAnswer, RollUpCell, StatedBodies, WithoutReport
from nianbao.cli import common
from nianbao.cli.asking import View
from nianbao.cli.output import Column, Format, emit, say
from nianbao.cli.texts.figure_text import number

_NAMED = 12  # bodies named in one line
_WRONG = ("exceeds", "falls_short")
_VERDICTS = {
    "fits": "fits",
    "gap_fits_missing": "gap fits what is missing",
    "falls_short": "FALLS SHORT",
    "exceeds": "EXCEEDS",
    "unknown": "unknown",
}
_COLOURS = {"fits": "green", "gap": "yellow", "FALLS": "red", "EXCEEDS": "red", "unknown": "bright_black"}
_STATES = (
    ("no_report", "without a report"),
    ("unread", "unread"),
    ("system", "for a whole system"),
    ("withheld", "hidden"),
)
_EXPLAINED = {
    "left_out": "the government's sum leaves {} out",
    "twice": "the government's sum counts {} twice",
    "slip": "{} has slips of a digit or the unit",
    "own_slip": "the government's own figures have slips of a digit or the unit",
}
_COLUMNS = (
    Column("label", "label", least=12),
    Column("indicator", "indicator", wrap=False, spare=True),
    Column("own", "government", wrap=False),
    Column("total", "sum", wrap=False),
    Column("reports", "n", wrap=False),
    Column("without", "without", wrap=False),
    Column("gap", "gap", wrap=False),
    Column("verdict", "verdict", least=10, paint=lambda text: _COLOURS.get(text.partition(" ")[0], "")),
    Column("why", "what could explain it", least=20, spare=True),
)
_LONG = (
    "year", "government", "indicator", "label", "unit", "own", "own_state", "total", "reports", "doubted", "blank",
    "not_printed", "unread", "absent", "gap", "verdict", "candidates", "sentence",
)  # fmt: skip


def rollup(
    view: View,
    *,
    every: Annotated[bool, typer.Option("--all", help="Indicators that are 0 everywhere, too.")] = False,
) -> None:
    """Whether a government's report is the sum of what is held of its departments and townships, cell by cell.

    A blank is never 0. Where the sum is less, whose reports are missing is said by name; where it is more, a figure is
    wrong or counted twice. What could explain a gap exactly is a candidate, never a fact.
    """
    found, fmt = view.answer(), view.fmt
    kept = [one for one in found.cells if every or one.tells or one.verdict in _WRONG]
    if fmt is Format.JSON:
        emit([found.to_dict()], (), fmt)
    elif fmt is not Format.TABLE:
        emit([_long(found, one, view) for one in kept], [Column(key, key) for key in _LONG], fmt)
    else:
        _shown(found, kept, view)
    common.attention(found.form is None or any(one.verdict in _WRONG for one in found.cells))


def _shown(found: RollUpAnswer, kept: list[RollUpCell], view: View) -> None:
    say(f"{found.government.name} {found.year}: {_report(found)}")
    say(f"{found.held} of {found.bodies} bodies in the registry give figures")
    for state, label in _STATES:
        if named := [one for one in found.without if one.state == state]:
            say(f"{label}: {_names(named)}")
    for one in found.stated:
        say(_stated(one))
    if found.form is not None:
        emit([_row(one, view) for one in kept], _COLUMNS, Format.TABLE, empty="nothing but zeros and blanks (--all)")
    for suspect in found.suspects:
        what = _EXPLAINED[suspect.how].format(suspect.agency or "")
        say(f"perhaps {what}: that closes {suspect.closes} of {suspect.gaps} gaps")
    if found.perhaps_alone:
        say("the sum exceeds nearly every figure: perhaps the government's report speaks for itself alone")
    told = ", ".join(f"{_VERDICTS[verdict].lower()} {count}" for verdict, count in sorted(found.verdicts.items()))
    say(told or "nothing compared")
    view.tell_age(found.as_of, {found.government.portal})


def _report(found: RollUpAnswer) -> str:
    if found.edition is None:
        return f"no report is held ({found.status or 'no duty is known'})"
    return f"{found.edition}, " + (f"form {found.form}" if found.form else "no table of it could be read")


def _names(bodies: list[WithoutReport]) -> str:
    named = [f"{one.agency.name} ({one.status}{', guessed' if one.guessed else ''})" for one in bodies[:_NAMED]]
    return "、".join(named) + (f" and {len(bodies) - _NAMED} more" if len(bodies) > _NAMED else "")


def _stated(one: StatedBodies) -> str:
    known = str(one.least) if one.least == one.most else f"{one.least} to {one.most}"
    verdict = "agrees" if one.agrees else f"lacks {one.lacks}" if one.lacks else "has more"
    what = {"all": "bodies"}.get(one.what, one.what)
    least = "" if one.exact else "at least "
    return f"stated: {least}{one.number} {what}; the registry has {known}: {verdict} (“{one.sentence}”)"


def _row(one: RollUpCell, view: View) -> dict[str, object]:
    lacking = one.blank + one.not_printed + one.unread + one.absent
    return {
        "indicator": one.indicator,
        "label": one.label,
        "own": number(one.own) or one.own_state,
        "total": number(one.total) + ("?" if one.doubted else ""),
        "reports": one.reports,
        "without": lacking or "",
        "gap": number(one.gap),
        "verdict": _VERDICTS[one.verdict],
        "why": " ".join(_in_language(candidate.zh, candidate.en, view) for candidate in one.candidates)
        or (f"{one.more} candidates: chance" if one.more else ""),
    }


def _long(found: RollUpAnswer, one: RollUpCell, view: View) -> dict[str, object]:
    return {
        **one.to_dict(),
        "year": found.year,
        "government": found.government.name,
        "edition": found.edition,
        "as_of": found.as_of,
        "sentence": _in_language(one.zh, one.en, view),
        "candidates": [_in_language(candidate.zh, candidate.en, view) for candidate in one.candidates],
    }


def _in_language(zh: str, en: str, view: View) -> str:
    return zh if view.chinese else en
