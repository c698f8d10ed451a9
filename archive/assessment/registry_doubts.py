"""Report contradictions in the registry of bodies: in names, lives, successors, parents and codes. Pure.

A doubt accuses nobody and changes nothing: a person corrects the row, or rules that it is right as it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from archive.assessment.data_files import data_file, in_both_languages
from archive.assessment.lineage import Lineage, succession_day
from archive.identity.divisions import FIRST_YEAR, LAST_YEAR, code_in, division
from archive.identity.names import normalise
from storage.records import Agency, AgencyEnd, Portal


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One doubt. ``subject``: the id of the body, or the portal's name; ``others``: ids of the bodies it lies with."""

    code: str
    portal: str
    subject: str
    name: str
    zh: str
    en: str
    others: tuple[str, ...] = ()


def doubts(portal: Portal, agencies: Sequence[Agency], lineage: Lineage | None = None) -> tuple[Doubt, ...]:
    """Every doubt about a portal and its ``agencies``, by body. ``lineage``: of all portals' agencies."""
    lineage = lineage or Lineage(agencies)
    rows = [*_division_doubts(portal)]
    by_name, by_code = defaultdict[str, set[Agency]](set), defaultdict[str, set[Agency]](set)
    for agency in agencies:
        for name in {normalise(name) for name in (agency.name, *agency.aliases)} - {""}:
            by_name[name].add(agency)
        if agency.code:
            by_code[agency.code.upper()].add(agency)
    for agency in sorted(agencies, key=lambda one: one.id):
        # of two with one name only the first by id is doubted, with the others told
        for code, groups in (("same_name", by_name), ("same_code", by_code)):
            alike = {one for group in groups.values() if agency in group for one in group if one.id > agency.id}
            if others := sorted((one for one in alike if coexist(agency, one)), key=lambda one: one.id):
                rows.append(_doubt(code, agency, others))
        rows += _successor_doubts(agency, lineage)
        rows += _parent_doubts(agency, lineage)
    return tuple(rows)


def codes() -> tuple[str, ...]:
    """Every code a doubt can have."""
    return tuple(data_file("doubts.toml"))


def coexist(one: Agency, other: Agency) -> bool:
    """Whether there is a day on which both stand."""
    begins = max(one.valid_from or date.min, other.valid_from or date.min)
    return begins <= min(one.valid_to or date.max, other.valid_to or date.max)


def _doubt(code: str, agency: Agency, others: Sequence[Agency] = (), **words: object) -> Doubt:
    values = {"other": "、".join(one.name for one in others), "code": agency.code or "", **words}
    zh, en = in_both_languages(data_file("doubts.toml")[code], values)
    return Doubt(
        code=code,
        portal=agency.portal,
        subject=agency.id,
        name=agency.name,
        zh=zh,
        en=en,
        others=tuple(one.id for one in others),
    )


def _successor_doubts(agency: Agency, lineage: Lineage) -> Iterator[Doubt]:
    if (agency.ended or agency.successors) and agency.valid_to is None:
        yield _doubt("end_without_day", agency)
    day = succession_day(agency)
    for name in agency.successors:
        heir = lineage.agencies.get(name)
        if heir is None:
            yield _doubt("successor_missing", agency, other=name)
        elif day is not None and heir.valid_from is not None:
            days = (heir.valid_from - day).days
            if days > 0:
                yield _doubt("gap", agency, [heir], days=days)
            elif days < 0 and agency.ended is AgencyEnd.RENAMED:
                yield _doubt("overlap", agency, [heir], days=-days)


def _parent_doubts(agency: Agency, lineage: Lineage) -> Iterator[Doubt]:
    parent = lineage.agencies.get(agency.parent or "")
    if agency.parent is not None and parent is None:
        yield _doubt("parent_missing", agency, other=agency.parent)
    elif parent is not None and (parent.valid_to or date.max) < (agency.valid_to or date.max):
        yield _doubt("parent_ended", agency, [parent])


def _division_doubts(portal: Portal) -> Iterator[Doubt]:
    code = portal.division
    now = None if code is None else code_in(code, LAST_YEAR)
    if code is None or now is None or now.how == "same":
        return
    is_unknown = now.how == "unknown" and division(code) is None
    key = "division_unknown" if is_unknown else "division_former"
    other = f"{FIRST_YEAR}-{LAST_YEAR}" if is_unknown else now.code or "、".join(now.candidates) or "?"
    zh, en = in_both_languages(data_file("doubts.toml")[key], {"code": code, "other": other})
    yield Doubt(code=key, portal=portal.name, subject=portal.name, name=portal.place, zh=zh, en=en)
