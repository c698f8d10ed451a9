"""Read local files in child processes, in batches, and return their readings in the order of the files.

For a saved web page, attachments in its folder that it links to are read too; then images, but only if no table was
found so far. :func:`reading_json` converts a reading to the JSON that other programs rely on (docs/reading.md).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from archive.documents.charset import unescaped
from archive.documents.kinds import sniff
from archive.exports.plain_values import jsonable
from archive.findings import finding
from archive.identity.divisions import is_generic_zone
from archive.identity.evidence import ReportIdentity, claims, identify, in_running_text, title_of
from archive.identity.names import complete, is_central
from archive.identity.years import is_ahead
from archive.parser.reading import combine, failed_reading
from archive.parser.stated import find_stated_figures, stated_findings
from archive.projection.workers import Failure, Pool
from nianbao.cli.output import values_of
from nianbao.language import Language
from nianbao.sentences import word
from storage.records import SHANGHAI, Finding, IdentityEvidence, Reading, ReportKind, StatedFigure

_MAX_FILE_BYTES = 64 << 20
_MAX_PARTS = 20
_MAX_NAME_BYTES = 250  # file systems allow hardly more (255)
_MAX_QUERY_CHARS = 1000
_HEAD_BYTES = 1 << 16  # bytes from which the kind of a file is recognised
_FIRST_AT_ONCE, _MAX_AT_ONCE = 8, 128  # files per child process: small first batch shows results soon, then doubled
_PAGES = (".html", ".htm", ".shtml", ".xhtml", ".jsp", ".asp", ".aspx", ".php", ".do")
_LINKING = frozenset({"html", "mhtml"})  # kinds of documents that link to attachments and images


@dataclass(slots=True)
class Opened:
    """A file with its reading (None if it could not be opened: ``why`` says why), and its attachments."""

    path: Path
    reading: Reading | None = None
    why: str = ""
    parts: list[Opened] = field(default_factory=list)

    def beside(self) -> list[Path]:
        """Return the attachments and images of a page that exist in its folder."""
        page = self.reading
        return _beside(self.path, page) if page is not None and page.kind in _LINKING else []

    def wants(self, *, pictures: bool) -> Iterator[Path]:
        """Yield the attachments of a page that are still to be read: images (only if no table was found), or others."""
        is_table_found = any(one.reading is not None and one.reading.cells for one in (self, *self.parts))
        if not (pictures and is_table_found):
            yield from (path for path in self.beside() if _is_picture(path) == pictures)

    def whole(self) -> Opened:
        """Return the file with its attachments merged into its reading, in the order in which it links to them."""
        if self.reading is None or not self.parts:
            return self
        readings = {one.path: one.reading or _unopened() for one in self.parts}
        parts = [(shown_path(path), readings[path]) for path in self.beside() if path in readings]
        return Opened(self.path, combine(self.reading, parts))


def read_files(paths: Iterable[Path], workers: int) -> Iterator[Opened]:
    """Read every file of ``paths`` (and of folders in it), in order. Raises ReaderNotStartedError."""
    pool, files, at_once = Pool(workers=workers), files_of(paths), _FIRST_AT_ONCE
    while some := [Opened(path) for path in islice(files, at_once * workers)]:
        at_once = min(2 * at_once, _MAX_AT_ONCE)
        _read(pool, some)
        for pictures in (False, True):
            parts = [(one, Opened(path)) for one in some for path in one.wants(pictures=pictures)]
            _read(pool, [part for _, part in parts])
            for one, part in parts:
                one.parts.append(part)
        yield from (one.whole() for one in some)


def _read(pool: Pool, files: list[Opened]) -> None:
    """Read the files in child processes and store in each its reading, or why it cannot be opened."""

    def documents() -> Iterator[tuple[str, bytes]]:
        for number, file in enumerate(files):
            try:
                data = _bytes(file.path)
            except OSError as error:
                file.why = error.strerror or str(error)
            else:
                yield str(number), bytes(data)

    for name, answer, _ in pool.read(documents()):
        files[int(name)].reading = (
            failed_reading("", answer.reason, answer.detail, kind=answer.kind)
            if isinstance(answer, Failure)
            else answer
        )


def _unopened() -> Reading:
    """Return the reading of an attachment that cannot be opened: it was published, and counts as unreadable."""
    return replace(failed_reading("", "open"), findings=(), unreadable="not_opened")


def files_of(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the given files and all files within the given folders. A folder that cannot be opened and a link to a
    folder are yielded themselves, so that reading them reports the error instead of skipping them silently.
    """
    for path in paths:
        if path.is_dir():
            yield from sorted(_files_within(path))
        else:
            yield path


