"""Decide agency, place, year and kind of report by what a document says of itself; disagreements are findings.

Order of evidence: the printed title; the column it was found under; the page's metadata; opening and signature; the
place given; the running text last, for real reports keep last year's or another agency's name in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

from archive.findings import finding, first_of
from archive.identity import divisions
from archive.identity.classification import column_agency, kind_of_report
from archive.identity.divisions import (
    bearers,
    is_below_prefecture,
    is_generic_zone,
    is_known,
    is_listed,
    is_zone,
    misprints,
)
from archive.identity.matching import agree
from archive.identity.names import (
    Name,
    complete,
    county_of_branch,
    has_level,
    is_head,
    is_inner,
    is_publisher_of_all,
    looks_like_body,
    normalise,
    place_of_stem,
    without_office,
)
from archive.identity.text import squeeze
from archive.identity.titles import TitleVerdict, judge, strangers_words
from storage.records import SHANGHAI, Finding, IdentityEvidence, ReportKind

MAX_NAMES, MAX_PLACES_SHOWN, MAX_WORDS_SHOWN, MAX_TEXT_CHARS = 20, 5, 3, 20_000
#: Metadata that names who published, the most telling first. On many portals all of it names the government.
_PUBLISHERS = ("发布机构", "责任部门", "信息来源", "contentsource", "来源", "source", "publisher")
_NO_PUBLISHER = re.compile(
    "(?:政府信息|政务|信息)公开(?:工作)?(?:领导小组)?(?:办公室|办|处|科)$|(?:融媒体|传媒|新闻)中心$|(?:电视台|日报社?|报社|新闻网|新华社)$"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One piece of evidence for the agency. ``basis`` as in :class:`storage.records.Binding`, and ``statement``."""

    basis: str
    name: Name

    @property
    def is_portal_wide(self) -> bool:
        """Whether metadata name a government, which portals print as the source of everybody's pages."""
        return self.basis == "metadata" and is_publisher_of_all(self.name)


@dataclass(frozen=True, slots=True)
class Identified:
    """Whose report a document says it is. ``basis``: agency, year, place → the evidence that decided."""

    agency: str | None = None
    place: str | None = None
    year: int | None = None
    report_kind: ReportKind | None = None
    basis: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class YearFound:
    """The reporting year, its basis, and what disagrees."""

    year: int | None
    basis: str
    findings: tuple[Finding, ...] = ()


def best_title(titles: Sequence[str]) -> TitleVerdict | None:
    """Return the verdict on the title that says most, of those that can be a report's."""
    verdicts = [verdict for verdict in map(judge, titles[:MAX_NAMES]) if verdict.could_be]
    return min(verdicts, key=lambda verdict: verdict.rank, default=None)


def title_of(evidence: IdentityEvidence) -> tuple[TitleVerdict | None, str]:
    """Return the printed title's verdict, else that of the page's metadata; with its basis."""
    if printed := best_title(evidence.titles):
        return printed, "title"
    return best_title([evidence.meta.get(key, "") for key in ("articletitle", "标题", "名称", "title")]), "metadata"


def title_in_metadata(evidence: IdentityEvidence) -> TitleVerdict | None:
    """Return the verdict on the title that the page's metadata say the article has; None if it can be no report's."""
    return best_title([evidence.meta.get(key, "") for key in ("articletitle", "标题")])


def undisputed(evidence: IdentityEvidence) -> tuple[list[str], int | None]:
    """Return the agencies a document names, and its year if title and stated period agree on one."""
    verdict, _ = title_of(evidence)
    agencies = [verdict.agency] if verdict and verdict.agency else list(evidence.statements)
    years = set(evidence.period) or set(verdict.years if verdict else ())
    if verdict is not None and verdict.year is not None:
        return agencies, verdict.year if verdict.year in years else None
    return agencies, years.pop() if len(years) == 1 else None


def publishers(evidence: IdentityEvidence, place: str | None) -> list[Name]:
    """Return the bodies that the page's metadata name as its publisher, those of everybody's pages included."""
    printed = [normalise(evidence.meta.get(key, "")) for key in _PUBLISHERS]
    named = [without_office(text) for text in printed if text and not is_inner(text) and not _NO_PUBLISHER.search(text)]
    return [name for name in _bodies(named, place) if not is_head(name.text)]  # those stand on everybody's pages


