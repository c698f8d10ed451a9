"""Find what a report repeats word for word, or figure by figure, from the report on the year before. Pure.

Too few figures are no evidence: a table of zeros is the same every year, and so may a department's 1, 2 and 3 be. Nor
are paragraphs that many bodies have (``contradictions.toml``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from archive.assessment.contradictions import Weight, data, weight
from archive.assessment.passages import Passage
from archive.findings import finding
from archive.forms.model import Form
from storage.records import Finding

Figures = Mapping[str, Decimal | None]
_QUOTED = 60


def figures_copied(form: Form, now: Figures, before: Figures, doubted: Collection[str], year: int) -> Iterator[Finding]:
    """Tell the tables of the report on ``year`` that are those of the report before, one finding for all of them.

    ``now``, ``before``: the cells with their numbers, of reports on the same ``form``; cells that are ``doubted`` in
    either are no evidence.
    """
    same = [table for table in form.tables if _is_copied(form, table.key, now, before, doubted)]
    if not same:
        return
    cells = [name for table in same for name in _places(form, table.key) if now.get(name)]
    headings = {section.key: section.heading for section in form.sections}
    named = [headings.get(table.section, table.key) for table in same]
    tables = ("、".join(f"“{one}”表" for one in named), ", ".join(table.key for table in same))
    yield finding(
        "figures_copied",
        cells=cells,
        found="、".join(named),
        tables=tables,
        year=year,
        before=year - 1,
        count=len(cells),
    )


def _places(form: Form, table: str) -> list[str]:
    return [name for name, place in form.places.items() if place.table == table]


def _is_copied(form: Form, table: str, now: Figures, before: Figures, doubted: Collection[str]) -> bool:
    places = _places(form, table)
    if any((now.get(name) or 0) != (before.get(name) or 0) for name in places):
        return False
    stocks = {name for name in places if form.places[name].kind == "stock"}
    told_by = [now.get(name) for name in places if name not in doubted and name not in stocks]
    return weight(value for value in told_by if value).reaches(data()["copied"]["tables"][table])


def figures_weight(figures: Figures, doubted: Collection[str]) -> Weight:
    """How much all figures of a report tell, without those that are doubted."""
    return weight(value for name, value in figures.items() if value and name not in doubted)


def text_copied(
    now: Sequence[Passage], before: Sequence[Passage], boilerplate: Collection[int], year: int
) -> Iterator[tuple[Finding, tuple[tuple[int, int], ...]]]:
    """Find the long paragraphs that the report on ``year`` repeats from the report before. A finding with figures in
    its paragraphs and one without are kept apart, each with the marks and letters of its paragraphs.
    """
    least = data()["copied"]["paragraphs"]
    moved_on, left_as_they_were = {one.mark for one in before}, {one.verbatim for one in before}
    same = [
        one
        for one in now
        if (one.mark in moved_on or one.verbatim in left_as_they_were) and one.mark not in boilerplate
    ]
    counting = [one for one in same if one.counting]
    if counting:
        yield copied_finding("paragraph_copied", year, counting), _marks(counting)
    plain = [one for one in same if not one.counting]
    letters = sum(one.letters for one in plain)
    if letters >= least["total_letters"] and letters >= least["share"] * sum(one.letters for one in now):
        yield copied_finding("text_copied", year, plain), _marks(plain)


def copied_finding(code: str, year: int, passages: Sequence[Passage]) -> Finding:
    """Word a finding about paragraphs that are last year's; ``found`` is the beginning of the longest."""
    longest = max(passages, key=lambda one: one.letters)
    quoted = longest.text[:_QUOTED]
    if len(longest.text) > _QUOTED:  # half a telephone number could not be masked any more
        quoted = quoted.rstrip("0123456789０１２３４５６７８９ -")
    return retold(code, year, [one.letters for one in passages], quoted)


def retold(code: str, year: int, letters: Sequence[int], quoted: str | None) -> Finding:
    """Make the same findings again without the paragraphs that many reports share. ``letters``: of each paragraph."""
    return finding(code, found=quoted, year=year, before=year - 1, count=len(letters), letters=sum(letters))


def _marks(passages: Sequence[Passage]) -> tuple[tuple[int, int], ...]:
    """The longest, as many as are kept."""
    longest = sorted(passages, key=lambda one: (-one.letters, one.mark))
    return tuple((one.mark, one.letters) for one in longest[: data()["copied"]["paragraphs"]["kept"]])
