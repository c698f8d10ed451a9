"""Show an edition of a report, with its cells in the order of its form, and compare two editions of a report."""

from __future__ import annotations

import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from operator import attrgetter

from archive.assessment.measures import find
from archive.forms.loader import known_form
from archive.fuzzy_lookup import nearest_names
from archive.parser.stated import find_stated_figures
from archive.queries import bounds
from archive.queries.bounds import NotKnownError, suggest_year
from archive.queries.evidence import edition_lines
from archive.queries.results import CellChange, CellLine, Difference, Report, SectionLine
from archive.queries.selection import agency_line, known_portals
from archive.queries.stored import editions_of, findings_of, of_report, open_projections, open_snapshot
from archive.queries.text_differences import (
    MOST_LINES,
    count_changed_lines,
    paragraph_changes,
    without_ends,
    written_paragraphs,
)
from archive.queries.where import one_agency
from archive.queries.withheld_content import Outgoing, outgoing
from storage.capture_store import captures_by_id
from storage.home import Home
from storage.old_readings import FormerReadings
from storage.projections import ProjectionStore
from storage.records import SHANGHAI, Agency, Duty, Edition, Reading, ReportKey, StoredCell
from storage.search_texts import SearchParagraph


def show(home: Home, agency: str, year: int, edition: str | None = None, reader: str | None = None) -> Report:
    """Return an edition (by default the newest) of the report of ``agency`` on ``year``, with text, cells and findings.
    ``edition``: its id, a number from 1 (oldest first), or the beginning of the digest of any of its documents;
    ``reader``: an earlier version of the reader, whose reading is shown. A withheld report is shown without text and
    cells. Raises :class:`NotKnownError` if the edition is not held.
    """
    year, out = bounds.reporting_year(year), outgoing(home)
    with open_snapshot(home) as store:
        who = one_agency(home, agency)
        editions = _editions(store, who, year)
        chosen = _pick(home, editions, edition)
        reading = _reading_by(home, store, chosen, reader)
        about = (chosen.id, *chosen.documents)
        findings = [one.finding for one in findings_of(store, who.id, year) if one.subject in about]
        near = [one for other in (year - 1, year + 1) for one in editions_of(store, who.id, other)] if out.ruled else []
        (line,), line_of_agency = edition_lines(home, [chosen], out), agency_line(who, known_portals(home))
    secret = out.ruled.hides(chosen)
    text = None if secret else reading  # what may be shown of the reading
    # the first capture of the document with the cells; if they come from several documents, of the page
    names = (chosen.cells_from, chosen.main)
    sources = (one for name in names for one in line.captures if name and one.document == name)
    sections, stated = (text.sections, find_stated_figures(text)) if text else ((), ())
    all_findings = [*chosen.findings, *findings, *(reading.findings if reading else ())]
    return Report(
        agency=line_of_agency,
        edition=line,
        others=tuple(other.id for other in editions if other.id != chosen.id),
        title=out.text(text.title) if text else "",
        kind=reading.kind if reading else "",
        form=reading.form if reading else None,
        reader=reading.reader if reading else "",
        cells=_cell_lines(text, out) if text else (),
        sections=tuple(SectionLine(heading=out.text(one.heading), text=out.text(one.text)) for one in sections),
        findings=out.findings(all_findings, withheld=secret, beside=any(map(out.ruled.hides, near))),
        source=next(sources, None),
        withheld=secret,
        stated=tuple(replace(one, raw=out.text(one.raw), sentence=out.text(one.sentence)) for one in stated),
    )


