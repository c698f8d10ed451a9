"""List all ways to cut a string of digits that ran together into the columns of a row, and drop those that cannot be.

Numbers have no leading zeros; blanks may have vanished. Sums of the row cut down what is possible (:func:`row_cuts`),
sums of the columns then rule out combinations of rows (:func:`agreeing`). Everything is bounded: where a bound is
reached the answer is "not known" (None), never a part of the answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive.forms import money

_LONGEST = 9  # digits of one count
_STRING = 70  # characters of one row
_CUTS = 3_000  # ways to cut one row
_STEPS = 60_000  # steps of the search in one row
_STATES = 20_000  # different sums over several rows
_PAIRS = 400_000  # additions to find them
_COUNT = re.compile(r"(?:0|[1-9]\d{0,8}|[1-9]\d{0,2}(?:,\d{3}){1,2})\Z")
_SIGNED = re.compile(r"(?P<sign>[-+增减])?(?P<digits>0|[1-9]\d{0,8})\Z")
_AMOUNT = re.compile(rf"(?:0|[1-9]\d{{0,14}})(?:\.\d{{1,8}})?(?:{money.UNIT})?\Z")

Cut = tuple[str, ...]  # the text of each column; "" is a blank


@dataclass(frozen=True, slots=True)
class CutRules:
    """What a row may hold. ``kinds``: of its columns, as the form file says; ``summed``: the last is their sum.

    ``blanks``: cells may have been blank, and left nothing behind (the sum never, but in a row all blank).
    """

    kinds: tuple[str, ...]
    summed: bool
    blanks: bool


def number_of(text: str) -> int:
    """The count a piece says; a blank counts as 0 in a sum."""
    return int(text.replace(",", "")) if text else 0


def row_cuts(tokens: Sequence[str], shape: CutRules) -> list[Cut] | None:
    """All ways to cut a row whose text is ``tokens`` (what stands apart stays apart); None if there are too many."""
    text = "".join(tokens)
    if len(text) > _STRING:
        return None
    if not text:
        return [("",) * len(shape.kinds)]
    search = _Search(text, _ends(tokens), shape)
    return search.summed() if shape.summed else search.free()


def _ends(tokens: Sequence[str]) -> tuple[int, ...]:
    """For each position of the joined text, where its token ends: no number goes beyond."""
    ends: list[int] = []
    for token in tokens:
        ends += [len(ends) + len(token)] * len(token)
    return tuple(ends)


class _TooManyError(Exception):
    """A bound of the search was reached."""


class _Search:
    """Depth first over the columns, from left to right; dead ends are remembered."""

    def __init__(self, text: str, ends: tuple[int, ...], shape: CutRules) -> None:
        self.text, self.ends, self.shape = text, ends, shape
        self.steps = 0
        self.dead: set[tuple[int, int, int]] = set()
        self.found: list[Cut] = []

    def summed(self) -> list[Cut] | None:
        """The last number is the sum of those before it."""
        size = len(self.shape.kinds) - 1
        try:
            for at in range(len(self.text) - 1, -1, -1):
                total = self.text[at:]
                if len(total) > _LONGEST + 2 or self.ends[at] != len(self.text):
                    break
                if _COUNT.match(total):
                    self.dead.clear()
                    self._add(0, at, size, number_of(total), (), total)
        except _TooManyError:
            return None
        return self.found

    def _step(self) -> None:
        self.steps += 1
        if self.steps > _STEPS or len(self.found) > _CUTS:
            raise _TooManyError

    def _add(self, at: int, end: int, left: int, rest: int, before: Cut, total: str) -> bool:
        """Cut ``text[at:end]`` into ``left`` numbers that add up to ``rest``; whether there is a way."""
        self._step()
        if left == 0:
            if at == end and rest == 0:
                self.found.append((*before, total))
                return True
            return False
        if (at, left, rest) in self.dead or not self._possible(end - at, left, rest):
            return False
        some = False
        if self.shape.blanks:
            some |= self._add(at, end, left - 1, rest, (*before, ""), total)
        for piece in self._pieces(at, end, "count"):
            value = number_of(piece)
            if value > rest:
                break
            some |= self._add(at + len(piece), end, left - 1, rest - value, (*before, piece), total)
        if not some:
            self.dead.add((at, left, rest))
        return some

    def _possible(self, characters: int, left: int, rest: int) -> bool:
        """Whether so many characters can be ``left`` numbers of this sum: not too few, and none too long."""
        if characters < left and not self.shape.blanks:
            return False
        longest = -(-characters // left)  # one number has at least so many characters
        digits = longest - longest // 4  # thousands may be set off
        return digits <= 1 or rest >= 10 ** (digits - 1)

    def _pieces(self, at: int, end: int, kind: str) -> list[str]:
        """The numbers that can stand from ``at`` on, shortest first."""
        pattern = _SIGNED if kind == "signed_count" else _AMOUNT if kind.endswith("amount") else _COUNT
        last = min(end, self.ends[at] if at < len(self.ends) else at)
        return [self.text[at:to] for to in range(at + 1, last + 1) if pattern.match(self.text[at:to])]

    def free(self) -> list[Cut] | None:
        """No sum: every way to cut the text into the columns."""
        try:
            self._free(0, 0, ())
        except _TooManyError:
            return None
        return self.found

    def _free(self, at: int, column: int, before: Cut) -> None:
        self._step()
        if column == len(self.shape.kinds):
            if at == len(self.text):
                self.found.append(before)
            return
        if self.shape.blanks:
            self._free(at, column + 1, (*before, ""))
        for piece in self._pieces(at, len(self.text), self.shape.kinds[column]):
            self._free(at + len(piece), column + 1, (*before, piece))


def strip_cuts(tokens: Sequence[str], blocks: int, columns: int, *, blanks: bool) -> list[Cut] | None:
    """All ways to cut a row of several blocks, each with its sum as its last column; None if there are too many."""
    text, ends = "".join(tokens), _ends(tokens)
    if len(text) > 2 * _STRING:
        return None
    search = _Search(text, ends, CutRules(("count",) * columns, True, blanks))
    known: dict[int, list[Cut]] = {}
    try:
        ways: list[tuple[int, Cut]] = [(0, ())]
        for _ in range(blocks):
            following: list[tuple[int, Cut]] = []
            for at, before in ways:
                if at not in known:
                    known[at] = []
                    _block(search, at, at, columns - 1, 0, (), known[at])
                for cut in known[at]:
                    search._step()
                    following.append((at + len("".join(cut)), (*before, *cut)))
            ways = following
    except _TooManyError:
        return None
    return [cut for at, cut in ways if at == len(text)]


def _block(search: _Search, start: int, at: int, left: int, total: int, before: Cut, cuts: list[Cut]) -> None:
    """The ways to cut one block from ``start`` on: ``left`` numbers, then their sum."""
    search._step()
    if left == 0:
        if total == 0 and search.shape.blanks and not any(before):
            cuts.append((*before, ""))
        pieces = search._pieces(at, len(search.text), "count")
        cuts += [(*before, piece) for piece in pieces if number_of(piece) == total]
        return
    if search.shape.blanks:
        _block(search, start, at, left - 1, total, (*before, ""), cuts)
    for piece in search._pieces(at, min(len(search.text), at + 6), "count"):
        _block(search, start, at + len(piece), left - 1, total + number_of(piece), (*before, piece), cuts)


# ------------------------------------------------------------------------------------------- rows against each other

_FIELD = 48  # bits of one column in a packed row of counts


def packed(cut: Cut) -> int:
    """A row's counts as one number, column by column, so that rows can be added up and compared."""
    return sum(number_of(piece) << (_FIELD * at) for at, piece in enumerate(cut))


