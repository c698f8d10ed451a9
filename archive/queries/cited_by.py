"""List the works (papers, articles) that are ruled to rest on a report, and which of these reports changed since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

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

    ``changes``: codes of the changes of the report known only after that, oldest first; ``changed``: when the last of
    them was known, None if there is none. ``ruling``: the id of the ruling that entered the work.
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
        _work(agencies[report[0]], report[1], ruling, changes.get(report, ()))
        for report in reports
        for ruling in sorted(citing[report], key=lambda one: one.subject)
    )


def citing_rulings(home: Home, as_of: datetime) -> Mapping[tuple[str, int], Sequence[Ruling]]:
    """Return by report (agency id, year) the rulings, valid at ``as_of``, that a work cites it."""
    rulings = [one for one in Observations(home).rulings() if one.kind is RulingKind.CITED_BY and one.made_at <= as_of]
    by_report: dict[tuple[str, int], list[Ruling]] = defaultdict(list)
    for ruling in {one.subject: one for one in rulings}.values():
        if not ruling.decision.get("lifted"):
            agency, _, year = ruling.subject.partition("#")[0].rpartition("/")
            by_report[agency, int(year)].append(ruling)
    return by_report


def _changes(chosen: Selection, reports: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], Sequence[RevisionLine]]:
    """Return by report its changes, oldest first; those of withheld reports are left out."""
    by_id = {one.id: one for one in agencies_by_id(chosen.home, {agency for agency, _ in reports})}
    changes: dict[tuple[str, int], list[RevisionLine]] = defaultdict(list)
    lines = (one.line for one in find_changes(replace(chosen, by_id=by_id), REPORTED_CODES) if not one.secret)
    for line in sorted(lines, key=lambda one: one.known):
        changes[line.agency.id, line.year].append(line)
    return changes


def _work(agency: AgencyLine, year: int, ruling: Ruling, lines: Sequence[RevisionLine]) -> CitingWork:
    used = _when_used(ruling)
    later = [one for one in lines if one.known > used]
    codes = tuple(dict.fromkeys(one.change for one in later))
    sentence = data_file("words.toml")["citing"]["changed" if later else "unchanged"]
    sentences = {
        lang: sentence[lang].format(
            day=f"{later[-1].known:%Y-%m-%d}" if later else "",
            changes=comma.join(word("news", code, lang) or code for code in codes),
        )
        for lang, comma in (("zh", "、"), ("en", ", "))
    }
    return CitingWork(
        agency=agency,
        year=year,
        title=str(ruling.decision["title"]),
        url=_text(ruling.decision.get("url")),
        used=used,
        changed=later[-1].known if later else None,
        changes=codes,
        ruling=ruling.id,
        **sentences,
    )


def _when_used(ruling: Ruling) -> datetime:
    """Return the begin of the day on which the author read the report; if it is not given, when the ruling was made."""
    day = ruling.decision.get("used")
    return datetime.fromisoformat(day) if isinstance(day, str) else ruling.made_at


def _text(value: object) -> str | None:
    return str(value) if value else None
