"""List the works (papers, articles) that are ruled to rest on a report, and which of these reports changed since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from archive.assessment.calendar import local_day
from archive.queries.frames import Result
from archive.queries.results import AgencyLine
from archive.queries.revisions import REPORTED_CODES, RevisionLine, find_changes
from archive.queries.selection import Selection
from archive.queries.where import Where, choose
from archive.queries.words import data_file, word
from storage.home import Home
from storage.observations import Observations
from storage.records import Ruling, RulingKind
from storage.registry import agencies_by_id


class CitingWork(Result):
    """A work that cites the report of ``agency`` on ``year``. ``used``: when its author read the report.

    ``changes``: codes of the changes of the report met only after that, oldest first; ``changed``: when the last of
    them was met, None if there is none. ``ruling``: the id of the ruling that entered the work.
    """

    agency: AgencyLine
    year: int
    title: str
    url: str | None
    used: datetime
    changed: datetime | None
    changes: tuple[str, ...]
    zh: str
    en: str
    ruling: str


def cited_by(
    home: Home, where: Where | None = None, *, years: Collection[int] | None = None, as_of: datetime | None = None
) -> tuple[CitingWork, ...]:
    """Return the works that cite reports of the chosen agencies and years, by agency, year and title."""
    chosen = choose(home, where, years=years, as_of=as_of)
    citing = citing_rulings(home, chosen.as_of)
    agencies = chosen.lines({agency for agency, _ in citing})
    reports = [
        (agency, year)
        for agency, year in sorted(citing)
        if agency in agencies and (chosen.years is None or year in chosen.years)
    ]
    changes = _changes(chosen, reports) if reports else {}
    return tuple(
        _work(chosen, agencies[report[0]], report[1], ruling, changes.get(report, ()))
        for report in reports
        for ruling in sorted(citing[report], key=lambda one: one.subject)
    )


def citing_rulings(home: Home, as_of: datetime) -> Mapping[tuple[str, int], Sequence[Ruling]]:
    """Return by report (agency id, year) the rulings, valid at ``as_of``, that a work cites it."""
    rulings = [one for one in Observations(home).rulings(RulingKind.CITED_BY) if one.made_at <= as_of]
    by_report: dict[tuple[str, int], list[Ruling]] = defaultdict(list)
    for ruling in {one.subject: one for one in rulings}.values():
        if not ruling.decision.get("lifted"):
            agency, _, year = ruling.subject.partition("#")[0].rpartition("/")
            by_report[agency, int(year)].append(ruling)
    return by_report


def _changes(
    chosen: Selection, reports: Sequence[tuple[str, int]]
) -> Mapping[tuple[str, int], Sequence[RevisionLine] | None]:
    """Return by report its changes, oldest first; None for a withheld report, of which no change is given out."""
    by_id = {one.id: one for one in agencies_by_id(chosen.home, {agency for agency, _ in reports})}
    changes: dict[tuple[str, int], list[RevisionLine]] = defaultdict(list)
    events = list(find_changes(replace(chosen, by_id=by_id), REPORTED_CODES))
    for line in sorted((one.line for one in events), key=_when_changed):
        changes[line.agency.id, line.year].append(line)
    return changes | dict.fromkeys((one.line.agency.id, one.line.year) for one in events if one.secret)


def _when_changed(line: RevisionLine) -> datetime:
    """Return by when a report had changed: the archive may know of it later, from another archive's captures."""
    return line.first_after or line.known


def _work(
    chosen: Selection, agency: AgencyLine, year: int, ruling: Ruling, lines: Sequence[RevisionLine] | None
) -> CitingWork:
    used, url = _when_used(ruling), ruling.decision.get("url")
    later = [one for one in lines or () if _when_changed(one) > used]
    changed = _when_changed(later[-1]) if later else None
    codes = tuple(dict.fromkeys(one.change for one in later))
    sentence = data_file("words.toml")["citing"]["withheld" if lines is None else "changed" if later else "unchanged"]
    sentences = {
        lang: sentence[lang].format(
            day=f"{local_day(changed)}" if changed else "",
            changes=comma.join(word("news", code, lang) or code for code in codes),
        )
        for lang, comma in (("zh", "、"), ("en", ", "))
    }
    return CitingWork(
        agency=agency,
        year=year,
        title=chosen.out.text(str(ruling.decision["title"])),
        url=chosen.out.address(str(url)) if url else None,
        used=used,
        changed=changed,
        changes=codes,
        ruling=ruling.id,
        **sentences,
    )


def _when_used(ruling: Ruling) -> datetime:
    """Return the begin of the day on which the author read the report; if it is not given, when the ruling was made."""
    day = ruling.decision.get("used")
    return datetime.fromisoformat(day) if isinstance(day, str) else ruling.made_at
