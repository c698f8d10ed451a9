"""Decide agency, place, year and kind of report by what a document says of itself; disagreements are findings.

Order of evidence: the printed title; the column it was found under; the page's metadata; the stated
period; the place given; the running text last, for real reports keep last year's or another agency's name in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from archive.findings import finding, first_of
from archive.identity import divisions, names
from archive.identity.branches import district_of_branch
from archive.identity.central import is_central, is_head
from archive.identity.classify import column_agency, kind_of_report
from archive.identity.division_lists import bearers, county_of_zone, is_in_no_list, is_listed, possible_divisions
from archive.identity.garbled_titles import readable
from archive.identity.inner_offices import is_inner, without_office
from archive.identity.misprinted_places import by_one_character, misprinted_divisions, without_a_double
from archive.identity.names import Name
from archive.identity.text import squeeze
from archive.identity.titles import Strength, TitleVerdict, judge
from archive.identity.wording import report_announced, report_of_notice, report_of_table, without_reasons
from archive.identity.years import mark_years
from storage.records import SHANGHAI, AgencyKind, Finding, IdentityEvidence, ReportKind

#: Metadata that names who published, the most telling first. On many portals all of it names the government.
_PUBLISHER = (
    "发布机构", "公开机构", "发文机关", "发布单位", "公开单位", "责任部门", "信息来源",
    "contentsource", "来源", "source", "publisher",
)  # fmt: skip
#: The page's other data behind its source, where all stands on one line (来源：凤凰镇发布时间：2024-01-26 访问量：).
_BEHIND_SOURCE = re.compile(
    r"\s*(?:发布时间|发布日期|公开日期|时间|日期|访问量|浏览次数|点击数|字体|作者)\s*[:：].*", re.DOTALL
)
_OF_DISCLOSURE = re.compile("(?:政府信息|政务|信息)公开(?:工作)?(?:领导小组)?(?:办公室|办|处|科)$")  # some body's part
_PRESS = re.compile(
    "(?:融媒体|传媒|新闻)中心$|(?:电视台|广播电台|日报社?|报社|新闻网|新华社)$"
)  # whose news a page shows
_SITE = re.compile(r"(?:门户)?网站?$")
_OF_A_ZONE = re.compile("^(?:管理委员会|管委会)(?=.)")  # 东湖风景区管理委员会市场监督管理局
_MAX = 20
#: Reasons for which a title is none that the report itself may bear, be it not the one that was published.
UNFINISHED = frozenset({"draft", "template"})
#: What no government calls itself, nor its office: the body is another, which that one publishes.
_NO_GOVERNMENT = ("我局", "我委", "我院", "我镇", "我乡", "我街", "我站", "我部", "我署", "我处")
_SHOWN = 5  # divisions named in a finding


@dataclass(frozen=True, slots=True)
class Claim:
    """One piece of evidence for the agency. ``basis`` as in :class:`storage.records.Binding`, and ``statement``."""

    basis: str
    name: Name


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


def _candidates(titles: Sequence[str]) -> Iterator[str]:
    """Yield titles as printed, then neighbours joined (a title may be broken over two or three lines)."""
    printed = [title for title in titles[:_MAX] if title]
    yield from printed
    for length in (2, 3):
        yield from ("".join(printed[start : start + length]) for start in range(len(printed) - length + 1))


def best_title(titles: Sequence[str]) -> TitleVerdict | None:
    """Give the verdict on the title that says most, of those that can be a report's; None if none can."""
    rank = {Strength.FULL: 0, Strength.BARE: 1, Strength.UNDATED: 2, Strength.FOLDER: 3, Strength.CUT: 4}
    found = [verdict for title in _candidates(titles) if (verdict := judge(title)).could_be]
    return min(found, key=lambda verdict: rank.get(verdict.strength, 9), default=None)


def title_of(evidence: IdentityEvidence) -> tuple[TitleVerdict | None, str]:
    """Give the printed title's verdict, else that of the page's metadata; with its basis."""
    if printed := best_title(evidence.titles) or _in_other_words(evidence.titles):
        return printed, "title"
    meta = [value for key in ("articletitle", "标题", "名称", "title") if (value := evidence.meta.get(key, ""))]
    return best_title(meta) or _in_other_words(meta), "metadata"