def diff(home: Home, agency: str, year: int, a: str | None = None, b: str | None = None) -> Difference:
    """Compare two editions (contents over time) cell by cell and line by line: by default the newest with the one
    before it. ``a`` and ``b`` name editions as in :func:`show`. If one is withheld, no differences are given. Raises
    :class:`NotKnownError` if there is only one edition.
    """
    year, out = bounds.reporting_year(year), outgoing(home)
    with open_snapshot(home) as store:
        who = one_agency(home, agency)
        editions = _editions(store, who, year)
        if len(editions) < 2 and (a is None or b is None):
            raise _one_edition(editions[0], who.name)
        before = _pick(home, editions, a) if a is not None else editions[-2]
        after = _pick(home, editions, b) if b is not None else editions[-1]
        secret = out.ruled.hides(before) or out.ruled.hides(after)
        (difference,) = [_NOTHING] if secret else _compare_pairs(store, [(before, after)], out)
        line_before, line_after = edition_lines(home, [before, after], out)
    return Difference(
        agency=agency_line(who, known_portals(home)),
        year=year,
        before=line_before,
        after=line_after,
        cells=difference.cells,
        withheld=secret,
        paragraphs=paragraph_changes(difference.before, difference.after),
        shortened=difference.shortened,
    )


def count_changes(
    store: ProjectionStore, pairs: Sequence[tuple[Edition, Edition]], out: Outgoing
) -> Generator[tuple[int, int] | None]:
    """Yield for each pair of editions how many cells and lines differ; None if one of the two was not read."""
    for one in _compare_pairs(store, pairs, out):
        yield (len(one.cells), count_changed_lines(one.before, one.after)) if one.both_read else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Differing:
    """What differs between two editions. ``before`` and ``after``: their paragraphs, without equal ones at the start
    and the end; ``shortened``: one has more lines than are compared.
    """

    cells: tuple[CellChange, ...]
    before: list[SearchParagraph]
    after: list[SearchParagraph]
    shortened: bool
    both_read: bool


_NOTHING = _Differing(cells=(), before=[], after=[], shortened=False, both_read=False)


def _compare_pairs(
    store: ProjectionStore, pairs: Sequence[tuple[Edition, Edition]], out: Outgoing
) -> Generator[_Differing]:
    """Compare the cells and texts of the two editions of each pair; all readings are loaded with one query. If the
    cells come from a file beside the page, the page's text counts too. Equal paragraphs at both ends are left out.
    """
    has_page = [_has_page(before) or _has_page(after) for before, after in pairs]
    documents = []
    for (before, after), with_page in zip(pairs, has_page, strict=True):
        documents.append((before.cells_document, after.cells_document))
        documents += [(before.main, after.main)] if with_page else []
    with closing(store.reading_pairs(documents)) as readings:
        for (before, after), with_page in zip(pairs, has_page, strict=True):
            cells_before, cells_after = next(readings)
            page_before, page_after = next(readings) if with_page else (None, None)
            text_before = written_paragraphs([page_before if _has_page(before) else None, cells_before])
            text_after = written_paragraphs([page_after if _has_page(after) else None, cells_after])
            shortened = MOST_LINES in (len(text_before), len(text_after))
            text_before, text_after = without_ends(text_before, text_after, out.secrets)
            yield _Differing(
                cells=_cell_changes(cells_before, cells_after, out),
                before=text_before,
                after=text_after,
                shortened=shortened,
                both_read=cells_before is not None and cells_after is not None,
            )


def _has_page(edition: Edition) -> bool:
    """Whether the cells come from one file beside the page, so that the page may contain text of its own."""
    return edition.cells_from != edition.main and edition.cells_from in edition.documents


