"""Score one report by eight measures: 1, 0 or unknown, each with its reason. ``scores.toml`` defines them. Pure.

A 0 accuses an agency, so it needs proof: if the reader doubts what it read, or a report was not visited often enough,
the measure is unknown. The measures are never added up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import localcontext
from functools import cache, cached_property, lru_cache
from operator import itemgetter
from typing import Any

from archive.assessment.data_files import data_file
from archive.assessment.figures import EXACT, FigureCell, numbers_and_doubts
from archive.forms.loader import form, known_form
from archive.forms.model import Form
from storage.records import NOT_OWED, Status

_WHY_ABSENT: Mapping[Status | None, str] = {
    None: "no_duty",
    **dict.fromkeys(NOT_OWED, "not_owed"),
    **dict.fromkeys((Status.MISSING, Status.NOT_FOUND), "no_report"),
    Status.UNKNOWN: "status_unknown",
}


@dataclass(frozen=True, kw_only=True)
class ReportFacts:
    """What is known of one report.
    ``status``: of its duty (None: no duty is known); ``has_date``: a statute sets the due date; ``kind``: of the file
    with its cells; ``from_pictures``: whether these were recognised in pictures (None: some of them); ``findings``:
    codes about its last edition; ``events``: codes about its history; ``days_met``: days from the first to the last
    time that we fetched it.
    """

    status: Status | None
    has_date: bool = False
    is_held: bool = False
    is_withheld: bool = False
    kind: str | None = None
    from_pictures: bool | None = False
    form: str | None = None
    cells: Mapping[str, FigureCell]
    findings: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    days_met: int = 0

    @cached_property
    def numbers_and_doubts(self) -> tuple[tuple[str, ...], Sequence[Any], Collection[str]]:
        """The ids of its cells, their numbers, and which cells are doubted."""
        return numbers_and_doubts(self.cells)


@dataclass(frozen=True, slots=True)
class Score:
    """The result of one measure for one report (``value`` None: unknown). ``why``: a key of ``[why]``, scores.toml."""

    value: bool | None
    why: str

    @property
    def is_apart(self) -> bool:
        """True if the measure does not apply to the report and is left out of all counts."""
        return bool(data_file("scores.toml")["why"][self.why].get("apart"))


#: the result with a value and a reason; many reports share one
_result = cache(Score)


def components() -> tuple[Mapping[str, Any], ...]:
    """Return the definitions of the measures, in their order."""
    return tuple(data_file("scores.toml")["component"])


def sources() -> Mapping[str, Mapping[str, str]]:
    """Return where the definitions come from, by the names that components give, in Chinese and English."""
    texts: Mapping[str, Mapping[str, str]] = data_file("scores.toml")["source"]
    return texts


def version() -> str:
    """Return the version of the definitions."""
    return str(data_file("scores.toml")["version"])


def meaning(why: str) -> Mapping[str, str]:
    """Return what a reason means, in Chinese (``zh``) and English (``en``)."""
    entry = data_file("scores.toml")["why"][why]
    return {lang: entry[lang] for lang in ("zh", "en")}


def score(facts: ReportFacts) -> dict[str, Score]:
    """Score a report by every component."""
    absent = _without_report(facts)
    return {
        name: measure(facts) if name == "punctual" or absent is None else absent for name, measure in _MEASURES.items()
    }


def _without_report(facts: ReportFacts) -> Score | None:
    """Return why a report's content cannot be scored: it is not in the archive, or withheld. Else None."""
    if facts.is_held:
        return _result(None, "withheld") if facts.is_withheld else None
    return _result(None, _WHY_ABSENT.get(facts.status, "not_held"))


def _punctual(facts: ReportFacts) -> Score:
    """Score whether a report with a statutory due date was published by then."""
    if facts.status in _PUNCTUAL:
        return _PUNCTUAL[facts.status]
    if facts.has_date or facts.status is None or facts.status in NOT_OWED:
        return _result(None, _WHY_ABSENT.get(facts.status, "untimed"))
    return _result(None, "no_date")


_PUNCTUAL: Mapping[Status | None, Score] = {
    Status.ON_TIME: _result(True, "on_time"),
    Status.LATE: _result(False, "late"),
    Status.MISSING: _result(False, "missing"),
}


def _table_form(facts: ReportFacts) -> Form | Score:
    """Return the form if the report's table was read without doubt, else the score that says why not."""
    form = known_form(facts.form)
    if form is None:
        return _result(None, "no_table")
    if form.is_free:
        return _result(None, "free_table")
    return _result(None, "reader_doubts") if facts.findings & _words_of("reader_doubts") else form


def _complete_form(facts: ReportFacts) -> Score:
    """Score whether all cells, but those of provincial rows, have a number; unknown if an empty one is doubted."""
    table = _table_form(facts)
    if isinstance(table, Score):
        return table
    ids, numbers, doubted = facts.numbers_and_doubts
    places = _places_to_fill(table.name)
    if None not in _number_getter(places, ids)(numbers):
        return _result(True, "all_numbers")
    if any(name in places and numbers[ids.index(name)] is None for name in doubted):
        return _result(None, "reader_doubts")
    return _result(False, "cells_without_number")


