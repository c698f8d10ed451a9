"""Figures of one report and sums over many: a blank is never 0, and what is not known is said."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from archive.assessment.figures import (
    Figure,
    FigureState,
    PrintedCell,
    SumMember,
    add_up,
    change,
    figure,
    quotient,
    total,
    total_of_one,
    usable,
)
from archive.assessment.measures import Measure, find, measures
from archive.forms.loader import load_forms
from storage.records import CellState

DENIED = (
    "state_secret", "law_prohibited", "safety_stability", "third_party", "internal_affairs", "process_info",
    "enforcement_file", "admin_query",
)  # fmt: skip
ALL_RESULTS = "applications.result.total.total"


def measure(name: str) -> Measure:
    found = find(name)
    assert found is not None
    return found


def printed(values: Mapping[str, int | str | None]) -> dict[str, PrintedCell]:
    """Cells: a number, None for blank, "/" for a mark, "x" for a text."""
    states = {None: CellState.BLANK, "/": CellState.MARK, "x": CellState.PRINTED}
    return {
        name: PrintedCell(CellState.PRINTED, Decimal(value)) if isinstance(value, int) else PrintedCell(states[value])
        for name, value in values.items()
    }


def denied(**values: int | str | None) -> dict[str, int | str | None]:
    every: dict[str, int | str | None] = dict.fromkeys(DENIED, 0)
    return {f"applications.result.denied.{name}.total": value for name, value in (every | values).items()}


def test_every_place_of_every_form_can_be_asked_for_and_every_rate_is_of_both_forms() -> None:
    known = measures()
    for form in load_forms():
        assert set(form.ids) <= set(known)
    for one in known.values():
        assert one.zh
        assert one.en
        if one.is_rate:
            assert one.forms == ("2019", "2021")
            assert one.under


@pytest.mark.parametrize(
    ("cells", "form", "state", "value"),
    [
        ({"applications.received.total": 0}, "2021", "printed", 0),
        ({"applications.received.total": None}, "2021", "blank", None),
        ({"applications.received.total": "/"}, "2021", "mark", None),
        ({"applications.received.total": "x"}, "2021", "text", None),
        ({}, "2021", "not_printed", None),
        ({}, None, "unread", None),
        ({}, "pre2019", "unread", None),
    ],
)
def test_a_place_tells_why_it_has_no_number(
    cells: Mapping[str, int | str | None], form: str | None, state: str, value: int | None
) -> None:
    found = figure(measure("applications.received.total"), form, printed(cells))
    assert (found.state, found.value) == (state, value)


def test_a_row_of_the_free_table_that_was_not_read_may_have_been_printed() -> None:
    received = measure("pre2019.applications.received.year")
    assert received.forms == ("pre2019",)
    assert [crossing.id for crossing in received.crossings] == ["applications.received.total"]
    for cells, state in (({received.id: 3}, "printed"), ({received.id: None}, "blank"), ({}, "unread")):
        assert figure(received, "pre2019", printed(cells)).state == state
    assert figure(received, "2019", {}).state is FigureState.NOT_IN_FORM


def test_a_place_of_one_form_is_not_in_the_other() -> None:
    issued = measure("proactive.normative.issued")
    assert issued.forms == ("2021",)
    assert figure(issued, "2019", {}).state is FigureState.NOT_IN_FORM
    assert [(crossing.kind, crossing.places) for crossing in issued.crossings] == [
        ("near", ("pre2019.proactive.normative_issued.year",)),
        ("near", ("proactive.normative.made",)),
    ]
    mixed = figure(issued, "2019", printed({issued.id: 3}))  # tables of both forms in one document
    assert mixed.value == 3


def test_sums_are_bridged_over_the_forms() -> None:
    other = measure("derived.applications.other_all.total")
    old = printed({"applications.result.other.all.total": 5})
    rows = {f"applications.result.other.{row}.total": n for row, n in (("no_correction", 1), ("unpaid_fee", 0))}
    new = printed(rows | {"applications.result.other.misc.total": 4})
    assert figure(other, "2019", old).value == figure(other, "2021", new).value == 5
    assert figure(other, "2019", old).state is FigureState.PRINTED
    assert figure(other, "2021", new).state is FigureState.COMPUTED


def test_a_sum_with_a_blank_is_not_known_but_at_least_the_rest() -> None:
    rows = measure("derived.applications.denied_all.total")
    found = figure(rows, "2021", printed(denied(state_secret=2, third_party=3, admin_query=None)))
    assert (found.value, found.state, found.at_least) == (None, FigureState.INCOMPLETE, 5)
    assert found.lacking == ("applications.result.denied.admin_query.total",)
    nothing = figure(rows, "2021", printed(denied(**dict.fromkeys(DENIED))))
    assert (nothing.state, nothing.at_least) == (FigureState.BLANK, None)
    negative = figure(rows, "2021", printed(denied(state_secret=-2, admin_query=None)))
    assert negative.at_least is None


def test_a_rate_has_its_n_and_says_when_that_is_small() -> None:
    rate = measure("denial_rate")
    assert rate.id == "derived.denial_rate"
    few = figure(rate, "2021", printed(denied(state_secret=1) | {ALL_RESULTS: 3}))
    assert (few.value, few.part, few.n, few.small) == (Decimal("0.333333"), 1, 3, True)
    many = figure(rate, "2019", printed(denied(state_secret=5) | {ALL_RESULTS: 20}))
    assert (many.value, many.small) == (Decimal("0.25"), False)
    nothing = figure(rate, "2021", printed(denied() | {ALL_RESULTS: 0}))
    assert (nothing.value, nothing.state, nothing.n) == (None, FigureState.NO_CASES, 0)
    blank = figure(rate, "2021", printed(denied(state_secret=5, third_party=None) | {ALL_RESULTS: 30}))
    assert (blank.value, blank.state, blank.at_least) == (None, FigureState.INCOMPLETE, Decimal("0.166666"))
    open_n = figure(rate, "2021", printed(denied(state_secret=5) | {ALL_RESULTS: None}))
    assert (open_n.value, open_n.state, open_n.part, open_n.n) == (None, FigureState.INCOMPLETE, 5, None)


def test_a_share_above_one_is_doubted_and_pending_cases_are_taken_away() -> None:
    odd = figure(measure("denial_rate"), "2021", printed(denied(state_secret=5) | {ALL_RESULTS: 4}))
    assert odd.doubted
    review = measure("derived.review_correction_rate")
    cells = {"review.corrected": 5, "review.total": 30, "review.pending": 5}
    found = figure(review, "2021", printed(cells))
    assert (found.value, found.n) == (Decimal("0.2"), 25)


def test_doubts_go_on_into_what_is_computed() -> None:
    cells = printed(denied(state_secret=1) | {ALL_RESULTS: 30})
    cells[ALL_RESULTS] = PrintedCell(CellState.PRINTED, Decimal(30), doubted=True)
    assert figure(measure("denial_rate"), "2021", cells).doubted


def known(value: int, **more: bool) -> SumMember:
    return SumMember(figure=Figure(value=Decimal(value), state=FigureState.PRINTED, **more), reason="printed")


def lacking(reason: str, *, owed: bool = True, at_least: int | None = None) -> SumMember:
    floor = None if at_least is None else Decimal(at_least)
    return SumMember(
        figure=Figure(value=None, state=FigureState.BLANK, at_least=floor), reason=reason, owed=owed
    )  # fmt: skip


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


def test_nothing_known_is_not_a_sum_of_zero() -> None:
    received = measure("applications.received.total")
    found = total(received, [lacking("unknown"), lacking("blank")])
    assert (found.value, found.low, found.high, found.reports) == (None, None, None, 0)
    assert total(received, []).value is None


def test_what_is_known_in_part_raises_the_lower_bound_alone() -> None:
    rows = measure("derived.applications.denied_all.total")
    found = total(rows, [known(4), lacking("incomplete", at_least=3)])
    assert (found.value, found.low, found.high) == (4, 7, None)


def test_a_change_that_may_be_negative_has_no_lower_bound() -> None:
    change = measure("proactive.admin_license.items_change")
    found = total(change, [known(-4), lacking("blank")])
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
    return SumMember(figure=one, reason=state.value)


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


def test_a_sum_of_one_body_is_the_same_by_the_short_way() -> None:
    received, amount = measure("applications.received.total"), measure("proactive.procurement.amount")
    change, denial = measure("proactive.admin_license.items_change"), measure("derived.denial_rate")
    bodies = [known(0), known(3), known(-4), known(5, doubted=True), lacking("blank"), lacking("unknown", owed=False)]
    for one in (received, amount, change):
        assert [total_of_one(one, body) for body in bodies] == [total(one, [body]) for body in bodies]
    rates = [rate(1, 10), rate(0, 0), rate(None, 10, "0.2"), lacking("unknown")]
    assert [total_of_one(denial, body) for body in rates] == [total(denial, [body]) for body in rates]


def test_figures_beyond_all_reason_are_added_exactly() -> None:
    huge, fine = Decimal(10) ** 117, Decimal("0.000000000001")
    assert add_up([huge, fine, None, Decimal(1)]) == Decimal(f"1{'0' * 116}1.000000000001")
    assert change(fine, huge) + 0 != 0
    assert quotient(huge, fine) == Decimal(10) ** 129
    assert quotient(huge, Decimal(0)) is None


def test_every_state_and_rate_is_in_the_manual() -> None:
    manual = (Path(__file__).parents[2] / "docs/figures.md").read_text(encoding="utf-8")
    for state in set(FigureState) - {FigureState.SYSTEM}:
        assert f"| `{state}` |" in manual
    for one in measures().values():
        if one.is_rate:
            short = one.id.removeprefix("derived.")
            name = f"{short.partition('.')[0]}.*" if "." in short else short
            assert f"`{name}`" in manual or f"`derived.{name}`" in manual, one.id
