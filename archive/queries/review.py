"""What a person should look at: doubtful leads, documents nobody could be named for, suspect looks, guessed agencies.

Each line says what is doubtful, and which ruling would decide it; what has been ruled on is not asked again.
"""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from archive.assessment.calendar import local_day
from archive.assessment.registry_doubts import Doubt
from archive.identity import names as naming
from archive.identity.addresses import UNLINKED
from archive.identity.agency_csv import KINDS, is_self_named
from archive.identity.classification import UNOFFICIAL
from archive.identity.matching import could_be_one, could_mean
from archive.queries.gone_lists import GoneList, gone_lists
from archive.queries.hidden import Hidden, hidden_by_portal
from archive.queries.record import Result
from archive.queries.registry import registry_doubts
from archive.queries.stored import open_projections
from archive.queries.withholding import withheld
from storage.home import Home
from storage.judgements import StoredLookJudgement
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import Agency, Binding, Lead, Listing, ListingForm, Ruling, RulingKind, Status
from storage.registry import Registry

DOUBTFUL = 0.65  #: confidence below which a judgement on a link is one of two that could be made
CITED = "--by WHO --reason WHY"  #: what every ruling needs besides its words
_SINGLE = 3  # agencies that are decided on one by one
_NAMED = 6  # agencies named in one line


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Result):
    """One way to decide: the words of ``nianbao rule`` after its name. ``zh`` and ``en`` say what it means."""

    words: tuple[str, ...]
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLine(Result):
    """One doubt. ``kind``: ``lead binding scope look listing agency registry``; ``subject``: what to rule on.

    ``choices`` are complete rulings; ``open`` says what a ruling needs that nobody but a person can fill in ("" if
    one of the choices will do).
    """

    kind: str
    portal: str
    subject: str
    title: str
    zh: str
    en: str
    choices: tuple[Choice, ...] = ()
    open: str = ""


def review(home: Home, portal: str | None = None) -> list[ReviewLine]:
    """Give every open doubt of one portal or all, documents first, then links, looks, listings and agencies.

    Raises ProjectionError where the projections have to be made again first.
    """
    observations = Observations(home)
    made = list(observations.rulings())
    rulings = {(ruling.kind, ruling.subject): ruling for ruling in made}
    looks = {look.id: look.started for look in observations.looks()}
    registry = Registry(home)
    places = {one.name: one.place for one in registry.portals()}
    names = [portal] if portal is not None else list(places)
    found: list[ReviewLine] = []
    doubted = registry_doubts(home, portal)
    with open_projections(home) as store:
        for name in names:
            agencies = registry.agencies(name)
            found += _portal_lines(store, name, places.get(name, ""), agencies, rulings)
            found += _looks(name, store.look_judgements(name), looks, rulings)
            found += [_gone_list_line(one) for one in gone_lists(home, store, name)]
            found += _bodies(registry, name, agencies, made)
            found += _registry(name, doubted.get(name, ()), rulings)
        secret = hidden_by_portal(home, store, names, withheld(home))
    return [_without_withheld(one, secret[one.portal]) for one in found]


def _without_withheld(line: ReviewLine, secret: Hidden) -> ReviewLine:
    """A doubt as it may go out."""
    line = replace(line, zh=secret.text(line.zh), en=secret.text(line.en))
    if line.kind not in {"lead", "binding"}:
        return replace(line, title=secret.text(line.title))
    address, title = secret.address(line.subject, line.title), secret.title(line.subject, line.title)
    if address != line.subject:  # its words name it
        return replace(line, subject=address, title=title, choices=(), open="")
    return replace(line, title=title)


def unbound(home: Home, portals: Iterable[str]) -> int:
    """Count the reports read of which it cannot be said whose they are, or on which year, and nobody has ruled."""
    ruled = {one.subject for one in Observations(home).rulings() if one.kind is RulingKind.BINDING}
    with open_projections(home) as store:
        open_now = {
            binding.url
            for portal in portals
            for binding in store.bindings(portal)
            if binding.is_report
            and (binding.agency is None or binding.year is None)
            and not {binding.url, binding.document} & ruled
        }
    return len(open_now)


