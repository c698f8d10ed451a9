"""Decide agency, place, year and kind of a report from what the document says; disagreements become findings.

Each part of a document gives an :class:`IdentityClaim`. Order of trust: the printed title; the column in which it was
found; the page's metadata; opening and signature; the given place; the running text last, because real reports often
still have last year's or another agency's name in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from archive.findings import finding, first_of
from archive.identity import divisions, names
from archive.identity.classification import column_agency, kind_of_report
from archive.identity.matching import agree
from archive.identity.names import Name, complete
from archive.identity.text import pattern, squeeze, words
from archive.identity.titles import TitleVerdict, judge_title, strangers_words
from storage.records import SHANGHAI, Agency, Finding, IdentityEvidence, ReportKind

MAX_NAMES, MAX_PLACES_SHOWN, MAX_WORDS_SHOWN, MAX_TEXT_CHARS = 20, 5, 3, 20_000
_DATED_BY = ("metadata", "listing", "url", "signature", "object_id")  # dates of the report, not of its sending


@dataclass(frozen=True, slots=True)
class IdentityClaim:
    """The agency and year of a report according to one source, for example its title.

    ``basis``: the source, as in :class:`storage.records.Binding`; ``name`` without text or ``year`` None: the source
    does not say; ``agency``: the row of the registry that is meant, if known.
    """

    basis: str = ""
    name: Name = field(default_factory=Name)
    year: int | None = None
    agency: Agency | None = None

    @property
    def words(self) -> str:
        """The agency's name in the registry, else the completed name."""
        return self.agency.name if self.agency else self.name.text

    @property
    def is_portal_wide(self) -> bool:
        """True if metadata name a government or its office, which portals print as source of all agencies' pages."""
        return self.basis == "metadata" and names.is_publisher_of_all(self.name)

    def of_another_agency(self, other: IdentityClaim) -> bool:
        """True if both claims name an agency, and not the same one."""
        return bool(self.name.text and other.name.text) and not agree(self.name, other.name)

    def contradicts(self, other: IdentityClaim) -> bool:
        """True if the claims name different agencies or different years."""
        return self.of_another_agency(other) or len({self.year, other.year} - {None}) > 1

    def completed_by(self, other: IdentityClaim) -> IdentityClaim:
        """Return this claim with the agency or year of ``other`` if it names none itself."""
        return replace(self, name=self.name if self.name.text else other.name, year=self.year or other.year)


@dataclass(frozen=True, slots=True)
class ReportIdentity:
    """The agency, place, year and kind of a report. ``basis``: agency, year, place → the evidence that decided."""

    agency: str | None = None
    place: str | None = None
    year: int | None = None
    report_kind: ReportKind | None = None
    basis: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


# ------------------------------------------------------------------------------------------------- what each part says


def best_title(titles: Sequence[str]) -> TitleVerdict | None:
    """Return the verdict on the most informative title that can be a report's; None if no title can be."""
    verdicts = [verdict for verdict in map(judge_title, titles[:MAX_NAMES]) if verdict.could_be]
    return min(verdicts, key=lambda verdict: verdict.rank, default=None)


def _title_in(evidence: IdentityEvidence, fields: Sequence[str]) -> TitleVerdict | None:
    return best_title([evidence.meta.get(key, "") for key in fields])


def title_of(evidence: IdentityEvidence) -> tuple[TitleVerdict | None, str]:
    """Return the verdict on the printed title, else on the title in the metadata, and its basis."""
    printed = best_title(evidence.titles)
    return (printed, "title") if printed else (_title_in(evidence, words("title_fields")), "metadata")


def title_in_metadata(evidence: IdentityEvidence) -> TitleVerdict | None:
    """Return the verdict on the article's title in the page's metadata; None if it cannot be a report's."""
    return _title_in(evidence, words("title_fields")[:2])


def undisputed(evidence: IdentityEvidence) -> tuple[list[str], int | None]:
    """Return the agencies named by title, else by opening or signature; the year if title and period agree on one."""
    verdict, _ = title_of(evidence)
    agencies = [verdict.agency] if verdict and verdict.agency else list(evidence.statements)
    printed = verdict.years if verdict else ()
    years = set(evidence.period or printed)
    if len(printed) == 1:
        years &= {*printed}
    return agencies, years.pop() if len(years) == 1 else None


