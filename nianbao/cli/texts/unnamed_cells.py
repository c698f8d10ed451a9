"""What is said where nothing tells whose report a document is, or on which year: what it does print of them."""

from __future__ import annotations

from collections.abc import Iterator

from archive.findings import finding
from archive.identity.divisions import is_generic_zone
from archive.identity.evidence import ReportIdentity, claims, in_running_text, title_of
from archive.identity.names import complete, is_central
from archive.identity.text import squeeze
from archive.identity.years import unheard_of
from storage.records import Finding, IdentityEvidence, Reading, ReportKind

MAX_BODIES = 3  # that are named


def unnamed(reading: Reading, who: ReportIdentity) -> Iterator[Finding]:
    """Findings on a report's body and year that are not told.

    A township (唐村镇) or zone without its place may be one of several.
    """
    if not reading.is_report or reading.reason:
        return
    if who.year is None and not any(said.code == "year_conflict" for said in who.findings):
        yield _on_no_year(reading)
    if who.report_kind is ReportKind.SYSTEM:
        return
    if who.agency is not None and is_central(who.agency) and not (who.place and is_generic_zone(who.place)):
        return
    if who.agency is None or who.place is None or is_generic_zone(who.place):
        yield _of_nobody(reading, who)


def _on_no_year(reading: Reading) -> Finding:
    """Say that no year is printed; or that one is on which there are no reports, or several are."""
    impossible = next((year for title in reading.identity.titles if (year := unheard_of(squeeze(title)))), None)
    if impossible is not None:
        return finding("year_conflict", case="unheard_of", basis="title", found=impossible)
    if len(years := sorted(set(reading.identity.period))) > 1:
        return finding("year_conflict", case="period_open", basis="running", found="、".join(map(str, years)))
    return finding("year_unnamed")


def _of_nobody(reading: Reading, who: ReportIdentity) -> Finding:
    """Say what is printed of a body that does not tell whose report it is."""
    printed = (who.agency,) if who.agency else _printed_bodies(reading.identity)
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


def _printed_bodies(evidence: IdentityEvidence) -> tuple[str, ...]:
    """Return the body that the title or the opening names, else those of which the sentences speak."""
    named = [claim.name.text for claim in claims(evidence, *title_of(evidence), None)]
    return tuple(named[:1] or [name.text for name in in_running_text(evidence)][:MAX_BODIES])
