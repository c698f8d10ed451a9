"""What a re-reading changes, for people and programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from archive.projection.comparing import Changed, Comparison
from nianbao.cli.output import Column, Format, emit, say

_COLUMNS = (
    Column("what", "what"),
    Column("count", "changes"),
    Column("where", "for example"),
    Column("before", "before", wrap=True),
    Column("after", "after", wrap=True),
)


def tell_comparison(found: Comparison, *, as_json: bool) -> None:
    """Print a comparison."""
    if as_json:
        emit([asdict(found)], (), Format.JSON)
        return
    if found:
        emit(list(_rows(found)), _COLUMNS, Format.TABLE)
    more = ", ".join(f"{code} {many:+d}" for code, many in found.findings.items())
    say(
        f"{found.changed} of {found.documents} documents read differently; editions of {found.editions.count} duties "
        f"and statuses of {found.statuses.count} change" + (f"; findings: {more}" if more else "")
    )


def _rows(found: Comparison) -> Iterator[Mapping[str, object]]:
    for what, changed in (
        ("taken for a report", found.reports),
        ("form", found.forms),
        ("title", found.titles),
        *found.cells.items(),
        *((f"doubts of {name}", changed) for name, changed in found.doubts.items()),
        ("editions", found.editions),
        ("status", found.statuses),
    ):
        yield from _lines(what, changed)


def _lines(what: str, changed: Changed) -> Iterator[Mapping[str, object]]:
    for number, one in enumerate(changed.examples):
        where = f"{one.where[:12]} {one.url}".rstrip() if one.url else one.where
        first = {"what": what, "count": changed.count} if number == 0 else {"what": "", "count": ""}
        yield {**first, "where": where, "before": one.before, "after": one.after}