def _portal_lines(
    store: ProjectionStore,
    portal: str,
    place: str,
    agencies: Sequence[Agency],
    rulings: Mapping[tuple[RulingKind, str], Ruling],
) -> Iterator[ReviewLine]:
    known = {name for agency in agencies for name in (agency.name, *agency.aliases)}
    bindings, leads = store.bindings(portal), store.leads(portal)
    bound = {binding.url for binding in bindings}
    lacking = _agencies_without_report(store, portal, agencies)
    told: set[ReviewLine] = set()
    for binding in _unique(bindings):
        ruled = {(RulingKind.BINDING, binding.document), (RulingKind.BINDING, binding.url)} & rulings.keys()
        if ruled or not binding.is_report:
            continue
        similar = _similar_agencies(binding, agencies, lacking.get(binding.year or 0, ()), place)
        line = _binding(portal, binding, known, similar) or _namesake(portal, binding, agencies, similar)
        if line is not None and line not in told:  # one address may have held several documents
            told.add(line)
            yield line
    undated = dict(_undated(portal, leads, bindings, lacking, rulings))
    yield from undated.values()
    for lead in {lead.url: lead for lead in leads}.values():
        settled = (RulingKind.LEAD, lead.url) in rulings or lead.url in bound or lead.url in undated
        if not settled and (line := _lead(portal, lead)) is not None:
            yield line
    yield from _wrong_links(portal, leads, bindings, lacking, rulings)


def _wrong_links(
    portal: str,
    leads: Iterable[Lead],
    bindings: Iterable[Binding],
    lacking: Mapping[int, Sequence[Agency]],
    rulings: Mapping[tuple[RulingKind, str], Ruling],
) -> Iterator[ReviewLine]:
    """Links that name an agency's report and open something else, where nothing else shows that report."""
    held: dict[str, list[Binding]] = {}
    for binding in bindings:
        held.setdefault(binding.url, []).append(binding)
    for lead in leads:
        bound, year = held.get(lead.url, ()), lead.year
        if not bound or year is None or not lead.is_report:
            continue
        found = bound[-1]
        if any((one.document, one.agency, one.year) == (found.document, lead.agency, year) for one in bound):
            continue
        ruled = {(RulingKind.BINDING, found.document), (RulingKind.BINDING, found.url), (RulingKind.LEAD, lead.url)}
        own = next((agency for agency in lacking.get(year, ()) if agency.id == lead.agency), None)
        unbound = found.is_report and (found.agency is None or found.year is None)  # told as a binding
        if own is not None and not unbound and not ruled & rulings.keys():
            yield _wrong_link(portal, lead, found, own, year)


def _undated(
    portal: str,
    leads: Iterable[Lead],
    bindings: Iterable[Binding],
    lacking: Mapping[int, Sequence[Agency]],
    rulings: Mapping[tuple[RulingKind, str], Ruling],
) -> Iterator[tuple[str, ReviewLine]]:
    """Links that name a body and no year, and open nothing or no report: they could be any year's that it lacks."""
    held = {binding.url: binding for binding in bindings}
    for lead in leads:
        found = held.get(lead.url)
        if lead.year is not None or lead.agency is None or not lead.is_report or (found and found.is_report):
            continue
        ruled = {(RulingKind.LEAD, lead.url), (RulingKind.BINDING, lead.url)}
        ruled |= {(RulingKind.BINDING, found.document)} if found else set()
        years = [year for year, bodies in sorted(lacking.items()) if any(one.id == lead.agency for one in bodies)]
        if years and not ruled & rulings.keys():
            yield lead.url, _of_no_year(portal, lead, years, opens="no annual report" if found else "nothing")


def _looks(
    portal: str,
    judged: Iterable[StoredLookJudgement],
    started: Mapping[str, datetime],
    rulings: Mapping[tuple[RulingKind, str], Ruling],
) -> Iterator[ReviewLine]:
    """One line for each listing: its newest suspect look, and how many there are since a person last ruled on one."""
    of_listing: dict[str, list[StoredLookJudgement]] = {}
    for one in sorted(judged, key=lambda one: (started[one.look], one.look)):
        since = of_listing.setdefault(one.listing, [])
        if {(RulingKind.VOID_LOOK, one.look), (RulingKind.NEW_BASE, one.look)} & rulings.keys():
            since.clear()
        elif one.suspect:
            since.append(one)
    for suspects in of_listing.values():
        if suspects:
            yield _look(portal, suspects[-1], len(suspects))


