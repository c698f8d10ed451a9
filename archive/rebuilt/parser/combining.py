"""Several documents → one reading: a page with its attachments, or the members of an archive.

Cells are taken table by table from the first document that prints the table; which part gave a cell stands in its
locator. Contradictions are told and flagged; documents of another agency or year are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from archive.findings import finding, first_in_both, first_of
from archive.forms.loader import all_forms
from archive.identity.evidence import agree, title_of
from archive.identity.names import Name, complete
from archive.identity.titles import judge
from archive.rebuilt.documents.unreadable_reasons import why
from archive.rebuilt.parser.content import NORMALISER, content_digest, digest_of_digests
from archive.rebuilt.parser.text import Line
from archive.rebuilt.parser.whole_checks import CODES_OF_THE_WHOLE, check_whole
from storage.records import Cell, Finding, IdentityEvidence, Part, Reading, Section, Severity

NamedReading = tuple[str, Reading]  #: name of the part ("" for the page), what was read of it

TEXT_MAX_CHARS = 400_000
MAX_NAMES = 12  # in a sentence
MIN_SECTIONS = 2  # of the form, from which a text is the report's own and no frame around it
UNSURE = frozenset({"low_confidence", "repaired", "not_a_number", "not_integer", "count_mismatch"})


@dataclass(slots=True)
class _Group:
    """Which parts are this report (``used``) and which another one (``foreign``).

    ``is_open``: the parts contradict each other, and the page does not say which of them is meant.
    """

    used: list[NamedReading] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class _Claim:
    """Whose report and of which year the titles of a document say it is."""

    agency: Name | None = None
    year: int | None = None

    def contradicts(self, other: _Claim) -> bool:
        years = {self.year, other.year} - {None}
        both = self.agency is not None and other.agency is not None
        return len(years) > 1 or (both and not agree(self.agency or Name(), other.agency or Name()))


@dataclass(slots=True)
class _Cells:
    """The cells of the whole, the part that gave each, and which prints of them differ, by the two parts."""

    cells: dict[str, Cell] = field(default_factory=dict)
    givers: dict[str, str] = field(default_factory=dict)
    differing: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))


def combine(
    main: Reading | None, parts: Sequence[NamedReading], *, kind: str = "zip", document: str = "", reader: str = ""
) -> Reading:
    """Return one reading of a page (None for an archive) and its named parts, in order.

    ``kind``, ``document`` (SHA-256, hex) and ``reader`` are the archive's where there is no page.
    """
    if main is not None and not parts:
        return main
    group = _sort_parts(main, parts)
    documents = [*([("", main)] if main is not None else []), *group.used]
    taken = _take_cells(documents)
    is_report, reason = _verdict(main, parts, group)
    cells = taken.cells if is_report else {}
    identity = _identity(main, documents, group)
    text, sections = _text(main, group.used)
    title = next((one.title for _, one in documents if _claim(one) != _Claim()), "") or (main.title if main else "")
    form = _form(cells, documents)
    base = main or _archive_reading(kind, document, reader or next((one.reader for _, one in parts), ""))
    is_page = main is not None and not set(taken.givers.values()) - {""} and text == main.text
    found = [*_kept_findings(documents, taken), *_own_findings(parts, group, taken, documents)]
    found += check_whole(form, cells, identity, sections) if is_report else ()
    return replace(
        base,
        is_report=is_report,
        reason=reason,
        title=title,
        form=form,
        identity=identity,
        cells=cells,
        findings=tuple(dict.fromkeys(found)),
        sections=sections,
        parts=_parts(main, parts, group.used),
        text=text,
        content_digest=base.content_digest if is_page else _digest(text, cells, title, [one for _, one in parts]),
        unreadable="" if cells or text or group.is_open else _unreadable(main, parts),
    )


def _archive_reading(kind: str, document: str, reader: str) -> Reading:
    return Reading(
        document=document,
        reader=reader,
        normaliser=NORMALISER,
        kind=kind,
        is_report=False,
        reason="empty",
        title="",
        form=None,
        identity=IdentityEvidence(),
        content_digest=document,
    )


# -------------------------------------------------------------------------------------------------- what belongs to it


def _sort_parts(main: Reading | None, parts: Sequence[NamedReading]) -> _Group:
    """Sort the parts that are reports by the agency and year that the page names, or else the first of them."""
    page = held = _claim(main) if main is not None else _Claim()
    group = _Group()
    for name, part in parts:
        if not part.is_report or part.unreadable:
            continue
        own = _claim(part, name)
        if own.contradicts(held):
            group.foreign.append(name)
            group.is_open |= not own.contradicts(page)
            continue
        group.used.append((name, part))
        held = _Claim(held.agency or own.agency, held.year or own.year)
    if group.is_open:
        group.foreign = [name for name, part in parts if name in group.foreign or (name, part) in group.used]
        group.used = []
    return group


def _claim(reading: Reading, name: str = "") -> _Claim:
    """Return what the title of a document says, completed by the name of its file."""
    stem = name.rpartition("/")[2].rpartition(".")[0]
    verdicts = [one for one in (title_of(reading.identity)[0], judge(stem)) if one and one.could_be]
    named = (complete(one.agency, None) for one in verdicts if one.agency and not one.generic)
    return _Claim(
        next((agency for agency in named if agency.text), None), next((one.year for one in verdicts if one.year), None)
    )


def _verdict(main: Reading | None, parts: Sequence[NamedReading], group: _Group) -> tuple[bool, str]:
    """Return whether the whole is a report, and why not. Of several reports their links say which is meant."""
    if group.is_open and not (main is not None and main.is_report and main.cells):
        return True, "several_reports"
    if (main is not None and main.is_report) or any(part.is_report for _, part in parts if main is None or group.used):
        return True, ""
    reasons = [main.reason] if main is not None else [part.reason for _, part in parts]
    return False, next((reason for reason in reasons if reason), "empty")


def _unreadable(main: Reading | None, parts: Sequence[NamedReading]) -> str:
    return next((one.unreadable for one in ([main] if main else [part for _, part in parts]) if one.unreadable), "")


# --------------------------------------------------------------------------------------------------------------- cells


@cache
def _tables() -> Mapping[str, str]:
    """Return by indicator id the key of the table that prints it."""
    return {name: place.table for form in all_forms() for name, place in form.places.items()}


def _take_cells(documents: Sequence[NamedReading]) -> _Cells:
    """Take each table from the first document that prints at least half of what the fullest prints.

    A table that goes on in another document (photographed on two images) is completed where no cell is in both.
    """
    taken = _Cells()
    for table in dict.fromkeys(_tables().values()):
        prints = [(name, _cells_of(reading, table)) for name, reading in documents]
        prints = [(name, cells) for name, cells in prints if cells]
        most = max((len(cells) for _, cells in prints), default=0)
        first = next((number for number, (_, cells) in enumerate(prints) if 2 * len(cells) >= most), 0)
        for name, cells in [*prints[first:], *prints[:first]]:
            common = cells.keys() & taken.cells.keys()
            if not common:
                taken.cells |= {key: _with_part(cell, name) for key, cell in cells.items()}
                taken.givers |= dict.fromkeys(cells, name)
                continue
            for key in (key for key in cells if key in common and _differs(taken.cells[key], cells[key])):
                taken.differing[taken.givers[key], name].append(key)
                flags = dict.fromkeys((*taken.cells[key].flags, "conflict"))
                taken.cells[key] = replace(taken.cells[key], flags=tuple(flags))
    return taken


def _cells_of(reading: Reading, table: str) -> dict[str, Cell]:
    return {name: cell for name, cell in reading.cells.items() if _tables().get(name) == table}


def _with_part(cell: Cell, name: str) -> Cell:
    inner = cell.locator.get("part")
    return replace(cell, locator={**cell.locator, "part": f"{name}/{inner}" if inner else name}) if name else cell


def _differs(one: Cell, other: Cell) -> bool:
    """Whether two prints of a cell contradict each other; one that could not be read contradicts nothing."""
    return one.value != other.value and UNSURE.isdisjoint((*one.flags, *other.flags))


def _form(cells: Mapping[str, Cell], documents: Sequence[NamedReading]) -> str | None:
    """Return the form that has most of the cells; of several, and without cells, that which a document names."""
    named = [one.form for _, one in documents if one.form]
    fits = {form.name: sum(name in form.places for name in cells) for form in all_forms()}
    likeliest = [name for name, count in fits.items() if count and count == max(fits.values())]
    return next((name for name in named if not likeliest or name in likeliest), likeliest[0] if likeliest else None)


# ------------------------------------------------------------------------------------------------------ text, identity


def _text(main: Reading | None, used: Sequence[NamedReading]) -> tuple[str, tuple[Section, ...]]:
    """Return the page's text and sections; of a page that is only a frame those of the parts too, each section once."""
    readings = [*([main] if main is not None else []), *(one for _, one in used)]
    if main is not None and len({section.key for section in main.sections if section.key}) >= MIN_SECTIONS:
        return main.text, main.sections
    sections: dict[str, Section] = {}
    for reading in readings:
        for section in reading.sections:
            sections.setdefault(section.key or section.heading, section)
    text = "\n".join(dict.fromkeys(one.text for one in readings if one.text))
    return text[:TEXT_MAX_CHARS], tuple(sections.values())


