"""Bytes → Reading: the whole reader as one pure function. It never raises, whatever the bytes are.

Pages → rows → cells, text and identity (:func:`parse`). A document that is nothing but pictures is recognised before
anything is parsed; pictures beside text only where that lacks tables of the form, or rows where a page is a picture.
What a container holds is read file by file and combined. A stage that fails costs itself alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import chain, count
from typing import cast

from archive.documents.html import as_standard
from archive.documents.kinds import read_pages, sniff
from archive.documents.pages import Limits, Pages
from archive.documents.words import WORDED, words_in
from archive.findings import finding
from archive.forms.loader import known_form, old_form
from archive.identity.evidence import undisputed
from archive.parser.absent_tables import rows_absent
from archive.parser.combining import combine
from archive.parser.findings import stage_failed
from archive.parser.picture_pages import OpenedMember, join_continued_tables
from archive.parser.pipeline import Parsed, parse
from archive.parser.reading import READER_VERSION, failed_reading, reading_of
from archive.parser.verdict import WEAK_REASONS, unmet
from storage.records import Finding, Reading

__all__ = ["READER_VERSION", "read", "read_pages_to_reading"]

_TABLES = frozenset({"proactive", "applications", "remedies"})
#: A document that is none for these reasons may only be so because what it says stands in its pictures.
_MUTE = frozenset({"", "empty", "needs_ocr", "not_recognised", "no_title"})
_TABLE_TAG = re.compile(rb"<table", re.IGNORECASE)
_SHORT = 200  # characters: less is no text of a document whose pictures may be all of it


@dataclass(slots=True)
class _Budget:
    """What one document and all it holds may still cost: pictures, their text, files of containers, bytes of them."""

    limits: Limits
    pictures: int
    members: int
    bytes: int
    text: int

    def now(self) -> Limits:
        """The limits for the next piece of it."""
        left = {"pictures": self.pictures, "members": self.members, "text": self.text}
        if all([getattr(self.limits, name) == max(0, count) for name, count in left.items()]):  # noqa: C419 — nothing is spent
            return self.limits
        return replace(self.limits, **{name: max(0, count) for name, count in left.items()})


def _budget(limits: Limits) -> _Budget:
    return _Budget(limits, limits.pictures, limits.members, limits.bytes, limits.text)


def read(data: bytes, *, limits: Limits | None = None) -> Reading:
    """Read one document. ``limits`` bound what the document modules do. Never raises."""
    limits = limits or Limits()
    return _read(data, _budget(limits), limits.levels)


def read_plain(data: bytes) -> Reading:
    """Read one document without recognising its pictures: used when :func:`read` costs too much."""
    return read(data, limits=Limits(pictures=0))


def read_bare(data: bytes) -> Reading:
    """Return the kind of a document and its bare words, without parsing: used when all other reading costs too much.

    No cell is taken of it, and nobody's report is made of it; the caller says why it was read so.
    """
    digest = hashlib.sha256(data).hexdigest()
    kind = sniff(data)
    text = words_in(data) if kind in WORDED else ""
    return replace(failed_reading(digest, "", kind=kind), findings=(), text=text)


def _read(data: bytes, budget: _Budget, levels: int) -> Reading:
    return _read_and_open(data, budget, levels, member=False)[0]


def _read_and_open(data: bytes, budget: _Budget, levels: int, *, member: bool) -> tuple[Reading, Pages | None]:
    """What is read of a file, and its pages if they were recognised (then those of others may go on in them)."""
    digest = hashlib.sha256(data).hexdigest()
    kind = "unknown"
    try:
        pages = read_pages(data, budget.now())
        kind = pages.kind
        if pages.members:
            return _read_members(pages, digest, budget, levels), None
        if _is_pictures_alone(pages):
            parsed = _read_pictures(pages, budget)
        else:
            parsed = _with_its_pictures(_by_better_tree(data, parse(pages), budget), budget)
        return reading_of(parsed, digest, member=member), parsed.pages if parsed.pages.recognised else None
    except Exception as error:  # noqa: BLE001 — a reader that raises would lose the document: it is told instead
        return failed_reading(digest, f"{type(error).__name__}: {error}"[:200], kind=kind), None


def read_pages_to_reading(pages: Pages, digest: str, *, limits: Limits | None = None) -> Reading:
    """What is made of a document's blocks and pictures; ``digest`` is the SHA-256 (hex) of its bytes."""
    return _reading_of_pages(pages, digest, _budget(limits or Limits()))