def _bodies(
    registry: Registry, portal: str, agencies: Sequence[Agency], rulings: Sequence[Ruling]
) -> Iterator[ReviewLine]:
    """Listings of which nobody has said for whom they speak, and agencies that no source attests."""
    for listing in registry.listings(portal):
        if not _speaks_for_nobody(listing):
            continue
        ruled = [one.decision for one in rulings if (one.kind, one.subject) == (RulingKind.SCOPE, listing.id)]
        said = {decision.get("agency") or decision.get("kind") for decision in ruled}
        owing = [one for one in agencies if not one.guessed and one.valid_to is None]
        unsaid = [one for one in owing if one.id not in said and str(one.kind) not in said]
        if unsaid or not said:
            yield _scope(portal, listing, unsaid, bool(said))
    for agency in agencies:
        if agency.guessed:
            yield _agency(portal, agency)


def _registry(
    portal: str, doubted: Iterable[Doubt], rulings: Mapping[tuple[RulingKind, str], Ruling]
) -> Iterator[ReviewLine]:
    """What is doubtful in the rows of the registry, unless a person said that a row is right as it stands."""
    for doubt in doubted:
        subject = f"{doubt.subject}/{doubt.code}"
        ruled = rulings.get((RulingKind.REGISTRY, subject))
        if ruled is None or not ruled.decision.get("holds"):
            yield ReviewLine(
                kind="registry",
                portal=portal,
                subject=subject,
                title=doubt.name,
                zh=doubt.zh,
                en=doubt.en,
                choices=(Choice(words=("registry", subject, "holds=true"), zh="登记无误", en="The row is right"),),
                open=f"nianbao agencies import FILE --portal {portal} (its row with what is right)",
            )


def _unique(bindings: Iterable[Binding]) -> list[Binding]:
    return [*{(binding.document, binding.url): binding for binding in bindings}.values()]


def _agencies_without_report(
    store: ProjectionStore, portal: str, agencies: Sequence[Agency]
) -> dict[int, list[Agency]]:
    """The agencies whose report of a year could be one that stands there, by year."""
    by_id = {agency.id: agency for agency in agencies}
    found: dict[int, list[Agency]] = {}
    for one in store.statuses(portal):
        open_now = one.until is None and one.status is Status.UNKNOWN and one.reason == "unresolved_lead"
        if open_now and one.agency in by_id:
            found.setdefault(one.year, []).append(by_id[one.agency])
    return found


def _similar_agencies(
    binding: Binding, agencies: Sequence[Agency], lacking: Sequence[Agency], place: str
) -> list[Agency]:
    """Agencies without a report of that year which the body of this report could be, by its name."""
    if binding.agency is None:
        return [one for one in lacking if binding.agency_name and could_mean(binding.agency_name, one, place)]
    own = next((agency for agency in agencies if agency.id == binding.agency), None)
    return [] if own is None else [one for one in lacking if one.id != own.id and could_be_one(own, one, place)]


def _namesake(
    portal: str, binding: Binding, agencies: Sequence[Agency], similar: Sequence[Agency]
) -> ReviewLine | None:
    """A report of one body where another of a similar name has none: perhaps they are one."""
    own = next((agency for agency in agencies if agency.id == binding.agency), None)
    if own is None or not similar or binding.year is None:
        return None
    others, year = "、".join(one.name for one in similar), binding.year
    return ReviewLine(
        kind="binding",
        portal=portal,
        subject=binding.url,
        title=f"{own.name} {year}",
        zh=f"没有{others}{year}年度的报告，而名称相近的{own.name}在该年度有报告：二者可能是同一机关。",
        en=f"There is no report of {', '.join(one.name for one in similar)} for {year}, while {own.name}, of a similar "
        "name, has one: they may be one body.",
        choices=(
            *_agency_choices(binding, similar),
            Choice(words=_is_of(binding, own), zh=f"是{own.name}的，另一机关", en=f"It is that of {own.name}, another"),
        ),
    )


def _is_of(binding: Binding, agency: Agency) -> tuple[str, ...]:
    return ("binding", binding.url, f"agency={agency.name}", f"year={binding.year}")