def _identity(main: Reading | None, documents: Sequence[NamedReading], group: _Group) -> IdentityEvidence:
    """Return the evidence of the first document that names a report; the others fill in what it leaves out."""
    readings = [one for _, one in documents]
    if group.is_open or not readings:
        return main.identity if main is not None else IdentityEvidence()
    first = next((one for one in readings if _claim(one) != _Claim()), readings[0])
    ordered = [first.identity, *(one.identity for one in readings if one is not first)]
    meta: dict[str, str] = {}
    for one in reversed(readings):  # what the page says of itself stands
        meta |= one.identity.meta
    names = [name.rpartition("/")[2].rpartition(".")[0] for name, _ in documents if name]
    titles = [*(title for one in ordered for title in one.titles), *(name for name in names if judge(name).could_be)]
    return IdentityEvidence(
        titles=tuple(dict.fromkeys(titles)),
        meta=meta,
        breadcrumb=readings[0].identity.breadcrumb,
        statements=next((one.statements for one in ordered if one.statements), ()),
        period=next((one.period for one in ordered if one.period), ()),
        running=next((one.running for one in ordered if one.running), ()),
        corrected=any(one.corrected for one in ordered),
        dates=tuple(dict.fromkeys(date for one in readings for date in one.identity.dates)),
    )


