"""What a re-reading changes, for people and programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from archive.projection.comparing import Changed, Comparison
from nianbao.cli.output import Column, Format, emit, say
from nianbao.sentences import listed, sentence, word


def tell_comparison(found: Comparison, *, as_json: bool) -> None:
    """Print a comparison."""
    if as_json:
        emit([asdict(found)], (), Format.JSON)
        return
    if found:
        emit(list(_rows(found)), _columns(), Format.TABLE)
    more = listed([f"{code} {many:+d}" for code, many in found.findings.items()])
    told = sentence(
        "reread.compared", changed=found.changed, documents=found.documents, editions=found.editions.count,
        statuses=found.statuses.count,
    )  # fmt: skip
    say(told + (sentence("reread.findings", findings=more) if more else ""))


def _columns() -> tuple[Column, ...]:
    titles = {"what": "what", "count": "count", "where": "example", "before": "before", "after": "after"}
    return tuple(Column(key, word("column", title)) for key, title in titles.items())


def _rows(found: Comparison) -> Iterator[Mapping[str, object]]:
    for what, changed in (
        (sentence("reread.taken_for_report"), found.reports),
        (sentence("reread.form"), found.forms),
        (sentence("reread.title"), found.titles),
        *found.cells.items(),
        *((sentence("reread.doubts_of", indicator=name), changed) for name, changed in found.doubts.items()),
        (sentence("reread.editions"), found.editions),
        (sentence("reread.status"), found.statuses),
    ):
        yield from _lines(what, changed)


def _lines(what: str, changed: Changed) -> Iterator[Mapping[str, object]]:
    for number, one in enumerate(changed.examples):
        where = f"{one.where[:12]} {one.url}".rstrip() if one.url else one.where
        first = {"what": what, "count": changed.count} if number == 0 else {"what": "", "count": ""}
        yield {**first, "where": where, "before": one.before, "after": one.after}
