"""Answer what the status of one duty is as of a time, with its history and all evidence that it rests on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from archive.assessment.registry import Lineage
from archive.queries.bounds import NotKnownError, suggest_year
from archive.queries.coverage_of_answer import known_in
from archive.queries.duty_rows import duty_lines
from archive.queries.evidence import capture_lines, edition_lines, flawed_look_lines, ids_in, look_lines
from archive.queries.freshness import lists_complete_as_of
from archive.queries.registry import ask_whom, local_dues, own_rules
from archive.queries.results import AgencyDuties, AskWhom, Verdict
from archive.queries.stored import editions_of, findings_of, of_report
from archive.queries.where import choose_one
from archive.queries.withheld_content import Outgoing
from archive.queries.withholding import subject_of
from storage.home import Home
from storage.observations import Observations
from storage.records import Agency, Duty, EvidenceGrade, Lead, Ruling, Status, StatusInterval, editions_known
from storage.registry import Registry, agencies_in_succession


def status(home: Home, agency: str, year: int, *, as_of: datetime | None = None) -> Verdict:
    """Return the status of the report of ``agency`` (id, name, alias or unique part) on ``year``, as of now by default,
    with its history, looks, captures, editions and findings as known then. If it rests on no look, looks that prove
    nothing are given; ``leads`` (links that may be the report) only of an unknown one. Withheld text is removed. Raises
    :class:`NotKnownError`, with similar agencies or years, if there is no such duty or it was not known then.
    """
    who, chosen = choose_one(home, agency, years=[year], as_of=as_of)
    store, out, instant = chosen.store, chosen.out, chosen.as_of
    duty = next(iter(of_report(store, Duty, store.tables.duties, who.id, year)), None)
    if duty is None:
        raise suggest_year(year, {subjects.year for subjects in store.duties(who.portal) if subjects.agency == who.id})
    intervals = of_report(store, StatusInterval, store.tables.statuses, who.id, year)
    known_then = sorted((one for one in intervals if one.since <= instant), key=attrgetter("since"))
    if not known_then:
        raise NotKnownError(code="not_known.then", agency=who.name, at=instant.isoformat(timespec="minutes"))
    interval = known_then[-1]
    stored = editions_of(store, who.id, year)
    editions = sorted(editions_known(stored, instant), key=attrgetter("order"))
    later = {one for edition in stored for one in edition.findings}
    later -= {one for edition in editions for one in edition.findings}
    subjects = {subject for edition in editions for subject in (edition.id, *edition.documents)}
    rows = findings_of(store, who.id, year)
    about = [one.finding for one in rows if one.subject in subjects and one.finding not in later]
    if sum(one.code == "two_at_once" for one in about) == 1:  # the other of the two was not known then
        about = [one for one in about if one.code != "two_at_once"]
    ruled_on = {subject_of(who.id, year), *subjects}
    rulings = (*out.ruled.reports.values(), *out.ruled.documents.values())
    withholding = [one for one in rulings if one.subject in ruled_on]
    neighbours = (edition for other in (year - 1, year + 1) for edition in editions_of(store, who.id, other))
    withheld = {"withheld": bool(withholding), "beside": bool(out.ruled) and any(map(out.ruled.hides, neighbours))}
    findings = out.findings([*interval.findings, *about], **withheld)
    proofs = ids_in(findings)
    registry = Registry(home)
    listings = {listing.id: listing for listing in registry.listings(who.portal)}
    judged = {one.look: one for one in store.look_judgements(who.portal)}
    cited = Observations(home).looks_by_id({*interval.looks, *proofs})
    looks = tuple(
        replace(one, suspect=thought.suspect, whole_from=thought.whole_from) if (thought := judged.get(one.id)) else one
        for one in look_lines(home, cited, listings)
    )
    (line,) = duty_lines(chosen)
    leads = of_report(store, Lead, store.tables.leads, who.id, year)
    mine = [one for one in listings.values() if one.agency == who.id and one.year in {None, year}]
    lists = {one.id for one in mine if one.ended_at is None} or {one.listing for one in leads} | {
        one.listing for one in looks
    }
    return Verdict(
        as_of=instant,
        duty=line,
        basis=duty.basis,
        holiday=duty.holiday,
        history=tuple(
            replace(
                one,
                until=one.until if one.until is None or one.until <= instant else None,
                findings=out.findings(one.findings, **withheld),
            )
            for one in known_then
        ),
        looks=looks or flawed_look_lines(home, who.portal, who.id, listings, instant),
        captures=capture_lines(home, (*interval.captures, *sorted(proofs))),
        rulings=_rulings(home, {*interval.rulings, *(one.id for one in withholding)}, out),
        editions=edition_lines(home, editions, out, instant),
        findings=findings,
        ask=_ask(registry, who, instant),
        local=local_dues(line.agency.place, who.kind, year, own_rules(home)),
        leads=_open_leads(leads, out) if line.status is Status.UNKNOWN else (),
        lists_as_of=lists_complete_as_of(chosen, lists),
    )


def _open_leads(leads: Collection[Lead], out: Outgoing) -> tuple[Lead, ...]:
    """Return the links that may be a report (its leads), each address once, without what is withheld."""
    by_url = {one.url: one for one in leads}.values()
    return tuple(replace(one, url=out.address(one.url), title=out.text(one.title)) for one in by_url)


def _ask(registry: Registry, who: Agency, as_of: datetime) -> AskWhom | None:
    """Return who took over from an agency that ended, as the registry knew it at ``as_of``; None if it had not."""
    if who.valid_to is None and not who.successors:
        return None
    lineage = Lineage(agencies_in_succession(registry.home, [who.id], as_of))
    return ask_whom(lineage.agencies[who.id], lineage) if who.id in lineage.agencies else None


def duties(
    home: Home,
    agency: str,
    *,
    years: Collection[int] | None = None,
    as_of: datetime | None = None,
    evidence: Collection[EvidenceGrade] | None = None,
) -> AgencyDuties:
    """Return the duties of one agency with their statuses at ``as_of`` (None: now), by year; ``evidence``: only with
    one of these grades (None: all). Raises :class:`NotKnownError` with similar agencies or years.
    """
    who, chosen = choose_one(home, agency, years=years, as_of=as_of)
    knowledge = known_in(chosen)
    if not knowledge.duties and knowledge.first_record is None:
        chosen.check_years()
    return AgencyDuties(
        as_of=chosen.as_of,
        agency=chosen.line(who.id),
        duties=tuple(line for line in duty_lines(chosen) if evidence is None or line.evidence in evidence),
        known=knowledge,
    )


def _rulings(home: Home, ids: Collection[str], out: Outgoing) -> tuple[Ruling, ...]:
    """Return the rulings (decisions of people) with these ids, without titles and addresses that are withheld."""
    return tuple(
        replace(
            one,
            subject=out.address(one.subject),
            decision={key: out.text(value) if isinstance(value, str) else value for key, value in one.decision.items()},
            reason=out.text(one.reason),
            source=out.text(one.source),
        )
        for one in (Observations(home).rulings() if ids else ())
        if one.id in ids
    )