def _in_other_words(titles: Sequence[str]) -> TitleVerdict | None:
    """Give the verdict on a title under which a report may stand as well: that of a draft or template without the words
    that call it so, of a table of it (司法局2017年…情况统计表), of a notice with it or news of it; they name body and
    year.
    """
    names: list[str] = []
    for title in titles[:_MAX]:
        reason = judge(title).reason
        if reason in UNFINISHED:
            names.append(without_reasons(title, UNFINISHED))
        elif reason == "statistics":
            names.append(report_of_table(title))
        elif reason in {"notice", "news"}:
            names += (report_of_table(title), *report_of_notice(title), report_announced(title))
    return best_title(names)


def title_in_metadata(evidence: IdentityEvidence) -> TitleVerdict | None:
    """Give the verdict on the title that the page's metadata say the article has; None if it can be no report's."""
    return best_title([value for key in ("articletitle", "标题") if (value := evidence.meta.get(key, ""))])


def undisputed(evidence: IdentityEvidence) -> tuple[list[str], int | None]:
    """Give the agencies a document names, and its year if title and stated period agree on one.

    For checks that must not rest on a doubtful year; which of two years is right is judged by :func:`year_of`.
    """
    verdict, _ = title_of(evidence)
    agencies = [verdict.agency] if verdict and verdict.agency else list(evidence.statements)
    period = set(evidence.period)
    if verdict is None or verdict.year is None:
        return agencies, next(iter(period)) if len(period) == 1 else None
    return agencies, verdict.year if not period or verdict.year in period else None


def _bodies(texts: Iterable[str | None], place: str | None) -> list[Name]:
    """Give the completed names among words cut out of a page; other words are left out."""
    plain = (_without_remark(names.normalise(text)) for text in texts)
    return [name for text in plain if names.looks_like_body(text) and (name := names.complete(text, place)).text]


def _without_remark(name: str) -> str:
    """Give a name without what stands in brackets behind it; the other name of a zone (武汉经济技术开发区(汉南区)
    医疗保障局) is part of it.
    """
    place, _, rest = name.partition("(")
    other, _, body = rest.partition(")")
    return f"{place}({other}){body.split('(', 1)[0]}" if body and _is_place(place) and _is_place(other) else place


def _is_place(text: str) -> bool:
    """Whether a text is the name of a division, or of several, and nothing else."""
    chain, rest = divisions.split(text)
    return bool(chain) and not rest


def is_publisher_of_all(name: Name) -> bool:
    """Whether a name is a government's or its office's, which portals print as the source of everybody's pages."""
    return names.kind_of(name) in (AgencyKind.GOVERNMENT, AgencyKind.OFFICE)


def publishers(evidence: IdentityEvidence, place: str | None) -> list[Name]:
    """Give the bodies that the page's metadata name as its publisher, those that publish everybody's pages included."""
    printed = (_BEHIND_SOURCE.sub("", evidence.meta.get(key, "")) for key in _PUBLISHER)
    bodies = (without_office(body) for text in printed if text and not is_inner(body := squeeze(text)))
    return _bodies((text for text in bodies if not (_OF_DISCLOSURE.search(text) or _PRESS.search(text))), place)


def stated_bodies(evidence: IdentityEvidence, place: str | None) -> list[Name]:
    """Give the bodies that the opening or the signature of the text names as the report's own."""
    return _bodies(evidence.statements[:_MAX], place)


def claims(
    evidence: IdentityEvidence, verdict: TitleVerdict | None, basis: str, place: str | None
) -> tuple[Claim, ...]:
    """Give all the document says of its agency, in the order of trust; a portal-wide publisher comes last."""
    claims: list[Claim] = []
    if verdict and verdict.agency and not verdict.system and _is_written(name := names.complete(verdict.agency, place)):
        claims.append(Claim(basis, name))
    if column := column_agency(">".join(evidence.breadcrumb[:_MAX])):
        claims.append(Claim("listing", names.complete(column, place)))
    named = title_in_metadata(evidence) if basis == "title" else None
    if named and named.agency and not named.system:
        claims.append(Claim("metadata", names.complete(named.agency, place)))
    published = publishers(evidence, place)
    claims += [Claim("metadata", name) for name in published if not is_publisher_of_all(name)]
    claims += [Claim("statement", name) for name in stated_bodies(evidence, place)]
    if not any(one in evidence.running for one in _NO_GOVERNMENT):
        claims += [Claim("metadata", name) for name in published if is_publisher_of_all(name)]
    return tuple(claim for claim in claims if claim.name.text)


