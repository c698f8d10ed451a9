"""Find what happened to a report's pages after they were read: gone, moved, replaced, redated, without an attachment.

Every finding lies between two answers that were had, the last with it and the first without it; an answer that
failed, was blocked or could not be read says nothing. What listings show is told apart, in ``presence``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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


def _follow(answers: Sequence[Answer]) -> Iterator[KnownFinding]:
    """Follow the addresses of one report, answer by answer."""
    places: dict[str, _Place] = {}
    editions: set[str] = set()
    lost: Answer | None = None  # the answer since which no address shows the report
    for answer in answers:
        if answer.edition is None:
            gone = [*_gone(answer, places, answers, is_lost=lost is not None)]
            yield from gone
            lost = answer if any(one.finding.code == "page_gone" for one in gone) else lost
            continue
        if lost is not None:
            yield _known_finding(answer.at, "page_back", _bounds(lost, answer) | {"new": answer.address})
            lost = None
        if answer.address not in places and answer.edition not in editions and places:
            yield from _replaced(answer, places, answers)
        yield from _met(answer, places)
        editions.add(answer.edition)


def _gone(
    answer: Answer, places: Mapping[str, _Place], answers: Sequence[Answer], *, is_lost: bool
) -> Iterator[KnownFinding]:
    """An address shows the report no more: it stands elsewhere, or nowhere."""
    place = places.get(answer.address)
    if place is None or place.gone_since is not None:
        return
    place.gone_since = answer.at
    edition = place.last_answer.edition
    others = (one.last_answer for key, one in places.items() if key != answer.address and one.gone_since is None)
    there = next((one for one in others if one.edition == edition), None) or _soon(answer, answers, edition)
    if there is not None:
        # whether the next answer there, if there is one in the same round, is still the report
        later = (one for one in answers if answer.at <= one.at <= answer.at + SAME_ROUND)
        if all(one.edition is not None for one in later if one.address == there.address):
            if _without_scheme(there.address) != _without_scheme(answer.address):
                both = {"old": answer.address, "new": there.address}
                yield _known_finding(answer.at, "moved", _bounds(place.last_answer, answer) | both)
            return
    elif _soon(answer, answers, None) is not None:
        return  # another content took its place: told when that is met
    if not is_lost and all(other.gone_since is not None for other in places.values()):
        last = max((other.last_answer for other in places.values()), key=lambda met: met.at)
        yield _known_finding(answer.at, "page_gone", _bounds(last, answer) | {"old": answer.address})


def _soon(answer: Answer, answers: Iterable[Answer], edition: str | None) -> Answer | None:
    """An answer at another address soon after: with the edition, or with any."""
    later = (one for one in answers if answer.at < one.at <= answer.at + SAME_ROUND)
    found = (one for one in later if one.address != answer.address and one.edition is not None)
    return next((one for one in found if edition in (None, one.edition)), None)


def _replaced(answer: Answer, places: Mapping[str, _Place], answers: Iterable[Answer]) -> Iterator[KnownFinding]:
    """A new address with other content, where no former address shows the report any more."""
    later = [one for one in answers if answer.at < one.at <= answer.at + SAME_ROUND and one.edition is None]
    soon_gone = {one.address for one in later}
    if all(place.gone_since is not None or address in soon_gone for address, place in places.items()):
        last = max(places.values(), key=lambda other: other.last_answer.at).last_answer
        both = {"old": last.address, "new": answer.address}
        yield _known_finding(answer.at, "replaced", _bounds(last, answer) | both)


def _met(answer: Answer, places: dict[str, _Place]) -> Iterator[KnownFinding]:
    """The report was met at an address: redirected, without its attachment, with other dates."""
    place = places.setdefault(answer.address, _Place(last_answer=answer))
    last, own = place.last_answer, _without_scheme(answer.address)
    if last is not answer and _without_scheme(answer.led_to) != own == _without_scheme(last.led_to):
        both = {"old": answer.address, "new": answer.led_to}
        yield _known_finding(answer.at, "moved", _bounds(last, answer) | both)
    if answer.without and not place.without:
        yield _known_finding(answer.at, "part_gone", _bounds(last, answer) | {"old": answer.address})
    place.without = answer.without
    yield from _date_changes(place, answer)
    yield from _signed(place, answer)
    if not answer.without:
        place.last_answer = answer
    place.gone_since = None


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
    found = [*_follow(ordered), *_redated(rows)]
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
