"""Find what happened to a report's pages after they were read: gone, moved, replaced, redated, without an attachment.

Every finding lies between two answers that were had, the last with it and the first without it; an answer that
failed, was blocked or could not be read says nothing. What listings show is told apart, in ``presence``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice

from archive.assessment.facts import KnownFinding
from archive.assessment.sentences import in_words
from archive.findings import finding

#: A report met at another address within this time after its page was gone has moved.
SAME_ROUND = timedelta(hours=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer at an address of the report.

    ``capture``: that of the answer, or of the list page that links the address no more. ``edition``: the edition met
    there, None where the page is gone or is now something else. ``led_to``: the address
    that answered. ``days``: the days that the page's metadata give, ``declared`` the one that counts; ``signed``: the
    day below the text. ``without``: the page was read, but the attachment that gave the edition its cells is linked no
    more, or is not there.
    """

    at: datetime
    capture: str
    address: str
    led_to: str
    edition: str | None
    days: frozenset[date] = frozenset()
    declared: date | None = None
    signed: date | None = None
    without: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLink:
    """A link to the report on a look at a listing, with the date printed beside it, if any (``text`` as printed).

    ``whole``: the look was read to its end and is not suspect, so that what it does not link is linked there no more.
    """

    at: datetime
    capture: str
    listing: str
    address: str
    day: date | None
    text: str
    whole: bool


@dataclass(slots=True)
class _Place:
    """What an address showed last. ``gone_since``: since when it shows the report no more."""

    last_answer: Answer
    gone_since: datetime | None = None
    dated: Answer | None = None
    signed: Answer | None = None
    without: bool = False


@dataclass(slots=True)
class _Watch:
    """The addresses of one report, answer by answer. ``editions``: all met so far."""

    answers: Sequence[Answer]
    places: dict[str, _Place] = field(default_factory=dict)
    editions: dict[str, str] = field(default_factory=dict)
    lost: Answer | None = None

    def follow(self) -> Iterator[KnownFinding]:
        for answer in self.answers:
            if answer.edition is None:
                yield from self._note_gone(answer)
            else:
                yield from self._note_answer(answer, answer.edition)

    def _note_gone(self, answer: Answer) -> Iterator[KnownFinding]:
        place = self.places.get(answer.address)
        if place is None or place.gone_since is not None:
            return
        place.gone_since = answer.at
        others = [other for key, other in self.places.items() if key != answer.address and other.gone_since is None]
        there = next(
            (other.last_answer for other in others if other.last_answer.edition == place.last_answer.edition), None
        )
        there = there or self._soon(answer, place.last_answer.edition)
        between = _bounds(place.last_answer, answer) | {"old": answer.address}
        if there is not None:
            if self._is_still_there(there, answer.at):
                if _without_scheme(there.address) != _without_scheme(answer.address):
                    yield _known_finding(answer.at, "moved", between | {"new": there.address})
                return
        elif self._soon(answer, None) is not None:
            return  # another content took its place: told when that is met
        if all(other.gone_since is not None for other in self.places.values()) and self.lost is None:
            self.lost = answer
            last = max((other.last_answer for other in self.places.values()), key=lambda met: met.at)
            yield _known_finding(answer.at, "page_gone", _bounds(last, answer) | {"old": answer.address})

    def _soon(self, answer: Answer, edition: str | None) -> Answer | None:
        """An answer at another address soon after: with the edition, or with any."""
        later = (one for one in self.answers if answer.at < one.at <= answer.at + SAME_ROUND)
        answers = (one for one in later if one.address != answer.address and one.edition is not None)
        return next((one for one in answers if edition in (None, one.edition)), None)

    def _is_still_there(self, there: Answer, since: datetime) -> bool:
        """Whether the next answer there, if there is one in the same round, is still the report."""
        later = (one for one in self.answers if since <= one.at <= since + SAME_ROUND and one.address == there.address)
        return all(one.edition is not None for one in later)

    def _note_answer(self, answer: Answer, edition: str) -> Iterator[KnownFinding]:
        place = self.places.get(answer.address)
        if self.lost is not None:
            yield _known_finding(answer.at, "page_back", _bounds(self.lost, answer) | {"new": answer.address})
            self.lost = None
        if place is None and edition not in self.editions and self.places:
            yield from self._replaced(answer)
        if place is None:
            place = self.places[answer.address] = _Place(last_answer=answer)
        elif (
            _without_scheme(answer.led_to)
            != _without_scheme(answer.address)
            == _without_scheme(place.last_answer.led_to)
        ):
            moved = {"old": answer.address, "new": answer.led_to}
            yield _known_finding(answer.at, "moved", _bounds(place.last_answer, answer) | moved)
        if answer.without and not place.without:
            yield _known_finding(answer.at, "part_gone", _bounds(place.last_answer, answer) | {"old": answer.address})
        place.without = answer.without
        yield from _date_changes(place, answer)
        yield from _signed(place, answer)
        if not answer.without:
            place.last_answer = answer
        place.gone_since = None
        self.editions.setdefault(edition, answer.address)

    def _replaced(self, answer: Answer) -> Iterator[KnownFinding]:
        """A new address with other content, where no former address shows the report any more."""
        for address, other in self.places.items():
            if other.gone_since is None:
                after = (one for one in self.answers if answer.at < one.at <= answer.at + SAME_ROUND)
                if not any(one.address == address and one.edition is None for one in after):
                    return
        last = max(self.places.values(), key=lambda other: other.last_answer.at)
        both = {"old": last.last_answer.address, "new": answer.address}
        yield _known_finding(answer.at, "replaced", _bounds(last.last_answer, answer) | both)


