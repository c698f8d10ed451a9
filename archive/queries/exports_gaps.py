"""Rows of exports: what a data set does not know or does not hold, and why; the portals with their looks."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files

from archive.queries.exports_held import each_portal, held_editions
from archive.queries.overview import duty_lines
from archive.queries.stored import open_projections
from archive.queries.where import Chosen
from storage.home import Home
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import Look, LookOutcome, Portal, Status

_OPEN = (Status.UNKNOWN, Status.UNDETERMINED)


@cache
def gap_meanings() -> Mapping[str, Mapping[str, str]]:
    """What each sort of gap means, in Chinese and English."""
    text = files("archive.queries").joinpath("exports_gaps.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def portal_rows(home: Home, chosen: Chosen, *, as_of: datetime) -> Iterator[dict[str, object]]:
    """The chosen portals with how the looks at them ended by ``as_of``."""
    registered = Counter(agency.portal for agency in chosen.agencies.values())
    with open_projections(home) as store:
        for portal in chosen.portals.values():
            looks = _looks(home, portal, as_of)
            ok = [look for look in looks if look.outcome is LookOutcome.OK]
            yield {
                "portal": portal.name,
                "place": portal.place,
                "division": portal.division,
                "family": portal.family,
                "hosts": list(portal.hosts),
                "agencies": registered[portal.name],
                "looks": len(looks),
                "ok_looks": len(ok),
                "first_look": min((look.started for look in looks), default=None),
                "last_look": looks[-1].finished if looks else None,
                "last_outcome": looks[-1].outcome.value if looks else None,
                "last_ok_look": max((look.finished for look in ok), default=None),
                "reports": _reports(store, portal, as_of),
            }


def gap_rows(
    home: Home, chosen: Chosen, *, years: Collection[int] | None, as_of: datetime, unjudged: Collection[str] = ()
) -> Iterator[dict[str, object]]:
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
