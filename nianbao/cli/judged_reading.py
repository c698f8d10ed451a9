"""Judge a document that was read outside an archive: whose report it is, on which year, and what is doubtful."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.findings import finding
from archive.identity.divisions import is_generic_zone
from archive.identity.evidence import ReportIdentity, claims, identify, in_running_text, title_of
from archive.identity.names import complete, is_central
from archive.identity.years import is_ahead
from archive.parser.stated import find_stated_figures, stated_findings
from storage.records import SHANGHAI, Finding, IdentityEvidence, Reading, ReportKind, StatedFigure

_INFERRED = frozenset({"year_inferred", "agency_inferred"})  # findings that only reports get, not notices
_MAX_NAMES_IN_FINDING = 3  # of agencies


@dataclass(frozen=True, slots=True)
class JudgedReading:
    """A reading with the agency and year of its report, the ``figures`` in its sentences, and all findings on it."""

    reading: Reading
    who: ReportIdentity
    figures: Sequence[StatedFigure] = ()
    findings: tuple[Finding, ...] = ()


def judge_reading(reading: Reading, place: str | None, now: datetime) -> JudgedReading:
    """Find a reading's agency, year and contradictions. ``place``: of the portal, if known; ``now``: an aware time, to
    tell if the year was over.
    """
    who, figures = identify(reading.identity, place=place), find_stated_figures(reading)
    findings = [one for one in who.findings if one.code not in _INFERRED or reading.is_report or reading.unreadable]
    findings += _unnamed(reading, who)
    if reading.is_report and who.year is not None and is_ahead(who.year, now):
        findings.append(finding("year_ahead", found=who.year, expected=now.astimezone(SHANGHAI).date().isoformat()))
    return JudgedReading(reading, who, figures, (*reading.findings, *stated_findings(figures), *findings))


def _unnamed(reading: Reading, who: ReportIdentity) -> Iterator[Finding]:
    """Yield findings that a report does not say its agency or its year.

    The name of a township (唐村镇) or zone without its county is not enough: several may have the same name.
    """
    if not reading.is_report or reading.reason:
        return
    if who.year is None and not any(finding.code == "year_conflict" for finding in who.findings):
        years = sorted(set(reading.identity.period))
        if len(years) > 1:
            yield finding("year_conflict", case="period_open", basis="running", found="、".join(map(str, years)))
        else:
            yield finding("year_unnamed")
    if who.report_kind is ReportKind.SYSTEM:  # one document for many agencies
        return
    if who.agency is not None and is_central(who.agency) and not (who.place and is_generic_zone(who.place)):
        return
    if who.agency is None or who.place is None or is_generic_zone(who.place):
        yield _agency_unnamed(reading, who)


def _agency_unnamed(reading: Reading, who: ReportIdentity) -> Finding:
    """Return the finding that the agency of a report is not certain, with the agency names that it prints."""
    printed = [who.agency] if who.agency else _printed_bodies(reading.identity)
    if not printed:
        return finding("agency_unnamed", case="nothing")
    if len(printed) > 1 or (not who.agency and complete(printed[0]).county):
        case = "spoken_of"
    elif who.place is None or is_generic_zone(who.place):
        case = "no_place"
    else:
        case = "of_the_place"
    bodies = ("、".join(f"“{name}”" for name in printed), ", ".join(printed))
    return finding("agency_unnamed", case=case, found="、".join(printed), bodies=bodies, place=who.place)


def _printed_bodies(evidence: IdentityEvidence) -> list[str]:
    """Return the agency name in the title or opening; if there is none, the first names in the sentences."""
    names = [claim.name.text for claim in claims(evidence, *title_of(evidence), None) if claim.name.text]
    return names[:1] or [name.text for name in in_running_text(evidence)][:_MAX_NAMES_IN_FINDING]
