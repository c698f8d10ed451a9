"""Parts of a report as terminals show them: its status, a cell, where its record lies, one side of a difference."""

from __future__ import annotations

from collections.abc import Mapping

from archive.exports.plain_values import cell_text
from archive.queries.results import CaptureLine, CellLine, EditionLine
from nianbao.cli.output import in_language
from nianbao.messages import say
from nianbao.sentences import phrase
from storage.records import CellState, Finding, Status

BLANK, DOUBT = "□", "?"


def shown_cell(cell: CellLine) -> str:
    """A cell as a grid shows it: its figure, the sign for a blank, or its text; doubtful ones are marked."""
    if cell.value is not None:
        shown = f"{cell.value:f}"
    else:
        shown = BLANK if cell.state is CellState.BLANK else cell.raw.strip()
    return shown + (DOUBT if cell.flags else "")


def record_lines(capture: CaptureLine) -> list[str]:
    """The WARC record, where there is one, and what is wrong with the certificate, where anything is."""
    lines = []
    if capture.warc_file:
        place = {"file": capture.warc_file, "offset": capture.warc_offset, "length": capture.warc_length}
        lines.append(phrase("record.warc", id=capture.id, **place))
    if capture.tls:
        lines.append(phrase("record.tls", tls=capture.tls))
    return lines


def seen_line(edition: EditionLine) -> str:
    """When an edition was met first and last, and the date that the site declares."""
    seen = [phrase("duty.seen", first=cell_text(edition.first_seen), last=cell_text(edition.last_seen))]
    seen += [phrase("duty.declared", day=edition.declared)] if edition.declared else []
    return phrase("join.parts").join(seen)


def finding_line(finding: Finding) -> str:
    """A finding with its severity, code and sentence."""
    severity = phrase(f"severity.{finding.severity.value}")
    return phrase("duty.finding", severity=severity, code=finding.code, text=in_language(finding))


_FROM_0 = frozenset({"table", "row", "col"})  # as programs count (docs/reading.md)
_NAMED = ("page", "table", "row", "col", "line", "section", "paragraph")


def locator_text(locator: Mapping[str, object]) -> str:
    """Where a cell or paragraph stands, for programs: table 0, row 9, col 1."""
    return ", ".join(f"{key} {locator[key]}" for key in _NAMED if key in locator)


def locator_words(locator: Mapping[str, object]) -> str:
    """The same for people, counted from 1, in the language of this run."""
    placed = ((key, locator[key]) for key in _NAMED if key in locator)
    return phrase("join.names").join(
        phrase(f"locator.{key}", number=number + 1 if key in _FROM_0 and isinstance(number, int) else number)
        for key, number in placed
    )


def standing(status: Status, evidence: str, lang: str) -> str:
    """A status with what it rests on: ``missing: absent in two looks``."""
    absent = status in {Status.MISSING, Status.NOT_FOUND} and evidence in {"proven", "one_look"}
    keys = [f"status.{status.value}"]
    keys += [f"evidence.{evidence}{'_absent' if absent else ''}"] if evidence != "none" else []
    return say("answers", lang, "join.standing").join(say("answers", lang, key) for key in keys)
