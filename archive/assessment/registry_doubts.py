"""Report contradictions in the registry of bodies: in names, lives, successors, parents and codes. Pure.

A doubt accuses nobody and changes nothing: a person corrects the row, or rules that it is right as it stands.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from archive.assessment.lineage import Lineage, succession_day
from archive.identity.division_codes import FIRST_YEAR, LAST_YEAR, code_in, division
from archive.identity.names import normalise
from storage.records import Agency, AgencyEnd, Portal

#: 统一社会信用代码: 登记管理部门、机构类别, 行政区划, 主体标识码, 校验码 (GB 32100-2015)
_CREDIT = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}(\d{6})[0-9A-HJ-NPQRTUWXY]{9}[0-9A-HJ-NPQRTUWXY]")
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BASE = 31
_NATIONAL = "100000"  # registered by the state itself


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
    doubts: list[Doubt] = [*_division_doubts(portal)]
    shared = _shared_names(agencies)
    coded = _shared_codes(agencies)
    for agency in sorted(agencies, key=lambda one: one.id):
        doubts += _name_doubts(agency, shared.get(agency.id, ()), coded.get(agency.id, ()))
        doubts += _code_doubts(agency, portal)
        doubts += _successor_doubts(agency, lineage)
        doubts += _parent_doubts(agency, lineage)
    return tuple(doubts)


def codes() -> tuple[str, ...]:
    """Every code a doubt can have."""
    return tuple(_words())


def _doubt(code: str, agency: Agency, others: Sequence[Agency] = (), **words: object) -> Doubt:
    values = {"other": "、".join(one.name for one in others), "code": agency.code or "", "name": agency.name, **words}
    return Doubt(
        code=code,
        portal=agency.portal,
        subject=agency.id,
        name=agency.name,
        zh=_words()[code]["zh"].format_map(values),
        en=_words()[code]["en"].format_map(values),
        others=tuple(one.id for one in others),
    )


def _name_doubts(agency: Agency, named: Sequence[Agency], coded: Sequence[Agency]) -> Iterator[Doubt]:
    """Of two with one name only the first by id is doubted, with the others told."""
    for code, same in (("same_name", named), ("same_code", coded)):
        later = [one for one in same if one.id > agency.id]
        if later:
            yield _doubt(code, agency, later)


def _shared_names(agencies: Iterable[Agency]) -> Mapping[str, list[Agency]]:
    named: defaultdict[str, dict[str, Agency]] = defaultdict(dict)
    for agency in agencies:
        for name in (agency.name, *agency.aliases):
            if plain := normalise(name):
                named[plain][agency.id] = agency
    return _coexisting(named.values())


def _shared_codes(agencies: Iterable[Agency]) -> Mapping[str, list[Agency]]:
    coded: defaultdict[str, dict[str, Agency]] = defaultdict(dict)
    for agency in agencies:
        if agency.code:
            coded[agency.code.upper()][agency.id] = agency
    return _coexisting(coded.values())


def _coexisting(groups: Iterable[Mapping[str, Agency]]) -> Mapping[str, list[Agency]]:
    """Of bodies that share something, those that stand at once with others of them, each with these."""
    found: defaultdict[str, dict[str, Agency]] = defaultdict(dict)
    for group in groups:
        for one in group.values():
            found[one.id].update(
                {other.id: other for other in group.values() if other is not one and coexist(one, other)}
            )
    return {name: [sharing[other] for other in sorted(sharing)] for name, sharing in found.items()}


def coexist(one: Agency, other: Agency) -> bool:
    """Whether there is a day on which both stand."""
    begins = max(one.valid_from or date.min, other.valid_from or date.min)
    return begins <= min(one.valid_to or date.max, other.valid_to or date.max)


def _code_doubts(agency: Agency, portal: Portal) -> Iterator[Doubt]:
    """A code of the national kind names the division that registered the body: its county's, or one above."""
    code = (agency.code or "").upper()
    match = _CREDIT.fullmatch(code)
    if match is None:
        return
    if _ALPHABET[check_value(code[:-1])] != code[-1]:
        yield _doubt("code_invalid", agency)
    elif portal.division is not None and match[1] != _NATIONAL and not _is_of(match[1], portal.division):
        named_division = division(match[1])
        yield _doubt(
            "code_elsewhere", agency, other=f"{named_division.name} {match[1]}" if named_division else match[1]
        )


def check_value(body: str) -> int:
    """The value of the check character of the first 17 characters of a 统一社会信用代码 (GB 32100-2015)."""
    total = sum(_ALPHABET.index(letter) * pow(3, at, _BASE) for at, letter in enumerate(body))
    return (_BASE - total % _BASE) % _BASE


def _is_of(registered: str, own: str) -> bool:
    """Whether a division registers bodies of another: it is that, bore its code in another year, or holds it."""
    if registered in {own, own[:4] + "00", own[:2] + "0000"}:
        return True
    return any(code_in(own, year).code == registered for year in range(FIRST_YEAR, LAST_YEAR + 1)) or (
        code_in(registered, LAST_YEAR).code == own
    )


def _successor_doubts(agency: Agency, lineage: Lineage) -> Iterator[Doubt]:
    if (agency.ended or agency.successors) and agency.valid_to is None:
        yield _doubt("end_without_day", agency)
    circle = lineage.circle(agency.id)
    if circle and agency.id == min(circle):
        yield _doubt("successor_circle", agency, [lineage.agencies[one] for one in circle[1:]] or [agency])
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
    if agency.parent is None:
        return
    parent = lineage.agencies.get(agency.parent)
    if parent is None:
        yield _doubt("parent_missing", agency, other=agency.parent)
        return
    if parent.valid_to is not None and (agency.valid_to is None or agency.valid_to > parent.valid_to):
        yield _doubt("parent_ended", agency, [parent])
    above = _ancestors(agency, lineage)
    if agency.id in above and agency.id == min(above):
        yield _doubt("parent_circle", agency, [lineage.agencies[one] for one in above if one != agency.id] or [agency])


def _ancestors(agency: Agency, lineage: Lineage) -> list[str]:
    """The ids above a body, up to the first that was met before."""
    found: list[str] = []
    at: str | None = agency.parent
    while at is not None and at not in found and at in lineage.agencies:
        found.append(at)
        at = lineage.agencies[at].parent
    return found


def _division_doubts(portal: Portal) -> Iterator[Doubt]:
    code = portal.division
    if code is None:
        return
    harmonised_code = code_in(code, LAST_YEAR)
    if harmonised_code.how == "same":
        return
    years = f"{FIRST_YEAR}-{LAST_YEAR}"
    now = harmonised_code.code or "、".join(harmonised_code.candidates) or "?"
    key = "division_unknown" if harmonised_code.how == "unknown" and division(code) is None else "division_former"
    words = {"code": code, "other": years if key == "division_unknown" else now}
    yield Doubt(
        code=key,
        portal=portal.name,
        subject=portal.name,
        name=portal.place,
        zh=_words()[key]["zh"].format_map(words),
        en=_words()[key]["en"].format_map(words),
    )


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(Path(__file__).with_name("doubts.toml").read_text(encoding="utf-8"))