def publishers(evidence: IdentityEvidence, place: str | None) -> list[Name]:
    """Return the agencies that the metadata name as publisher (completed from ``place``), also portal-wide ones."""
    printed = [names.normalise(evidence.meta.get(key, "")) for key in words("publisher_fields")]
    texts = (one for one in printed if not names.is_inner(one) and not pattern("no_publisher").search(one))
    return _agency_names(list(map(names.without_office, texts)), place)


def stated_agencies(evidence: IdentityEvidence, place: str | None) -> list[Name]:
    """Return the agencies that opening or signature name as the report's authors, completed from ``place``."""
    return _agency_names(evidence.statements, place)


def in_running_text(evidence: IdentityEvidence) -> list[Name]:
    """Return the agencies that the running text names, without those of places that do not exist."""
    result = _agency_names(evidence.running, None)  # anything may end in 县, 市, 区 there
    return [one for one in result if not one.county or divisions.is_listed(one.county) or divisions.is_zone(one.county)]


def _agency_names(texts: Sequence[str], place: str | None) -> list[Name]:
    """Return the agency names among texts, completed from ``place``."""
    plain = [names.normalise(text) for text in texts[:MAX_NAMES]]
    agencies = [complete(text, place) for text in plain if names.looks_like_agency(text) or complete(text).county]
    return [name for name in agencies if name.text]


def claim_of_title(verdict: TitleVerdict | None, basis: str, place: str | None) -> IdentityClaim:
    """Return the agency and year in a title, nothing for None; no agency for a whole system's report (司法行政系统)."""
    if verdict is None or not verdict.could_be:
        return IdentityClaim(basis)
    return IdentityClaim(basis, Name() if verdict.system else complete(verdict.agency, place), verdict.year)


def claims(
    evidence: IdentityEvidence,
    verdict: TitleVerdict | None,
    basis: str,
    place: str | None,
    listed: Iterable[IdentityClaim] = (),
) -> tuple[IdentityClaim, ...]:
    """Return all claims about a document's agency and year in the order of trust, a portal-wide publisher last.
    ``verdict``, ``basis``: the title that is taken as the report's, and its source; ``place``: the portal's, which
    completes short names (司法局 in 汶上县 → 汶上县司法局), None if unknown; ``listed``: claims of the lists that
    link the document.
    """
    title_years = {one.year for one in map(judge_title, evidence.titles[:MAX_NAMES]) if one.could_be and one.year}
    printed, periods = verdict.years if verdict else (), set(evidence.period)
    published = [IdentityClaim("metadata", name) for name in publishers(evidence, place)]
    all_claims = [
        claim_of_title(verdict, basis, place),
        *listed,
        *(IdentityClaim(basis, year=year) for year in sorted(title_years.difference(printed))),
        IdentityClaim("listing", complete(column_agency(">".join(evidence.breadcrumb[:MAX_NAMES])), place)),
        claim_of_title(title_in_metadata(evidence), "metadata", place),
        *(claim for claim in published if not claim.is_portal_wide),
        *(IdentityClaim("statement", name) for name in stated_agencies(evidence, place)),
        *(IdentityClaim("period", year=year) for year in periods if len(periods) == 1),
        *(claim for claim in published if claim.is_portal_wide),
    ]
    return tuple(one for one in all_claims if one.name.text or one.year)


def disagreements(claim: IdentityClaim, others: Iterable[IdentityClaim]) -> list[Finding]:
    """Return a finding for each of ``others`` that names another agency than ``claim``, the one that was chosen."""
    return [
        finding("agency_conflict", basis=other.basis, found=other.words, expected=claim.words)
        for other in others
        if claim.of_another_agency(other) and not other.is_portal_wide
    ]


# -------------------------------------------------------------------------------------------------------------- year


