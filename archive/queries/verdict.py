"""The status of one duty as of a time: the verdict, how it came about, and everything it rests on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from archive.assessment.lineage import Lineage
from archive.queries import bounds
from archive.queries.asof import instant_of_question
from archive.queries.coverage_of_answer import known_in
from archive.queries.duty_rows import duty_lines
from archive.queries.evidence import capture_lines, edition_lines, flawed_look_lines, look_lines
from archive.queries.nearest import NotKnownError, suggest_year
from archive.queries.overview import check_years
from archive.queries.registry import ask_whom, local_dues, own_rules
from archive.queries.results import AgencyDuties, AskWhom, LookLine, Verdict
from archive.queries.selected_agencies import known_portals
from archive.queries.stored import duty_of, editions_of, findings_of, history_of, open_projections
from archive.queries.where import Chosen, one_agency
from archive.queries.withheld_content import Outgoing, outgoing
from archive.queries.withholding import subject_of
from storage.home import Home
from storage.judgements import StoredLookJudgement
from storage.observations import Observations
from storage.records import Agency, EvidenceGrade, Finding, Ruling, StatusInterval
from storage.registry import Registry


def status(home: Home, agency: str, year: int, *, as_of: datetime | None = None) -> Verdict:
    """Give the status of the report of ``agency`` (id, name, alias or unique part) on ``year``, as of now by default.

    Raises :class:`NotKnownError` with the nearest agencies or years where there is no such duty, or where the agency
    was not known by then.
    """
    year, as_of = bounds.reporting_year(year), instant_of_question(home, as_of)
    who = one_agency(home, agency)
    out = outgoing(home)
    ruled = out.ruled
    with open_projections(home) as store:
        duty = duty_of(store, who.id, year)
        if duty is None:
            raise suggest_year(year, {known.year for known in store.duties(who.portal) if known.agency == who.id})
        history = tuple(_as_known(one, as_of) for one in history_of(store, who.id, year) if one.since <= as_of)
        if not history:
            at = as_of.isoformat(timespec="minutes")
            message = f"{who.name} was not known to this archive at {at}."
            raise NotKnownError(message, code="not_known.then", agency=who.name, at=at)
        editions = [edition for edition in editions_of(store, who.id, year) if edition.first_seen <= as_of]
        found = findings_of(store, who.id, year)
        judged = {one.look: one for one in store.look_judgements(who.portal)}
        near = [edition for other in (year - 1, year + 1) for edition in editions_of(store, who.id, other)]
    known = {subject for edition in editions for subject in (edition.id, *edition.documents)}
    about = _known_of_editions([stored.finding for stored in found if stored.subject in known])
    named = {subject_of(who.id, year), *known}
    hidden = [one for one in (*ruled.reports.values(), *ruled.documents.values()) if one.subject in named]
    secret, beside = bool(hidden), any(ruled.hides(edition) for edition in near)
    registry = Registry(home)
    chosen = _chosen(home, who)
    (line,) = duty_lines(home, chosen, years=[year], as_of=as_of)
    listings = {listing.id: listing for listing in registry.listings(who.portal)}
    held = history[-1]
    return Verdict(
        as_of=as_of,
        duty=line,
        basis=duty.basis,
        holiday=duty.holiday,
        history=tuple(
            replace(one, findings=out.findings(one.findings, withheld=secret, beside=beside)) for one in history
        ),
        looks=_judged(look_lines(home, held.looks, listings), judged)
        or flawed_look_lines(home, who.portal, who.id, listings, as_of),
        captures=capture_lines(home, held.captures),
        rulings=_rulings(home, {*held.rulings, *(one.id for one in hidden)}, out),
        editions=edition_lines(home, editions, out, as_of),
        findings=out.findings([*held.findings, *about], withheld=secret, beside=beside),
        ask=_ask(registry, who, as_of),
        local=local_dues(line.agency.place, who.kind, year, own_rules(home)),
    )


def _ask(registry: Registry, who: Agency, as_of: datetime) -> AskWhom | None:
    """Whom to ask of a body that had ended, as the registry knew it then."""
    if who.valid_to is None and not who.successors:
        return None
    lineage = Lineage(registry.agencies(as_of=as_of))
    return ask_whom(lineage.agencies[who.id], lineage) if who.id in lineage.agencies else None


def _chosen(home: Home, who: Agency) -> Chosen:
    return Chosen(portals={who.portal: known_portals(home)[who.portal]}, agencies={who.id: who})


def duties(
    home: Home,
    agency: str,
    *,
    years: Collection[int] | None = None,
    as_of: datetime | None = None,
    evidence: Collection[EvidenceGrade] | None = None,
) -> AgencyDuties:
    """Give every duty of one agency (on ``years``, founded as ``evidence`` names) with its status, by year.

    Raises :class:`NotKnownError` with the nearest agencies or years.
    """
    years, as_of = bounds.reporting_years(years), instant_of_question(home, as_of)
    who = one_agency(home, agency)
    chosen = _chosen(home, who)
    with open_projections(home) as store:
        known = known_in(store, chosen, years, as_of)
    if not known.duties and known.first_record is None:
        check_years(home, chosen, years)
    lines = duty_lines(home, chosen, years=years, as_of=as_of)
    return AgencyDuties(
        as_of=as_of,
        agency=chosen.line(who.id),
        duties=tuple(line for line in lines if evidence is None or line.evidence in evidence),
        known=known,
    )


def _judged(looks: Iterable[LookLine], judged: Mapping[str, StoredLookJudgement]) -> tuple[LookLine, ...]:
    """Say of looks what is thought of them: suspect, or read far enough though nobody knows where the list ends."""
    return tuple(
        replace(one, suspect=known.suspect, whole_from=known.whole_from) if (known := judged.get(one.id)) else one
        for one in looks
    )


def _rulings(home: Home, ids: Collection[str], out: Outgoing) -> tuple[Ruling, ...]:
    return tuple(
        replace(
            one,
            subject=out.address(one.subject),
            decision={
                name: out.text(value) if isinstance(value, str) else value for name, value in one.decision.items()
            },
            reason=out.text(one.reason),
            source=out.text(one.source),
        )
        for one in (Observations(home).rulings() if ids else ())
        if one.id in ids
    )


def _known_of_editions(findings: list[Finding]) -> list[Finding]:
    """Leave out that two stood there at once while only one of them was known."""
    at_once = sum(1 for finding in findings if finding.code == "two_at_once")
    return [finding for finding in findings if at_once != 1 or finding.code != "two_at_once"]


def _as_known(interval: StatusInterval, as_of: datetime) -> StatusInterval:
    """Give an interval as it looks at ``as_of``: what ends later has no end yet."""
    if interval.until is not None and interval.until > as_of:
        return replace(interval, until=None)
    return interval