def _is_written(name: Name) -> bool:
    """Whether what follows a name's place is a word (五指山市x has a letter in place of a body)."""
    return not name.local.isascii() or not name.local


def _without_place(name: Name) -> str:
    """Give a name without any division or level ("市司法局" and "洛阳市司法局" are both 司法局)."""
    plain = names.key(Name(name.text, name.chain, name.local))
    return plain[1:] if not name.chain and names.has_level(plain) else plain


def agree(one: Name, other: Name) -> bool:
    """Whether two names can be one agency's, or a government's and its office's (the office compiles both reports)."""
    if not other.complete and one.county:
        other = names.complete(other.text, one.county)
    elif not one.complete and other.county:
        one = names.complete(one.text, other.county)
    if one.county and other.county and not names.same_division(one.county, other.county):
        return False
    if one.township and other.township and one.township != other.township:
        return False
    a, b = _without_place(one), _without_place(other)
    if a == b or a.endswith(b) or b.endswith(a) or names.is_short_for(a, b) or names.is_short_for(b, a):
        return True
    # a body and its own office or branch, or a short form of its own making
    if min(len(a), len(b)) >= 3 and (a.startswith(b) or b.startswith(a) or names.abbreviates(a, b)):
        return True
    if one.township and other.township:
        return True
    return is_publisher_of_all(one) and is_publisher_of_all(other)


def choose_claim(claims: Sequence[Claim]) -> tuple[Claim | None, tuple[Finding, ...]]:
    """Choose the first claim about the agency, completed by a later one that agrees; disagreement becomes a finding.
    Where the place of the first is garbled, what opening and signature say counts.
    """
    if not claims:
        return None, ()
    first, notes = claims[0], []
    statements = [claim.name for claim in claims if claim.basis == "statement"]
    whole = readable(first.name, statements) if first.basis != "statement" else None
    if whole is not None and not agree(first.name, whole):
        notes.append(finding("agency_conflict", basis=first.basis, found=first.name.text, expected=whole.text))
        first = Claim("statement", whole)
    for claim in claims[1:]:
        if agree(first.name, claim.name):
            if claim.name.text in without_a_double(first.name.text):
                notes.append(
                    finding("agency_conflict", basis=claim.basis, found=claim.name.text, expected=first.name.text)
                )
            elif not first.name.complete and claim.name.complete:
                first = Claim(first.basis, claim.name)
        elif claim.basis != "metadata" or not is_publisher_of_all(claim.name):
            notes.append(finding("agency_conflict", basis=claim.basis, found=claim.name.text, expected=first.name.text))
    return first, tuple(dict.fromkeys(notes))


def _latest(evidence: IdentityEvidence) -> date | None:
    """Give the latest day on which the page itself says it was made, signed or published."""
    days = [
        item.at for item in evidence.dates if item.origin in ("metadata", "listing", "url", "signature", "object_id")
    ]
    return max((_local(day).date() for day in days), default=None)


def impossible(year: int, evidence: IdentityEvidence) -> bool:
    """Whether every date on the page lies before December of the year (none is signed earlier)."""
    latest = _latest(evidence)
    return latest is not None and latest < date(year, 12, 1)


def _shown_early(year: int, evidence: IdentityEvidence) -> date | None:
    """Give the day on which the page says it was published, if that lies before December of the year."""
    day = max((_local(item.at).date() for item in evidence.dates if item.origin == "metadata"), default=None)
    return day if day is not None and day < date(year, 12, 1) else None