def _files_within(folder: Path) -> Iterator[Path]:
    """Yield all files in a folder; also links to folders and unopenable folders, so that reading reports an error."""
    shut: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=lambda error: shut.append(Path(error.filename))):
        yield from (Path(place, name) for name in names)  # also pipes and devices: ``_bytes`` refuses them aloud
        yield from (path for name in folders if (path := Path(place, name)).is_symlink())  # refused by ``_bytes`` too
    yield from shut


def _is_picture(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return sniff(file.read(_HEAD_BYTES)) == "scan"
    except OSError:  # ``_read`` opens it again and reports the error
        return False


def _bytes(path: Path) -> bytes:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode) and path.is_symlink():  # may lead out of the given folder, or into a loop
        raise OSError(0, "a link to a folder, not followed")
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # opening a folder fails anyway
        raise OSError(0, "no regular file, not read")  # reading a pipe or device may wait for ever
    with path.open("rb") as file:
        data = file.read(_MAX_FILE_BYTES + 1)
    if len(data) > _MAX_FILE_BYTES:
        raise OSError(0, f"larger than {_MAX_FILE_BYTES >> 20} MiB, not read")
    return data


def _beside(path: Path, page: Reading) -> list[Path]:
    """Return the images and attachments of a local HTML file that exist within its folder, in the order of links."""
    folder, paths = path.parent.resolve(), []
    for part in page.parts[:_MAX_PARTS]:
        candidates = ((folder / name).resolve() for name in _local_names(part.url))
        beside = (one for one in candidates if one.is_relative_to(folder) and one.is_file() and one != path.resolve())
        if (first := next(beside, None)) is not None:
            paths.append(path.parent / first.relative_to(folder))
    return [*dict.fromkeys(paths)]


def _local_names(url: str) -> list[str]:
    """Return the relative paths under which the target of a link may be saved in the folder of its page.

    First the path of the link, also if it begins with ``/`` (not if it has a host), then its file name alone, because
    people who save a page by hand put attachments beside it; then file names in the query (``?file=年报.docx``). Links
    to other pages are not tried by file name alone: many pages have the same name (``index.html``).
    """
    split = urlsplit(url)
    target = unescaped(split.path)
    if split.scheme not in {"", "http", "https"} or not target or not _is_file_name(target):
        return []
    values = [unescaped(pair.partition("=")[2].replace("+", " ")) for pair in split.query[:_MAX_QUERY_CHARS].split("&")]
    names = [target, *(value for value in values if "." in value and _is_file_name(value))]
    last = [name.rsplit("/", 1)[-1] for name in names]
    return [
        *([] if split.netloc else [target.lstrip("/")]),
        *(name for name in last if name and not name.lower().endswith(_PAGES)),
    ]


def _is_file_name(text: str) -> bool:
    return "\0" not in text and len(text.encode(errors="replace")) <= _MAX_NAME_BYTES


# ---------------------------------------------------------------------------------------------- JSON for programs


_INFERRED = frozenset({"year_inferred", "agency_inferred"})  # findings that only reports get, not notices


