"""A portal as a probe found it: a value that can be stored, shown, corrected by a person, and written as files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from crawler.crawl_run import WALK_LIMIT
from storage.records import ListingForm, LookOutcome, Note

SILENT = frozenset({LookOutcome.UNREACHABLE, LookOutcome.BLOCKED, LookOutcome.ROBOTS})
MAX_DOUBTS = 2  # named in a verdict


@dataclass(frozen=True, slots=True)
class ProbedListing:
    """A listing that was found. ``why``: by what (``label``, ``entries``, ``search``); ``outcome``, ``reason``: of its
    look. ``agency``: the one agency that it belongs to ("" if to several), ``covers``: the kinds that its label names.
    ``year``: the one reporting year that its label names and all its reports have. ``form``: a value of ListingForm.
    ``reports``: how many; if none is sure and its label names reports, how many links may be reports.
    """

    url: str
    title: str
    form: str = "column"
    why: str = ""
    agency: str = ""
    year: int | None = None
    covers: tuple[str, ...] = ()
    reports: int = 0
    outcome: str = ""
    reason: str = ""

    @property
    def how_far_read(self) -> str:
        """How far the listing was read: ``to_end``, ``empty`` (to its end, without a report), ``by_script``,
        ``in_part``, ``unanswered``; or ``addressed``: reports were found at addresses by agency and year.
        """
        if self.form == ListingForm.ADDRESSED:
            return "addressed"
        if self.outcome == LookOutcome.OK:
            return "to_end" if self.reports else "empty"
        if self.outcome == LookOutcome.SCRIPT_ONLY and self.reason == "scripts_make_the_list":
            return "by_script"
        return "unanswered" if self.outcome in SILENT else "in_part"

    @property
    def is_sure(self) -> bool:
        """Whether the listing's label names reports, and it was read to its end."""
        return self.why == "label" and self.how_far_read in {"to_end", "addressed"}

    @property
    def certainty(self) -> Note:
        """How the listing was found, and how far it was read."""
        return Note(f"list_{self.how_far_read}", {"found": self.why, "reason": self.reason or self.outcome})


@dataclass(frozen=True, slots=True)
class ProbedAgency:
    """An agency that was found. ``kind``: in English, "" before it is judged; ``code``: in addresses, "" if none;
    ``source``: the page that names it; ``aliases``: other names there; ``guessed``: no page names it for certain.
    """

    name: str
    kind: str = ""
    code: str = ""
    source: str = ""
    aliases: tuple[str, ...] = ()
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """The result of a probe. ``leads``: dicts with ``title, url, agency, year, listing``; ``left``: links that were not
    followed, as address, label, reason (a code); ``seen``: address and title of each page.
    """

    url: str
    hosts: tuple[str, ...] = ()
    family: str = ""
    place: str = ""
    place_why: Note | None = None
    division: str | None = None
    cluster: str | None = None
    listings: tuple[ProbedListing, ...] = ()
    entrances: tuple[str, ...] = ()
    agencies: tuple[ProbedAgency, ...] = ()
    leads: tuple[dict[str, Any], ...] = ()
    first_year: int = 2008
    left: tuple[tuple[str, str, str], ...] = ()
    seen: tuple[tuple[str, str], ...] = ()
    requests: int = 0
    ended: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def understood(self) -> bool:
        """Whether any listing was found."""
        return bool(self.listings)

    @property
    def is_sure(self) -> bool:
        """Whether every listing was found by its own label and read to its end, and no limit ended the probe."""
        return self.understood and not self.doubts

    @property
    def doubts(self) -> tuple[Note, ...]:
        """A note on each doubtful listing and each column on another host, and one if there may be more: a limit of
        requests ended the walk, or all reports are of one agency (departments and townships publish theirs too).
        """
        unsure = [(f"{one.agency} {one.title or one.url}", one.certainty) for one in self.listings if not one.is_sure]
        stopped = any(note.code == WALK_LIMIT for note in self.ended)
        more = [Note("maybe_more", {"notes": [note.as_json for note in self.ended]})] if stopped else []
        sure = [one.name for one in self.agencies if not one.guessed]
        is_alone = len(sure) == 1 and all(row["agency"] for row in self.leads)
        alone = [Note("one_agency", {"name": sure[0]})] if is_alone else []
        foreign = [(url, label) for url, label, reason in self.left if reason == "foreign_host"]
        elsewhere = [Note("column_elsewhere", {"title": label, "url": url}) for url, label in foreign]
        unread = (Note("list_doubted", {"title": title.strip(), "why": why.as_json}) for title, why in unsure)
        return (*unread, *elsewhere, *more, *alone)

    @property
    def verdict(self) -> tuple[Note, ...]:
        """Notes that say how sure the result is, or why nothing was found."""
        if not self.listings:
            why = [note.as_json for note in self.notes] or [Note("nothing_leads").as_json]
            if not self.seen:
                return (Note("not_reached", {"notes": why}), Note("try_a_browser"))
            pages = Note("pages_seen", {"number": len(self.seen), "requests": self.requests})
            return (Note("not_understood", {"notes": why}), pages)
        read = sum(listing.outcome == "ok" for listing in self.listings)
        counted = {"number": read, "total": len(self.listings), "reports": len(self.leads)}
        left_out = len(self.doubts) - MAX_DOUBTS
        more = [Note("more_doubts", {"number": left_out})] if left_out > 0 else []
        return (Note("lists_read", counted), *self.doubts[:MAX_DOUBTS], *more)


_PROBE = TypeAdapter(Probe)


def probe_text(probe: Probe) -> str:
    """Return a probe as JSON."""
    return _PROBE.dump_json(probe).decode()


def read_probe(text: str) -> Probe:
    """Return the probe that :func:`probe_text` wrote."""
    return _PROBE.validate_json(text)