def _published_year(evidence: IdentityEvidence) -> int | None:
    """Give the year before that of the page's own date, if that lies in the months when reports are published."""
    days = [item.at for item in evidence.dates if item.origin in ("metadata", "listing")]
    years = {_local(day).year - 1 for day in days if _local(day).month <= 6}
    return years.pop() if len(years) == 1 else None


def _local(instant: datetime) -> datetime:
    return instant.astimezone(SHANGHAI) if instant.tzinfo else instant


def _slips(evidence: IdentityEvidence, year: int, basis: str) -> Iterator[Finding]:
    period = sorted(set(evidence.period))
    if period and year not in period and basis != "period":
        yield finding("year_slip", basis="period", found="、".join(map(str, period)), expected=year)


def year_of(
    evidence: IdentityEvidence, verdict: TitleVerdict | None, basis: str, listed: Sequence[tuple[str, int]] = ()
) -> YearFound:
    """Give the reporting year: by title, column or address (``listed``), metadata, period, date of publication."""
    meta = title_in_metadata(evidence)
    period = sorted(set(evidence.period))
    ordered: list[tuple[str, int]] = []
    notes: list[Finding] = []
    if verdict and verdict.year:
        ordered.append((basis, verdict.year))
    elif verdict and len(verdict.years) > 1:
        inside = [year for year in period if year in verdict.years]
        notes.append(_several(verdict.years, inside))
        if len(inside) != 1:
            return YearFound(None, "", tuple(notes))
    ordered += listed
    if meta and meta.year:
        ordered.append(("metadata", meta.year))
    if len(period) == 1:
        ordered.append(("period", period[0]))
    if not ordered:
        return _year_by_dates(period, _published_year(evidence))
    chosen_basis, year = ordered[0]
    for other_basis, other in ordered[1:]:
        if other != year and other_basis != "period":
            notes.append(finding("year_conflict", case="taken", basis=other_basis, found=other, expected=year))
    notes += _slips(evidence, year, chosen_basis)
    agreed = any(other == year for other_basis, other in ordered[1:] if other_basis == "period")
    if verdict and verdict.year and agreed and (day := _shown_early(year, evidence)):
        notes.append(finding("published_early", found=day.isoformat(), expected=year))
    if impossible(year, evidence) and not agreed and chosen_basis != "period":
        notes.append(finding("year_conflict", case="dated_before", basis=chosen_basis, found=year))
        return YearFound(None, "", tuple(notes))
    return YearFound(year, chosen_basis, tuple(dict.fromkeys(notes)))


def _year_by_dates(period: Sequence[int], guessed: int | None) -> YearFound:
    """The year by the page's dates (``guessed``); where the text says several, none that is not among them."""
    if guessed is None or (len(period) > 1 and guessed not in period):
        return YearFound(None, "")
    if len(period) > 1:
        several = "、".join(map(str, period))
        told = finding("year_conflict", case="taken_by_dates", basis="running", found=several, expected=guessed)
    else:
        told = finding("year_inferred", found=guessed)
    return YearFound(guessed, "dates", (told,))


def _several(years: Sequence[int], inside: Sequence[int]) -> Finding:
    printed = "、".join(map(str, years))
    if len(inside) != 1:
        return finding("year_conflict", case="open", basis="title", found=printed)
    return finding("year_conflict", case="taken", basis="title", found=printed, expected=inside[0])


def _place_of(
    evidence: IdentityEvidence, name: Name | None, place: str | None, claims: Sequence[Claim], year: int | None
) -> tuple[str | None, str]:
    portal_county = divisions.place(place).county
    if name and name.county and (not portal_county or name.foreign):
        district = county_of_zone(name.chain) or district_of_branch(name.chain, name.local, year)
        return district or name.county, "title"
    if portal_county:
        return portal_county, "place"
    if name and (branch := names.county_of_branch(name.text)):
        return branch, "title"
    if other := next((claim.name.county for claim in claims if claim.name.county), ""):
        return other, "statement"
    site = names.complete(_SITE.sub("", squeeze(evidence.meta.get("sitename"))), None)
    if is_real(site.county):
        return site.county, "metadata"
    running = {county for text in evidence.running[:_MAX] if is_real(county := names.complete(text, None).county)}
    return (running.pop(), "running") if len(running) == 1 else (None, "")


