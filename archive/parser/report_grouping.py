"""Group documents into one report: those whose printed titles and file names do not contradict each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from archive.identity.evidence import agree, title_of
from archive.identity.names import Name, complete
from archive.identity.titles import TitleVerdict, judge
from storage.records import Reading


@dataclass(frozen=True, slots=True)
class ReportClaim:
    """Whose report and of which year a document's titles say it is; None where they do not say."""

    agency: Name | None = None
    year: int | None = None


@dataclass(slots=True)
class Belonging:
    """``used``: numbers of the parts that are this report or say nothing else; ``foreign``: those of another one.

    ``open``: nothing but the parts tells which report is meant, and they are several.
    """

    used: list[int] = field(default_factory=list)
    foreign: list[int] = field(default_factory=list)
    open: bool = False
    agency: Name | None = None
    year: int | None = None


def names_a_report(reading: Reading) -> bool:
    """Whether a document has a report's title that names an agency or a year."""
    own_claim = claim(reading)
    return own_claim.agency is not None or own_claim.year is not None


def stem(name: str) -> str:
    """The name of a file without its folders and its extension."""
    plain = name.rpartition("/")[2]
    return plain.rpartition(".")[0] or plain


def claim(reading: Reading, name: str = "") -> ReportClaim:
    """What the title of a document says, completed by the name of its file."""
    verdict, _ = title_of(reading.identity)
    return claim_of(verdict, judge(stem(name)) if name else None)


def claim_of(*titles: TitleVerdict | None) -> ReportClaim:
    """What titles say, the first before the others."""
    verdicts = [v for v in titles if v is not None and v.could_be]
    agency = next((body for v in verdicts if (body := _agency(v)) is not None), None)
    return ReportClaim(agency, next((v.year for v in verdicts if v.year), None))


def _agency(verdict: TitleVerdict) -> Name | None:
    if not verdict.agency or verdict.generic:
        return None
    name = complete(verdict.agency, None)
    return name if name.text else None


def belong(main: Reading | None, parts: Sequence[tuple[str, Reading]]) -> Belonging:
    """Sort the parts that are reports by what the page says of its body and year, or else by what they say themselves.

    Where the page leaves agency or year open and the parts contradict each other, nobody can tell which one is meant.
    """
    page = claim(main) if main is not None else ReportClaim()
    found = Belonging(agency=page.agency, year=page.year)
    for number, (name, part) in enumerate(parts):
        if not part.is_report or part.unreadable:
            continue
        own_claim = _as_opened(page, part, claim(part, name))
        other = contradicts(found, own_claim)
        if other:
            found.foreign.append(number)
            found.open |= not contradicts(Belonging(agency=page.agency, year=page.year), own_claim)
            continue
        found.used.append(number)
        found.agency = found.agency or own_claim.agency
        found.year = found.year or own_claim.year
    if found.open:
        found.foreign, found.used = sorted((*found.foreign, *found.used)), []
    return found


def _as_opened(page: ReportClaim, part: Reading, claim: ReportClaim) -> ReportClaim:
    """What a part says, with the page's agency if it is a picture whose opening names that: one character misread in
    its title makes it no other agency's.
    """
    if page.agency is None or claim.agency is None or part.kind != "scan" or agree(page.agency, claim.agency):
        return claim
    opened = [complete(text, None) for text in part.identity.statements]
    return (
        ReportClaim(page.agency, claim.year)
        if any(name.text and agree(page.agency, name) for name in opened)
        else claim
    )


def contradicts(held: Belonging | ReportClaim, claim: ReportClaim) -> bool:
    """Whether two documents cannot be one report: both name a year, or an agency, and not the same."""
    if held.year and claim.year and held.year != claim.year:
        return True
    return held.agency is not None and claim.agency is not None and not agree(held.agency, claim.agency)