def _read_members(pages: Pages, digest: str, budget: _Budget, levels: int) -> Reading:
    """One reading of a container: each member by itself, then all combined; bounds are shared by all of them."""
    own = replace(pages, members=())
    main = _reading_of_pages(own, digest, budget) if pages.blocks or pages.pictures else None
    if levels == 0:
        limit = finding("limit_reached", bound="archive_levels", expected=budget.limits.levels)
        shut = main or reading_of(parse(replace(own, unreadable="nested")), digest)
        return replace(shut, findings=(*shut.findings, limit))
    parts: list[OpenedMember] = []
    budget.members -= len(pages.members)
    left_out = 0
    for member in pages.members:
        budget.bytes -= len(member.data)
        if budget.bytes < 0:
            left_out += 1
            continue
        name = _own_name(member.name, {part[0] for part in parts})
        parts.append((name, *_read_and_open(member.data, budget, levels - 1, member=True)))
    reading = combine(main, join_continued_tables(parts), kind=pages.kind, document=digest, reader=READER_VERSION)
    if main is None:
        reading = replace(reading, reason=unmet(reading.reason, pages))
    found = [*(pages.findings if main is None else ())]
    if left_out:
        found.append(finding("limit_reached", bound="archive_bytes", expected=budget.limits.bytes))
    return replace(reading, findings=(*found, *reading.findings)) if found else reading


def _own_name(name: str, names: Container[str]) -> str:
    """The name of a member, counted on where a container has another of that name: which of them is meant is told."""
    ways = chain((name,), (f"{name} ({number})" for number in count(2)))
    return next(way for way in ways if way not in names)


def _reading_of_pages(pages: Pages, digest: str, budget: _Budget) -> Reading:
    if _is_pictures_alone(pages):
        return reading_of(_read_pictures(pages, budget), digest)
    return reading_of(_with_its_pictures(parse(pages), budget), digest)


def _is_pictures_alone(pages: Pages) -> bool:
    """Whether nothing of a document is text, so that its pictures are all there is to read."""
    return bool(pages.pictures) and not pages.blocks and pages.unreadable in _MUTE


def _read_pictures(pages: Pages, budget: _Budget) -> Parsed:
    """A document of pictures alone: recognised, then parsed once; pictures that stay unread are told."""
    filled, findings = _recognized(pages, budget)
    return _with_unread_unless_noted(parse(filled).adding(*findings), filled, pages)


def _by_better_tree(data: bytes, parsed: Parsed, budget: _Budget) -> Parsed:
    """A page by the tree of the HTML standard, where libxml2's lacks tables of the form and that one holds more."""
    if parsed.pages.kind != "html" or parsed.placed.tables >= _TABLES or _TABLE_TAG.search(data) is None:
        return parsed
    written = as_standard(data)
    if written is None:
        return parsed
    again = parse(read_pages(written, budget.now()))
    return again.adding(finding("standard_tree")) if _result_rank(again) > _result_rank(parsed) else parsed


def _with_its_pictures(parsed: Parsed, budget: _Budget) -> Parsed:
    """What a document's pages say, its pictures too where tables are missing."""
    pages = parsed.pages
    if pages.seen is not None and budget.pictures > 0 and _may_be_untrue(parsed):
        return _as_shown(parsed, budget)
    if pages.pictures and _wants_pictures(parsed):
        return _read_with_pictures(parsed, budget)
    return parsed


def _may_be_untrue(parsed: Parsed) -> bool:
    """Whether a report's text may tell other digits than its pages show: sums that do not add up, or no year."""
    if not parsed.verdict.is_report or not parsed.placed.cells:
        return False
    broken = any(found.code == "identity_broken" for found in parsed.findings)
    return broken or undisputed(parsed.identity)[1] is None