def agreeing(
    rows: Mapping[str, Sequence[Cut]], sums: Sequence[tuple[Sequence[str], Sequence[str]]]
) -> dict[str, list[Cut]] | None:
    """The cuts of each row with which the sums over rows can hold in every column.

    ``sums``: (left, right) row ids whose columns add up to the same. Each rule is followed alone, again and again,
    until nothing changes. An empty list: no combination satisfies a sum. None: too much to go through.
    """
    left = {name: list(cuts) for name, cuts in rows.items()}
    changed = True
    while changed:
        changed = False
        for one, other in sums:
            consistent = _consistent_cuts([(name, left[name]) for name in one], [(name, left[name]) for name in other])
            if consistent is None:
                return None
            for name, cuts in consistent.items():
                changed |= len(cuts) < len(left[name])
                left[name] = cuts
    return left


Rows = Sequence[tuple[str, Sequence[Cut]]]


def _consistent_cuts(one: Rows, other: Rows) -> dict[str, list[Cut]] | None:
    """The cuts of both sides that stand in some combination in which the sides are equal."""
    ahead, behind = _sums(one), _sums(other)
    if ahead is None or behind is None:
        return None
    common = ahead[-1] & behind[-1]
    consistent: dict[str, list[Cut]] = {}
    for rows, sums in ((one, ahead), (other, behind)):
        goals = common
        for at in range(len(rows) - 1, -1, -1):
            name, cuts = rows[at]
            reached = sums[at]
            values = {packed(cut) for cut in cuts}
            if len(values) * len(goals) > _PAIRS:
                return None
            good = {value for value in values if any(goal - value in reached for goal in goals)}
            consistent[name] = [cut for cut in cuts if packed(cut) in good]
            goals = {goal - value for goal in goals for value in good} & reached
    return consistent


def _sums(rows: Rows) -> list[set[int]] | None:
    """After each row, the sums its cuts and those before it can make; None if they are too many."""
    states: list[set[int]] = [{0}]
    for _, cuts in rows:
        values = {packed(cut) for cut in cuts}
        if len(values) * len(states[-1]) > _PAIRS:
            return None
        following = {state + value for state in states[-1] for value in values}
        if len(following) > _STATES:
            return None
        states.append(following)
    return states