def _agency_choices(binding: Binding, similar: Sequence[Agency]) -> tuple[Choice, ...]:
    if binding.year is None:
        return ()
    return tuple(
        Choice(words=_is_of(binding, one), zh=f"是{one.name}的报告", en=f"It is the report of {one.name}")
        for one in similar
    )


def _binding(portal: str, binding: Binding, known: set[str], similar: Sequence[Agency]) -> ReviewLine | None:
    """A report of which nobody can say whose or of which year it is, or whose evidence disagrees."""
    conflicts = [finding for finding in binding.findings if finding.code in {"year_conflict", "place_conflict"}]
    missing = [name for name, value in (("agency", binding.agency), ("year", binding.year)) if value is None]
    if not missing and not conflicts:
        return None
    whose = binding.agency_name or "?"
    conflicts_en = "; ".join(finding.en for finding in conflicts)
    conflicts_zh = "；".join(finding.zh for finding in conflicts)
    unsaid = "、".join({"agency": "机关", "year": "年度"}[name] for name in missing)
    near = [one.name for one in similar]
    near_zh = f"没有{'、'.join(near)}该年度的报告，名称相近。" if near else ""
    near_en = f" There is none of {', '.join(near)} on that year, a similar name." if near else ""
    return ReviewLine(
        kind="binding",
        portal=portal,
        subject=binding.url,
        title=f"{whose} {binding.year or '?'}",
        zh=f"报告的归属不能确定（{unsaid or conflicts_zh}）。{near_zh}",
        en=f"Whose report this is cannot be said ({' and '.join(missing) + ' unknown' if missing else conflicts_en})."
        f"{near_en}",
        choices=(
            *_agency_choices(binding, similar),
            Choice(words=("binding", binding.url, "is_report=false"), zh="不是年度报告", en="It is no annual report"),
        ),
        open=_binding_command(portal, binding, known),
    )


def _binding_command(portal: str, binding: Binding, known: set[str]) -> str:
    """How a person binds it. A ruling names an agency of the registry: one that is not there is brought in first."""
    name, year = binding.agency_name, binding.year or "…"
    if binding.agency is None and name and name not in known:
        kind = next(word for word, kind in KINDS.items() if kind is naming.kind_of(naming.complete(name)))
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow([name, kind, binding.url])
        way = f"nianbao agencies import FILE.csv --portal {portal} (its lines: name,kind,source and {line.getvalue()})"
        if binding.year is not None:
            return f"{way}, then: nianbao reread"
        return f"{way}, then: nianbao rule binding {shlex.quote(binding.url)} agency={shlex.quote(name)} year=… {CITED}"
    whose = shlex.quote(name) if name in known else "…"
    return f"nianbao rule binding {shlex.quote(binding.url)} agency={whose} year={year} {CITED}"


def _lead(portal: str, lead: Lead) -> ReviewLine | None:
    """A link of which the title does not tell, and whose document has not been read; or that leads off the portal, or
    nowhere.
    """
    none = Choice(words=("lead", lead.url, "is_report=false"), zh="不是年度报告", en="It is none")
    asked = partial(ReviewLine, kind="lead", portal=portal, subject=lead.url, title=lead.title)
    if lead.reason == UNOFFICIAL:
        return asked(
            zh="该链接指向本站以外的主机，未予抓取；是否已公布不得而知，因此不作未公布的证据。",
            en="This link leads off the portal's hosts and is not fetched: whether the report is published is unknown.",
            choices=(none,),
            open=f"nianbao rule duty AGENCY/YEAR status=elsewhere {shlex.quote(f'where={lead.url}')} {CITED}",
        )
    if lead.reason == UNLINKED:
        return asked(
            zh="栏目上印有该条目，但没有链接，无从打开；是否已公布不得而知，因此不作未公布的证据。",
            en="The listing names this report without a link: it cannot be opened, and whether it is published is "
            "unknown.",
            choices=(none,),
            open=f"nianbao import FILE --url URL --fetched WHEN --by WHO, once a person has it; or nianbao rule duty "
            f"AGENCY/YEAR status=elsewhere where=WHERE {CITED}",
        )
    if lead.confidence >= DOUBTFUL:
        return None
    taken = ("当作", "taken for") if lead.is_report else ("没有当作", "not taken for")
    return asked(
        zh=f"该链接{taken[0]}年度报告，但把握不大（{lead.reason}，{lead.confidence:.2f}）。",
        en=f"This link is {taken[1]} an annual report, without much confidence ({lead.reason}, {lead.confidence:.2f}).",
        choices=(
            Choice(words=("lead", lead.url, "is_report=true"), zh="是年度报告", en="It is an annual report"),
            none,
        ),
    )