def _parts(main: Reading | None, parts: Sequence[NamedReading], used: Sequence[NamedReading]) -> tuple[Part, ...]:
    own = main.parts if main is not None else tuple(Part(kind="attachment", url=name) for name, _ in parts)
    return tuple(dict.fromkeys((*own, *(part for _, one in used for part in one.parts))))


def _digest(text: str, cells: Mapping[str, Cell], title: str, readings: Sequence[Reading]) -> str:
    if text or cells:
        return content_digest([Line(line) for line in text.split("\n")], cells, title)
    return digest_of_digests(one.content_digest for one in readings)


# ------------------------------------------------------------------------------------------------------------ findings


def _kept_findings(documents: Sequence[NamedReading], taken: _Cells) -> Iterator[Finding]:
    """Yield what was said of each document; what is about cells only where one of them was taken from it."""
    for name, reading in documents:
        for one in reading.findings:
            is_about_it = not one.cells or any(taken.givers.get(cell) == name for cell in one.cells)
            if is_about_it and one.code not in CODES_OF_THE_WHOLE:
                yield one


def _own_findings(
    parts: Sequence[NamedReading], group: _Group, taken: _Cells, documents: Sequence[NamedReading]
) -> Iterator[Finding]:
    """Yield what only shows where documents meet."""
    for (one, other), cells in taken.differing.items():
        case = "parts" if one else "page"
        yield finding("parts_differ", case=case, cells=cells, one=one, other=other, count=len(cells))
    givers = set(taken.givers.values())
    forms = sorted({one.form for name, one in documents if name in givers and one.form})
    if len(forms) > 1:
        yield finding("mixed_forms", case="tables", forms=first_in_both(forms, len(forms)))
    if group.foreign:
        case = "attached_open" if group.is_open else "attached"
        yield finding("several_reports", case=case, found=first_of(group.foreign, MAX_NAMES))
    for name, reading in parts:
        if reason := reading.unreadable:
            severity = Severity.INFO if taken.cells else None
            yield finding(
                "part_unreadable", case="attached", severity=severity, found=reason, name=name, why=why(reason)
            )
