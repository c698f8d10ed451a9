"""List the codes (GB/T 2260) that a division's area had over the years. Pure; nothing is guessed."""

from __future__ import annotations

from dataclasses import dataclass

from archive.identity.division_codes import FIRST_YEAR, LAST_YEAR, division, harmonised


@dataclass(frozen=True, slots=True)
class CodeSpan:
    """A code from ``first`` to ``last`` year (on 31 December of each). ``code`` None: no one code of these years is its
    own, or none is known; ``how`` as :class:`division_codes.Harmonised` says it; ``candidates``: what it may be.
    """

    first: int
    last: int
    code: str | None
    name: str
    how: str
    candidates: tuple[str, ...] = ()


def code_in(code: str, year: int) -> CodeSpan:
    """The code in force in ``year`` of the area that bears ``code`` in another; a year beyond the lists has none."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return CodeSpan(year, year, None, "", "no_list")
    found = harmonised(code, year)
    found_division = division(found.code, year) if found.code is not None else None
    return CodeSpan(year, year, found.code, found_division.name if found_division else "", found.how, found.candidates)


def code_history(code: str, first: int = FIRST_YEAR, last: int = LAST_YEAR) -> tuple[CodeSpan, ...]:
    """The codes of ``code``'s area year by year, alike years together, oldest first."""
    spans: list[CodeSpan] = []
    for year in range(first, last + 1):
        one = code_in(code, year)
        former = spans[-1] if spans else None
        if former is not None and (former.code, former.name, former.how, former.candidates) == (
            one.code, one.name, one.how, one.candidates,
        ):  # fmt: skip
            spans[-1] = CodeSpan(former.first, year, one.code, one.name, one.how, one.candidates)
        else:
            spans.append(one)
    return tuple(spans)
