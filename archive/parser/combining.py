"""Combine several documents into one report: a page and its attachments, or the members of a container.

Cells are taken table by table from the first document that prints the table; which part gave a cell stands in its
locator. What contradicts is told and flagged; documents of another agency or year are left out.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from archive.documents.unreadable_reasons import why
from archive.findings import finding, first_in_both, first_of
from archive.forms.loader import all_forms, known_form, load_forms
from archive.identity.evidence import undisputed
from archive.parser.absent_tables import ROWS_MISSING, rows_gone, tables_missing
from archive.parser.blank_forms import blank_aside
from archive.parser.cells import with_flag
from archive.parser.checks import check_cells
from archive.parser.content import NORMALISER, content_digest
from archive.parser.form_detection import distinctive_labels
from archive.parser.form_years import OTHER_YEAR, of_another_year
from archive.parser.narrative import check_text
from archive.parser.reading import BLANK
from archive.parser.report_grouping import Belonging, ReportClaim, belong, claim, names_a_report, stem
from storage.records import Cell, Finding, IdentityEvidence, Part, Reading, Section, Severity

_TEXT = 400_000  #: characters of main text kept, as in the reader
_MOST = 12  #: names in a sentence
_UNSURE = {"low_confidence", "repaired", "not_a_number", "not_integer", "count_mismatch"}
_SECTIONS = 2  #: of the report's sections from which a text is the report's own
_OF_THE_FRAME = {"tables_absent", "table_missing", "unreadable"}  #: untrue of a page once its parts gave the report
_OF_A_PART = {"tables_absent", "table_missing", "unreadable"}  #: said of the whole, or by ``part_unreadable``

NamedReading = tuple[str, Reading]


@dataclass(slots=True)
class _Combination:
    """The cells of the whole. ``giver``: cell → the part that gave it ("" the page); ``source``: the same by table."""

    cells: dict[str, Cell] = field(default_factory=dict)
    giver: dict[str, str] = field(default_factory=dict)
    source: dict[str, str] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)  # table → form
    possible: dict[str, frozenset[str]] = field(default_factory=dict)  # table → forms that print all its cells
    differing: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))


def combine(
    main: Reading | None, parts: Sequence[NamedReading], *, kind: str = "zip", document: str = "", reader: str = ""
) -> Reading:
    """Make one reading of a page (None for a bare container) and its named attachments or members, in order.

    ``kind``, ``document`` (SHA-256, hex) and ``reader`` are those of the container where there is no page. The names
    are shown and stand as ``part`` in the locators of the cells that the parts gave.
    """
    if main is not None and not parts:
        return main
    belonging = belong(main, parts)
    used = [parts[number] for number in belonging.used]
    page: list[NamedReading] = [("", main)] if main is not None else []
    printing, put_aside = blank_aside(page, used, _tables())
    combination = _take([*printing, *used])
    if used or (main is not None and main.is_report):
        _add_blank_tables(combination, parts)
    from_parts = bool(set(combination.giver.values()) - {""})
    frame = main is None or not main.is_report or not _has_sections(main)
    texts, sections = _text(main, used, frame)
    identity = _identity(main, parts, belonging)
    form = _form(combination, [*page, *used])
    found = _with_rows_gone(
        [*_findings(main, used, combination), *put_aside, *_combining_findings(parts, belonging, combination)],
        combination,
        form,
    )
    if used or from_parts:
        found = [finding for finding in found if finding.code != OTHER_YEAR]
        found += [*_checks(combination, identity, sections), *tables_missing(form, combination.cells)]
    if any(section.key for section in sections):
        found = [finding for finding in found if finding.code != "sections_unnamed"]
    is_report, reason = _verdict(main, parts, belonging)
    unreadable = _unreadable(main, parts, bool(combination.cells or texts or belonging.open))
    base = main or _container(kind, document, reader or next((r.reader for _, r in parts), ""))
    named = main is not None and names_a_report(main)
    same = main is not None and not from_parts and texts == main.text
    title = base.title if named or (main and not used) else next((r.title for _, r in used if r.title), base.title)
    return replace(
        base,
        is_report=is_report,
        reason=reason,
        title=title,
        form=form,
        identity=identity,
        cells=combination.cells if is_report else {},
        findings=tuple(dict.fromkeys(found)),
        sections=sections,
        parts=_parts(main, parts, used),
        text=texts,
        content_digest=base.content_digest if same else _digest(texts, combination.cells, title, [*page, *parts]),
        unreadable=unreadable,
    )


def _container(kind: str, document: str, reader: str) -> Reading:
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


# ------------------------------------------------------------------------------------------------------------- cells


@cache
def _tables() -> Mapping[str, str]:
    """Indicator id → key of the table that prints it; the tables of all forms share their keys."""
    return {name: place.table for form in all_forms() for name, place in form.places.items()}


@cache
def _national() -> frozenset[str]:
    """Keys of the tables that a report on a national form has."""
    return frozenset(table.key for form in load_forms() for table in form.tables)


def _by_table(reading: Reading) -> dict[str, dict[str, Cell]]:
    found: dict[str, dict[str, Cell]] = defaultdict(dict)
    for name, cell in reading.cells.items():
        found[_tables().get(name, "")][name] = cell
    return found


def _take(readings: Sequence[NamedReading]) -> _Combination:
    """Each table from the first that prints it: that has at least half the cells of the fullest print of it.

    What goes on in another document (a table photographed on two images) is added: prints without a common cell, if one
    form has the rows of all. Which form such a part follows cannot be told from it where all print these rows.
    """
    printed = [(name, reading, _by_table(reading)) for name, reading in readings]
    combination = _Combination()
    for table in dict.fromkeys(_tables().values()):
        prints = [(name, reading, cells[table]) for name, reading, cells in printed if table in cells]
        if not prints:
            continue
        most = max(len(cells) for _, _, cells in prints)
        name, reading, cells = next(found for found in prints if 2 * len(found[2]) >= most)
        _begin_table(combination, table, name, reading)
        _add(combination, name, cells)
        possible = _possible_forms(cells)
        for other, again, others in prints:
            if again is reading:
                continue
            shared = possible & _possible_forms(others)
            if shared and not others.keys() & combination.cells.keys():
                _add(combination, other, others)
                possible = shared
            combination.differing[name, other] += [key for key in cells if _differs(cells[key], others.get(key))]
        if table in combination.forms:
            combination.possible[table] = possible
    _choose_forms(combination)
    for keys in combination.differing.values():
        for key in keys:
            if "conflict" not in combination.cells[key].flags:
                combination.cells[key] = with_flag(combination.cells[key], "conflict")
    return combination


@cache
def _forms() -> Mapping[str, frozenset[str]]:
    """Indicator id → names of the forms that print it."""
    found: dict[str, set[str]] = defaultdict(set)
    for form in all_forms():
        for name in form.places:
            found[name].add(form.name)
    return {name: frozenset(forms) for name, forms in found.items()}


def _possible_forms(cells: Mapping[str, Cell]) -> frozenset[str]:
    """The forms that print all of these cells."""
    every = frozenset(form.name for form in all_forms())
    return frozenset.intersection(every, *(_forms().get(name, every) for name in cells))


def _choose_forms(combination: _Combination) -> None:
    """The form of each table: one of those that print all its cells; of several that which the other tables follow."""
    for table, possible in combination.possible.items():
        if len(possible) == 1:
            combination.forms[table] = next(iter(possible))
    known = {form for table, form in combination.forms.items() if len(combination.possible.get(table, ())) == 1}
    for table, possible in combination.possible.items():
        if len(possible) > 1 and len(known & possible) == 1:
            combination.forms[table] = next(iter(known & possible))


def _add_blank_tables(combination: _Combination, parts: Sequence[NamedReading]) -> None:
    """Tables that only a part with nothing in it prints: blank there, if that part is no form of somebody else."""
    for name, reading in parts:
        if reading.reason != BLANK or claim(reading, name) != ReportClaim():
            continue
        for table, cells in _by_table(reading).items():
            if table not in combination.source:
                _begin_table(combination, table, name, reading)
                _add(combination, name, cells)


def _begin_table(combination: _Combination, table: str, name: str, reading: Reading) -> None:
    combination.source[table] = name
    labels = distinctive_labels().get(table)
    if reading.form and (labels is None or any(labels.values())):  # 复议、诉讼 is printed alike on all forms
        combination.forms[table] = reading.form


def _add(combination: _Combination, name: str, cells: Mapping[str, Cell]) -> None:
    combination.cells |= {key: _from_part(cell, name) for key, cell in cells.items()}
    combination.giver |= dict.fromkeys(cells, name)


def _from_part(cell: Cell, name: str) -> Cell:
    if not name:
        return cell
    inner = cell.locator.get("part")
    return replace(cell, locator={**cell.locator, "part": f"{name}/{inner}" if inner else name})


def _differs(one: Cell, other: Cell | None) -> bool:
    """Whether two prints of a place contradict each other; what could not be read contradicts nothing."""
    if other is None or one.value == other.value:
        return False
    return not (_UNSURE & set(other.flags)) and not (one.value is None and _UNSURE & set(one.flags))


def _form(combination: _Combination, readings: Sequence[NamedReading]) -> str | None:
    """The form of the tables taken (that of most cells), else the first that a document names."""
    if combination.forms:
        sizes = {table: sum(_tables()[name] == table for name in combination.cells) for table in combination.forms}
        return combination.forms[max(combination.forms, key=lambda table: sizes[table])]
    return next((reading.form for _, reading in readings if reading.form), None)


# ----------------------------------------------------------------------------------------------------- text, identity


def _has_sections(reading: Reading) -> bool:
    """Whether a text has sections of the report, so is no mere frame."""
    return len({section.key for section in reading.sections if section.key}) >= _SECTIONS


def _text(main: Reading | None, used: Sequence[NamedReading], frame: bool) -> tuple[str, tuple[Section, ...]]:
    """The page's text and sections; those of the parts where the page is only a frame, each section once."""
    if main is not None and not frame:
        return main.text, main.sections
    readings = [*((main,) if main is not None else ()), *(reading for _, reading in used)]
    sections: list[Section] = []
    for reading in readings:
        keys = {section.key for section in sections if section.key}
        further = [s for s in reading.sections if (s.key and s.key not in keys) or (not s.key and not keys)]
        if any(section.key for section in reading.sections):
            sections += further
    if not sections and main is not None:
        sections = list(main.sections)
    return "\n".join(dict.fromkeys(r.text for r in readings if r.text))[:_TEXT], tuple(sections)