def _one_edition(edition: Edition, agency: str) -> NotKnownError:
    """Return the error for a report with one edition: it was seen only once, or several times without a change."""
    first, last = (at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") for at in (edition.first_seen, edition.last_seen))
    code = "not_known.met_once" if edition.first_seen == edition.last_seen else "not_known.one_edition"
    return NotKnownError(code=code, agency=agency, year=edition.year, edition=edition.id, first=first, last=last)


def report_named(home: Home, agency: str, year: int) -> ReportKey:
    """Return the agency's id and the year of a report that is held or due. Raises NotKnownError as :func:`show`."""
    who, store = one_agency(home, agency), open_projections(home)
    if not _is_owed(store, who, year):
        _editions(store, who, year)
    return who.id, year


def documents_of(home: Home, agency: str, year: int, edition: str | None = None) -> tuple[str, ...]:
    """Return the SHA-256 of each document of a report's editions, or of one edition (named as in :func:`show`); empty
    if the report is due but not held. Raises NotKnownError.
    """
    who, store = one_agency(home, agency), open_projections(home)
    editions = editions_of(store, who.id, year)
    if edition is not None:
        editions = [_pick(home, _editions(store, who, year), edition)]
    return tuple(dict.fromkeys(document for one in editions for document in one.documents))


def _is_owed(store: ProjectionStore, who: Agency, year: int) -> bool:
    """Whether the agency has a duty to report on the year."""
    return bool(of_report(store, Duty, store.tables.duties, who.id, year))


def _editions(store: ProjectionStore, who: Agency, year: int) -> Sequence[Edition]:
    """Return a report's contents over time, oldest first. Raises NotKnownError, with other years, if there are none."""
    editions = editions_of(store, who.id, year)
    if editions:
        return editions
    years = {edition.year for edition in store.editions(who.portal) if edition.agency == who.id}
    if years and not _is_owed(store, who, year):
        raise suggest_year(year, years)
    raise NotKnownError(suggestions=map(str, sorted(years)), code="not_known.report", agency=who.name, year=year)


def _pick(home: Home, editions: Sequence[Edition], name: str | None) -> Edition:
    """Return the newest edition, or that of ``name``: a number, id, or begin of a digest. Raises NotKnownError."""
    if name is None:
        return max(editions, key=attrgetter("order"))
    if name.isdigit() and len(name) < 4 and 1 <= int(name) <= len(editions):
        return editions[int(name) - 1]
    last = name.rpartition("@")[2].lower()
    matches = [edition for edition in editions if name == edition.id or last == edition.id.rpartition("@")[2]]
    short = last.partition(".")[0]  # without ".2", which ids have if earlier content returns
    if not matches and len(short) >= 6:
        digests = _digests(home, editions)
        matches = [one for one in editions if any(digest.startswith(short) for digest in digests[one.id])]
    if not matches:
        ids = [edition.id for edition in editions]
        raise NotKnownError(suggestions=nearest_names(name, ids) or ids, code="not_known.edition", text=name)
    return matches[0]


def _digests(home: Home, editions: Sequence[Edition]) -> Mapping[str, list[str]]:
    """Return the digests of the documents and captures of each edition, by the edition's id."""
    captures = captures_by_id(home, [name for edition in editions for name in edition.captures])
    fetched = {one.id: [captures[name].document for name in one.captures if name in captures] for one in editions}
    names = {one.id: (one.main, one.content_digest, *one.documents, *fetched[one.id]) for one in editions}
    return {edition: [one for one in digests if one is not None] for edition, digests in names.items()}


def _reading_by(home: Home, store: ProjectionStore, edition: Edition, reader: str | None) -> Reading | None:
    """Return the reading of the document with the cells by ``reader`` (None: the present version; None if unread)."""
    present = store.reading(edition.cells_document)
    if reader is None:
        return present
    readings = dict(FormerReadings(home).of(edition.cells_document))
    readings |= {present.reader: present} if present is not None else {}
    if reader not in readings:
        raise NotKnownError(suggestions=sorted(readings), code="not_known.reading", edition=edition.id, reader=reader)
    return readings[reader]


# ---------------------------------------------------------------------------------------------- cells


def _cell_lines(reading: Reading, out: Outgoing) -> tuple[CellLine, ...]:
    """Return the printed cells in the order of the form, with its labels; cells that the form lacks come last."""
    labels = place_labels(reading.form)
    return tuple([_cell_line(reading.cells[one], labels, out) for one in _in_order(reading.cells, labels)])


@dataclass(frozen=True, slots=True)
class PlaceLabel:
    """The labels that a form prints for one indicator; ``order``: its position on the form, from 0."""

    section: str
    row: str
    column: str
    unit: str
    order: int

    @property
    def zh(self) -> str:
        """The labels of its row and column."""
        return " / ".join(part for part in (self.row, self.column) if part)


@lru_cache(maxsize=4_096)
def _unlabelled(name: str) -> PlaceLabel:
    """Return labels for an indicator that the form lacks; they sort behind all others."""
    return PlaceLabel("", name, "", "", sys.maxsize)


@cache
def place_labels(name: str | None) -> Mapping[str, PlaceLabel]:
    """Return the labels of a form's indicators by id, in its order; empty if the form ``name`` is None or unknown."""
    form = known_form(name)
    if form is None:
        return {}
    headings = {section.key: section.heading for section in reversed(form.sections)}
    labels = {}
    for order, (one, place) in enumerate(form.places.items()):
        section = form.table(place.table).section
        row = " / ".join((*place.row.groups, place.row.label))
        labels[one] = PlaceLabel(headings.get(section, section), row, place.column.label, place.unit, order)
    return labels


def _in_order(cells: Mapping[str, StoredCell], labels: Mapping[str, PlaceLabel]) -> list[str]:
    """Return the ids of cells in the order of the form; those that the form lacks come last."""
    return sorted(cells, key=lambda one: ((labels.get(one) or _unlabelled(one)).order, one))


def _cell_line(cell: StoredCell, labels: Mapping[str, PlaceLabel], out: Outgoing) -> CellLine:
    label = labels.get(cell.id) or _unlabelled(cell.id)
    return CellLine(
        id=cell.id, section=label.section, row=label.row, column=label.column, unit=label.unit,
        value=cell.value, raw=_raw(cell, out), state=cell.state, locator=cell.locator, flags=cell.flags,
    )  # fmt: skip


def _raw(cell: StoredCell, out: Outgoing) -> str:
    """Return the text of a cell without what is withheld. Figures, which most cells are, need no search."""
    return cell.raw if cell.raw.isascii() and "/" not in cell.raw else out.text(cell.raw)


def _cell_changes(before: Reading | None, after: Reading | None, out: Outgoing) -> tuple[CellChange, ...]:
    """Return the cells that differ, in the order of the earlier form, then of the later. A reading None has no cell."""
    cells_before: Mapping[str, StoredCell] = before.cells if before else {}
    cells_after: Mapping[str, StoredCell] = after.cells if after else {}
    labels_before, labels_after = (place_labels(one.form if one else None) for one in (before, after))
    changes = []
    for name in dict.fromkeys([*_in_order(cells_before, labels_before), *_in_order(cells_after, labels_after)]):
        cell_before, cell_after = cells_before.get(name), cells_after.get(name)
        if cell_before is None or cell_after is None or not _says_the_same(cell_before, cell_after, out):
            label = (labels_before if cell_after is None else labels_after).get(name) or _unlabelled(name)
            line_before = None if cell_before is None else _cell_line(cell_before, labels_before, out)
            line_after = None if cell_after is None else _cell_line(cell_after, labels_after, out)
            change = CellChange(
                id=name, section=label.section, row=label.row, column=label.column,
                before=line_before, after=line_after, zh=label.zh, en=english_label(name),
            )  # fmt: skip
            changes.append(change)
    return tuple(changes)


@lru_cache(maxsize=4_096)
def english_label(name: str) -> str:
    """Return what an indicator is in English, or the words of its id if it is unknown."""
    measure = find(name)
    return name.replace("_", " ").replace(".", ", ") if measure is None else measure.en


def _says_the_same(one: StoredCell, other: StoredCell, out: Outgoing) -> bool:
    """Whether two cells print the same: numbers by value (3 equals 3.0), others by text without what is withheld."""
    if one.value is not None or other.value is not None:
        return one.value == other.value
    return one.state == other.state and (one.raw == other.raw or _raw(one, out) == _raw(other, out))