def stated_bodies(evidence: IdentityEvidence, place: str | None) -> list[Name]:
    """Return the bodies that the opening or the signature of the text names as the report's own."""
    return _bodies(evidence.statements, place)


def in_running_text(evidence: IdentityEvidence) -> list[Name]:
    """Return the bodies that the running text names, those of places that there are not left out."""
    named = _bodies(evidence.running, None)  # anything may end in 县, 市, 区 there
    return [one for one in named if not one.county or is_listed(one.county) or _is_named_zone(one.county)]


def _is_named_zone(county: str) -> bool:
    return is_zone(county) and not is_generic_zone(county)


def _bodies(texts: Sequence[str], place: str | None) -> list[Name]:
    plain = [normalise(text) for text in texts[:MAX_NAMES]]
    names = [complete(text, place) for text in plain if looks_like_body(text) or complete(text).county]
    return [name for name in names if name.text]


def claims(
    evidence: IdentityEvidence, verdict: TitleVerdict | None, basis: str, place: str | None
) -> tuple[Claim, ...]:
    """Return all the document says of its agency, in the order of trust; a portal-wide publisher comes last."""
    found: list[Claim] = []
    if verdict and verdict.agency and not verdict.system:
        found.append(Claim(basis, complete(verdict.agency, place)))
    if column := column_agency(">".join(evidence.breadcrumb[:MAX_NAMES])):
        found.append(Claim("listing", complete(column, place)))
    named = title_in_metadata(evidence) if basis == "title" else None
    if named and named.agency and not named.system:
        found.append(Claim("metadata", complete(named.agency, place)))
    published = [Claim("metadata", name) for name in publishers(evidence, place)]
    found += [claim for claim in published if not claim.is_portal_wide]
    found += [Claim("statement", name) for name in stated_bodies(evidence, place)]
    found += [claim for claim in published if claim.is_portal_wide]
    return tuple(claim for claim in found if claim.name.text and not (claim.name.local and claim.name.local.isascii()))


def choose_claim(claims: Sequence[Claim]) -> tuple[Claim | None, tuple[Finding, ...]]:
    """Return the first claim about the agency, completed by a later one that agrees; disagreement becomes a finding."""
    if not claims:
        return None, ()
    first, notes = claims[0], list[Finding]()
    for claim in claims[1:]:
        if agree(first.name, claim.name):
            if not first.name.complete and claim.name.complete:
                same = claim.name.local == complete(first.name.text, claim.name.county).local
                first = Claim(first.basis, claim.name if same else complete(first.name.text, claim.name.county))
        elif not claim.is_portal_wide:
            notes.append(finding("agency_conflict", basis=claim.basis, found=claim.name.text, expected=first.name.text))
    return first, tuple(dict.fromkeys(notes))


# -------------------------------------------------------------------------------------------------------------- year


def year_of(
    evidence: IdentityEvidence, verdict: TitleVerdict | None, basis: str, listed: Sequence[tuple[str, int]] = ()
) -> YearFound:
    """Return the reporting year: by title, column or address (``listed``), metadata, period, date of publication."""
    period = sorted(set(evidence.period))
    printed = verdict.years if verdict else ()
    notes: list[Finding] = []
    ordered = [(basis, verdict.year)] if verdict and verdict.year else []
    if len(printed) > 1:
        inside = [year for year in period if year in printed]
        several = partial(finding, "year_conflict", basis="title", found="、".join(map(str, printed)))
        if len(inside) != 1:
            return YearFound(None, "", (several(case="open"),))
        notes.append(several(case="taken", expected=inside[0]))
    titled = {found.year for title in evidence.titles[:MAX_NAMES] if (found := best_title([title])) and found.year}
    others = sorted(titled - {*printed, *(year for _, year in listed)})
    ordered += [*listed, *((basis, other) for other in others)]
    meta = title_in_metadata(evidence)
    ordered += [("metadata", meta.year)] if meta and meta.year else []
    ordered += [("period", period[0])] if len(period) == 1 else []
    if not ordered:
        return _year_by_dates(period, evidence)
    chosen, year = ordered[0]
    for other, value in ordered[1:]:
        if value != year and other != "period":
            notes.append(finding("year_conflict", case="taken", basis=other, found=value, expected=year))
    if period and year not in period and chosen != "period":
        notes.append(finding("year_slip", basis="period", found="、".join(map(str, period)), expected=year))
    agreed = any(value == year and other == "period" for other, value in ordered[1:])
    if impossible(year, evidence):
        if not agreed and chosen != "period":
            return YearFound(
                None, "", (*notes, finding("year_conflict", case="dated_before", basis=chosen, found=year))
            )
        shown = _days(evidence, ("metadata",))
        notes += [finding("published_early", found=max(shown).isoformat(), expected=year)] if shown else []
    return YearFound(year, chosen, tuple(dict.fromkeys(notes)))


