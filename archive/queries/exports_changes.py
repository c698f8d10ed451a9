"""Rows of exports: findings, and what changed of reports after they were first seen; agencies as registered."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import datetime

from archive.queries.check import Tally, check_lines
from archive.queries.exports_held import Sources, agency_columns, each_portal
from archive.queries.outgoing import outgoing
from archive.queries.revisions import revisions
from archive.queries.stored import open_projections
from archive.queries.where import Chosen, Where, choose
from archive.queries.withholding import Report, Withheld
from storage.home import Home
from storage.judgements import StoredFinding
from storage.projections import ProjectionStore
from storage.records import Finding, Portal, StatusInterval


def agency_rows(chosen: Chosen) -> Iterator[dict[str, object]]:
    """The chosen agencies as the registry has them today."""
    for one in each_portal(chosen):
        (portal,) = one.portals.values()
        for _, agency in sorted(one.agencies.items()):
            yield {
                **agency_columns(portal, agency),
                "code": agency.code,
                "parent": agency.parent,
                "valid_from": agency.valid_from,
                "valid_to": agency.valid_to,
                "aliases": list(agency.aliases),
                "guessed": agency.guessed,
                "source": agency.source,
                "ended": None if agency.ended is None else agency.ended.value,
                "successors": list(agency.successors),
            }


def finding_rows(
    home: Home, chosen: Chosen, *, years: Collection[int] | None, as_of: datetime
) -> Iterator[dict[str, object]]:
    """Findings about the chosen agencies' reports and duties, and about looks; of what is withheld only the code.

    About a document or an edition they are today's reader's, if the edition was met by ``as_of``.
    """
    out = outgoing(home)
    ruled = out.ruled
    with open_projections(home) as store:
        for one in each_portal(chosen):
            (portal,) = one.portals.values()
            secret, later = _editions(store, portal.name, ruled, as_of)
            sources = Sources(home, store, one, as_of)
            for stored in (*store.findings(portal.name), *_duty_findings(store, portal.name, as_of)):
                if stored.subject in later or not _is_wanted(stored, one, years):
                    continue
                hidden = stored.subject in secret or _report(stored) in ruled.reports
                near = any((stored.agency, year) in ruled.reports for year in _years_around(stored))
                for finding in out.findings([stored.finding], withheld=hidden, beside=near):
                    yield _finding(portal, one, stored, finding) | sources.of(portal.name, stored.subject)


def _is_wanted(stored: StoredFinding, chosen: Chosen, years: Collection[int] | None) -> bool:
    if stored.agency is not None and stored.agency not in chosen.agencies:
        return False
    return years is None or stored.year is None or stored.year in years


def _report(stored: StoredFinding) -> Report | None:
    return (stored.agency, stored.year) if stored.agency is not None and stored.year is not None else None


def _years_around(stored: StoredFinding) -> tuple[int, ...]:
    return (stored.year - 1, stored.year + 1) if stored.year is not None else ()


def _editions(store: ProjectionStore, portal: str, ruled: Withheld, as_of: datetime) -> tuple[set[str], set[str]]:
    """What findings may be about: what is withheld, and what was not met by then."""
    secret, met, later = set(ruled.documents), set[str](), set[str]()
    for edition in store.editions(portal):
        names = {edition.id, edition.main, edition.cells_from or edition.main, *edition.documents}
        (met if edition.first_seen <= as_of else later).update(names)
        if ruled.hides(edition):
            secret |= names
    return secret, later - met


def _duty_findings(store: ProjectionStore, portal: str, as_of: datetime) -> Iterator[StoredFinding]:
    intervals: list[StatusInterval] = store.statuses(portal, as_of)
    for one in sorted(intervals, key=lambda interval: (interval.agency, interval.year)):
        for finding in one.findings:
            yield StoredFinding(
                subject_kind="duty",
                subject=f"{one.agency}/{one.year}",
                agency=one.agency,
                year=one.year,
                finding=finding,
            )


def _finding(portal: Portal, chosen: Chosen, stored: StoredFinding, finding: Finding) -> dict[str, object]:
    agency = chosen.agencies.get(stored.agency or "")
    return {
        "portal": portal.name,
        "place": portal.place,
        "agency_id": stored.agency,
        "agency": agency.name if agency else None,
        "year": stored.year,
        "subject_kind": stored.subject_kind,
        "subject": stored.subject,
        "finding": finding.code,
        "severity": finding.severity.value,
        "finding_cells": list(finding.cells),
        "expected": finding.expected,
        "found": finding.found,
        "said_zh": finding.zh,
        "said_en": finding.en,
    }


def revision_rows(
    home: Home, where: Where, *, years: Collection[int] | None, as_of: datetime
) -> Iterator[dict[str, object]]:
    """What changed of the chosen agencies' reports and was known by ``as_of``; of withheld ones nothing."""
    lines = revisions(home, where, as_of=as_of).lines
    with open_projections(home) as store:
        sources = Sources(home, store, choose(home, where), as_of)
        for line in sorted(
            lines, key=lambda line: (line.agency.portal, line.agency.id, line.year, line.known, line.change)
        ):
            if years is not None and line.year not in years:
                continue
            yield {
                "portal": line.agency.portal,
                "place": line.agency.place,
                "division": line.agency.division,
                "agency_id": line.agency.id,
                "agency": line.agency.name,
                "kind": line.agency.kind.value,
                "year": line.year,
                "revision": line.change,
                "known": line.known,
                "last_before": line.last_before,
                "first_after": line.first_after,
                "address": line.address,
                "before": line.before,
                "after": line.after,
                "cells_changed": line.cells,
                "lines_changed": line.lines,
                "said_zh": line.zh,
                "said_en": line.en,
                "evidence_ids": list(line.evidence),
                **sources.of(line.agency.portal, line.after, line.before),
            }


def check_rows(
    home: Home, where: Where, chosen: Chosen, *, years: Collection[int] | None, as_of: datetime
) -> Iterator[dict[str, object]]:
    """What contradicts in the chosen agencies' reports and was known by ``as_of``, as ``check`` tells it; of what rests
    on a withheld report nothing.
    """
    lines = check_lines(home, where, years=years, as_of=as_of, tally=Tally())
    with open_projections(home) as store:
        sources = Sources(home, store, chosen, as_of)
        for line in lines:
            yield {
                **agency_columns(chosen.portals[line.agency.portal], chosen.agencies[line.agency.id]),
                "year": line.year,
                "finding": line.code,
                "about": line.about,
                "severity": line.severity.value,
                "finding_cells": list(line.cells),
                "expected": line.expected,
                "found": line.found,
                "finding_doubted": line.doubted,
                "said_zh": line.zh,
                "said_en": line.en,
                "against": list(line.against),
                "others": [other.id for other in line.others],
                "locator": None if line.locator is None else json.dumps(line.locator, ensure_ascii=False),
                "known": line.since,
                **sources.of(line.agency.portal, line.edition),
            }
