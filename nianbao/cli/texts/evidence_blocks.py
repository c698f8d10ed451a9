"""What a verdict rests on, as blocks for people: each look, capture and edition with the command that shows it."""

from __future__ import annotations

from collections.abc import Iterator

from archive.exports.plain_values import cell_text
from archive.queries.results import EditionLine, LookLine, Verdict
from nianbao.look_reasons import look_reason
from nianbao.sentences import phrase

SHORT = 8  #: characters of an id that people type; commands take them where only one begins so


def evidence_blocks(found: Verdict, *, chinese: bool) -> Iterator[str]:
    """The lines of all blocks, in order."""
    yield phrase("duty.looks", count=len(found.looks)) if found.looks else phrase("duty.no_looks")
    for look in found.looks:
        yield from _look(look, found.duty.year)
    yield phrase("duty.editions", count=len(found.editions)) if found.editions else phrase("duty.no_editions")
    for edition in found.editions:
        yield from _edition(edition)
    for ruling in found.rulings:
        named = {"kind": ruling.kind, "subject": ruling.subject, "decision": cell_text(ruling.decision)}
        yield phrase("duty.ruling", at=cell_text(ruling.made_at), by=ruling.by, reason=ruling.reason, **named)
        if ruling.source:
            yield phrase("duty.source", source=ruling.source)
    for finding in found.findings:
        severity, text = phrase(f"severity.{finding.severity.value}"), finding.zh if chinese else finding.en
        yield phrase("duty.finding", severity=severity, code=finding.code, text=text)


def _look(look: LookLine, year: int) -> Iterator[str]:
    parts = [phrase(f"outcome.{look.outcome.value}")]
    parts += [look_reason(look.reason)] if look.reason else []
    parts += [phrase("duty.suspect")] if look.suspect else []
    parts += [phrase("duty.whole_from", year=look.whole_from)] if look.whole_from else []
    yield f"  {cell_text(look.started)}  {look.listing}  {phrase('join.parts').join(parts)}"
    yield f"    {look.url}"
    for capture in look.captures:
        if capture.url != look.url:
            yield f"    {capture.url}"
        if capture.warc_file:
            yield f"    {capture.warc_file}@{capture.warc_offset}"
        yield f"    nianbao show-capture {capture.id[:SHORT]}"
    if look.control:
        yield f"    {phrase('duty.control', year=year, agency=look.control.agency, other=look.control.year)}"
        yield f"    nianbao show-capture {look.control.capture.id[:SHORT]}"


def _edition(edition: EditionLine) -> Iterator[str]:
    seen = [phrase("duty.seen", first=cell_text(edition.first_seen), last=cell_text(edition.last_seen))]
    seen += [phrase("duty.declared", day=edition.declared)] if edition.declared else []
    yield f"  {edition.id}  {phrase('join.parts').join(seen)}"
    yield f"    {edition.track}"
    agency = edition.id.rpartition("/")[0]
    yield f"    nianbao show {agency} {edition.year} --edition {edition.id.rpartition('@')[2]}"