def _year_by_dates(period: Sequence[int], evidence: IdentityEvidence) -> YearFound:
    """Return the year before that of the page's own date, if that lies in the months when reports are published."""
    days = _days(evidence, ("metadata", "listing"))
    years = {day.year - 1 for day in days if day.month <= 6}
    if len(years) != 1 or (len(period) > 1 and not years <= set(period)):
        return YearFound(None, "")
    year = years.pop()
    if len(period) > 1:
        several = "、".join(map(str, period))
        note = finding("year_conflict", case="taken_by_dates", basis="running", found=several, expected=year)
    else:
        note = finding("year_inferred", found=year)
    return YearFound(year, "dates", (note,))


def _days(evidence: IdentityEvidence, origins: Sequence[str]) -> list[date]:
    """Return the days in Shanghai that the page says of itself; an instant without a zone is as printed there."""
    instants = [item.at for item in evidence.dates if item.origin in origins]
    return [(at.astimezone(SHANGHAI) if at.tzinfo else at).date() for at in instants]


def impossible(year: int, evidence: IdentityEvidence) -> bool:
    """Whether every date on the page lies before December of the year (none is signed earlier)."""
    days = _days(evidence, ("metadata", "listing", "url", "signature", "object_id"))
    return bool(days) and max(days) < date(year, 12, 1)


# ------------------------------------------------------------------------------------------------------------- place


def _place_of(
    evidence: IdentityEvidence, name: Name | None, place: str | None, claims: Sequence[Claim]
) -> tuple[str | None, str]:
    given = divisions.place(place).county
    if name and not given and (of_branch := county_of_branch(name.text)):
        return of_branch, "title"
    if name and name.county and (not given or name.foreign):
        at = name.chain.index(name.county)  # a zone lies in the county printed before it
        above = name.chain[at - 1] if at and is_zone(name.county) and is_listed(name.chain[at - 1]) else ""
        return above if above and is_below_prefecture(above) else name.county, "title"
    if given:
        return given, "place"
    if other := next((claim.name.county for claim in claims if claim.name.county), ""):
        return other, "statement"
    running = {name.county for name in in_running_text(evidence) if name.county}
    return (running.pop(), "running") if len(running) == 1 else (None, "")


def place_notes(name: Name, place: str | None) -> Iterator[Finding]:
    """Yield the findings where a name and its place do not fit."""
    county = divisions.place(place).county
    if name.misread:
        yield finding("place_misread", found=name.misread, expected=county)
    elif name.foreign:
        yield finding("place_conflict", found=name.county, expected=county)


def _list_notes(name: Name, evidence: IdentityEvidence, year: int | None) -> Iterator[Finding]:
    """Yield what the lists of divisions have against a name's place: it is in none, or there are several such."""
    texts = (*evidence.titles, *evidence.meta.values(), *evidence.breadcrumb, *evidence.statements, *evidence.running)
    printed = "\n".join(texts)
    for one in name.chain:
        if is_known(one) or "(" in one:
            continue
        if near := sorted(misprints(one), key=lambda other: other not in printed):
            yield finding("place_unlisted", found=one, expected=first_of(near, MAX_PLACES_SHOWN))
        elif one.endswith(("县", "市", "区", "旗", "州", "盟")):
            yield finding("place_unknown", found=one)
    if not name.county or is_generic_zone(name.county):
        return
    above = name.chain[: name.chain.index(name.county)]
    chains = [chain for chain in bearers(name.county, year) if set(above) <= set(chain)]
    for depth in (-2, 0):  # the prefecture that is named, else the province
        named = [chain for chain in chains if len(chain) > 1 and divisions.stem_of(chain[depth]) in printed]
        chains = named if len(chains) > 1 and named else chains
    if len(chains) > 1:
        places = first_of(["".join(chain) for chain in chains], MAX_PLACES_SHOWN)
        yield finding("place_ambiguous", found=name.county, expected=places)