def _identity(main: Reading | None, parts: Sequence[NamedReading], belonging: Belonging) -> IdentityEvidence:
    """The page's, if it names a report, else the first part's that does; the others fill in what it leaves out."""
    used = [parts[number] for number in belonging.used]
    if belonging.open:
        return main.identity if main is not None else _common_identity(parts)
    documents: list[NamedReading] = [*([("", main)] if main is not None else []), *used]
    readings = [reading for _, reading in documents]
    if not readings:
        return IdentityEvidence()
    first = next((r for r in readings if names_a_report(r)), None) or next(
        (r for r in readings if r.is_report), readings[0]
    )
    ordered = [first.identity, *(r.identity for r in readings if r is not first)]
    meta: dict[str, str] = {}
    for reading in reversed(readings):  # what the page says of itself stands
        meta |= reading.identity.meta
    return IdentityEvidence(
        titles=_titles(first, documents),
        meta=meta,
        breadcrumb=readings[0].identity.breadcrumb,
        statements=next((said.statements for said in ordered if said.statements), ()),
        period=next((said.period for said in ordered if said.period), ()),
        running=next((said.running for said in ordered if said.running), ()),
        corrected=any(said.corrected for said in ordered),
        dates=tuple(dict.fromkeys(date for r in readings for date in r.identity.dates)),
    )


