"""What another reading of everything would change: cells by indicator, reports, editions, statuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from storage.projections import ProjectionStore
from storage.records import Cell, CellState, Duty, Reading, StatusInterval

_BATCH = 200
#: Examples kept for each indicator and each kind of change.
EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One change: in which document (SHA-256) or of which duty (agency/year), from what to what."""

    where: str
    url: str
    before: str
    after: str


@dataclass(slots=True)
class Changed:
    """How often something changes, with the first examples in the order of the documents' digests."""

    count: int = 0
    examples: list[Example] = field(default_factory=list)

    def note(self, example: Example) -> None:
        """Count one more."""
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(example)


@dataclass(slots=True)
class Comparison:
    """Two generations side by side. ``documents``: compared; ``changed``: those of them that read differently.

    ``cells``: indicator → changes of value or state; ``doubts``: indicator → cells that are doubted now and were not,
    or the other way round; ``reports``: documents that are now, or no longer, taken for a report; ``forms`` and
    ``titles`` of documents; ``editions`` and ``statuses`` of duties; ``findings``: code → how many more (or fewer).
    """

    documents: int = 0
    changed: int = 0
    cells: dict[str, Changed] = field(default_factory=dict)
    doubts: dict[str, Changed] = field(default_factory=dict)
    reports: Changed = field(default_factory=Changed)
    forms: Changed = field(default_factory=Changed)
    titles: Changed = field(default_factory=Changed)
    editions: Changed = field(default_factory=Changed)
    statuses: Changed = field(default_factory=Changed)
    findings: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.changed or self.editions.count or self.statuses.count)


def compare(old: ProjectionStore, new: ProjectionStore, now: datetime) -> Comparison:
    """Compare two generations: documents that both have read, and what is judged of duties as of ``now``."""
    found = Comparison()
    documents = new.documents()
    codes: Counter[str] = Counter()
    for before, after in _pairs(old, new, sorted(documents)):
        found.documents += 1
        url = documents[after.document].url
        codes.update(one.code for one in after.findings)
        codes.subtract(one.code for one in before.findings)
        found.changed += _documents(found, before, after, url)
    found.findings = {code: more for code, more in sorted(codes.items()) if more}
    _editions(found, old, new)
    _statuses(found, old, new, now)
    return found


def _pairs(old: ProjectionStore, new: ProjectionStore, digests: list[str]) -> Iterator[tuple[Reading, Reading]]:
    for start in range(0, len(digests), _BATCH):
        batch = digests[start : start + _BATCH]
        former = {reading.document: reading for reading in old.readings(batch)}
        for reading in new.readings(batch):
            if reading.document in former:
                yield former[reading.document], reading


def _documents(comparison: Comparison, before: Reading, after: Reading, url: str) -> bool:
    def note(changed: Changed, one: str, other: str) -> bool:
        if one == other:
            return False
        changed.note(Example(where=after.document, url=url, before=one, after=other))
        return True

    differs = note(comparison.reports, _taken_for(before), _taken_for(after))
    differs |= note(comparison.forms, before.form or "none", after.form or "none")
    differs |= note(comparison.titles, before.title, after.title)
    for name in sorted({*before.cells, *after.cells}):
        one, other = before.cells.get(name), after.cells.get(name)
        if printed(one) != printed(other):
            differs |= note(comparison.cells.setdefault(name, Changed()), printed(one), printed(other))
        elif _flags(one) != _flags(other):
            differs |= note(comparison.doubts.setdefault(name, Changed()), _flags(one), _flags(other))
    return differs


def printed(cell: Cell | None) -> str:
    """What a cell says, as text: figures by value (3 and 3.0 are one)."""
    if cell is None:
        return "not printed"
    if cell.value is not None:
        return format(cell.value.normalize(), "f")
    return repr(cell.raw) if cell.state is CellState.PRINTED else str(cell.state)


def _flags(cell: Cell | None) -> str:
    return ", ".join(sorted(cell.flags)) if cell else ""


def _taken_for(reading: Reading) -> str:
    return "a report" if reading.is_report else reading.reason or "no report"


def _editions(comparison: Comparison, old: ProjectionStore, new: ProjectionStore) -> None:
    def by_duty(store: ProjectionStore) -> Mapping[str, list[str]]:
        made: dict[str, list[str]] = {}
        for edition in store.editions():
            made.setdefault(f"{edition.agency}/{edition.year}", []).append(edition.id.rpartition("@")[2])
        return made

    before, after = by_duty(old), by_duty(new)
    for duty in sorted({*before, *after}):
        one, other = (", ".join(sorted(side.get(duty, ()))) or "none" for side in (before, after))
        if one != other:
            comparison.editions.note(Example(where=duty, url="", before=one, after=other))


def _statuses(comparison: Comparison, old: ProjectionStore, new: ProjectionStore, now: datetime) -> None:
    before, after = (_by_duty(store.duties(), store.statuses(as_of=now)) for store in (old, new))
    for duty in sorted({*before, *after}):
        one, other = before.get(duty, "no duty"), after.get(duty, "no duty")
        if one != other:
            comparison.statuses.note(Example(where=duty, url="", before=one, after=other))


def _by_duty(duties: Iterable[Duty], statuses: Iterable[StatusInterval]) -> dict[str, str]:
    made = {f"{duty.agency}/{duty.year}": "no status" for duty in duties}
    return made | {f"{one.agency}/{one.year}": f"{one.status} ({one.evidence})" for one in statuses}
