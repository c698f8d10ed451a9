"""A recorded portal against today: its recording read as our code reads it now, and its lists where they answer."""

from __future__ import annotations

import inspect
import json
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archive.assessment.calendar import local_day
from archive.queries.gone_lists import GoneList, gone_lists
from archive.queries.review import CITED
from archive.queries.stored import open_projections
from crawler import portals
from crawler.errors import CrawlError
from crawler.listing_ends import as_ruled, ends_ruled
from crawler.onboarding.probe import Progress, looked_at
from crawler.onboarding.probe_results import SILENT, Checked, Ended
from crawler.onboarding.recording import folder_of, has_recording, read_recording, write_recording
from crawler.spider import PortalSpider
from storage.errors import ProjectionError, note_of
from storage.home import Home
from storage.observations import Observations
from storage.records import ListingForm, LookOutcome, Note

ROUTES, SEASON = "routes.json", timedelta(days=90)  # when other ways were asked last, and what they showed
_Leads = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Drift:
    """``state``: ``drift`` (somebody should look), ``unanswered`` (asked, and nobody knows), or ``note``; ``notes`` say
    it.
    """

    state: str
    notes: tuple[Note, ...]


def drift_of(home: Home, kind: type[PortalSpider], *, look: bool, progress: Progress | None = None) -> Drift | None:
    """Return how a portal differs from its recording; None where it has none. Asks the portal only if ``look``."""
    if not has_recording(home.path, kind.name):
        return None
    left, folder = ended(home, kind), folder_of(home.path, kind.name)
    try:
        recorded: _Leads = read_recording(folder).leads
        routes = _routes_of_season(home, folder)
        said = looked_at(home, kind.name, progress=progress, without=left, look=False)
        assert said.replayed is not None
    except CrawlError as error:
        return Drift("drift", (note_of(error),))
    recorded = [row for row in recorded if row["listing"] not in left]
    before = {key: row for key, row in said.replayed.looks.items() if row[1] != "not_recorded"}
    blind = {key for key, (outcome, _) in before.items() if outcome is LookOutcome.SCRIPT_ONLY}
    good = {key: row for key, row in before.items() if row[0] is LookOutcome.OK}
    if differs := drift(recorded, said.replayed.leads, good):
        return Drift("drift", (Note("read_otherwise", {"notes": [one.plain for one in differs]}),))
    as_before = Note("recording_as_before", {"reports": _count(recorded)})
    if not look:
        return Drift("note", (as_before, Note("portal_not_asked")))
    try:
        fresh = looked_at(home, kind.name, progress=progress, without=left, compare=routes is None)
    except CrawlError as error:
        return Drift("unanswered", (as_before, Note("no_fresh_look", {"why": note_of(error).plain})))
    if routes is None:
        asked = {"at": home.clock.now().isoformat(), "routes": [note.plain for note in fresh.routes]}
        (folder / ROUTES).write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
    fresh = replace(fresh, routes=fresh.routes if routes is None else routes)
    return _compared(kind, recorded, fresh, before, as_before, left, blind)


def _compared(
    kind: type[PortalSpider], recorded: _Leads, said: Checked, before: Ended, as_before: Note, left: frozenset[str],
    blind: set[str],
) -> Drift:  # fmt: skip
    fresh = said.fresh
    assert fresh is not None
    if not fresh.looks:
        return Drift("note", (as_before, Note("lists_ended" if left else "lists_addressed")))
    if all(outcome in SILENT for outcome, _ in fresh.looks.values()):
        return Drift("unanswered", (as_before, Note("portal_silent")))
    if said.unrendered is None:
        blind = set()
    blind |= {
        key for key, (outcome, _) in fresh.looks.items() if outcome is LookOutcome.SCRIPT_ONLY and said.unrendered
    }
    seen = {key: row for key, row in fresh.looks.items() if key not in blind}
    if differs := drift(recorded, fresh.leads, seen, before):
        read = all(outcome is LookOutcome.OK for outcome, _ in fresh.looks.values())
        mend = (Note("record_if_right", {"portal": kind.name}),) if read else ()
        return Drift("drift", (Note("drifted", {"notes": [one.plain for one in differs]}), *mend))
    if routes := tuple(note for note in said.routes if note.values["url"] not in {one.url for one in kind.listings}):
        return Drift("drift", routes)
    if blind and said.unrendered is not None:  # a browser read them when they were recorded
        counted = {"number": len(blind), "total": len(fresh.looks), "why": said.unrendered.plain}
        return Drift("unanswered", (as_before, Note("not_compared", counted)))
    new = len({r["url"] for r in fresh.leads if r["is_report"]} - {r["url"] for r in recorded if r["is_report"]})
    news = (Note("new_reports", {"number": new}),) if new else ()
    return Drift("note", (Note("as_recorded", {"reports": _count(recorded)}), *news))


