"""Figures of one report and sums over many: a blank is never 0, and what is not known is said."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from archive.assessment.figures import Figure, FigureCell, FigureState, SumMember, figure, quotient, total, usable
from archive.assessment.measures import Measure, find, measures
from archive.forms.loader import load_forms
from storage.records import CellState

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
    for form in load_forms():
        assert set(form.ids) <= set(known)
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
    bodies = [known(0), known(7, doubted=True), lacking("blank"), lacking("blank"), lacking("missing")]
    found = total(received, [*bodies, lacking("unknown"), lacking("not_expected", owed=False)])
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