@cache
def _places_to_fill(name: str) -> tuple[str, ...]:
    """Return the cells of the form with this name, without the provincial rows."""
    return tuple(place for place, one in form(name).places.items() if not one.row.provincial)


def _sums_hold(facts: ReportFacts) -> Score:
    """Score whether all sums of the form hold; unknown if one fails that no finding names: we may misread it."""
    table = _table_form(facts)
    if isinstance(table, Score):
        return table
    if "identity_broken" in facts.findings:
        return _result(False, "identity_broken")
    ids, numbers, _ = facts.numbers_and_doubts
    rules, take_all = _sides_of_sums(table.name, ids)
    if None in take_all(numbers):
        return _result(None, "cells_without_number")
    with localcontext(EXACT):
        is_equal = all(sum(one_side(numbers)) == sum(other_side(numbers)) for one_side, other_side in rules)
    return _result(True, "sums_hold") if is_equal else _result(None, "reader_doubts")


_NumberGetter = Callable[[Sequence[Any]], Sequence[Any]]


@lru_cache(maxsize=64)
def _sides_of_sums(name: str, ids: tuple[str, ...]) -> tuple[Sequence[Sequence[_NumberGetter]], _NumberGetter]:
    """Return for each sum of a form two functions that pick the numbers of its left and right side from numbers in the
    order of ``ids``, and one that picks all of them. A subtracted number counts on the other side.
    """
    sides = []
    for rule in form(name).identities:
        terms = [*rule.left, *((place, -sign) for place, sign in rule.right)]
        sides.append([tuple(place for place, sign in terms if sign == one) for one in (1, -1)])
    every = dict.fromkeys(place for rule in sides for side in rule for place in side)
    return [[_number_getter(side, ids) for side in rule] for rule in sides], _number_getter(tuple(every), ids)


@lru_cache(maxsize=1_024)
def _number_getter(places: tuple[str, ...], ids: tuple[str, ...]) -> _NumberGetter:
    """Return a function that picks ``places``' numbers from numbers ordered as ``ids``; (None,) if any is missing."""
    if not {*places} <= {*ids}:
        return lambda _: (None,)
    positions = [*map(ids.index, places)]
    return itemgetter(*positions) if len(positions) > 1 else lambda numbers: [numbers[index] for index in positions]


def _consistent_text(facts: ReportFacts) -> Score:
    """Score whether what the text states agrees with the table."""
    form = _table_form(facts)
    if isinstance(form, Score):
        return form
    contradictions = sorted(facts.findings & _words_of("text_findings"))
    return _result(False, contradictions[0]) if contradictions else _result(True, "no_contradiction")


def _accessible_file(facts: ReportFacts) -> Score:
    """Score whether the file has the report as text: no if it is a scan, unknown if any cell was recognised."""
    if facts.kind in _words_of("picture_kinds"):
        return _result(False, "picture")
    if facts.kind not in _words_of("text_kinds"):
        return _result(None, "other_kind")
    if facts.form is None:
        return _result(None, "no_table")
    return _result(True, "text_file") if facts.from_pictures is False else _result(None, "recognised")


def _stable_address(facts: ReportFacts) -> Score:
    """Score whether the report kept its address; unknown until it was fetched again after ``least_days``."""
    changes = sorted(facts.events & _words_of("address_findings"))
    if changes:
        return _result(False, changes[0])
    is_long = facts.days_met >= data_file("scores.toml")["least_days"]
    return _result(True, "same_address") if is_long else _result(None, "short_time")


def _revisions_announced(facts: ReportFacts) -> Score:
    """Score whether each change of the report was announced; unknown if it was not changed or not fetched again."""
    if "silent_revision" in facts.events:
        return _result(False, "silent_revision")
    if "announced_revision" in facts.events:
        return _result(True, "announced_revision")
    return _result(None, "no_revision" if facts.days_met else "short_time")


def _machine_readable(facts: ReportFacts) -> Score:
    """Score whether the file has its figures in a table with cells; unknown without a table read beyond doubt."""
    if facts.form is None:
        return _result(None, "no_table")
    has_tables = facts.kind in _words_of("table_kinds")
    if facts.kind in _words_of("picture_kinds") or (has_tables and facts.from_pictures):
        return _result(False, "picture")
    if facts.from_pictures is None:
        return _result(None, "recognised")
    if facts.findings & {"low_confidence", "parts_differ"}:  # the table may be a picture on the page
        return _result(None, "reader_doubts")
    if has_tables:
        return _result(True, "table_in_file")
    return _result(False, "table_laid_out") if facts.kind in _words_of("text_kinds") else _result(None, "other_kind")


@cache
def _words_of(name: str) -> frozenset[str]:
    """Return a list of ``scores.toml`` as a set."""
    return frozenset(data_file("scores.toml")[name])


_MEASURES: Mapping[str, Callable[[ReportFacts], Score]] = {
    "punctual": _punctual,
    "complete_form": _complete_form,
    "sums_hold": _sums_hold,
    "consistent_text": _consistent_text,
    "accessible_file": _accessible_file,
    "stable_address": _stable_address,
    "revisions_announced": _revisions_announced,
    "machine_readable": _machine_readable,
}
