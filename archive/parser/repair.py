"""Propose values for doubtful recognised digits that the form's sums determine.

Only cells that come from recognition (``confidence`` in their locator) are ever changed, never without the flag
``repaired`` and a finding; the raw text stays. Reports do print broken sums: what is not explained by one likely slip
of recognition, and by one alone, is left as it was read, and all of the broken sum is flagged ``low_confidence``. A
figure whose digits recognition did not doubt stays whatever the sums ask: of those that were read surely hardly one is
wrong, and reports print wrong sums more often than that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from archive.documents.ocr.confidence import is_recognised, is_sure
from archive.findings import finding
from archive.forms.model import Form, Indicator
from archive.parser.arithmetic import Layout, broken_rules, difference, figures, layout
from archive.parser.cells import Placement, add_cell_findings, with_flag
from archive.parser.misread_digits import IMPOSSIBLE, digit_confusions, slip_cost
from archive.parser.ocr_correction import corrected_text
from archive.parser.sum_explanations import MOST, TOGETHER, FigureChange, best, covers, disjoint_sets, groups, mends
from archive.parser.text_witness import TextEvidence
from archive.parser.values import read_value
from storage.records import Cell, CellState, Finding, Severity

DOUBT = "low_confidence"
REPAIRED = "repaired"
_CERTAIN = 0.99  # … and from which two readings agreed in every digit: reports print wrong sums more often than that
_TRUST, _BELIEF = 2, 3  # what it costs to doubt a cell that recognition was sure of, or certain
_UNREAD = frozenset({"not_a_number", "not_integer"})
_OFTEN = 3  # times as many zeros as blanks and marks: fewer do not show that the document prints them
_DASHES = frozenset("一ー-—–−_~=.·'`,:;丶、，。/\\丿")  # what a mark for nothing is recognised as; no digit is
_STROKES = frozenset("1lI|!丨7")  # what / is recognised as; so is no 0
_LIKELY = 2  # what it costs to believe in one digit mistaken for another
_ROUNDS = 8
_SHAKY = 3  # slips seen in a document from which what no sum bears out is doubted
_UNRELIABLE = 4  # sums that stay broken from which all of a document is doubted
_EVIDENCE = 3  # broken sums that two changes together must explain
_BEHEADED = re.compile(r"0\d+(?:\.\d+)?")  # so no figure begins: digits before it were not read
_MONEY = re.compile(r"\d[^\d\n]*元")


def repair(placed: Placement, text: TextEvidence = TextEvidence()) -> None:  # noqa: B008 — it never changes
    """Propose values for recognised cells where the sums leave one answer; changes and tells in ``placed``.

    ``text``: of the report, against which nothing is changed that it counts as it was read.
    """
    form = placed.form
    if form is None or not any([is_recognised(cell.locator) for cell in placed.cells.values()]):  # noqa: C419 — faster
        return
    _leave_pieces(form, placed)
    work = _Work(form, dict(placed.cells), text)
    work.fill_unread()
    for _ in range(_ROUNDS):
        if not work.mend():
            break
    work.doubt_unsure()
    work.doubt_the_rest()
    placed.cells = work.cells
    placed.findings = [finding for finding in placed.findings if not _answered(finding, work.told)]
    placed.findings += work.findings
    cells_with_findings = {name for one in placed.findings if one.severity is not Severity.INFO for name in one.cells}
    if unsure := [name for name, cell in work.cells.items() if DOUBT in cell.flags and name not in cells_with_findings]:
        placed.findings.append(finding("low_confidence", cells=unsure, found=len(unsure)))


def _leave_pieces(form: Form, placed: Placement) -> None:
    """Take the value from recognised figures that are only a piece of what is printed, and tell so.

    Of those that stand in sums these tell what they are.
    """
    summed = layout(form).touching
    unsummed = {name: cell for name, cell in placed.cells.items() if name not in summed}
    for name in [name for name, cell in unsummed.items() if is_recognised(cell.locator)]:
        if name not in form.places or not _is_piece(placed.cells[name], form.places[name]):
            continue
        flags = (*(flag for flag in placed.cells[name].flags if flag != "unit_missing"), "not_a_number")
        cell = placed.cells[name] = replace(placed.cells[name], value=None, flags=flags)
        placed.findings = [one for one in placed.findings if (one.code, one.cells) != ("unit_missing", (name,))]
        add_cell_findings(cell, form.places[name], placed)


def _is_piece(cell: Cell, place: Indicator) -> bool:
    """Whether a figure begins with 0 as none does, or another reading has what it lacks: the unit of money, digits
    besides its own, or that it counts less.
    """
    if cell.value is None:
        return False
    also = cell.locator.get("also") or ()
    others = [str(text) for text in also] if isinstance(also, list | tuple) else []
    if "unit_missing" in cell.flags and any(_MONEY.search(text) for text in others):
        return True
    return _BEHEADED.fullmatch(corrected_text(cell.raw)) is not None or any(
        _has_more(text, cell, place) for text in others
    )


def _has_more(text: str, cell: Cell, place: Indicator) -> bool:
    """Whether another reading is a figure with all digits of a cell's in their order, and more, or its negative."""
    other = read_value(text, place.kind, place.unit)
    if other.value is None or cell.value is None:
        return False
    if place.kind == "signed_count" and cell.value and other.value == -cell.value:
        return True
    digits = iter(own := _digits(text))
    own_digits = _digits(cell.raw)
    return len(own_digits) < len(own) and all(digit in digits for digit in own_digits)