def is_real(county: str) -> bool:
    """Whether a place that stands in running text or in a site's name is one: anything may end in 县, 市, 区 there."""
    return bool(county) and (is_listed(county) or (divisions.is_zone(county) and not divisions.is_generic_zone(county)))


def place_notes(name: Name, place: str | None) -> Iterator[Finding]:
    """Yield the findings where a name and its place do not fit."""
    county = divisions.place(place).county
    if name.misread:
        yield finding("place_misread", found=name.misread, expected=county)
    elif name.foreign:
        yield finding("place_conflict", found=name.county, expected=county)


def _by_the_lists(name: Name, evidence: IdentityEvidence, year: int | None) -> Iterator[Finding]:
    """Yield what the lists of divisions have against a name's place: it is in none, or there are several such."""
    yield from _differs(name, evidence)
    for division in name.chain:
        if near := misprinted_divisions(division):
            text = "".join((*evidence.titles, *evidence.meta.values(), *evidence.statements, *evidence.running))
            named = [one for one in near if one in text]
            alike = [*named, *(one for one in near if one not in named)]
            yield finding("place_unlisted", found=division, expected=first_of(alike, _SHOWN))
        elif is_in_no_list(division):
            yield finding("place_unknown", found=division)
    county = name.county
    if not county or len(bearers(county, year)) < 2 or divisions.is_generic_zone(county):
        return
    texts = (*evidence.titles, *evidence.meta.values(), *evidence.breadcrumb, *evidence.statements, *evidence.running)
    places = possible_divisions(county, name.chain[: name.chain.index(county)], "\n".join(texts), year)
    if len(places) > 1:
        yield finding("place_ambiguous", found=county, expected=first_of(places, _SHOWN))


def _differs(name: Name, evidence: IdentityEvidence) -> Iterator[Finding]:
    """Say that the site or the publisher names another place, one that differs from the title's by a character."""
    if not name.county:
        return
    printed = (evidence.meta.get(key, "") for key in ("sitename", *_PUBLISHER))
    strange = [text for text in printed if text and name.county not in text]  # most name it
    names_found = [names.complete(_SITE.sub("", squeeze(text))) for text in strange]
    others = dict.fromkeys(one.county for one in names_found if by_one_character(one.county, name.county))
    for other in others:
        yield finding("place_differs", found=name.county, expected=other)


def identify(evidence: IdentityEvidence, *, place: str | None = None) -> Identified:
    """Decide whose report a document is, and for which year, by what it says itself and by the place a portal would
    give.

    ``agency`` is None where nobody can tell: a name without its place ("司法局") is not an agency.
    """
    verdict, basis = title_of(evidence)
    found = claims(evidence, verdict, basis, place)
    first, notes = choose_claim(found)
    first = first or _running(evidence, place) or _of_a_level(evidence)
    name = first.name if first else None
    year = year_of(evidence, verdict, basis)
    where, where_basis = _place_of(evidence, name, place, found, year.year)
    if first is not None and not first.name.complete and not place:
        bare, (first, source) = first.name.text, _complete_claim(first, evidence, where, where_basis)
        name = first.name
        if name.complete:
            notes += (finding("agency_completed", basis=source, found=name.text, expected=bare),)
            where, where_basis = where or name.county, where_basis or source
    alone = first is not None and first.basis == "metadata" and is_head(first.name.text)  # its own, or printed again
    whole = name is not None and name.complete and not alone
    reasons = {"place": where_basis} if where else {}
    if year.year is not None:
        reasons["year"] = year.basis
    if verdict and verdict.system:
        system = finding("system_report", found=verdict.agency)
        return Identified(
            None, where, year.year, ReportKind.SYSTEM, {**reasons, "system": verdict.agency}, (*year.findings, system)
        )
    if name is None or first is None:
        return Identified(None, where, year.year, None, reasons, year.findings)
    if whole:
        reasons["agency"] = first.basis
    titled = _names_one(verdict, place) or _is_in_a_title(name, evidence)
    inferred = whole and not titled and first.basis in ("metadata", "statement", "running")
    inferred_notes = [finding("agency_inferred", basis=first.basis, found=name.text)] if inferred else []
    fits = place_notes(name, place) if place else _by_the_lists(name, evidence, year.year)
    findings = (*inferred_notes, *notes, *fits, *year.findings, *_running_slips(evidence, year.year))
    return Identified(name.text if whole else None, where, year.year, kind_of_report(name, None), reasons, findings)