def _of_no_year(portal: str, lead: Lead, years: Sequence[int], *, opens: str) -> ReviewLine:
    years_named, whose = "、".join(map(str, years)), lead.agency_name or lead.agency
    zh = "未能打开" if opens == "nothing" else "打开的不是年度报告"
    return ReviewLine(
        kind="lead",
        portal=portal,
        subject=lead.url,
        title=lead.title,
        zh=f"该条目写有{whose}而未写明年度，{zh}；在有人裁定之前，不认定其{years_named}年度的报告没有公布。",
        en=f"This entry names {whose} and no year, and opens {opens}: until somebody says what it is, its reports on "
        f"{', '.join(map(str, years))} are not called missing.",
        choices=(Choice(words=("lead", lead.url, "is_report=false"), zh="不是年度报告", en="It is none"),),
        open=f"nianbao import FILE --url {shlex.quote(lead.url)} --fetched WHEN --by WHO, once a person has it",
    )


def _wrong_link(portal: str, lead: Lead, found: Binding, own: Agency, year: int) -> ReviewLine:
    if found.is_report:
        whose = f"{found.agency_name} {found.year}"
        keep: tuple[str, ...] = ("binding", found.url, f"agency={found.agency_name}", f"year={found.year}")
        zh, en = f"是{found.agency_name}{found.year}年度的报告", f"the report of {found.agency_name} for {found.year}"
        confirmation = Choice(words=keep, zh=f"确是{whose}，链接有误", en=f"It is that of {whose}: the link is wrong")
    else:
        zh, en = "不是年度报告", "no annual report"
        keep = ("binding", found.url, "is_report=false")
        confirmation = Choice(words=keep, zh="确不是年度报告，链接有误", en="It is none: the link is wrong")
    return ReviewLine(
        kind="binding",
        portal=portal,
        subject=found.url,
        title=lead.title,
        zh=f"该链接题为{own.name}{year}年度的报告，打开的却{zh}；在有人裁定之前，不认定{own.name}没有公布。",
        en=f"This link names the report of {own.name} for {year} and opens {en}: until somebody says what that is, "
        f"{own.name}'s is not called missing.",
        choices=(
            confirmation,
            Choice(
                words=("binding", found.url, f"agency={own.name}", f"year={year}"),
                zh=f"是{own.name}{year}年度的报告",
                en=f"It is the report of {own.name} for {year}",
            ),
        ),
    )


def _look(portal: str, judged: StoredLookJudgement, count: int) -> ReviewLine:
    looks = (f"{count}次查看（最近一次）", f"The newest of {count} looks") if count > 1 else ("该次查看", "This look")
    none = ("均不作为", "none of them is") if count > 1 else ("不作为", "it is no")
    return ReviewLine(
        kind="look",
        portal=portal,
        subject=judged.look,
        title=judged.listing,
        zh=f"{looks[0]}所见比以前少（{judged.reason}），{none[0]}未公布的证据。",
        en=f"{looks[1]} showed less than looks before ({judged.reason}); {none[1]} evidence of absence.",
        choices=(
            Choice(words=("new_base", judged.look), zh="栏目确实变少了", en="The listing did shrink"),
            Choice(words=("void_look", judged.look), zh="该次查看有误", en="The look was wrong"),
        ),
    )


