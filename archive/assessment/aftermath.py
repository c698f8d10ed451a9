"""Find what happened to a report's pages after they were read: gone, moved, replaced, redated, without an attachment.

Every finding lies between two answers, the last with it and the first without it; an answer that failed, was blocked or
could not be read says nothing. ``presence`` judges what listings show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from archive.assessment.facts import KnownFinding
from archive.assessment.sentences import in_words
from archive.findings import finding

#: A report met at another address within this time after its page was gone has moved.
SAME_ROUND = timedelta(hours=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer at an address of the report.

    ``capture``: that of the answer, or of the list page that links the address no more. ``edition``: the edition met
    there, None if the page is gone or is now something else. ``led_to``: the address that answered. ``days``: the days
    that the page's metadata give, ``declared`` the one that counts; ``signed``: the day below the text. ``without``:
    the page was read, but the attachment that gave the edition its cells is linked no more, or is not there.
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


def aftermath(answers: Iterable[Answer], listed: Iterable[ListedLink] = ()) -> tuple[KnownFinding, ...]:
    """Return what happened to the pages of one report after they were read, each from the instant it was known.

    ``answers``: those that say what stood at an address of the report, from the first on that showed it; ``listed``:
    the links to it on listings. Of several redated pages only the last is told.
    """
    rows = sorted(listed, key=lambda row: (row.at, row.listing, row.address, row.text))
    ordered = [*answers, *_dropped_addresses(rows)]
    ordered.sort(key=lambda answer: (answer.at, answer.address, answer.edition or ""))
    met: dict[str, list[Answer]] = {}
    for answer in ordered:
        if answer.edition is not None:
            met.setdefault(answer.address, []).append(answer)
    found = [
        *_follow(ordered),
        *(one for shown in met.values() for one in _page_changes(shown)),
        *_listed_earlier(rows),
    ]
    last = max((one.known_from for one in found if one.finding.code == "redated"), default=None)
    return tuple(one for one in found if one.finding.code != "redated" or one.known_from == last)


def _changed(code: str, before: Answer | ListedLink, after: Answer | ListedLink, **values: object) -> KnownFinding:
    """A finding with its bounds: two instants, and the captures that show both."""
    between = {"from": before.at, "to": after.at, "before": before.capture, "after": after.capture}
    return KnownFinding(known_from=after.at, finding=finding(code, in_words(between | values)))


def _without_scheme(address: str) -> str:
    """The address without its scheme: from http to https nothing moves."""
    return address.partition("://")[2] or address


# ---------------------------------------------------------------------------------- gone, moved, replaced, back


def _follow(answers: Sequence[Answer]) -> Iterator[KnownFinding]:
    """Follow the addresses of one report, answer by answer: where it was met last, and since when it is not there."""
    last: dict[str, Answer] = {}
    gone: set[str] = set()
    editions: set[str] = set()
    lost: Answer | None = None  # the answer since which no address shows the report
    for answer in answers:
        if answer.edition is None:
            if answer.address not in last or answer.address in gone:
                continue
            gone.add(answer.address)
            there = _where_it_stands(answer, last, gone, _same_round(answer, answers))
            if there is not None and _without_scheme(there) != _without_scheme(answer.address):
                yield _changed("moved", last[answer.address], answer, old=answer.address, new=there)
            if there is None and lost is None and gone == last.keys():
                yield _changed("page_gone", _latest(last), answer, old=answer.address)
                lost = answer
            continue
        if lost is not None:
            yield _changed("page_back", lost, answer, new=answer.address)
            lost = None
        if answer.address not in last and answer.edition not in editions and last:
            later = (one for one in _same_round(answer, answers) if one.at > answer.at)
            soon_gone = {one.address for one in later if one.edition is None}
            if last.keys() <= gone | soon_gone:
                yield _changed("replaced", _latest(last), answer, old=_latest(last).address, new=answer.address)
        if not answer.without or answer.address not in last:
            last[answer.address] = answer
        gone.discard(answer.address)
        editions.add(answer.edition)


def _same_round(answer: Answer, answers: Iterable[Answer]) -> list[Answer]:
    return [one for one in answers if answer.at <= one.at <= answer.at + SAME_ROUND]


def _where_it_stands(
    answer: Answer, last: Mapping[str, Answer], gone: set[str], same_round: Sequence[Answer]
) -> str | None:
    """Where the report stands that an address shows no more; None if nowhere. If other content took its place, the
    address itself: that is told when the content is met.
    """
    edition, others = last[answer.address].edition, [one for one in same_round if one.address != answer.address]
    soon = [one for one in others if one.at > answer.at and one.edition is not None]
    shown = (one for address, one in last.items() if address not in gone)
    there = next((one for one in (*shown, *soon) if one.edition == edition), None)
    if there is None:
        return answer.address if soon else None
    return there.address if all(one.edition is not None for one in others if one.address == there.address) else None


def _latest(last: Mapping[str, Answer]) -> Answer:
    return max(last.values(), key=lambda one: one.at)


# ---------------------------------------------------------------------------------- one address, one listing


def _page_changes(shown: Sequence[Answer]) -> Iterator[KnownFinding]:
    """What changed at one address that ``shown`` the report: redirected, without its attachment, with other dates."""
    last, without = shown[0], False
    dated: Answer | None = None
    signed: Answer | None = None
    for answer in shown:
        own = _without_scheme(answer.address)
        if last is not answer and _without_scheme(answer.led_to) != own == _without_scheme(last.led_to):
            yield _changed("moved", last, answer, old=answer.address, new=answer.led_to)
        if answer.without and not without:
            yield _changed("part_gone", last, answer, old=answer.address)
        if dated is not None and answer.days and answer.declared and dated.days.isdisjoint(answer.days):
            # earlier whatever else changed, later by itself
            code = "backdated" if answer.declared < (dated.declared or date.min) else "redated"
            if code == "backdated" or answer.edition == dated.edition:
                yield _changed(code, dated, answer, old=dated.declared, new=answer.declared)
        if signed is not None and answer.signed and answer.signed < (signed.signed or date.min):
            yield _changed("backdated", signed, answer, old=signed.signed, new=answer.signed)
        last = last if answer.without else answer
        dated = answer if answer.days and answer.declared else dated
        signed = answer if answer.signed else signed
        without = answer.without


def _listed_earlier(rows: Iterable[ListedLink]) -> Iterator[KnownFinding]:
    """An earlier date than before beside the same link on the same listing."""
    last: dict[tuple[str, str], ListedLink] = {}
    for row in rows:
        if row.day is None:
            continue
        before = last.get((row.listing, row.address), row)
        if row.text != before.text and row.day < (before.day or date.min):
            yield _changed("backdated", before, row, old=before.day, new=row.day)
        last[row.listing, row.address] = row


def _dropped_addresses(rows: Sequence[ListedLink]) -> Iterator[Answer]:
    """Addresses that no listing links any more, from a look on which the report stands under a new one."""
    last_on = {(row.listing, row.address): row.at for row in rows}
    latest = {row.address: row.at for row in rows}
    first = {row.address: row.at for row in reversed(rows)}
    for (listing, address), at in last_on.items():
        fresh = (row for row in rows if row.whole and row.listing == listing and first[row.address] > at)
        after = next(fresh, None)  # not one that stood beside it all along
        if after is not None and latest[address] == at:
            yield Answer(at=after.at, capture=after.capture, address=address, led_to=address, edition=None)
