"""Judge a document that was read outside an archive: whose report it is, on which year, and what is doubtful. Convert
this to the JSON that other programs rely on (docs/reading.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from archive.exports.plain_values import fields_of, jsonable
from archive.findings import finding
from archive.identity.divisions import is_generic_zone
from archive.identity.evidence import ReportIdentity, claims, identify, in_running_text, title_of
from archive.identity.names import complete, is_central
from archive.identity.years import is_ahead
from archive.parser.reading import empty_reading
from archive.parser.stated import find_stated_figures, stated_findings
from nianbao.cli.local_files import shown_path
from nianbao.language import Language
from nianbao.sentences import word
from storage.records import SHANGHAI, Finding, IdentityEvidence, Reading, ReportKind, StatedFigure

_INFERRED = frozenset({"year_inferred", "agency_inferred"})  # findings that only reports get, not notices
_MAX_NAMES_IN_FINDING = 3  # of agencies


@dataclass(frozen=True, slots=True)
class JudgedReading:
    """A reading with the agency and year of its report, the ``figures`` in its sentences, and all findings on it."""

    reading: Reading
    who: ReportIdentity
    figures: Sequence[StatedFigure] = ()
    findings: tuple[Finding, ...] = ()


def judge_reading(reading: Reading, place: str | None, now: datetime) -> JudgedReading:
    """Find a reading's agency, year and contradictions. ``place``: of the portal, if known; ``now``: an aware time, to
    tell if the year was over.
    """
    who, figures = identify(reading.identity, place=place), find_stated_figures(reading)
    findings = [one for one in who.findings if one.code not in _INFERRED or reading.is_report or reading.unreadable]
    findings += _unnamed(reading, who)
    if reading.is_report and who.year is not None and is_ahead(who.year, now):
        findings.append(finding("year_ahead", found=who.year, expected=now.astimezone(SHANGHAI).date().isoformat()))
    return JudgedReading(reading, who, figures, (*reading.findings, *stated_findings(figures), *findings))


def _unnamed(reading: Reading, who: ReportIdentity) -> Iterator[Finding]:
    """Yield findings that a report does not say its agency or year; a township without its county is not enough."""
    if not reading.is_report or reading.reason:
        return
    if who.year is None and not any(finding.code == "year_conflict" for finding in who.findings):
        years = sorted(set(reading.identity.period))
        if len(years) > 1:
            yield finding("year_conflict", case="period_open", basis="running", found="、".join(map(str, years)))
        else:
            yield finding("year_unnamed")
    if who.report_kind is ReportKind.SYSTEM:  # one document for many agencies
        return
    if who.agency is not None and is_central(who.agency) and not (who.place and is_generic_zone(who.place)):
        return
    if who.agency is None or who.place is None or is_generic_zone(who.place):
        yield _agency_unnamed(reading, who)


def _agency_unnamed(reading: Reading, who: ReportIdentity) -> Finding:
    """Return the finding that the agency of a report is not certain, with the agency names that it prints."""
    names = [who.agency] if who.agency else _printed_agencies(reading.identity)
    if not names:
        return finding("agency_unnamed", case="nothing")
    if len(names) > 1 or (not who.agency and complete(names[0]).county):
        case = "spoken_of"  # had the report said that a name with its county is its own, it would have been taken
    elif who.place is None or is_generic_zone(who.place):
        case = "no_place"  # the name fits agencies of many places
    else:
        case = "of_the_place"
    quoted = ("、".join(f"“{name}”" for name in names), ", ".join(names))
    return finding("agency_unnamed", case=case, found="、".join(names), bodies=quoted, place=who.place)


def _printed_agencies(evidence: IdentityEvidence) -> list[str]:
    """Return the agency name in the title or opening; if there is none, the first names in the sentences."""
    names = [claim.name.text for claim in claims(evidence, *title_of(evidence), None) if claim.name.text]
    return names[:1] or [name.text for name in in_running_text(evidence)][:_MAX_NAMES_IN_FINDING]


# ---------------------------------------------------------------------------------------------- JSON for programs


def unopened_json(path: Path, why: str) -> dict[str, object]:
    """Return the JSON of a file that could not be opened, with the same keys as :func:`reading_json`."""
    unopened = finding("unreadable", case="unopened", why=(word("unopened", why, Language.ZH), why))
    reading = replace(empty_reading("", f"cannot be opened: {why}", kind=""), unreadable="unopened")
    row = reading_json(path, JudgedReading(reading, ReportIdentity(), findings=(unopened,)))
    return row | dict.fromkeys(("kind", "document", "reader", "content_digest", "normaliser"))


def reading_json(path: Path, judged: JudgedReading) -> dict[str, object]:
    """Return what a file says as JSON. ``cells_from``: the file of the first cell; cells of other files name theirs;
    ``narrative``: figures that sentences state where the form's table is not printed; they are not cells;
    ``text``: the whole main text; ``sections``: the same split at its headings; ``parts``: images, attachments and
    frames; ``evidence``: all that the document says about its agency and year; ``basis``: which of it decided.
    """
    name, reading, who = shown_path(path), judged.reading, judged.who
    return {
        "file": name,
        **fields_of(reading, "kind", "is_report", "reason", "unreadable"),
        **fields_of(who, "agency", "place", "year", "report_kind"),
        "basis": dict(who.basis),
        **fields_of(reading, "form", "title", "document", "reader", "content_digest", "normaliser"),
        "cells_from": next((str(cell.locator.get("part", name)) for cell in reading.cells.values()), name),
        "cells": {
            cell.id: jsonable(fields_of(cell, "value", "state", "raw", "locator", "flags"))
            for cell in reading.cells.values()
        },
        "narrative": [
            {**fields_of(one, "id", "label"), "value": jsonable(one.value), **fields_of(one, "raw", "sentence")}
            | {"locator": fields_of(one, "section", "line")}
            for one in judged.figures
        ],
        "findings": [
            fields_of(one, "code", "severity", "cells", "expected", "found") | {"message": fields_of(one, "zh", "en")}
            for one in judged.findings
        ],
        "sections": [fields_of(one, "heading", "key", "text") for one in reading.sections],
        "text": reading.text,
        "parts": [fields_of(one, "kind", "url", "text") for one in reading.parts],
        "evidence": jsonable(asdict(reading.identity)),
    }