def _answered(finding: Finding, cells: set[str]) -> bool:
    """Whether a finding that a cell holds no number is answered by a value proposed for it."""
    return finding.code in _UNREAD and bool(finding.cells) and set(finding.cells) <= cells


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


class _Work:
    """The cells while they are being mended."""

    def __init__(self, form: Form, cells: dict[str, Cell], text: TextEvidence) -> None:
        self.form, self.cells, self.text = form, cells, text
        self.plan: Layout = layout(form)
        self.findings: list[Finding] = []
        self.told: set[str] = set()
        self.seen_tables = {self._table(name) for name, cell in cells.items() if is_recognised(cell.locator)}

    def recognised(self, name: str) -> bool:
        """Whether a cell was recognised, or is blank in a table that was."""
        cell = self.cells[name]
        if is_recognised(cell.locator):
            return True
        return cell.state is CellState.BLANK and self._table(name) in self.seen_tables

    def _table(self, name: str) -> str:
        """The table in which a cell stands; "" for one of another form, where a document mixes them."""
        place = self.form.places.get(name)
        return place.table if place is not None else ""

    def sure(self, name: str) -> bool:
        """Whether recognition had no doubt about a cell."""
        cell = self.cells[name]
        confidence = cell.locator.get("confidence")
        doubted = bool(cell.locator.get("also")) or DOUBT in cell.flags
        return is_sure(confidence) and not doubted

    def _is_certain(self, change: FigureChange) -> bool:
        """Whether no digit of a cell is in doubt, or not for what is proposed: recognition was sure of it, read the
        same digits twice, or others than those proposed; or the text counts the same. Of a figure whose place alone is
        doubted, strokes beside it may have been read with it.

        What it was sure of may explain a broken sum, so that nothing else is believed to; it is never changed.
        """
        name = change.name
        cell = self.cells[name]
        also = cell.locator.get("also") or ()
        digits = _digits(cell.raw)
        twice = (
            isinstance(also, list | tuple) and bool(also and digits) and all(_digits(str(x)) == digits for x in also)
        )
        surely = cell.locator.get("digits")
        if is_sure(surely) and str(change.value) not in digits:
            return True
        if self._is_another(cell, change.value):
            return True
        return self.sure(name) or twice or self.text.agrees(self.form, self.cells, name, change.value)

    # ------------------------------------------------------------------------------------------------ unread cells

    def fill_unread(self) -> None:
        """Cells with ink that is no number: where the sums they stand in agree on one value, it is proposed."""
        for _ in range(_ROUNDS):
            known = figures(self.cells)
            changed = False
            for name in [name for name in self.plan.touching if self._unread(name)]:
                value = self._pinned(name, known)
                if value == 0 and self._is_nothing(name):
                    self._leave_blank(name)
                    changed = True
                elif value is not None:
                    self._propose(name, value)
                    changed = True
                    known = figures(self.cells)
            if not changed:
                return

    def _unread(self, name: str) -> bool:
        cell = self.cells.get(name)
        if cell is None or cell.value is not None:
            return False
        return self.recognised(name) and bool(_UNREAD.intersection(cell.flags))

    def _pinned(self, name: str, known: Mapping[str, Decimal | int]) -> int | None:
        """The value that all sums with no other unknown ask of a cell; at least one, and a count.

        Of several unknown cells that add up to nothing each is 0, as none counts less. Anything else is asked of all
        sums of a cell: one alone may be printed wrong, and tells nothing where others of its figures are in doubt.
        """
        values = set()
        rules: list[int] = []
        open_ = False
        for number in self.plan.touching[name]:
            rule = self.plan.rules[number]
            unknown = [(other, sign) for other, sign in rule.terms if other not in known]
            sign = next(sign for other, sign in unknown if other == name)
            rest = difference(rule, {**known, **{other: 0 for other, _ in unknown}})
            if rest is not None and (len(unknown) == 1 or self._all_nothing(rest, sign, unknown)):
                values.add(-sign * rest)
                rules.append(number)
            else:
                open_ = True
        if len(rules) == 1 and values != {0} and self._rests_on_doubt(rules[0], name):
            return None
        value = values.pop() if len(values) == 1 and (not open_ or values == {0}) else None
        return int(value) if value is not None and value >= 0 and value == int(value) else None

    def _rests_on_doubt(self, number: int, name: str) -> bool:
        """Whether recognition doubted a figure of a sum other than one."""
        others = (other for other, _ in self.plan.rules[number].terms if other != name and other in self.cells)
        return any(is_recognised(self.cells[other].locator) and not self.sure(other) for other in others)

    def _all_nothing(self, rest: Decimal | int, sign: int, unknown: Sequence[tuple[str, int]]) -> bool:
        """Whether unknown cells on one side of a sum, all of them unread ink, add up to nothing."""
        return rest == 0 and all(own == sign and self._unread(name) for name, own in unknown)

    # ------------------------------------------------------------------------------------------------ broken sums

    def mend(self) -> bool:
        """One round: apply every change that alone explains the broken sums around it. Whether any was applied."""
        known = figures(self.cells)
        wrong = frozenset(broken_rules(self.form, self.cells, known))
        if not wrong:
            return False
        single = list(self._single_changes(wrong, known))
        changed = False
        for group, rules in groups(single):
            chosen, others = best(covers(group, rules))
            if any(self._is_certain(change) for change in chosen):
                continue
            if chosen and not any(self._may_be_another(change, known) for change in chosen):
                self._apply(chosen, others)
                changed = True
        if changed or len(wrong) > TOGETHER:
            return changed
        ways = list(self._pairs(wrong, known))
        for rules in disjoint_sets({mends(pair) for pair in ways}):
            chosen, others = best(pair for pair in ways if mends(pair) == rules)
            if chosen and not any(self._is_certain(change) for change in chosen):
                self._apply(chosen, others)
                changed = True
        return changed

    def _single_changes(
        self, wrong: frozenset[int], known: Mapping[str, Decimal | int], names: Iterable[str] | None = None
    ) -> Iterator[FigureChange]:
        """Changes of one cell after which every sum it stands in holds."""
        if names is None:
            names = dict.fromkeys(name for number in sorted(wrong) for name, _ in self.plan.rules[number].terms)
        for name in names:
            change = self._change(name, wrong, known)
            if change is not None:
                yield change

    def _change(self, name: str, wrong: frozenset[int], known: Mapping[str, Decimal | int]) -> FigureChange | None:
        if not self._may_be_changed(name):
            return None
        deltas: set[Decimal | int] = set()
        mended: set[int] = set()
        for number in self.plan.touching[name]:
            rule = self.plan.rules[number]
            rest = difference(rule, known)
            if rest is None:
                continue
            if not rest:
                return None  # it holds: any change would break it
            if number in wrong:
                sign = next(sign for other, sign in rule.terms if other == name)
                deltas.add(-sign * rest)
                mended.add(number)
        if len(deltas) != 1:
            return None
        value = known[name] + deltas.pop()
        if value < 0 or value != int(value):
            return None
        cost = self._cost(name, int(value))
        return None if cost >= IMPOSSIBLE else FigureChange(name, int(value), cost, frozenset(mended))

    def _may_be_changed(self, name: str) -> bool:
        """Whether another value may be proposed for a cell: a blank in which recognition saw nothing stays blank."""
        if not self.recognised(name) or name in self.told:
            return False
        cell = self.cells[name]
        return cell.state is not CellState.BLANK or bool(cell.locator.get("also"))

    def _may_be_another(self, change: FigureChange, known: Mapping[str, Decimal | int]) -> bool:
        """Whether one sum alone speaks for a change, and a likely slip in another of its cells would mend that too.

        The sum may also be printed wrong. A second recognition that read just this value speaks for it, and so does
        recognition that doubted this cell and was sure of the others.
        """
        if len(change.mends) > 1 or not change.cost:
            return False
        rule = self.plan.rules[next(iter(change.mends))]
        rest = difference(rule, known) or 0  # one that cannot be judged is mended by nothing
        for name, sign in rule.terms:
            value = known[name] - sign * rest
            if name == change.name or not self.recognised(name) or value < 0 or value != int(value):
                continue
            if self._trust(name) > self._trust(change.name):
                continue
            old = self.cells[name].value
            if slip_cost("" if old is None else str(abs(int(old))), str(int(value))) <= _LIKELY:
                return True
        return False

    def _cost(self, name: str, value: int) -> int:
        """What it costs to believe that a cell says ``value``: 0 where a second recognition read just that."""
        cell = self.cells[name]
        if value in self._second_readings(cell):
            return 0
        old = "" if cell.value is None else str(abs(int(cell.value)))
        return slip_cost(old, str(value)) + self._trust(name)

    def _trust(self, name: str) -> int:
        """What it costs to believe that a cell was misread at all."""
        if not self.sure(name):
            return 0
        confidence = self.cells[name].locator.get("confidence")
        return _BELIEF if isinstance(confidence, float | int) and confidence >= _CERTAIN else _TRUST

    def _is_another(self, cell: Cell, value: int) -> bool:
        """Whether the other readings of a figure are figures as long as it, and none the one proposed."""
        others = [str(other) for other in self._second_readings(cell)]
        return (
            bool(others) and all(len(other) == len(_digits(cell.raw)) for other in others) and str(value) not in others
        )

    def _second_readings(self, cell: Cell) -> list[int]:
        texts = cell.locator.get("also") or ()
        values = [read_value(str(text)).value for text in texts] if isinstance(texts, list | tuple) else []
        return [int(value) for value in values if value is not None and value >= 0]

    def _pairs(self, wrong: frozenset[int], known: Mapping[str, Decimal | int]) -> Iterator[tuple[FigureChange, ...]]:
        """Changes of two cells that share a sum, after which every sum they stand in holds."""
        names = dict.fromkeys(name for number in sorted(wrong) for name, _ in self.plan.rules[number].terms)
        for name in names:
            if not self._may_be_changed(name):
                continue
            cell = self.cells[name]
            old = "" if cell.value is None else str(abs(int(cell.value)))
            for value in {*self._second_readings(cell), *digit_confusions(old)}:
                cost = self._cost(name, value)
                if cost > MOST or value == known[name]:
                    continue
                changed = {**known, name: value}
                rules = self.plan.touching[name]
                still = frozenset(number for number in {*wrong, *rules} if difference(self.plan.rules[number], changed))
                first = FigureChange(name, value, cost, wrong.intersection(rules))
                near = frozenset(number for number in rules if number in still)
                if len(near) != 1:
                    continue
                terms = self.plan.rules[next(iter(near))].terms
                others = [other for other, _ in terms if other > name or other not in names]
                for second in self._single_changes(still, changed, others):
                    both = len(first.mends | second.mends)
                    if both >= _EVIDENCE and first.cost + second.cost <= MOST:
                        yield first, second

    # ------------------------------------------------------------------------------------------------ what is done

    def _apply(self, chosen: Sequence[FigureChange], others: Iterable[str]) -> None:
        for change in chosen:
            if change.value == 0 and self._is_nothing(change.name):
                self._leave_blank(change.name)
            else:
                self._propose(change.name, change.value)
        for name in others:
            self._doubt(name)

    def _propose(self, name: str, value: int) -> None:
        cell = self.cells[name]
        flags = tuple(flag for flag in cell.flags if flag not in _UNREAD)
        self.cells[name] = replace(
            cell,
            value=Decimal(value),
            state=CellState.PRINTED,
            flags=tuple(dict.fromkeys((*flags, DOUBT, REPAIRED))),
        )
        self.told.add(name)
        self._tell("value", cell, value)

    def _is_nothing(self, name: str) -> bool:
        """Whether a cell that counts 0 in the sums is rather blank, or a mark: sums cannot tell these from a 0."""
        raw = "".join(self.cells[name].raw.split())
        if raw and _DASHES.issuperset(raw):
            return True
        if self._read_as_zero(name):
            return False
        return self._blank_for_zero() or (len(raw) == 1 and raw in _STROKES and self._marks())

    def _marks(self) -> bool:
        """Whether the document prints marks (/) for what is 0."""
        return any(cell.state is CellState.MARK for cell in self.cells.values())

    def _read_as_zero(self, name: str) -> bool:
        """Whether a 0 was read in a cell, beside something else or at second sight."""
        cell = self.cells[name]
        return 0 in self._second_readings(cell) or any(line.strip() == "0" for line in cell.raw.split("\n"))

    def _blank_for_zero(self) -> bool:
        """Whether the document leaves blank what is 0, or marks it (/), now and then: nobody knows which."""
        known = [cell for name, cell in self.cells.items() if name in self.plan.touching]
        without = sum(cell.state is CellState.BLANK or cell.state is CellState.MARK for cell in known)
        return _OFTEN * without > sum(cell.value == 0 for cell in known)

    def _leave_blank(self, name: str) -> None:
        cell = self.cells[name]
        flags = tuple(flag for flag in cell.flags if flag not in _UNREAD)
        state = {"value": None, "state": CellState.BLANK, "flags": tuple(dict.fromkeys((*flags, DOUBT, REPAIRED)))}
        self.cells[name] = replace(cell, **state)  # type: ignore[arg-type]
        self.told.add(name)
        self._tell("blank", cell, "")

    def _tell(self, case: str, cell: Cell, expected: object) -> None:
        """Say what was recognised, how surely where that is known, and what was taken (``case``)."""
        confidence = cell.locator.get("confidence")
        self.findings.append(
            finding(
                REPAIRED,
                case=f"{case}_sure" if isinstance(confidence, float | int) else case,
                cells=(cell.id,),
                expected=expected,
                found=cell.raw,
                cell=cell.id,
                label=self.form.places[cell.id].label,
                confidence=confidence,
            )
        )

    def _doubt(self, name: str) -> None:
        cell = self.cells[name]
        if DOUBT not in cell.flags:
            self.cells[name] = with_flag(cell, DOUBT)

    def doubt_unsure(self) -> None:
        """Every cell that recognition itself was not sure of, whether or not a sum bears it out."""
        for name, cell in list(self.cells.items()):
            if is_recognised(cell.locator) and not self.sure(name):
                self._doubt(name)

    def doubt_the_rest(self) -> None:
        """Doubt every recognised cell on a sum that does not hold; and, where that is not rare, cells that no sum
        confirms.

        Where ink beside a cell was not read, so that its sum cannot be judged, what no other bears out is doubted too.

        Slips that no sum shows are as frequent as those that sums do show. Where many sums stay broken, even those
        that hold may hold by chance: then every recognised cell is doubted. Sums all of whose figures were read surely
        were printed so, and speak against no others.
        """
        known = figures(self.cells)
        wrong = set(broken_rules(self.form, self.cells, known))
        misread = sum(self._may_be_misread(number) for number in wrong)
        for number in wrong:
            for name, _ in self.plan.rules[number].terms:
                if self.recognised(name):
                    self._doubt(name)
        shaky = misread + len(self.told) >= _SHAKY
        for name in list(self.cells):
            rests = [difference(self.plan.rules[number], known) for number in self.plan.touching.get(name, ())]
            borne_out = 0 in rests
            unknown = None in rests and self._beside_unread(name)
            if self.recognised(name) and (misread >= _UNRELIABLE or (not borne_out and (shaky or unknown))):
                self._doubt(name)

    def _may_be_misread(self, number: int) -> bool:
        """Whether recognition doubted a figure of a sum, or found a blank where a faint one may be."""
        return any(self.recognised(name) and not self.sure(name) for name, _ in self.plan.rules[number].terms)

    def _beside_unread(self, name: str) -> bool:
        """Whether a sum in which a cell stands cannot be judged for ink that was not read."""
        rules = (self.plan.rules[number] for number in self.plan.touching[name])
        return any(other != name and self._unread(other) for rule in rules for other, _ in rule.terms)
