"""What a verdict rests on, as blocks for people: each look, capture and edition with the command that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archive.exports.plain_values import cell_text
from archive.queries.results import EditionLine, LookLine, Verdict

SHORT = 8  #: characters of an id that people type; commands take them where only one begins so
Word = Callable[..., str]


def evidence_blocks(found: Verdict, word: Word, *, chinese: bool) -> Iterator[str]:
    """The lines of all blocks, in order."""
    yield word("duty.looks", count=len(found.looks)) if found.looks else word("duty.no_looks")
    for look in found.looks:
        yield from _look(look, word)
    yield word("duty.editions", count=len(found.editions)) if found.editions else word("duty.no_editions")
    for edition in found.editions:
        yield from _edition(edition, word)
    for ruling in found.rulings:
        told = {"kind": ruling.kind, "subject": ruling.subject, "decision": cell_text(ruling.decision)}
        yield word("duty.ruling", at=cell_text(ruling.made_at), by=ruling.by, reason=ruling.reason, **told)
        if ruling.source:
            yield word("duty.source", source=ruling.source)
    for finding in found.findings:
        yield f"{finding.severity}: {finding.code}: {finding.zh if chinese else finding.en}"


def _look(look: LookLine, word: Word) -> Iterator[str]:
    parts = [word(f"outcome.{look.outcome.value}")]
    parts += [look.reason] if look.reason else []
    parts += [word("duty.suspect")] if look.suspect else []
    parts += [word("duty.whole_from", year=look.whole_from)] if look.whole_from else []
    yield f"  {cell_text(look.started)}  {look.listing}  {word('join.parts').join(parts)}"
    yield f"    {look.url}"
    for capture in look.captures:
        if capture.url != look.url:
            yield f"    {capture.url}"
        if capture.warc_file:
            yield f"    {capture.warc_file}@{capture.warc_offset}"
        yield f"    nianbao show-capture {capture.id[:SHORT]}"


def _edition(edition: EditionLine, word: Word) -> Iterator[str]:
    told = [word("duty.seen", first=cell_text(edition.first_seen), last=cell_text(edition.last_seen))]
    told += [word("duty.declared", day=edition.declared)] if edition.declared else []
    yield f"  {edition.id}  {word('join.parts').join(told)}"
    yield f"    {edition.track}"
    agency = edition.id.rpartition("/")[0]
    yield f"    nianbao show {agency} {edition.year} --edition {edition.id.rpartition('@')[2]}"
