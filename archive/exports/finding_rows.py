"""Rows of exports that tell of reports and portals: findings, changes, contradictions, gaps; agencies and portals."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files

from archive.exports.edition_sources import Sources, each_portal, held_editions
from archive.exports.formats.columns import Row, row_maker
from archive.queries.check import CheckCounts, check_lines
from archive.queries.duty_rows import duty_lines
from archive.queries.revisions import revisions
from archive.queries.stored import open_projections
from archive.queries.where import Chosen, Where, choose
from archive.queries.withheld_content import outgoing
from archive.queries.withholding import Report, Withheld
from storage.home import Home
from storage.judgements import StoredFinding
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import Look, LookOutcome, Portal, Status, StatusInterval


def agency_rows(chosen: Chosen) -> Iterator[Row]:
    """The chosen agencies as the registry has them today."""
    make = row_maker("agencies")
    for one in each_portal(chosen):
        for name, agency in sorted(one.agencies.items()):
            yield make(body=one.line(name), line=agency)


def finding_rows(home: Home, chosen: Chosen, *, years: Collection[int] | None, as_of: datetime) -> Iterator[Row]:
    """Findings about the chosen agencies' reports and duties, and about looks; of what is withheld only the code.

    About a document or an edition they are today's reader's, if the edition was met by ``as_of``.
    """
    out, make = outgoing(home), row_maker("findings")
    ruled = out.ruled
    with open_projections(home) as store:
        for one in each_portal(chosen):
            (portal,) = one.portals.values()
            secret, later = _editions(store, portal.name, ruled, as_of)
            sources, names = (
                Sources(home, store, one, as_of),
                {key: agency.name for key, agency in one.agencies.items()},
            )
            for stored in (*store.findings(portal.name), *_duty_findings(store, portal.name, as_of)):
                if stored.subject in later or not _is_wanted(stored, one, years):
                    continue
                hidden = stored.subject in secret or _report(stored) in ruled.reports
                near = any((stored.agency, year) in ruled.reports for year in _years_around(stored))
                for finding in out.findings([stored.finding], withheld=hidden, beside=near):
                    yield make(
                        portal=portal.name,
                        place=portal.place,
                        agency_id=stored.agency,
                        agency=names.get(stored.agency or ""),
                        year=stored.year,
                        subject_kind=stored.subject_kind,
                        subject=stored.subject,
                        line=finding,
                        **sources.of(portal.name, stored.subject),
                    )


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


def revision_rows(home: Home, where: Where, *, years: Collection[int] | None, as_of: datetime) -> Iterator[Row]:
    """What changed of the chosen agencies' reports and was known by ``as_of``; of withheld ones nothing."""
    lines, make = revisions(home, where, as_of=as_of).lines, row_maker("revisions")
    with open_projections(home) as store:
        sources = Sources(home, store, choose(home, where), as_of)
        for line in sorted(
            lines, key=lambda line: (line.agency.portal, line.agency.id, line.year, line.known, line.change)
        ):
            if years is None or line.year in years:
                source = sources.of(line.agency.portal, line.after, line.before)
                yield make(body=line.agency, line=line, **source)


def check_rows(
    home: Home, where: Where, chosen: Chosen, *, years: Collection[int] | None, as_of: datetime
) -> Iterator[Row]:
    """What contradicts in the chosen agencies' reports and was known by ``as_of``, as ``check`` tells it; of what rests
    on a withheld report nothing.
    """
    make = row_maker("checks")
    lines = check_lines(home, where, years=years, as_of=as_of, tally=CheckCounts())
    with open_projections(home) as store:
        sources = Sources(home, store, chosen, as_of)
        for line in lines:
            yield make(
                body=line.agency,
                line=line,
                others=[other.id for other in line.others],
                locator=None if line.locator is None else json.dumps(line.locator, ensure_ascii=False),
                **sources.of(line.agency.portal, line.edition),
            )


_OPEN = (Status.UNKNOWN, Status.UNDETERMINED)


@cache
def gap_meanings() -> Mapping[str, Mapping[str, str]]:
    """What each sort of gap means, in Chinese and English."""
    text = files("archive.exports").joinpath("gaps.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def portal_rows(home: Home, chosen: Chosen, *, as_of: datetime) -> Iterator[Row]:
    """The chosen portals with how the looks at them ended by ``as_of``."""
    make = row_maker("portals")
    registered = Counter(agency.portal for agency in chosen.agencies.values())
    with open_projections(home) as store:
        for portal in chosen.portals.values():
            looks = _looks(home, portal, as_of)
            ok = [look for look in looks if look.outcome is LookOutcome.OK]
            yield make(
                line=portal,
                agencies=registered[portal.name],
                looks=len(looks),
                ok_looks=len(ok),
                first_look=min((look.started for look in looks), default=None),
                last_look=looks[-1].finished if looks else None,
                last_outcome=looks[-1].outcome.value if looks else None,
                last_ok_look=max((look.finished for look in ok), default=None),
                reports=_reports(store, portal, as_of),
            )


def gap_rows(
    home: Home, chosen: Chosen, *, years: Collection[int] | None, as_of: datetime, unjudged: Collection[str] = ()
) -> Iterator[Row]:
    """What is not known of the chosen agencies' reports as of an instant, by portal, sort and reason.

    ``unjudged``: portals of which something was captured that nobody has read or judged yet.
    """
    with open_projections(home) as store:
        for one in each_portal(chosen):
            (portal,) = one.portals.values()
            found: Counter[tuple[str, str]] = Counter()
            for line in duty_lines(home, one, years=years, as_of=as_of):
                if line.status in _OPEN:
                    found[line.status.value, line.reason] += 1
            looks = _looks(home, portal, as_of)
            if not any(look.outcome is LookOutcome.OK for look in looks):
                found["no_ok_look", looks[-1].outcome.value if looks else "never"] = len(looks)
            elif looks[-1].outcome is not LookOutcome.OK:
                found["last_look_failed", looks[-1].outcome.value] = 1
            for held in held_editions(home, store, one, years=years, as_of=as_of):
                if held.secret:
                    found["withheld", "ruling"] += 1
                elif held.head is None or held.head.form is None:
                    found["unread", "no_table" if held.head else "not_read"] += 1
            if portal.name in unjudged:
                found["not_judged", "captured_since"] = 1
            for (gap, reason), number in sorted(found.items()):
                meaning = gap_meanings()[gap]
                yield {
                    "portal": portal.name,
                    "place": portal.place,
                    "gap": gap,
                    "reason": reason,
                    "number": number,
                    "said_zh": meaning["zh"],
                    "said_en": meaning["en"],
                }


def _looks(home: Home, portal: Portal, as_of: datetime) -> list[Look]:
    looks = [look for look in Observations(home).looks(portal.name) if look.finished <= as_of]
    return sorted(looks, key=lambda look: (look.finished, look.id))


def _reports(store: ProjectionStore, portal: Portal, as_of: datetime) -> int:
    return len({(one.agency, one.year) for one in store.editions(portal.name) if one.first_seen <= as_of})