def shown_path(path: Path) -> str:
    r"""Return a path as text; bytes that are not UTF-8 become ``\xd6``, because JSON cannot hold lone surrogates."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def unopened_json(path: Path, why: str) -> dict[str, object]:
    """Return the JSON of a file that could not be opened, with the same keys as :func:`reading_json`."""
    name, reasons = shown_path(path), (word("unopened", why, Language.ZH), why)
    unopened = finding("unreadable", case="unopened", why=reasons)
    return {
        "file": name, "kind": None, "is_report": False, "reason": f"cannot be opened: {why}", "unreadable": "unopened",
        "agency": None, "place": None, "year": None, "report_kind": None, "basis": {}, "form": None, "title": "",
        "document": None, "reader": None, "content_digest": None, "normaliser": None, "cells_from": name, "cells": {},
        "narrative": [], "findings": [finding_json(unopened)], "sections": [], "text": "", "parts": [],
        "evidence": jsonable(asdict(IdentityEvidence())),
    }  # fmt: skip


def finding_json(finding: Finding) -> dict[str, object]:
    """Convert a finding to the JSON that other programs rely on (docs/reading.md)."""
    about = values_of(finding, "code", "severity", "cells", "expected", "found")
    return about | {"message": {"zh": finding.zh, "en": finding.en}}


def reading_json(file: str, reading: Reading, place: str | None, now: datetime) -> dict[str, object]:
    """Convert a reading to the JSON that other programs rely on (docs/reading.md). ``place``: the place of the portal,
    if known; ``now``: an aware time, needed for the finding that the year of the report is not over.

    ``cells_from``: the file of the first cell; cells of other files name theirs in their locator.
    ``narrative``: figures that sentences state where the form's table is not printed; they are not cells;
    ``text``: the whole main text; ``sections``: the same split at its headings; ``parts``: images, attachments and
    frames; ``evidence``: all that the document says about its agency and year; ``basis``: which of it decided.
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
    """Return all findings on a document that was read outside an archive: those of the reader, those on the
    ``figures`` in its sentences, those on its agency and year, and whether its year was not over at ``now``.
    """
    findings = [one for one in who.findings if one.code not in _INFERRED or reading.is_report or reading.unreadable]
    findings += unnamed(reading, who)
    if reading.is_report and who.year is not None and is_ahead(who.year, now):
        findings.append(finding("year_ahead", found=who.year, expected=now.astimezone(SHANGHAI).date().isoformat()))
    return (*reading.findings, *stated_findings(figures), *findings)


MAX_BODIES = 3  # agency names in a finding


def unnamed(reading: Reading, who: ReportIdentity) -> Iterator[Finding]:
    """Yield findings that a report does not say its agency or its year.

    The name of a township (唐村镇) or zone without its county is not enough: several may have the same name.
    """
    if not reading.is_report or reading.reason:
        return
    if who.year is None and not any(finding.code == "year_conflict" for finding in who.findings):
        years = sorted(set(reading.identity.period))
        if len(years) > 1:
            yield finding("year_conflict", case="period_open", basis="running", found="、".join(map(str, years)))
        else:
            yield finding("year_unnamed")
    if who.report_kind is ReportKind.SYSTEM:
        return
    if who.agency is not None and is_central(who.agency) and not (who.place and is_generic_zone(who.place)):
        return
    if who.agency is None or who.place is None or is_generic_zone(who.place):
        yield _of_nobody(reading, who)


def _of_nobody(reading: Reading, who: ReportIdentity) -> Finding:
    """Return the finding that the agency of a report is not certain, with the agency names that it prints."""
    printed = [who.agency] if who.agency else _printed_bodies(reading.identity)
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


def _printed_bodies(evidence: IdentityEvidence) -> list[str]:
    """Return the agency name in the title or opening; if there is none, up to MAX_BODIES names from the sentences."""
    names = [claim.name.text for claim in claims(evidence, *title_of(evidence), None) if claim.name.text]
    return names[:1] or [name.text for name in in_running_text(evidence)][:MAX_BODIES]