def _as_shown(parsed: Parsed, budget: _Budget) -> Parsed:
    """The document as its pages show it, where its text proves to tell other digits; else as it is."""
    try:
        shown = cast("Callable[[Pages], Pages | None]", import_module("archive.documents.scan").as_shown)(parsed.pages)
    except Exception as error:  # noqa: BLE001 - without an engine, or whatever it does: the text stays
        if not isinstance(error, ImportError) and type(error).__name__ != "EngineError":
            parsed = parsed.adding(stage_failed("recognition", error))
        shown = None
    if shown is not None:
        return _read_with_pictures(parse(shown), budget)
    return _read_with_pictures(parsed, budget) if parsed.pages.pictures and _wants_pictures(parsed) else parsed


def _wants_pictures(parsed: Parsed) -> bool:
    """Whether tables of the form are missing where pictures may hold them, or rows where a whole page is a picture."""
    if parsed.placed.tables >= _TABLES:
        return any(picture.points is not None for picture in parsed.pages.pictures) and _lacks_rows(parsed)
    if parsed.verdict.form == old_form().name and parsed.lines:
        return False  # free tables in text: none are missing
    reason = parsed.verdict.reason
    return parsed.verdict.is_report or reason in _MUTE or (reason in WEAK_REASONS and _has_little_text(parsed))


def _lacks_rows(parsed: Parsed) -> bool:
    """Whether rows of the form have no cell."""
    form = known_form(parsed.verdict.form)
    return form is not None and any(rows_absent(table, parsed.placed.cells) for table in form.tables)


def _has_little_text(parsed: Parsed) -> bool:
    """Whether the text beside pictures may be no more than a portal's line below them."""
    return sum(len(line.text) for line in parsed.lines[:_SHORT]) < _SHORT


def _read_with_pictures(parsed: Parsed, budget: _Budget) -> Parsed:
    """The better of the text without and with what the pictures beside it say; unread pictures are told."""
    pages = parsed.pages
    filled, findings = _recognized(pages, budget)
    if filled is pages:
        return _with_unread_unless_noted(parsed.adding(*findings), pages, pages)
    again = parse(filled)
    if _result_rank(again) < _result_rank(parsed):
        again = parsed.adding(*(found for found in filled.findings if found not in pages.findings))
    return _with_unread_unless_noted(again, filled, pages)


def _recognized(pages: Pages, budget: _Budget) -> tuple[Pages, tuple[Finding, ...]]:
    """The document with the text of its pictures, as given where recognition fails, and what is to be said of that."""
    try:
        # heavy libraries: loaded only when there is something to recognise
        fill = cast("Callable[[Pages, Limits], Pages]", import_module("archive.documents.scan").fill)
        filled = fill(pages, budget.now())
    except ImportError:
        return pages, ()  # no engine is installed
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        return pages, (stage_failed("recognition", error),)
    budget.pictures = max(0, budget.pictures - len(pages.pictures))
    budget.text = max(0, budget.text - filled.recognised)
    return filled, ()


def _with_unread_unless_noted(parsed: Parsed, filled: Pages, before: Pages) -> Parsed:
    """Say that pictures stayed unread where something of the form is missing, if recognition has not said so."""
    noted = filled is not before and any(found.code == "needs_ocr" for found in filled.findings)
    return _with_unread_pictures(parsed, len(filled.pictures)) if filled.pictures and not noted else parsed


def _result_rank(parsed: Parsed) -> tuple[bool, int, int]:
    return parsed.verdict.is_report, len(parsed.placed.tables), sum(c.raw != "" for c in parsed.placed.cells.values())


def _with_unread_pictures(parsed: Parsed, count: int) -> Parsed:
    """Say that pictures stayed unread where something of the form is missing."""
    if parsed.placed.tables >= _TABLES:
        return parsed
    return parsed.adding(finding("needs_ocr", case="pictures", found=count))