def year_of(
    all_claims: Iterable[IdentityClaim], evidence: IdentityEvidence, printed: Sequence[int], basis: str
) -> tuple[IdentityClaim, list[Finding]]:
    """Return the reporting year (the first claimed, else the year before publication; empty if it stays open), and
    findings on contradictions. ``all_claims``: the most trusted first; ``basis``: where the title stands.
    If several years are ``printed`` in the title, the first other claim of one of them decides.
    """
    period, is_open = sorted(set(evidence.period)), len(printed) > 1
    year_claims = [(one.basis, one.year) for one in all_claims if one.year and (not is_open or one.year in printed)]
    if not year_claims:
        if is_open:
            return IdentityClaim(), [_year_note("open", basis, printed, None)]
        return _year_by_dates(period, evidence)
    source, year = year_claims[0]
    notes = [_year_note("taken", basis, printed, year)] if is_open else []
    notes += [
        _year_note("taken", where, [one], year) for where, one in year_claims if one != year and where != "period"
    ]
    if period and year not in period:
        notes.append(finding("year_slip", basis="period", found=first_of(period, MAX_NAMES), expected=year))
    if source == "listing" and not printed and period == [year - 1]:  # a column may be of the year of publication
        return IdentityClaim(), [_year_note("open", source, [year], None)]
    days = _days(evidence, _DATED_BY)
    if days and max(days) < date(year, 12, 1) and period != [year]:  # some are signed in December of the reporting year
        return IdentityClaim(), [*notes, _year_note("dated_before", source, [year], None)]
    return IdentityClaim(source, year=year), notes


def _year_note(case: str, basis: str, years: Sequence[int], expected: int | None) -> Finding:
    return finding("year_conflict", case=case, basis=basis, found=first_of(years, MAX_NAMES), expected=expected)


def _year_by_dates(period: Sequence[int], evidence: IdentityEvidence) -> tuple[IdentityClaim, list[Finding]]:
    """Return the year before the page's date if that is in January to June, when reports are published."""
    years = {day.year - 1 for day in _days(evidence, ("metadata", "listing")) if day.month <= 6}
    if len(years) != 1 or (period and not years <= set(period)):
        return IdentityClaim(), []
    year = years.pop()
    note = _year_note("taken_by_dates", "running", period, year) if period else finding("year_inferred", found=year)
    return IdentityClaim("dates", year=year), [note]


def _days(evidence: IdentityEvidence, origins: Sequence[str]) -> list[date]:
    """Return the dates (in Shanghai) with one of these origins; a time without a zone counts as Shanghai time."""
    instants = [item.at for item in evidence.dates if item.origin in origins]
    return [(at.astimezone(SHANGHAI) if at.tzinfo else at).date() for at in instants]


# ------------------------------------------------------------------------------------------------------------- place


def _place_of(
    evidence: IdentityEvidence, all_claims: Sequence[IdentityClaim], name: Name, portal_county: str
) -> tuple[str, str]:
    """Return the county or city of a report, and what tells it: its agency's ``title``, the portal's ``place``, another
    ``statement``, or the ``running`` text; twice "" if nothing does. ``portal_county`` may be "", too.
    """
    if name.county and (not portal_county or name.foreign):
        above = name.chain[: name.chain.index(name.county)][-1:]  # a zone lies in the county or city printed before it
        is_zone_of = above and divisions.is_zone(name.county) and divisions.is_listed(above[0])
        return above[0] if is_zone_of else name.county, "title"
    if portal_county:
        return portal_county, "place"
    if other := next((claim.name.county for claim in all_claims if claim.name.county), ""):
        return other, "statement"
    running = {one.county for one in in_running_text(evidence) if one.county}
    return (running.pop(), "running") if len(running) == 1 else ("", "")


def place_notes(name: Name, place: str | None) -> Iterator[Finding]:
    """Yield a finding if an agency's name does not fit the portal's ``place`` (such as 沭阳县), from which it was
    completed: it names another place, or this one with a look-alike character (沐阳县). If no place is known, yield one
    for each division in the name that is in no list and looks like some that are.
    """
    county = divisions.place(place).county
    if name.misread:
        yield finding("place_misread", found=name.misread, expected=county)
    elif name.foreign:
        yield finding("place_conflict", found=name.county, expected=county)
    for one in name.chain if not place else ():
        if not divisions.is_listed(one) and (similar := divisions.lookalikes(one)):
            yield finding("place_unlisted", found=one, expected=first_of(similar, MAX_PLACES_SHOWN))


# ---------------------------------------------------------------------------------------------------------- together


