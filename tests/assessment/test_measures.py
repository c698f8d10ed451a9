"""Figures of one report, sums, roll-ups and component measures: a blank is never 0, and what is not known is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from archive.assessment.data_files import data_file
from archive.assessment.figures import Figure, FigureCell, FigureState, SumMember, figure, quotient, total, usable
from archive.assessment.measures import Measure, find, measures
from archive.assessment.rollup import RollUp, RollUpCell, RollupPart, is_slip, roll_up
from archive.assessment.scores import ReportFacts, components, score
from archive.findings import meanings_by_code
from archive.forms.loader import form, load_forms
from storage.records import CellState, Status
from tests.case_tables import read_cases

DENIED = (
    "state_secret", "law_prohibited", "safety_stability", "third_party", "internal_affairs", "process_info",
    "enforcement_file", "admin_query",
)  # fmt: skip
CASES = Path(__file__).with_name("figure_cases.txt").read_text("utf-8").splitlines()
STATES = {"": CellState.BLANK, "/": CellState.MARK, "x": CellState.PRINTED}


def measure(name: str) -> Measure:
    found = find(name)
    assert found is not None
    return found


def printed(words: Sequence[str]) -> dict[str, FigureCell]:
    """The cells of a case."""
    texts = {f"applications.result.denied.{row}.total": "0" for row in DENIED} if "denied" in words else {}
    for name, _, text in (word.partition("=") for word in words if "=" in word):
        texts[f"applications.result.denied.{name}.total" if name in DENIED else name] = text
    return {
        name: FigureCell(STATES[text]) if text in STATES else FigureCell(CellState.PRINTED, Decimal(text))
        for name, text in texts.items()
    }


def words_of(one: Figure) -> list[str]:
    numbers = {"at_least": one.at_least, "part": one.part, "n": one.n}
    flags = [word for word, holds in (("small", one.small), ("doubted", one.doubted)) if holds]
    value = [] if one.value is None else [str(one.value)]
    return [one.state.value, *value, *(f"{name}={n}" for name, n in numbers.items() if n is not None), *flags]


@pytest.mark.parametrize("case", [line for line in CASES if "=>" in line])
def test_a_figure_tells_its_number_or_why_there_is_none(case: str) -> None:
    given, _, expected = case.partition(" => ")
    name, form, *cells = given.split()
    assert words_of(figure(measure(name), None if form == "none" else form, printed(cells))) == expected.split()


def test_every_place_of_every_form_can_be_asked_for_and_every_rate_is_of_both_forms() -> None:
    known = measures()
    for plan in load_forms():
        assert set(plan.ids) <= set(known)
    for one in known.values():
        assert one.zh
        assert one.en
        assert not one.is_rate or (one.forms == ("2019", "2021") and one.under)
    crossings = measure("proactive.normative.issued").crossings
    assert [(crossing.kind, crossing.places) for crossing in crossings] == [
        ("near", ("pre2019.proactive.normative_issued.year",)),
        ("near", ("proactive.normative.made",)),
    ]


def known(value: int, **more: bool) -> SumMember:
    return SumMember(figure=Figure(value=Decimal(value), state=FigureState.PRINTED, **more))


def lacking(reason: str, *, owed: bool = True, at_least: int | None = None) -> SumMember:
    floor = None if at_least is None else Decimal(at_least)
    return SumMember(figure=Figure(value=None, state=FigureState(reason), at_least=floor), owed=owed)


def test_a_sum_says_how_many_are_in_it_and_why_others_are_not() -> None:
    received = measure("applications.received.total")
    agencies = [known(0), known(7, doubted=True), lacking("blank"), lacking("blank"), lacking("missing")]
    found = total(received, [*agencies, lacking("unknown"), lacking("not_expected", owed=False)])
    assert (found.value, found.reports, found.owed) == (7, 2, 6)
    assert found.without == {"blank": 2, "missing": 1, "unknown": 1}
    assert found.apart == {"not_expected": 1}
    assert (found.low, found.high, found.complete) == (7, None, False)
    assert (found.doubted, found.zero) == (1, 1)
    whole = total(received, [known(1), known(2), lacking("not_expected", owed=False)])
    assert (whole.low, whole.high, whole.complete) == (3, 3, True)


def test_what_is_known_in_part_raises_the_lower_bound_where_nothing_is_negative() -> None:
    found = total(measure("derived.applications.denied_all.total"), [known(4), lacking("incomplete", at_least=3)])
    assert (found.value, found.low, found.high) == (4, 7, None)
    found = total(measure("proactive.admin_license.items_change"), [known(-4), lacking("blank")])
    assert (found.value, found.low) == (-4, None)


def test_amounts_of_no_sure_unit_are_not_added() -> None:
    amount = measure("proactive.procurement.amount")
    found = total(amount, [known(5), known(52, doubted=True)])
    assert (found.value, found.without) == (5, {"unit_doubted": 1})
    assert not usable(amount, known(52, doubted=True).figure)


def rate(part: int | None, n: int | None, at_least: str | None = None) -> SumMember:
    value = quotient(Decimal(part), Decimal(n)) if part is not None and n else None
    state = FigureState.COMPUTED if value is not None else FigureState.NO_CASES if n == 0 else FigureState.INCOMPLETE
    one = Figure(
        value=value,
        state=state,
        part=None if part is None else Decimal(part),
        n=None if n is None else Decimal(n),
        at_least=None if at_least is None else Decimal(at_least),
    )
    return SumMember(figure=one)


def test_a_rate_of_many_is_of_their_cases_and_has_bounds_where_only_numerators_lack() -> None:
    denial = measure("denial_rate")
    found = total(denial, [rate(1, 10), rate(9, 30), rate(0, 0)])
    assert (found.value, found.part, found.n, found.reports) == (Decimal("0.25"), 10, 40, 3)
    assert (found.low, found.high) == (Decimal("0.25"), Decimal("0.25"))
    partly = total(denial, [rate(10, 40), rate(None, 10, "0.2")])
    assert (partly.value, partly.low, partly.high) == (Decimal("0.25"), Decimal("0.24"), Decimal("0.4"))
    open_ended = total(denial, [rate(10, 40), lacking("unknown")])
    assert (open_ended.value, open_ended.low, open_ended.high) == (Decimal("0.25"), None, None)
    assert total(denial, [rate(1, 3)]).small


def test_every_state_and_rate_is_in_the_manual() -> None:
    manual = (Path(__file__).parents[2] / "docs/figures.md").read_text(encoding="utf-8")
    for state in set(FigureState) - {FigureState.SYSTEM}:
        assert f"| `{state}` |" in manual
    for one in measures().values():
        if one.is_rate:
            short = one.id.removeprefix("derived.")
            name = f"{short.partition('.')[0]}.*" if "." in short else short
            assert f"`{name}`" in manual or f"`derived.{name}`" in manual, one.id


# --------------------------------------------------------------- a government's figure against the sum of its agencies'

NAME = "applications.received.total"


def figure_of(text: object) -> Figure:
    """A figure as a case gives it: a number, or why there is none."""
    if isinstance(text, str) and text.isalpha():
        return Figure(value=None, state=FigureState(text))
    return Figure(value=Decimal(str(text)), state=FigureState.PRINTED)


def rolled(own: object, figures: Sequence[object], kind: str = "count") -> RollUpCell:
    parts = [RollupPart(f"ws/{at}", figure_of(one)) for at, one in enumerate(figures, 1)]
    return roll_up(replace(measures()[NAME], kind=kind), figure_of(own), parts)


@pytest.mark.parametrize(("own", "figures", "verdict", "gap"), read_cases(__file__, "verdicts"))
def test_a_blank_is_never_zero_and_a_sum_says_no_more_than_it_knows(
    own: object, figures: Sequence[object], verdict: str, gap: int | str
) -> None:
    found = rolled(own, figures)
    assert (found.verdict, "" if found.gap is None else found.gap) == (verdict, gap)


def test_amounts_fit_within_their_rounding_and_counts_exactly() -> None:
    assert rolled("10.01", ["3.33", "6.67"], "amount").verdict is RollUp.FITS
    assert rolled("10.02", ["3.33", "6.67"], "amount").verdict is RollUp.SHORT
    assert rolled("10.01", ["3.33", "6.67"], "count").verdict is RollUp.SHORT


@pytest.mark.parametrize(("own", "figures", "how", "agency", "meant"), read_cases(__file__, "candidates"))
def test_one_wrong_figure_that_would_close_the_gap_is_a_candidate(
    own: int, figures: Sequence[object], how: str, agency: str, meant: object
) -> None:
    found = [one for one in rolled(own, figures).candidates if one.how == how]
    assert [(one.agency, one.meant) for one in found] == [(agency or None, meant)]


@pytest.mark.parametrize(("printed_as", "meant", "slip"), read_cases(__file__, "slips"))
def test_slips_of_a_pen(printed_as: str, meant: str, slip: bool) -> None:
    assert is_slip(Decimal(printed_as), Decimal(meant)) is slip


def test_small_gaps_and_many_candidates_explain_nothing() -> None:
    assert rolled(12, [5, 4]).candidates == ()
    many = rolled(100, [20, 20, 20, 20, 20, 20])
    assert (many.candidates, many.more) == ((), 7)  # each of the six, and 120 for 100


# ------------------------------------------------------------------------------------------------ component measures

BLANK = FigureCell(CellState.BLANK)
CELLS = {name: FigureCell(CellState.PRINTED, Decimal(0)) for name in form("2021").ids}
ONE = "applications.received.natural_person"


def facts(**more: object) -> ReportFacts:
    """A report that reaches every measure but those of its history."""
    plain = {
        "status": Status.ON_TIME,
        "has_date": True,
        "is_held": True,
        "kind": "html",
        "form": "2021",
        "days_met": 40,
    }
    return ReportFacts(**{"cells": CELLS, **plain, **more})  # type: ignore[arg-type]


VALUES = {"reached": True, "failed": False, "unknown": None}
MARK = FigureCell(CellState.MARK, None, doubted=True)
IN_ONE = {"none": {}, "blank": CELLS | {ONE: BLANK}, "mark": CELLS | {ONE: MARK}}


@pytest.mark.parametrize(("more", "component", "value", "why"), read_cases(__file__, "cases"))
def test_each_measure_is_one_zero_or_unknown_with_its_reason(
    more: dict[str, object], component: str, value: str, why: str
) -> None:
    made = score(facts(**{name: meant(name, one) for name, one in more.items()}))[component]
    assert (made.value, made.why) == (VALUES[value], why)


def meant(name: str, written: object) -> object:
    """A fact as a case writes it."""
    if name == "cells":
        return IN_ONE[str(written)]
    if isinstance(written, tuple):
        return frozenset(written)
    return Status(written) if name == "status" else None if written == "none" else written


@pytest.mark.parametrize(("status", "why", "apart"), read_cases(__file__, "set_apart"))
def test_what_was_never_to_be_published_is_in_no_count(status: str, why: str, apart: bool) -> None:
    made = score(ReportFacts(status=Status(status) if status else None, cells={}))["complete_form"]
    assert (made.value, made.why, made.is_apart) == (None, why, apart)


def test_definitions_name_findings_and_sources_that_there_are() -> None:
    data = data_file("scores.toml")
    for name in ("reader_doubts", "text_findings", "address_findings"):
        assert set(data[name]) <= set(meanings_by_code())
    assert {source for one in components() for source in one["source"]} == set(data["source"])
    assert [one["id"] for one in components()] == [*score(facts())]
