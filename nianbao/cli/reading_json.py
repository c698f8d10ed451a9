"""One reading in the shape other programs rely on: all that it holds, as ``nianbao read --jsonl`` writes it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from archive.exports.plain_values import jsonable
from archive.findings import finding
from archive.identity.divisions import is_generic_zone
from archive.identity.evidence import ReportIdentity, claims, identify, in_running_text, title_of
from archive.identity.names import complete, is_central
from archive.identity.years import is_ahead
from archive.parser.stated import StatedFigure, find_stated_figures, stated_findings
from nianbao.cli.output import values_of
from storage.records import SHANGHAI, Finding, IdentityEvidence, Reading, ReportKind

_INFERRED = frozenset({"year_inferred", "agency_inferred"})  # how it is told of a report, that of a notice nobody asks

#: What systems say of files that cannot be opened, in Chinese; what else they say is given as they say it.
_WHY = {
    "No such file or directory": "没有此文件",
    "Permission denied": "没有读取权限",
    "no regular file, not read": "不是普通文件，未读取",
    "a link to a folder, not followed": "是指向文件夹的链接，未进入",
    "Too many levels of symbolic links": "符号链接循环",
    "File name too long": "文件名过长",
}


def shown_path(path: Path) -> str:
    r"""A path as text: bytes of a name that are no UTF-8 as ``\xd6``, which JSON could only tell as half characters."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def unopened_json(path: Path, why: str) -> dict[str, object]:
    """What is said of a file that could not be opened, and ``why``: in the shape of one that was."""
    name, unopened = shown_path(path), finding("unreadable", case="unopened", why=(_WHY.get(why, why), why))
    return {
        "file": name, "kind": None, "is_report": False, "reason": f"cannot be opened: {why}", "unreadable": "unopened",
        "agency": None, "place": None, "year": None, "report_kind": None, "basis": {}, "form": None, "title": "",
        "document": None, "reader": None, "content_digest": None, "normaliser": None, "cells_from": name, "cells": {},
        "narrative": [], "findings": [finding_json(unopened)], "sections": [], "text": "", "parts": [],
        "evidence": jsonable(asdict(IdentityEvidence())),
    }  # fmt: skip


def finding_json(finding: Finding) -> dict[str, object]:
    """A finding in the shape other programs rely on (docs/reading.md)."""
    about = values_of(finding, "code", "severity", "cells", "expected", "found")
    return about | {"message": {"zh": finding.zh, "en": finding.en}}


def reading_json(file: str, reading: Reading, place: str | None, now: datetime) -> dict[str, object]:
    """One reading in the shape other programs rely on (docs/reading.md). ``place`` is what a portal would know, ``now``
    (aware) the time of reading: a report on a year that is not over is told.

    ``cells_from``: the file that the first of the cells stand in; a cell of another one says so in its locator.
    ``narrative``: figures that the text states where the form's table is not printed, which are no cells;
    ``text``: the whole main text; ``sections``: the same by its headings; ``parts``: images, attachments and what the
    page embeds; ``evidence``: all that the document says of its identity, ``basis``: which of it decided.
    """
    who = identify(reading.identity, place=place)
    figures = find_stated_figures(reading)
    return {
        "file": file,
        **values_of(reading, "kind", "is_report", "reason", "unreadable"),
        **values_of(who, "agency", "place", "year", "report_kind"),
        "basis": dict(who.basis),
        **values_of(reading, "form", "title", "document", "reader", "content_digest", "normaliser"),
        "cells_from": next((str(cell.locator.get("part", file)) for cell in reading.cells.values()), file),
        "cells": {
            cell.id: jsonable(values_of(cell, "value", "state", "raw", "locator", "flags"))
            for cell in reading.cells.values()
        },
        "narrative": [
            {**values_of(one, "id", "label"), "value": jsonable(one.value), **values_of(one, "raw", "sentence")}
            | {"locator": values_of(one, "section", "line")}
            for one in figures
        ],
        "findings": [finding_json(finding) for finding in findings_of(reading, who, figures, now)],
        "sections": [values_of(one, "heading", "key", "text") for one in reading.sections],
        "text": reading.text,
        "parts": [values_of(one, "kind", "url", "text") for one in reading.parts],
        "evidence": jsonable(asdict(reading.identity)),
    }


def findings_of(
    reading: Reading, who: ReportIdentity, figures: Iterable[StatedFigure], now: datetime
) -> tuple[Finding, ...]:
    """All that is found of a document read by itself: by the reader, of the ``figures`` that its text states, of whose
    it is, and whether its year was over ``now``.
    """
    findings = [one for one in who.findings if one.code not in _INFERRED or reading.is_report or reading.unreadable]
    return (*reading.findings, *stated_findings(figures), *findings, *unnamed(reading, who), *_ahead(reading, who, now))


def _ahead(reading: Reading, who: ReportIdentity, now: datetime) -> Iterator[Finding]:
    if reading.is_report and who.year is not None and is_ahead(who.year, now):
        yield finding("year_ahead", found=who.year, expected=now.astimezone(SHANGHAI).date().isoformat())


MAX_BODIES = 3  # that are named


def unnamed(reading: Reading, who: ReportIdentity) -> Iterator[Finding]:
    """Findings on a report's body and year that are not told.

    A township (唐村镇) or zone without its place may be one of several.
    """
    if not reading.is_report or reading.reason:
        return
    if who.year is None and not any(finding.code == "year_conflict" for finding in who.findings):
        yield _on_no_year(reading)
    if who.report_kind is ReportKind.SYSTEM:
        return
    if who.agency is not None and is_central(who.agency) and not (who.place and is_generic_zone(who.place)):
        return
    if who.agency is None or who.place is None or is_generic_zone(who.place):
        yield _of_nobody(reading, who)


def _on_no_year(reading: Reading) -> Finding:
    """Say that no year is printed on which there are reports, or that several are."""
    if len(years := sorted(set(reading.identity.period))) > 1:
        return finding("year_conflict", case="period_open", basis="running", found="、".join(map(str, years)))
    return finding("year_unnamed")


def _of_nobody(reading: Reading, who: ReportIdentity) -> Finding:
    """Say what is printed of a body that does not tell whose report it is."""
    printed = (who.agency,) if who.agency else _printed_bodies(reading.identity)
    if not printed:
        return finding("agency_unnamed", case="nothing")
    if len(printed) > 1 or (not who.agency and complete(printed[0]).county):
        case = "spoken_of"
    elif who.place is None or is_generic_zone(who.place):
        case = "no_place"
    else:
        case = "of_the_place"
    bodies = ("、".join(f"“{name}”" for name in printed), ", ".join(printed))
    return finding("agency_unnamed", case=case, found="、".join(printed), bodies=bodies, place=who.place)


def _printed_bodies(evidence: IdentityEvidence) -> tuple[str, ...]:
    """Return the body that the title or the opening names, else those of which the sentences speak."""
    names = [claim.name.text for claim in claims(evidence, *title_of(evidence), None) if claim.name.text]
    return tuple(names[:1] or [name.text for name in in_running_text(evidence)][:MAX_BODIES])