def _names_one(verdict: TitleVerdict | None, place: str | None) -> bool:
    """Whether a title names a body: of what it prints in a body's place a name can be made."""
    named = names.complete(verdict.agency, place) if verdict and verdict.agency else Name()
    return bool(named.text) and _is_written(named)


def _is_in_a_title(name: Name, evidence: IdentityEvidence) -> bool:
    """Whether a title that is no plain one of a report prints the body's name (汶上县司法局关于更正…的说明)."""
    plain = name.text if name.township or not name.local or is_publisher_of_all(name) else name.local
    return any(plain in squeeze(title) for title in evidence.titles[:_MAX])


def in_running_text(evidence: IdentityEvidence) -> list[Name]:
    """Give the bodies that the running text names, those of places that there are not left out."""
    found = _bodies(evidence.running[:_MAX], None)
    return [name for name in found if not name.county or is_real(name.county)]


def _complete_claim(claim: Claim, evidence: IdentityEvidence, where: str | None, basis: str) -> tuple[Claim, str]:
    """Give a body without its place (司法局) with that of the same body in running text, or with the site's, or of its
    own level (区司法局) with the government's above it; and what gave it. Unchanged where none fits.
    """
    others = [name for name in in_running_text(evidence) if name.complete and name.county]
    same = {name.text: name for name in others if _is_same(claim.name, name) and agree(claim.name, name)}
    if len(same) == 1:
        return Claim(claim.basis, next(iter(same.values()))), "running"
    if same or not (basis == "metadata" or (basis == "running" and names.has_level(claim.name.text))):
        return claim, ""
    name = names.complete(claim.name.text, where)
    return (Claim(claim.basis, name), basis) if name.complete and not name.foreign else (claim, "")


def _is_same(short: Name, name: Name) -> bool:
    """Whether a name is that of a body whose place is left out (司法局), or told by its level alone (自治区司法局)."""
    own = _OF_A_ZONE.sub("", _without_place(name))
    return own == _without_place(short) or own == _without_place(names.complete(short.text, name.county))


def _running(evidence: IdentityEvidence, place: str | None) -> Claim | None:
    """Give the one agency that the running text names, if it names only one and prints its place with it."""
    named = [name for name in in_running_text(evidence) if name.complete]
    printed = [name.text for name in named if name.county or not is_central(name.text) or _is_own(name, evidence)]
    found = {name.text: name for name in _bodies(printed, place) if not name.foreign}
    others = [name for name in found.values() if not is_publisher_of_all(name)]
    return Claim("running", others[0]) if len(others) == 1 else None


def _is_own(name: Name, evidence: IdentityEvidence) -> bool:
    """Whether a text that names a central body calls its own one of that kind (我署, 我部), as no local body does."""
    return name.text.endswith(("署", "部")) and f"我{name.text[-1]}" in evidence.running


def _of_a_level(evidence: IdentityEvidence) -> Claim | None:
    """Give the one body of some county or district (县统计局) that the running text names."""
    found = {name.text: name for name in in_running_text(evidence) if not name.complete and names.has_level(name.text)}
    others = [name for name in found.values() if not is_publisher_of_all(name)]
    return Claim("running", others[0]) if len(others) == 1 else None


def _running_slips(evidence: IdentityEvidence, year: int | None) -> tuple[Finding, ...]:
    """Give findings for sentences of the running text that open with another year than the reporting year."""
    found = []
    for text in evidence.running[:_MAX]:
        years = mark_years(squeeze(text)[:80])
        if year and years.marked.startswith("#") and years.years and years.years[0] != year:
            found.append(finding("year_slip", basis="running", found=years.years[0], expected=year))
    return tuple(dict.fromkeys(found))
