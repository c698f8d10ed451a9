"""What a probe found, as values that can be written, shown and corrected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from storage.records import ListingForm, LookOutcome, Note

SILENT = frozenset({LookOutcome.UNREACHABLE, LookOutcome.BLOCKED, LookOutcome.ROBOTS})
MAX_DOUBTS = 2  # that a verdict names
LIMIT = "walk_limit_requests"


@dataclass(frozen=True, slots=True)
class ProbedListing:
    """A listing that was found. ``why``: how (``label``, ``entries``, ``search``); ``outcome``, ``reason``: its look's.

    ``agency``: the one body whose column it is ("" if of several), ``covers``: kinds its label says.
    ``year``: the one reporting year that its label names and all its reports have. ``form``: a value of ListingForm.
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
    def read(self) -> str:
        """How far it was read: ``to_end``, ``empty`` (to its end, and no report was there), ``by_script``, ``in_part``,
        ``unanswered``; ``addressed``: a report answered at an address made so.
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
        """Whether its own label calls it a column of reports, and it was read to its end."""
        return self.why == "label" and self.read in {"to_end", "addressed"}

    @property
    def certainty(self) -> Note:
        """How it was found, and how far it was read."""
        return Note(f"list_{self.read}", {"found": self.why, "reason": self.reason or self.outcome})

    @property
    def doubt(self) -> Note:
        """What is said against it."""
        return Note("list_doubted", {"title": self.title or self.url, "why": self.certainty.plain})


@dataclass(frozen=True, slots=True)
class ProbedAgency:
    """A body that was found: its kind in English ("" before it is judged), its code in addresses ("" if none), the page
    that attests it, and the shorter names under which it stands there too. ``guessed``: only a list that names nobody
    attests it.
    """

    name: str
    kind: str = ""
    code: str = ""
    source: str = ""
    aliases: tuple[str, ...] = ()
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """What a probe found. ``leads``: ``title, url, agency, year, listing``; ``left``: ways that were not gone, by
    address, label, reason (a code). ``understood``: whether there is anything to write; ``verdict``: how sure that is.
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
        """Whether every listing was found by its own label and read to its end."""
        return self.understood and not self.maybe_more and all(listing.is_sure for listing in self.listings)

    @property
    def maybe_more(self) -> tuple[Note, ...]:
        """That there may be more, where a limit ended the walk."""
        stopped = any(note.code == LIMIT for note in self.ended)
        return (Note("maybe_more", {"notes": [note.plain for note in self.ended]}),) if stopped else ()

    @property
    def verdict(self) -> tuple[Note, ...]:
        """How sure it is."""
        if not self.listings:
            why = [note.plain for at, note in enumerate(self.notes) if note not in self.notes[:at]]
            values = {"notes": why or [Note("nothing_leads").plain]}
            if not self.seen:
                return (Note("not_reached", values), Note("try_a_browser"))
            seen = Note("pages_seen", {"number": len(self.seen), "requests": self.requests})
            return (Note("not_understood", values), seen)
        read = sum(listing.outcome == "ok" for listing in self.listings)
        counted = {"number": read, "total": len(self.listings), "reports": len(self.leads)}
        doubts = [*(one.doubt for one in self.listings if not one.is_sure), *self.maybe_more]
        more = [Note("more_doubts", {"number": len(doubts) - MAX_DOUBTS})] if len(doubts) > MAX_DOUBTS else []
        return (Note("lists_read", counted), *doubts[:MAX_DOUBTS], *more)


_PROBE = TypeAdapter(Probe)


def probe_text(found: Probe) -> str:
    """Return a probe as JSON."""
    return _PROBE.dump_json(found).decode()


def read_probe(text: str) -> Probe:
    """Return the probe that :func:`probe_text` wrote."""
    return _PROBE.validate_json(text)