def _titles(first: Reading, documents: Sequence[NamedReading]) -> tuple[str, ...]:
    """The titles of the document that speaks; of the others (their file names last) what they say more."""
    titles = [*first.identity.titles]
    page_claim = claim(first)
    agency, year = page_claim.agency is not None, page_claim.year is not None
    for name, reading in documents:
        for claimed, texts in ((claim(reading), reading.identity.titles), (claim(reading, name), (stem(name),))):
            if (claimed.agency is not None and not agency) or (claimed.year is not None and not year):
                titles += texts
                agency, year = agency or claimed.agency is not None, year or claimed.year is not None
    return tuple(dict.fromkeys(title for title in titles if title))


def _common_identity(parts: Sequence[NamedReading]) -> IdentityEvidence:
    """What several reports in one container agree in: perhaps the year, perhaps the agency."""
    claims = [claim(reading, name) for name, reading in parts if reading.is_report and not reading.unreadable]
    years = {one.year for one in claims}
    agencies = {one.agency.text if one.agency is not None else "" for one in claims}
    year, agency = years.pop() if len(years) == 1 else None, agencies.pop() if len(agencies) == 1 else ""
    return IdentityEvidence(period=(year,) if year else (), statements=(agency,) if agency else ())


def _verdict(main: Reading | None, parts: Sequence[NamedReading], belonging: Belonging) -> tuple[bool, str]:
    """Is it a report, and why not. Several reports in one container are some report: their lead says which."""
    if belonging.open and not (main is not None and main.is_report and main.cells):
        return True, "several_reports"
    if (main is not None and main.is_report) or belonging.used:
        return True, ""
    if main is not None:
        return False, main.reason
    if any(reading.is_report for _, reading in parts):
        return True, ""
    return False, next((reading.reason for _, reading in parts if reading.reason), "empty")


def _unreadable(main: Reading | None, parts: Sequence[NamedReading], something: bool) -> str:
    if main is not None:
        return "" if something else main.unreadable
    return "" if something else next((reading.unreadable for _, reading in parts if reading.unreadable), "")


def _parts(main: Reading | None, parts: Sequence[NamedReading], used: Sequence[NamedReading]) -> tuple[Part, ...]:
    own = main.parts if main is not None else tuple(Part(kind="attachment", url=name) for name, _ in parts)
    return tuple(dict.fromkeys((*own, *(part for _, reading in used for part in reading.parts))))


