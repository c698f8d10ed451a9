"""``rollup``: a government's report against the sum of those of its departments and townships."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from archive.assessment.figures import WITHOUT_REPORT, FigureState
from archive.exports.plain_values import number
from archive.queries.rollup import RollUpAnswer, RollUpCell, StatedBodies, WithoutReport
from nianbao.cli.answers.empty_answers import some
from nianbao.cli.asking import Block, Table, View
from nianbao.cli.output import column, in_language
from nianbao.cli.table_layout import Column, Styled
from nianbao.language import Language, current
from nianbao.sentences import named, phrase

_NAMED = 12  # bodies named in one line
_WRONG = ("exceeds", "falls_short")
_COLOURS = {
    "fits": "green", "gap_fits_missing": "yellow", "falls_short": "red", "exceeds": "red", "unknown": "bright_black",
}  # fmt: skip
#: the key of a title → the states of the bodies below it
_STATES = {
    "without_report": frozenset(state.value for state in WITHOUT_REPORT),
    **{state.value: {state.value} for state in (FigureState.UNREAD, FigureState.SYSTEM, FigureState.WITHHELD)},
}


def rollup(view: View, *, every: Annotated[bool, typer.Option("--all")] = False) -> None:
    """Whether a government's report is the sum of what is held of its departments and townships, cell by cell.

    A blank is never 0. Where the sum is less, whose reports are missing is said by name; where it is more, a figure is
    wrong or counted twice. What could explain a gap exactly is a candidate, never a fact.
    """
    found: RollUpAnswer = view.answer()
    kept = [one for one in found.cells if every or one.tells or one.verdict in _WRONG]
    wrong = found.form is None or any(one.verdict in _WRONG for one in found.cells)
    view.present(found, lambda: _blocks(found, kept, view), attention=wrong)


def _columns() -> tuple[Column, ...]:
    return (
        column("label", least=12),
        column("indicator", wrap=False, spare=True),
        *(column(key, wrap=False) for key in ("own", "total")),
        column("reports", "in_sum", wrap=False, spare=True),
        column("without", wrap=False, spare=True),
        column("gap", wrap=False),
        column("verdict", least=10),
        column("why", "explained"),
    )


def _blocks(found: RollUpAnswer, kept: list[RollUpCell], view: View) -> Iterator[Block]:
    yield phrase("rollup.head", government=found.government.name, year=found.year, report=_report(found))
    yield phrase("rollup.held", held=found.held, bodies=found.bodies)
    for title, states in _STATES.items():
        if bodies := [one for one in found.without if one.state in states]:
            yield phrase("join.titled", title=phrase(f"rollup.{title}"), text=_names(bodies))
    yield from map(_stated, found.stated)
    if found.form is not None:
        yield Table(columns=_columns(), rows=[_row(one) for one in kept], empty=phrase("rollup.zeros"))
    for suspect in found.suspects:
        what = phrase(f"rollup.{suspect.how}", agency=suspect.agency or "")
        yield phrase("rollup.perhaps", what=what, closes=suspect.closes, gaps=suspect.gaps)
    if found.perhaps_alone:
        yield phrase("rollup.alone")
    counts = [
        phrase("rollup.counted", verdict=phrase(f"verdict.{verdict}"), count=count)
        for verdict, count in sorted(found.verdicts.items())
    ]
    yield phrase("join.parts").join(counts) or phrase("rollup.nothing")
    yield view.age(found.as_of, {found.government.portal})


def _report(found: RollUpAnswer) -> str:
    if found.edition is None:
        status = phrase(f"status.{found.status}") if found.status else phrase("rollup.no_duty")
        return phrase("rollup.no_edition", status=status)
    if found.form is None:
        return phrase("rollup.no_table", edition=found.edition)
    return phrase("rollup.form", edition=found.edition, form=found.form)


def _names(bodies: list[WithoutReport]) -> str:
    names = [
        phrase("rollup.guessed" if one.guessed else "rollup.body", agency=one.agency.name,
               status=phrase(f"status.{one.status}"))
        for one in bodies
    ]  # fmt: skip
    return some(names, _NAMED)


def _stated(one: StatedBodies) -> str:
    known = str(one.least) if one.least == one.most else phrase("rollup.range", least=one.least, most=one.most)
    lacks = phrase("rollup.lacks", count=one.lacks) if one.lacks else phrase("rollup.has_more")
    number = phrase("rollup.number" if one.exact else "rollup.at_least", number=one.number)
    verdict = phrase("rollup.agrees") if one.agrees else lacks
    return phrase(
        "rollup.stated", number=number, what=phrase(f"rollup.{one.what}"), known=known, verdict=verdict,
        sentence=one.sentence,
    )  # fmt: skip


def _row(one: RollUpCell) -> dict[str, object]:
    lacking = one.blank + one.not_printed + one.unread + one.absent
    return {
        "indicator": one.indicator,
        "label": one.label if current() is Language.ZH else one.label_en,
        "own": number(one.own) or named(one.own_state, "state"),
        "total": number(one.total) + ("?" if one.doubted else ""),
        "reports": one.reports,
        "without": lacking or "",
        "gap": number(one.gap),
        "verdict": Styled(phrase(f"verdict.{one.verdict}"), _COLOURS.get(one.verdict, "")),
        "why": " ".join(in_language(candidate) for candidate in one.candidates)
        or (phrase("rollup.chance", count=one.more) if one.more else ""),
    }
