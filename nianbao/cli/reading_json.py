"""Convert readings of local files to the JSON that other programs rely on (docs/reading.md)."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from archive.exports.plain_values import fields_of, jsonable
from archive.findings import finding
from archive.identity.evidence import ReportIdentity
from archive.parser.reading import empty_reading
from nianbao.cli.judged_reading import JudgedReading
from nianbao.cli.local_files import shown_path
from nianbao.language import Language
from nianbao.sentences import word


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