def drift(recorded: _Leads, fresh: _Leads, looks: Ended, before: Ended | None = None) -> tuple[Note, ...]:
    """Return how a portal differs from its recording; nothing where it does not. New reports are no drift.

    ``looks``: how the fresh looks ended; ``before``: how those at the recording do. A look that never was ok, and ends
    today as it did then, has not drifted.
    """
    same = {key for key, said in looks.items() if before and before.get(key) == said}
    bad = {key: said for key, said in looks.items() if said[0] is not LookOutcome.OK and key not in same}
    good = {key for key, said in looks.items() if said[0] is LookOutcome.OK}
    then = {(row["listing"], row["url"]) for row in recorded if row["is_report"] and row["listing"] in good}
    gone = then - {(row["listing"], row["url"]) for row in fresh if row["is_report"]}
    noted = []
    if bad:
        key, (outcome, reason) = next(iter(bad.items()))
        noted.append(Note("look_now", {"listing": key, "outcome": outcome.value, "reason": reason}))
        noted += [Note("more_lists", {"number": len(bad) - 1})] if len(bad) > 1 else []
    if gone:
        noted.append(Note("recorded_gone", {"number": len(gone), "total": len(then)}))
    return tuple(noted)


def _count(leads: _Leads) -> int:
    return sum(bool(row["is_report"]) for row in leads)


def _routes_of_season(home: Home, folder: Path) -> tuple[Note, ...] | None:
    """Return what other ways to the reports showed this season; None where they were not asked."""
    path = folder / ROUTES
    if not path.is_file():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    is_old = home.clock.now() - datetime.fromisoformat(told["at"]) > SEASON
    return None if is_old else tuple(map(Note.of, told["routes"]))


def ended(home: Home, kind: type[PortalSpider]) -> frozenset[str]:
    """Return the columns of a portal's file that a person ruled to have ended where the file has them."""
    ruled, now = ends_ruled(Observations(home).rulings()), home.clock.now()
    if not any(one.startswith(f"{kind.name}:") for one in ruled):
        return frozenset()
    rows = portals.columns(kind, now)
    return frozenset(row.id for row in rows if as_ruled(row, ruled).ended_at is not None)


def recorded_anew(home: Home, kind: type[PortalSpider], *, progress: Progress | None = None) -> Drift:
    """Record a portal anew; tell what was recorded, or why nothing was."""
    try:
        return Drift("note", _record_again(home, kind, progress))
    except CrawlError as error:
        return Drift("drift", (note_of(error),))