# ---------------------------------------------------------------------------------------------------------- together


def identify(evidence: IdentityEvidence, *, place: str | None = None) -> Identified:
    """Decide whose report a document is, and for which year, by what it says itself and by the place a portal would
    give.

    ``agency`` is None where nobody can tell: a name without its place ("司法局") is not an agency.
    """
    verdict, basis = title_of(evidence)
    found = claims(evidence, verdict, basis, place)
    first, notes = choose_claim(found)
    year = year_of(evidence, verdict, basis)
    where, where_basis = _place_of(evidence, first.name if first else None, place, found)
    reasons = {"year": year.basis} if year.year is not None else {}
    if first is not None and not first.name.complete and not place:
        first, source = _complete_claim(first, evidence, where, where_basis)
        if source:
            notes += (finding("agency_completed", basis=source, found=first.name.text, expected=first.name.local),)
            where, where_basis = where or first.name.county, where_basis or source
    reasons |= {"place": where_basis} if where else {}
    if verdict and verdict.system:
        note = finding("system_report", found=verdict.agency)
        kind = {**reasons, "system": verdict.agency}
        return Identified(None, where, year.year, ReportKind.SYSTEM, kind, (*year.findings, note))
    if first is None:
        return Identified(None, where, year.year, None, reasons, year.findings)
    name, whole = first.name, first.name.complete
    inferred = whole and first.basis not in ("title", "listing") and not (verdict and verdict.agency)
    findings = (
        *([finding("agency_inferred", basis=first.basis, found=name.text)] if inferred else ()),
        *notes,
        *(place_notes(name, place) if place else _list_notes(name, evidence, year.year)),
        *year.findings,
    )
    reasons |= {"agency": first.basis} if whole else {}
    kind_found = kind_of_report(name, None)
    return Identified(name.text if whole else None, where, year.year, kind_found, reasons, findings)


def _complete_claim(claim: Claim, evidence: IdentityEvidence, where: str | None, basis: str) -> tuple[Claim, str]:
    """Return a body without its place (司法局) with that of the same body in running text, or with the site's."""
    same = {name.text: name for name in in_running_text(evidence) if name.county and agree(claim.name, name)}
    if len(same) == 1:
        return replace(claim, name=next(iter(same.values()))), "running"
    for text in evidence.statements:  # 济源司法局
        if text.endswith(claim.name.text) and (county := place_of_stem(text.removesuffix(claim.name.text))):
            return replace(claim, name=complete(claim.name.text, county)), "statement"
    name = complete(claim.name.text, where)
    trusted = basis == "statement" or (basis == "running" and has_level(claim.name.text))
    fits = not same and where and trusted and name.complete and not name.foreign
    return (replace(claim, name=name), basis) if fits else (claim, "")


# ----------------------------------------------------------------------------------------------------------- copies

_STRANGE_DOMAIN = re.compile(
    r"(?<![@.\w-])(?:www\.)?(?!www)(?P<domain>[a-z0-9-]{2,40}\.(?:com|cn|net|top|cc|vip|xyz|info))(?![\w.])"
    r"(?=[)/]*[\u4e00-\u9fff]{0,12}(?:政府|乡|镇|街道|网站|查阅|下载))"
)
_SPAM_WORD = re.compile(r"[A-Za-z\d]{3,12}(?:体育|官网|手机app)|(?:体育|竞彩|娱乐)[\u4e00-\u9fff]{0,4}[_$@]")


def copy_findings(text: str) -> tuple[Finding, ...]:
    """Return the finding on a text in which words of betting, or another site's domain, stand in a name's place."""
    plain = squeeze(text)[:MAX_TEXT_CHARS]
    words = [
        *sorted(strangers_words(plain)),
        *_SPAM_WORD.findall(plain),
        *(one["domain"] for one in _STRANGE_DOMAIN.finditer(plain)),
    ]
    return (finding("hijacked_copy", found=first_of(tuple(dict.fromkeys(words)), MAX_WORDS_SHOWN)),) if words else ()
