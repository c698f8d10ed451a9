"""Reduce the facts to those known at an instant: "as of" means to leave out what came later."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from archive.assessment.facts import DateFact, DutyFacts, LookFact, ScopeEntry, Sighting, Spans, UnresolvedLead


def known_by(facts: DutyFacts, as_of: datetime) -> DutyFacts:
    """Return ``facts`` without what became known after ``as_of``; an unknown part of a fact is taken back, too.

    A look is known once it is finished. A look on which a lead later proved to be this report has, until the proof,
    an unresolved lead instead.
    """
    proofs = _proofs(facts.sightings)
    lives = sorted(
        (known for known in facts.validity if known.known_from <= as_of),
        key=lambda known: (known.known_from, str(known.valid_from), str(known.valid_to)),
    )
    guessed = facts.duty.guessed if facts.attested_from is None else as_of < facts.attested_from
    return replace(
        facts,
        duty=facts.duty if facts.duty.guessed is guessed else replace(facts.duty, guessed=guessed),
        validity=tuple(lives[-1:]),
        scope=tuple(
            _scope(entry, as_of) for entry in facts.scope if _holds(entry.known_from, entry.known_until, as_of)
        ),
        looks=tuple(_look(look, as_of, proofs.get(look.id)) for look in facts.looks if look.finished <= as_of),
        sightings=tuple(sighting for sighting in facts.sightings if sighting.known_from <= as_of),
        dates=tuple(_date(fact, as_of) for fact in facts.dates if fact.known_from <= as_of),
        rulings=tuple(ruling for ruling in facts.rulings if ruling.made_at <= as_of),
        covered_by=tuple(cover for cover in facts.covered_by if cover.known_from <= as_of),
        attested_from=None if guessed else facts.attested_from,
        unattested=tuple(one for one in facts.unattested if _holds(one.known_from, one.known_until, as_of)),
        findings=tuple(known for known in facts.findings if known.known_from <= as_of),
    )


def instants(facts: DutyFacts) -> set[datetime]:
    """Return every instant at which something in ``facts`` became known, those of looks left out."""
    maybe = [fact.known_from for group in (facts.sightings, facts.dates, facts.covered_by) for fact in group]
    maybe += [fact.known_from for group in (facts.scope, facts.validity, facts.findings) for fact in group]
    found: set[datetime | None] = {*maybe, *(ruling.made_at for ruling in facts.rulings), facts.attested_from}
    for entry in facts.scope:
        found |= {entry.known_until, entry.ended_known_from or entry.ended_at}
    found |= {fact.shared_from for fact in facts.dates}
    found |= {edge for one in facts.unattested for edge in (one.known_from, one.known_until)}
    for look in facts.looks:
        found |= {look.voided_at, look.others_from, *(lead.resolved_at for lead in look.unresolved)}
        found |= {edge for span in (*look.suspect_spans, *look.unverified_spans) for edge in span}
    return {instant for instant in found if instant is not None}


def _holds(since: datetime | None, until: datetime | None, as_of: datetime) -> bool:
    return (since is None or since <= as_of) and (until is None or as_of < until)


def _holding(spans: Spans, as_of: datetime) -> Spans:
    return tuple(span for span in spans if _holds(*span, as_of))


def _proofs(sightings: tuple[Sighting, ...]) -> dict[str, datetime]:
    """Return for each look that showed the report when that was first known."""
    proofs: dict[str, datetime] = {}
    for sighting in sightings:
        if sighting.look is not None:
            proofs[sighting.look] = min(sighting.known_from, proofs.get(sighting.look, sighting.known_from))
    return proofs


def _scope(entry: ScopeEntry, as_of: datetime) -> ScopeEntry:
    end_known = entry.ended_known_from or entry.ended_at
    if end_known is None or end_known <= as_of:
        return entry
    return replace(entry, ended_at=None, ended_known_from=None)


def _look(look: LookFact, as_of: datetime, proof: datetime | None) -> LookFact:
    pending = look.shows and proof is not None and proof > as_of
    void = look.voided_at is not None and look.voided_at <= as_of
    early = look.others_from is not None and look.others_from > as_of
    spans = look.suspect_spans or look.unverified_spans
    if not (pending or early or look.unresolved or spans or look.voided_at is not None):
        return look
    leads = tuple(
        lead if lead.resolved_at is None or lead.resolved_at <= as_of else replace(lead, resolved_at=None)
        for lead in look.unresolved
    )
    if pending and all(lead.resolved_at is not None for lead in leads):
        leads += (UnresolvedLead(url="", names_it=True),)
    return replace(
        look,
        shows=look.shows and not pending,
        unresolved=leads,
        suspect_spans=_holding(look.suspect_spans, as_of),
        unverified_spans=_holding(look.unverified_spans, as_of),
        voided_at=look.voided_at if void else None,
        others_from=None if early else look.others_from,
    )


def _date(fact: DateFact, as_of: datetime) -> DateFact:
    return replace(fact, shared_from=None) if fact.shared_from is not None and fact.shared_from > as_of else fact