def _record_again(home: Home, kind: type[PortalSpider], progress: Progress | None) -> tuple[Note, ...]:
    """Look at a portal's columns and keep what they show in place of its recording; return what is recorded.

    The former recording stays where a list that counts is not read to its end now, unless it ended so in that
    recording: raises :class:`CrawlError` with what stands in the way.
    """
    now, left = home.clock.now(), ended(home, kind)
    columns = [row.id for row in portals.columns(kind, now) if row.id not in left]
    if not columns:
        message = f"no column of {kind.name} is left to be recorded: those its file names have ended"
        raise CrawlError(message, code="recording.no_column", portal=kind.name)
    folder = folder_of(home.path, kind.name)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{kind.name}-") as made:
        part, former = Path(made) / "new", Path(made) / "former"
        seen = looked_at(home, kind.name, progress=progress, without=left, record=part)
        fresh, before = seen.fresh, seen.replayed.looks if seen.replayed is not None else {}
        assert fresh is not None
        looks = fresh.looks.items()
        if bad := {key: said for key, said in looks if said[0] is not LookOutcome.OK and before.get(key) != said}:
            key, (outcome, reason) = next(iter(bad.items()))
            message = f"nothing was recorded, the former recording stands: {key} {outcome} {reason}"
            look = {"listing": key, "outcome": outcome.value, "reason": reason, "number": len(bad)}
            raise CrawlError(message, code="recording.former_stands", **look)
        if has_recording(home.path, kind.name) and any(one.form is ListingForm.ADDRESSED for one in kind.listings):
            held, new = read_recording(folder), read_recording(part)  # what is addressed is not looked at anew
            leads = [*fresh.leads, *(row for row in held.leads if row["listing"] not in fresh.looks)]
            shutil.rmtree(part)
            write_recording(part, {**held.answers, **new.answers}, leads)
        if folder.exists():
            folder.rename(former)
        try:
            part.rename(folder)
        except OSError:
            if former.exists():
                former.rename(folder)
            raise
    read = looked_at(home, kind.name, without=left, look=False).replayed
    assert read is not None
    reports, wanted = ({str(row["url"]) for row in rows if row["is_report"]} for rows in (read.leads, fresh.leads))
    lost = [Note("recorded_less", {"number": len(wanted - reports)})] if wanted - reports else []
    return (Note("recorded_anew", {"number": len(reports), "lists": len(columns)}), *lost)


def gone_notes(home: Home, kind: type[PortalSpider]) -> tuple[tuple[Note, ...], ...]:
    """Return what is to be said of each list of the portal that is gone: the line to edit, or the ruling. Nothing where
    the projections have to be made again first.
    """
    try:
        with open_projections(home) as store:
            gone = gone_lists(home, store, kind.name)
    except ProjectionError:
        return ()
    return tuple((*_notes_of(one), _to_do(kind, one)) for one in gone)


def _notes_of(gone: GoneList) -> Iterator[Note]:
    """Since when a list is gone, and where its reports stand now."""
    since = local_day(gone.since).isoformat()
    yield Note("list_gone", {"listing": gone.listing, "url": gone.url, "since": since, "reason": gone.reason})
    if gone.reports and not gone.elsewhere:
        yield Note("reports_nowhere", {"number": gone.reports})
    elif gone.reports:
        where = [f"{one.url} ({one.reports}, {one.listing})" for one in gone.elsewhere]
        yield Note("reports_stand_at", {"number": gone.reports, "addresses": where, "more": 0})
        if gone.nowhere:
            yield Note("some_nowhere", {"number": gone.nowhere})


def _to_do(kind: type[PortalSpider], gone: GoneList) -> Note:
    rule = f"nianbao rule {shlex.join(('listing', gone.listing, f'ended={local_day(gone.since)}'))} {CITED}"
    key = gone.listing.partition(":")[2].partition("/")[0]
    specs = [one for one in kind.listings if one.url == gone.url]
    spec = next(iter(specs or [one for one in kind.listings if one.key == key]), None)
    if spec is None:  # a crawl found it
        return Note("gone_ruled", {"rule": rule})
    if spec.url != gone.url:
        return Note("gone_renamed", {"url": spec.url, "portal": kind.name})
    values = {"line": _line(kind, spec.url), "portal": kind.name, "rule": rule}
    elsewhere = gone.reports and gone.elsewhere
    return Note("gone_edit", values | {"url": gone.elsewhere[0].url}) if elsewhere else Note("gone_find", values)


def _line(kind: type[PortalSpider], address: str) -> str:
    """Return the file, and the line of it that names an address."""
    path = Path(inspect.getfile(kind))
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next((number for number, text in enumerate(lines, 1) if address in text), None)
    return f"{path}, line {at}" if at is not None else str(path)
