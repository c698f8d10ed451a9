"""A recorded portal recorded anew, as it is now: after it moved and a person mended its file."""

from __future__ import annotations

import shutil
import uuid

from crawler import portals
from crawler.errors import CrawlError
from crawler.listing_ends import as_ruled, ends_ruled
from crawler.onboarding.adding import has_recording
from crawler.onboarding.probe import Progress, looked_at
from crawler.onboarding.recording import Ended, Recording, folder_of, read_recording, replayed, write_recording
from crawler.onboarding.replay import Replay
from crawler.spider import PortalSpider
from storage.home import Home
from storage.observations import Observations
from storage.records import ListingForm, LookOutcome, Note


def ended(home: Home, kind: type[PortalSpider]) -> frozenset[str]:
    """The columns of a portal's file that a person ruled to have ended where the file has them."""
    ruled, now = ends_ruled(Observations(home).rulings()), home.clock.now()
    if not any(one.startswith(f"{kind.name}:") for one in ruled):
        return frozenset()
    rows = portals.columns(kind, portals.agencies(kind, now), now)
    return frozenset(row.id for row in rows if as_ruled(row, ruled).ended_at is not None)


def record_again(home: Home, kind: type[PortalSpider], *, progress: Progress | None = None) -> tuple[Note, ...]:
    """Look at a portal's columns and keep what they show in place of its recording; return what is recorded.

    The former recording stays where a list that counts is not read to its end now, unless it ended so in that
    recording: raises :class:`CrawlError` with what stands in the way.
    """
    folder, now, left = folder_of(home.path, kind.name), home.clock.now(), ended(home, kind)
    columns = [row.id for row in portals.columns(kind, portals.agencies(kind, now), now) if row.id not in left]
    if not columns:
        message = f"no column of {kind.name} is left to be recorded: those its file names have ended"
        raise CrawlError(message, code="recording.no_column", portal=kind.name)
    held, before = Recording({}, {}, []), Ended()
    if has_recording(home.path, kind.name):
        held = read_recording(folder)
        replay, _ = replayed(kind, held, now)
        before = {look.listing: (look.outcome, look.reason) for look in replay.stored}
    seen = looked_at(home, kind.name, progress=progress, without=left, record=True)
    bad = {key: said for key, said in seen.looks.items() if said[0] is not LookOutcome.OK and before.get(key) != said}
    if bad or seen.recording is None:
        key, (outcome, reason) = next(iter(bad.items()), (kind.name, (LookOutcome.UNREACHABLE, "not_asked")))
        message = f"nothing was recorded, the former recording stands: {key} {outcome} {reason}"
        look = {"listing": key, "outcome": outcome.value, "reason": reason, "number": len(bad)}
        raise CrawlError(message, code="recording.former_stands", **look)
    addressed = any(
        spec.form is ListingForm.ADDRESSED for spec in kind.listings
    )  # asked one by one, not looked at anew
    pages = {**(held.pages if addressed else {}), **seen.recording.pages}
    made = Recording(pages, seen.recording.rendered, [])
    _, leads = replayed(kind, made, now)
    part = folder.with_name(f".{kind.name}-{uuid.uuid4().hex}")
    former = part.with_suffix(".former")
    try:
        write_recording(part, Replay(now, made.pages, rendered=made.rendered), leads)
        read_recording(part)
        if folder.exists():
            folder.rename(former)
        part.rename(folder)
    except BaseException:
        if former.exists() and not folder.exists():
            former.rename(folder)
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
        if folder.exists():
            shutil.rmtree(former, ignore_errors=True)
    reports, fresh = ({str(row["url"]) for row in rows if row["is_report"]} for rows in (leads, seen.leads))
    lost = [Note("recorded_less", {"number": len(fresh - reports)})] if fresh - reports else []
    return (Note("recorded_anew", {"number": len(reports), "lists": len(columns)}), *lost)