def _gone_list_line(gone_list: GoneList) -> ReviewLine:
    """A list that is not where it was: while it counts as one, it keeps the absences of those it speaks for open."""
    day = local_day(gone_list.since).isoformat()
    words = ("listing", gone_list.listing, f"ended={day}")
    ends = Choice(words=words, zh="该栏目在此地址已停用", en="The list has ended at this address")
    zh, en = "那里从未读到列表", "no list was ever read there"
    if gone_list.elsewhere:
        stand_zh = "、".join(f"{one.url}（{one.listing}，{one.reports}份）" for one in gone_list.elsewhere)
        stand = ", ".join(f"{one.url} ({one.listing}: {one.reports})" for one in gone_list.elsewhere)
        zh = f"原有{gone_list.reports}份报告现见于{stand_zh}" + (
            f"，其余{gone_list.nowhere}份不见于任何栏目" if gone_list.nowhere else ""
        )
        en = f"its {gone_list.reports} reports now stand at {stand}" + (
            f", and {gone_list.nowhere} of them in no list" if gone_list.nowhere else ""
        )
    elif gone_list.reports:
        zh, en = (
            f"原有{gone_list.reports}份报告不见于其他栏目",
            f"no other list shows any of its {gone_list.reports} reports",
        )
    known = bool(gone_list.elsewhere or not gone_list.reports)
    mended = f"its new address in the portal's file: nianbao portal check {gone_list.portal} names the line"
    probed = "nianbao portal probe its home page says where it may be now; if it is gone for good: nianbao rule "
    return ReviewLine(
        kind="listing",
        portal=gone_list.portal,
        subject=gone_list.listing,
        title=gone_list.title,
        zh=f"自{day}起{gone_list.looks}次查看，该栏目已不在{gone_list.url}（{gone_list.reason}）；{zh}。在有人处理之前，"
        "不认定其所涉机关没有公布。",
        en=f"This list has not been at {gone_list.url} since {day} ({gone_list.looks} looks, {gone_list.reason}); {en}."
        " Until that is settled, nobody for whom it speaks is said to have published nothing.",
        choices=(ends,) if known else (),
        open=mended if known else f"{probed}{shlex.join(words)} {CITED}",
    )


def _speaks_for_nobody(listing: Listing) -> bool:
    plain = listing.form is ListingForm.COLUMN and listing.ended_at is None
    return plain and listing.agency is None and not listing.covers


def _scope(portal: str, listing: Listing, unsaid: Sequence[Agency], partly: bool) -> ReviewLine:
    names = [one.name for one in unsaid[:_NAMED]]
    more = len(unsaid) - len(names)
    zh = f"没有人说过该栏目是否公布{'、'.join(names)}{f'等{len(unsaid)}个机关' if more else ''}的报告"
    whose = ", ".join(names) + (f" and {more} more" if more else "")
    en = f"Nobody has said whether this listing shows the reports of {whose}"
    if not partly:
        zh, en = "没有人说过该栏目公布哪些机关的报告", "Nobody has said whose reports this listing shows"
    return ReviewLine(
        kind="scope",
        portal=portal,
        subject=listing.id,
        title=listing.column or listing.url,
        zh=f"{zh}；只有在此出现过的机关，查看才算数。",
        en=f"{en}; its looks count only for agencies seen on it before.",
        choices=_scopes(listing, unsaid),
        open=f"nianbao rule scope {shlex.quote(listing.id)} agency=… covers=true|false {CITED}; for all agencies of a "
        "kind: kind=department in place of agency=…",
    )


def _scopes(listing: Listing, unsaid: Sequence[Agency]) -> tuple[Choice, ...]:
    """For whom a listing may be said to speak or not: each of a few agencies or, of many, those of each kind."""
    if len(unsaid) <= _SINGLE:
        whose = [(f"agency={one.id}", f"{one.name}的报告", f"the reports of {one.name}") for one in unsaid]
    else:
        words = {kind: word for word, kind in KINDS.items()}
        kinds = sorted({one.kind for one in unsaid}, key=[*words].index)
        whose = [(f"kind={kind}", f"所有{words[kind]}的报告", f"all reports of the kind {kind}") for kind in kinds]
    return tuple(
        Choice(
            words=("scope", listing.id, who, f"covers={'true' if covers else 'false'}"),
            zh=f"该栏目{'' if covers else '不'}公布{zh}",
            en=f"It {'shows' if covers else 'does not show'} {en}",
        )
        for who, zh, en in whose
        for covers in (True, False)
    )


def _agency(portal: str, agency: Agency) -> ReviewLine:
    alone = is_self_named(agency)
    return ReviewLine(
        kind="agency",
        portal=portal,
        subject=agency.id,
        title=agency.name,
        zh=f"没有来源证明该机关存在，其缺报、迟报不会认定为“已证明”。{'它只从自己的报告得知。' if alone else ''}",
        en="No source attests this agency; it is never called missing or late with proof."
        + (" It is known from its own reports alone." if alone else ""),
        open="nianbao agencies import FILE.csv --portal " + portal,
    )
