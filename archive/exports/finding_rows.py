"""Rows of exports that tell of reports and portals: findings, changes, contradictions, gaps; agencies and portals."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib.resources import files
from operator import attrgetter

from archive.exports.edition_sources import Sources, held_editions
from archive.exports.formats.columns import Row, row_maker
from archive.queries.check import ContradictionSearch
from archive.queries.duty_rows import duty_lines
from archive.queries.revisions import find_revisions
from archive.queries.selection import Selection
from archive.queries.withholding import Report
from storage.judgements import StoredFinding
from storage.observations import Observations
from storage.records import Look, LookOutcome, Status


def agency_rows(chosen: Selection) -> Iterator[Row]:
    """The chosen agencies as the registry has them today."""
    make = row_maker("agencies")
    for one in chosen.by_portal():
        for name, agency in sorted(one.agencies.items()):
            yield make(body=one.line(name), line=agency)


def finding_rows(chosen: Selection) -> Iterator[Row]:
    """Findings about the chosen agencies' reports and duties, and about looks; of what is withheld only the code.

    About a document or an edition they are today's reader's, if the edition was met by the instant asked about.
    """
    make, out = row_maker("findings"), chosen.out
    for one in chosen.by_portal():
        [(name, portal)] = one.portals.items()
        secret, later = _withheld_and_later_subjects(one, name)
        sources = Sources(one)
        for stored in (*one.store.findings(name), *_duty_findings(one, name)):
            if stored.subject in later or not _is_wanted(stored, one):
                continue
            is_withheld = stored.subject in secret or _report(stored) in out.ruled.reports
            near = any(_report(stored, years) in out.ruled.reports for years in (-1, 1))
            agency = one.agencies.get(stored.agency or "")
            for finding in out.findings([stored.finding], withheld=is_withheld, beside=near):
                yield make(
                    portal=name,
                    place=portal.place,
                    agency_id=stored.agency,
                    agency=agency.name if agency else None,
                    year=stored.year,
                    subject_kind=stored.subject_kind,
                    subject=stored.subject,
                    line=finding,
                    **sources.of(name, stored.subject),
                )


def _is_wanted(stored: StoredFinding, chosen: Selection) -> bool:
    if stored.agency is not None and stored.agency not in chosen.agencies:
        return False
    return chosen.years is None or stored.year is None or stored.year in chosen.years


def _report(stored: StoredFinding, years: int = 0) -> Report | None:
    """The report that a finding is about, or that of so many years later."""
    return (stored.agency, stored.year + years) if stored.agency is not None and stored.year is not None else None


def _withheld_and_later_subjects(chosen: Selection, portal: str) -> tuple[set[str], set[str]]:
    """What findings may be about: what is withheld, and what was not met by then."""
    secret, met, later = set(chosen.out.ruled.documents), set[str](), set[str]()
    for edition in chosen.store.editions(portal):
        names = {edition.id, edition.main, edition.cells_from or edition.main, *edition.documents}
        (met if edition.first_seen <= chosen.as_of else later).update(names)
        if chosen.out.ruled.hides(edition):
            secret |= names
    return secret, later - met


def _duty_findings(chosen: Selection, portal: str) -> Iterator[StoredFinding]:
    for one in sorted(chosen.store.statuses(portal, chosen.as_of), key=attrgetter("agency", "year")):
        about = {"subject_kind": "duty", "subject": f"{one.agency}/{one.year}", "agency": one.agency}
        for finding in one.findings:
            yield StoredFinding(**about, year=one.year, finding=finding)


def revision_rows(chosen: Selection) -> Iterator[Row]:
    """What changed of the chosen agencies' reports and was known by then; of withheld ones nothing."""
    make, sources = row_maker("revisions"), Sources(chosen)
    lines, _ = find_revisions(chosen)
    for line in sorted(lines, key=attrgetter("agency.portal", "agency.id", "year", "known", "change")):
        yield make(body=line.agency, line=line, **sources.of(line.agency.portal, line.after, line.before))


def check_rows(chosen: Selection) -> Iterator[Row]:
    """What contradicts in the chosen agencies' reports and was known by then, as ``check`` tells it; of what rests
    on a withheld report nothing.
    """
    make, sources = row_maker("checks"), Sources(chosen)
    for line in ContradictionSearch(chosen).lines():
        yield make(
            body=line.agency,
            line=line,
            others=[other.id for other in line.others],
            locator=None if line.locator is None else json.dumps(line.locator, ensure_ascii=False),
            **sources.of(line.agency.portal, line.edition),
        )


# ---------------------------------------------------------------------------------------------- portals and their gaps

_OPEN = (Status.UNKNOWN, Status.UNDETERMINED)


@cache
def gap_meanings() -> Mapping[str, Mapping[str, str]]:
    """What each sort of gap means, in Chinese and English."""
    text = files("archive.exports").joinpath("gaps.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def portal_rows(chosen: Selection) -> Iterator[Row]:
    """The chosen portals with how the looks at them ended by then."""
    make = row_maker("portals")
    registered = Counter(agency.portal for agency in chosen.agencies.values())
    for name, portal in chosen.portals.items():
        looks, editions = _looks(chosen, name), chosen.store.editions(name)
        ok = [look for look in looks if look.outcome is LookOutcome.OK]
        yield make(
            line=portal,
            agencies=registered[name],
            looks=len(looks),
            ok_looks=len(ok),
            first_look=min((look.started for look in looks), default=None),
            last_look=looks[-1].finished if looks else None,
            last_outcome=looks[-1].outcome.value if looks else None,
            last_ok_look=max((look.finished for look in ok), default=None),
            reports=len({(one.agency, one.year) for one in editions if one.first_seen <= chosen.as_of}),
        )


def gap_rows(chosen: Selection, unjudged: Collection[str] = ()) -> Iterator[Row]:
    """What is not known of the chosen agencies' reports, by portal, sort and reason.

    ``unjudged``: portals of which something was captured that nobody has read or judged yet.
    """
    for one in chosen.by_portal():
        [(name, portal)] = one.portals.items()
        counts = Counter((line.status.value, line.reason) for line in duty_lines(one, statuses=_OPEN, links=False))
        looks = _looks(one, name)
        if not any(look.outcome is LookOutcome.OK for look in looks):
            counts["no_ok_look", looks[-1].outcome.value if looks else "never"] = len(looks)
        elif looks[-1].outcome is not LookOutcome.OK:
            counts["last_look_failed", looks[-1].outcome.value] = 1
        for entry in held_editions(one):
            if entry.secret:
                counts["withheld", "ruling"] += 1
            elif entry.form is None:
                counts["unread", "no_table" if entry.head else "not_read"] += 1
        if name in unjudged:
            counts["not_judged", "captured_since"] = 1
        for (gap, reason), number in sorted(counts.items()):
            meaning = gap_meanings()[gap]
            about = {"portal": name, "place": portal.place, "gap": gap, "reason": reason, "number": number}
            yield {**about, "said_zh": meaning["zh"], "said_en": meaning["en"]}


def _looks(chosen: Selection, portal: str) -> list[Look]:
    looks = [look for look in Observations(chosen.home).looks(portal) if look.finished <= chosen.as_of]
    return sorted(looks, key=attrgetter("finished", "id"))