def _date_changes(place: _Place, answer: Answer) -> Iterator[KnownFinding]:
    """Another day on the page than before, and none of those before: earlier whatever else changed, later by itself."""
    before = place.dated
    if not answer.days or answer.declared is None:
        return
    place.dated = answer
    if before is None or before.declared is None or not before.days.isdisjoint(answer.days):
        return
    values = _bounds(before, answer) | {"old": before.declared, "new": answer.declared}
    if answer.declared < before.declared:
        yield _known_finding(answer.at, "backdated", values)
    elif answer.edition == before.edition:
        yield _known_finding(answer.at, "redated", values)


def _signed(place: _Place, answer: Answer) -> Iterator[KnownFinding]:
    """An earlier day below the text than before."""
    before, place.signed = place.signed, answer if answer.signed else place.signed
    if before is None or before.signed is None or answer.signed is None or answer.signed >= before.signed:
        return
    yield _known_finding(answer.at, "backdated", _bounds(before, answer) | {"old": before.signed, "new": answer.signed})


def aftermath(answers: Iterable[Answer], listed: Iterable[ListedLink] = ()) -> tuple[KnownFinding, ...]:
    """Return the findings about the pages of one report after they were read, each from the instant at which it was
    known.

    ``answers``: those that say what stood at an address of the report, from the first on that showed it; ``listed``:
    the links to it on listings.
    """
    rows = sorted(listed, key=lambda row: (row.at, row.listing, row.address, row.text))
    ordered = sorted(
        [*answers, *_dropped_addresses(rows)], key=lambda answer: (answer.at, answer.address, answer.edition or "")
    )
    found = [*_Watch(ordered).follow(), *_redated(rows)]
    latest = max((one.known_from for one in found if one.finding.code == "redated"), default=None)
    return tuple(one for one in found if one.finding.code != "redated" or one.known_from == latest)


def _redated(rows: Iterable[ListedLink]) -> Iterator[KnownFinding]:
    """An earlier date than before beside the same link on the same listing."""
    last: dict[tuple[str, str], tuple[ListedLink, date]] = {}
    for row in rows:
        if row.day is None:
            continue
        before, day = last.get((row.listing, row.address), (row, row.day))
        if row.text != before.text and row.day < day:
            yield _known_finding(row.at, "backdated", _bounds(before, row) | {"old": day, "new": row.day})
        last[row.listing, row.address] = row, row.day


def _dropped_addresses(rows: Sequence[ListedLink]) -> Iterator[Answer]:
    """Addresses that no listing links any more, from a look on which the report stands under a new one."""
    last = {(row.listing, row.address): row.at for row in rows}
    latest = {row.address: row.at for row in rows}
    first = {row.address: row.at for row in reversed(rows)}
    begun: dict[str, dict[str, ListedLink]] = {}  # by listing, the first sound row of each address, by time
    for row in rows:
        if row.whole:
            begun.setdefault(row.listing, {}).setdefault(row.address, row)
    fresh = {listing: list(found.values()) for listing, found in begun.items()}
    for (listing, address), at in last.items():
        since = bisect_right(fresh.get(listing, ()), at, key=lambda row: row.at)
        later = islice(fresh.get(listing, ()), since, None)
        after = next((row for row in later if first[row.address] > at), None)  # none that stood beside it all along
        if after is not None and latest[address] == at:
            yield Answer(at=after.at, capture=after.capture, address=address, led_to=address, edition=None)


def _bounds(before: Answer | ListedLink, after: Answer | ListedLink) -> dict[str, object]:
    """The bounds of what was found: two instants, and the captures that show both."""
    return {"from": before.at, "to": after.at, "before": before.capture, "after": after.capture}


def _without_scheme(address: str) -> str:
    """The address without its scheme: from http to https nothing moves."""
    return address.partition("://")[2] or address


def _known_finding(at: datetime, code: str, values: Mapping[str, object]) -> KnownFinding:
    return KnownFinding(known_from=at, finding=finding(code, in_words(values)))