def identify(evidence: IdentityEvidence, *, place: str | None = None) -> ReportIdentity:
    """Decide the agency and year of a report from what the document says. ``place``: the place of its portal, if known.
    ``agency`` is None if it cannot be told: a name without its place ("司法局") is not an agency.
    """
    verdict, told_by = title_of(evidence)
    all_claims = claims(evidence, verdict, told_by, place)
    year, year_notes = year_of(all_claims, evidence, verdict.years if verdict else (), told_by)
    first, notes = _choose(all_claims)
    where, source = _place_of(evidence, all_claims, first.name, divisions.place(place).county)
    if verdict and verdict.system:
        notes = [*year_notes, finding("system_report", found=verdict.agency)]
        basis = without_blanks({"year": year.basis, "place": source, "system": verdict.agency})
        return ReportIdentity(None, where or None, year.year, ReportKind.SYSTEM, basis, tuple(dict.fromkeys(notes)))
    if first.name.text and not first.name.complete and not place:
        printed = first.name.text
        first, completed_by = _complete_by_text(first, evidence, where, source)
        if completed_by:
            notes.append(finding("agency_completed", basis=completed_by, found=first.name.text, expected=printed))
            where, source = where or first.name.county, source or completed_by
    name, decided_by = first.name, first.basis if first.name.complete else ""
    if decided_by not in ("", "title", "listing") and not (verdict and verdict.agency):
        notes.insert(0, finding("agency_inferred", basis=decided_by, found=name.text))
    notes += [*place_notes(name, place), *year_notes]
    basis = without_blanks({"year": year.basis, "place": source, "agency": decided_by})
    agency = name.text if name.complete else None
    return ReportIdentity(
        agency, where or None, year.year, kind_of_report(name, None), basis, tuple(dict.fromkeys(notes))
    )


def without_blanks(reasons: Mapping[str, str]) -> dict[str, str]:
    """Return decision → evidence without the decisions that have no evidence."""
    return {what: why for what, why in reasons.items() if why}


def _choose(all_claims: Iterable[IdentityClaim]) -> tuple[IdentityClaim, list[Finding]]:
    """Return the first claim that names an agency, completed by later ones that agree, and findings on the others."""
    agency_claims = [claim for claim in all_claims if claim.name.text]
    first, notes = agency_claims[0] if agency_claims else IdentityClaim(), list[Finding]()
    for claim in agency_claims[1:]:
        notes += disagreements(first, [claim])
        if claim.name.complete and not first.name.complete and not first.of_another_agency(claim):
            own = complete(first.name.text, claim.name.county)
            first = replace(first, name=claim.name if claim.name.local == own.local else own)
    return first, notes


def _complete_by_text(
    claim: IdentityClaim, evidence: IdentityEvidence, where: str, basis: str
) -> tuple[IdentityClaim, str]:
    """Complete an agency without a place (司法局) from running text, statements or ``where``. Return the claim and what
    completed it: running, statement, or "" if nothing did (the claim is unchanged). ``basis``: what tells ``where``.
    """
    local = claim.name.text
    same = {name.text: name for name in in_running_text(evidence) if name.county and agree(claim.name, name)}
    if len(same) == 1:
        return replace(claim, name=same.popitem()[1]), "running"
    stems = [text.removesuffix(local) for text in evidence.statements if text.endswith(local)]  # 济源司法局
    if county := next(filter(None, map(divisions.place_of_stem, stems)), ""):
        return replace(claim, name=complete(local, county)), "statement"
    name = complete(local, where)
    is_trusted = basis == "statement" or (basis == "running" and pattern("level").match(local))
    fits = is_trusted and not same and name.complete and not name.foreign
    return (replace(claim, name=name), basis) if fits else (claim, "")


def copy_findings(text: str) -> tuple[Finding, ...]:
    """Return a warning if a text has betting words or another site's domain in place of a name, () if not. The report
    is read all the same.
    """
    plain = squeeze(text)[:MAX_TEXT_CHARS]
    strange = (*pattern("spam_word").findall(plain), *pattern("strange_domain").findall(plain))
    strange_words = tuple(dict.fromkeys((*strangers_words(plain), *strange)))
    return (finding("hijacked_copy", found=first_of(strange_words, MAX_WORDS_SHOWN)),) if strange_words else ()