def _digest(text: str, cells: Mapping[str, Cell], title: str, readings: Sequence[NamedReading]) -> str:
    """Over the content; over the documents where they have none."""
    if text or cells:
        return content_digest(text.split("\n"), cells, title)
    return hashlib.sha256("\n".join(reading.content_digest for _, reading in readings).encode()).hexdigest()


# ---------------------------------------------------------------------------------------------------------- findings


def _findings(main: Reading | None, used: Sequence[NamedReading], combination: _Combination) -> Iterator[Finding]:
    """What was said of the page and of the parts, as far as it is true of the whole."""
    if main is not None:
        yield from (
            f for f in main.findings if _still(f, "", combination) and not (used and _is_resolved(f, combination))
        )
    absent = None
    for name, reading in used:
        absent = absent or next((f for f in reading.findings if f.code == "tables_absent"), None)
        yield from (
            f
            for f in reading.findings
            if f.code not in _OF_A_PART and not _is_resolved(f, combination) and _still(f, name, combination)
        )
    if main is None and absent is not None and not combination.cells:
        yield absent


def _still(finding: Finding, name: str, combination: _Combination) -> bool:
    """A finding about cells is kept if one of them was taken from that document, or is missing in its table."""
    return not finding.cells or any(
        (
            combination.giver.get(cell)
            or combination.source.get(_tables().get(cell, ""), None if combination.cells else name)
        )
        == name
        for cell in finding.cells
    )


def _with_rows_gone(findings: Sequence[Finding], combination: _Combination, form: str | None) -> list[Finding]:
    """The findings; of tables that go on in another part, or follow another form than was thought, said anew which
    rows are missing in the whole.
    """
    plan = known_form(form)
    if plan is None:
        return list(findings)
    givers: dict[str, set[str]] = defaultdict(set)
    for name, giver in combination.giver.items():
        givers[_tables().get(name, "")].add(giver)
    loose = {_tables().get(cell, "") for one in findings if one.code == ROWS_MISSING for cell in one.cells}
    foreign = {
        _tables().get(cell, "")
        for one in findings
        if one.code == ROWS_MISSING
        for cell in one.cells
        if cell not in plan.places
    }
    anew = {table for table in loose if len(givers[table]) > 1} | foreign
    remaining = [
        s for s in findings if s.code != ROWS_MISSING or not anew & {_tables().get(cell, "") for cell in s.cells}
    ]
    known = {*combination.cells, *(cell for one in remaining for cell in one.cells)}
    sure = {one.severity for one in findings if one.code == ROWS_MISSING} == {Severity.INFO}
    severity = Severity.INFO if sure else Severity.WARNING
    return remaining + [one for table in plan.tables if table.key in anew for one in rows_gone(table, known, severity)]


def _is_resolved(finding: Finding, combination: _Combination) -> bool:
    """No table, no text, images that may hold it: untrue since the attachments gave it."""
    if finding.code == "needs_ocr":
        return _national() <= set(combination.source)
    return finding.code in _OF_THE_FRAME and (bool(combination.cells) or finding.code == "unreadable")


def _combining_findings(
    parts: Sequence[NamedReading], belonging: Belonging, combination: _Combination
) -> Iterator[Finding]:
    """What the combining itself has to say."""
    for (one, other), cells in combination.differing.items():
        if cells:
            yield _parts_differ(one, other, cells)
    if len(set(combination.forms.values())) > 1:
        names = sorted(set(combination.forms.values()))
        yield finding("mixed_forms", case="tables", forms=first_in_both(names, len(names)))
    if belonging.foreign:
        yield _several([parts[number][0] for number in belonging.foreign], belonging.open)
    complete = _national() <= set(combination.source)
    for name, reading in parts:
        if reading.unreadable:
            yield _part_unreadable(name, reading.unreadable, complete)


def _parts_differ(one: str, other: str, cells: Sequence[str]) -> Finding:
    return finding("parts_differ", case="parts" if one else "page", cells=cells, one=one, other=other, count=len(cells))


def _several(names: Sequence[str], unknown: bool) -> Finding:
    case = "attached_open" if unknown else "attached"
    return finding("several_reports", case=case, found=first_of(names, _MOST))


def _part_unreadable(name: str, reason: str, complete: bool) -> Finding:
    severity = Severity.INFO if complete else None
    return finding("part_unreadable", case="attached", severity=severity, found=reason, name=name, why=why(reason))


def _checks(combination: _Combination, evidence: IdentityEvidence, sections: Sequence[Section]) -> Iterator[Finding]:
    """The checks over the whole: a page's text against the tables attached to it."""
    form = known_form(_form(combination, ()))
    if form is None:
        return
    agencies, year = undisputed(evidence)
    yield from check_cells(form, combination.cells, agencies, sections)
    yield from check_text(form, combination.cells, sections, year, agencies)
    yield from of_another_year(form.name, year)
