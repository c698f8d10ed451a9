"""What became of a report's pages after they were read: gone, moved, replaced, redated, without an attachment.

Visits at the addresses of a report become answers: that edition, no longer this report, or nothing. Every finding lies
between two answers, the last with it and the first without it; an answer that failed, was blocked or could not be read
says nothing. ``archive.assessment.absences`` judges what listings show.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from archive.assessment.facts import KnownFinding
from archive.assessment.sentences import in_words
from archive.findings import finding
from archive.projection.binding import Bound, Report
from archive.projection.dates import days_of
from archive.projection.editions import LINKED, without_scheme
from archive.projection.leads import LookLead
from archive.projection.look_trust import JudgedLook
from archive.projection.truth import PortalTruth
from archive.projection.visits import lacks_titles
from storage.records import CaptureOutcome, Edition, LookOutcome, RulingKind

#: Answers that say that there is no such page; errors, challenges and empty pages say nothing.
_GONE = frozenset({CaptureOutcome.NOT_FOUND, CaptureOutcome.SOFT_404})
_SENT_AWAY = "sent_elsewhere"  # a soft 404 that says nothing itself
#: What says nothing itself counts when it stands there for this long, from one weekly visit to the next.
STANDS_FOR = timedelta(days=6)
#: A report met at another address within this time after its page was gone has moved.
SAME_ROUND = timedelta(hours=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer at an address of the report.

    ``capture``: that of the answer, or of the list page that links the address no more. ``edition``: the edition met
    there, None if the page is gone or is now something else. ``led_to``: the address that answered. ``days``: the days
    that the page's metadata give, the one that it declares first; ``signed``: the day below the text. ``without``: the
    page was read, but the attachment that gave the edition its cells is linked no more, or is not there.
    """

    at: datetime
    capture: str
    address: str
    led_to: str
    edition: str | None
    days: tuple[date, ...] = ()
    signed: date | None = None
    without: bool = False


class PageAnswers:
    """All visits of a portal by address; what people brought in says nothing of when."""

    def __init__(
        self, truth: PortalTruth, bounds: Iterable[Bound], editions: Iterable[Edition], looks: Iterable[JudgedLook]
    ) -> None:
        self._visits: dict[str, list[Bound]] = defaultdict(list)
        self._shown_in: dict[str, set[str]] = defaultdict(set)  # addresses that answered with a report, by run
        self._stands_at: dict[str, set[str]] = defaultdict(set)  # those at which a page stood in for another, by mark
        for bound in bounds:
            if bound.visit.main.run not in truth.imports:
                self._visits[bound.visit.address].append(bound)
            if bound.report is not None:
                self._shown_in[bound.visit.main.run].add(bound.visit.address)
            else:
                for mark in _marks(bound):
                    self._stands_at[mark].add(bound.visit.address)
        self._editions = {(one.agency, one.year, capture): one for one in editions for capture in one.captures}
        self._voided = {one.subject for one in truth.rulings if one.kind is RulingKind.VOID_LOOK}
        #: looks that were read to their end and are believed
        facts = (one.fact for one in looks if not one.fact.on_parent_list)
        self._whole = {one.id for one in facts if one.outcome is LookOutcome.OK and not one.lost}

    def aftermath(
        self, report: Report, bounds: Sequence[Bound], listed: Sequence[LookLead]
    ) -> tuple[KnownFinding, ...]:
        """Find what happened to the pages of ``report`` (visits: ``bounds``); ``listed``: its leads on looks."""
        addresses = dict.fromkeys(bound.visit.address for bound in bounds)
        titles = {bound.reading.title for bound in bounds if bound.reading is not None}
        answers = [one for address in addresses for one in self._answers_at(address, report, titles, addresses)]
        # most often it is always the same link with the same date, of which there is nothing to tell
        is_changed = len({(row.address, row.link.listed) for row in listed}) > 1
        links = [row for row in listed if row.look not in self._voided] if is_changed else []
        return aftermath(answers, links, self._whole)

    def _answers_at(
        self, address: str, report: Report, titles: Collection[str], addresses: Collection[str]
    ) -> Iterator[Answer]:
        """What the answers at an address say, oldest first.

        One that does not say that the page is gone, and has nothing of the report, counts when it stood there for
        :data:`STANDS_FOR`, if at both times another address showed its report; one that stands in several places never.
        """
        since: datetime | None = None
        visits = self._visits.get(address, ())
        own = {bound.visit.main.id for bound in visits if bound.report == report}
        for bound in visits:
            if bound.report != report and bound.visit.main.id in own:
                continue  # the same answer, as the report of another body that shares it
            answer = self._answer(bound, report)
            if answer is None:
                continue
            if answer.edition is not None:
                since = None
            elif _is_mute(bound, titles):
                is_general = any(len(self._stands_at[mark]) > 1 for mark in _marks(bound))
                if is_general or not self._shown_in[bound.visit.main.run] - set(addresses):
                    continue
                since = since or answer.at
                if answer.at - since < STANDS_FOR:
                    continue
            yield answer

    def _answer(self, bound: Bound, report: Report) -> Answer | None:
        main, visit, page = bound.visit.main, bound.visit, bound.reading
        absence = Answer(at=visit.at, capture=main.id, address=visit.address, led_to=visit.moved, edition=None)
        if bound.report != report:
            is_other_page = bound.binding is not None and main.outcome is CaptureOutcome.PAGE
            return absence if is_other_page or main.outcome in _GONE else None
        edition = self._editions.get((*report, main.id))
        if edition is None or page is None or page.unreadable:
            return None
        signed = days_of(page, "signature")
        linked = [part for part in page.parts if part.kind in LINKED or part.kind == "image"]
        all_gone = len(visit.parts) >= len(linked) and all(part.outcome in _GONE for part in visit.parts)
        return replace(
            absence,
            edition=edition.id,
            days=tuple(days_of(page, "metadata")),
            signed=signed[-1] if signed else None,
            # the page links and shows nothing that may hold the figures, or only what is not there
            without=bound.cells_from is None and edition.cells_from is not None and (not linked or all_gone),
        )


def _is_mute(bound: Bound, titles: Collection[str]) -> bool:
    """Whether an answer without the report neither says that it is gone nor has its title."""
    if bound.visit.main.outcome in _GONE:
        return bound.visit.main.reason == _SENT_AWAY
    return bound.is_placeholder and bound.reading is not None and lacks_titles(bound.reading, titles)


def _marks(bound: Bound) -> tuple[str, ...]:
    """What tells that a page without the report is the same as one at another address: its content, or its title."""
    if not bound.is_placeholder or bound.reading is None:
        return ()
    return tuple(filter(None, (bound.reading.content_digest, bound.reading.title)))


def aftermath(
    answers: Iterable[Answer], listed: Iterable[LookLead], whole: Collection[str]
) -> tuple[KnownFinding, ...]:
    """Return what happened to the pages of one report after they were read, each from the instant it was known.

    ``answers``: those that say what stood at an address of the report, from the first on that showed it; ``listed``:
    the links to it on looks at listings, of which those in ``whole`` link nothing but what they showed. Of several
    redated pages only the last is told.
    """
    rows = sorted(listed, key=lambda row: (row.at, row.lead.listing, row.address, row.link.listed or ""))
    ordered = [*answers, *_dropped_addresses(rows, whole)]
    ordered.sort(key=lambda answer: (answer.at, answer.address, answer.edition or ""))
    met: dict[str, list[Answer]] = {}
    for answer in ordered:
        if answer.edition is not None:
            met.setdefault(answer.address, []).append(answer)
    findings = [
        *_follow(ordered),
        *(one for page_answers in met.values() for one in _page_changes(page_answers)),
        *_listed_earlier(rows),
    ]
    last = max((one.known_from for one in findings if one.finding.code == "redated"), default=None)
    return tuple(one for one in findings if one.finding.code != "redated" or one.known_from == last)


def _changed(code: str, before: Answer, after: Answer, **values: object) -> KnownFinding:
    """A finding with its bounds: two instants, and the captures that show both."""
    between = {"from": before.at, "to": after.at, "before": before.capture, "after": after.capture}
    return KnownFinding(known_from=after.at, finding=finding(code, in_words(between | values)))


def _listed(row: LookLead) -> Answer:
    """A look at a listing as an answer that links the address no more."""
    return Answer(at=row.at, capture=row.link.capture, address=row.address, led_to=row.address, edition=None)


# ---------------------------------------------------------------------------------- gone, moved, replaced, back


def _follow(answers: Sequence[Answer]) -> Iterator[KnownFinding]:
    """Follow the addresses of one report, answer by answer: where it was met last, and since when it is not there."""
    last: dict[str, Answer] = {}
    lost_addresses: set[str] = set()
    editions: set[str] = set()
    lost: Answer | None = None  # the answer since which no address shows the report
    for answer in answers:
        if answer.edition is None:
            if answer.address not in last or answer.address in lost_addresses:
                continue
            lost_addresses.add(answer.address)
            there = _where_it_stands(answer, last, lost_addresses, _same_round(answer, answers))
            if there is not None and without_scheme(there) != without_scheme(answer.address):
                yield _changed("moved", last[answer.address], answer, old=answer.address, new=there)
            if there is None and lost is None and lost_addresses == last.keys():
                yield _changed("page_gone", _latest(last), answer, old=answer.address)
                lost = answer
            continue
        if lost is not None:
            yield _changed("page_back", lost, answer, new=answer.address)
            lost = None
        if answer.address not in last and answer.edition not in editions and last:
            later = (one for one in _same_round(answer, answers) if one.at > answer.at)
            soon_gone = {one.address for one in later if one.edition is None}
            if last.keys() <= lost_addresses | soon_gone:
                yield _changed("replaced", _latest(last), answer, old=_latest(last).address, new=answer.address)
        if not answer.without or answer.address not in last:
            last[answer.address] = answer
        lost_addresses.discard(answer.address)
        editions.add(answer.edition)


def _same_round(answer: Answer, answers: Iterable[Answer]) -> list[Answer]:
    return [one for one in answers if answer.at <= one.at <= answer.at + SAME_ROUND]


def _where_it_stands(
    answer: Answer, last: Mapping[str, Answer], lost_addresses: set[str], same_round: Sequence[Answer]
) -> str | None:
    """Where the report stands that an address shows no more; None if nowhere. If other content took its place, the
    address itself: that is told when the content is met.
    """
    edition, others = last[answer.address].edition, [one for one in same_round if one.address != answer.address]
    soon = [one for one in others if one.at > answer.at and one.edition is not None]
    current = (one for address, one in last.items() if address not in lost_addresses)
    there = next((one for one in (*current, *soon) if one.edition == edition), None)
    if there is None:
        return answer.address if soon else None
    return there.address if all(one.edition is not None for one in others if one.address == there.address) else None


def _latest(last: Mapping[str, Answer]) -> Answer:
    return max(last.values(), key=lambda one: one.at)


# ---------------------------------------------------------------------------------- one address, one listing


def _page_changes(answers: Sequence[Answer]) -> Iterator[KnownFinding]:
    """What changed where ``answers`` of one address show the report: redirected, without attachment, other dates."""
    last, without = answers[0], False
    dated = signed = last
    for answer in answers:
        own = without_scheme(answer.address)
        if last is not answer and without_scheme(answer.led_to) != own == without_scheme(last.led_to):
            yield _changed("moved", last, answer, old=answer.address, new=answer.led_to)
        if answer.without and not without:
            yield _changed("part_gone", last, answer, old=answer.address)
        if dated.days and answer.days and set(dated.days).isdisjoint(answer.days):
            # earlier whatever else changed, later by itself
            code = "backdated" if answer.days < dated.days else "redated"
            if code == "backdated" or answer.edition == dated.edition:
                yield _changed(code, dated, answer, old=dated.days[0], new=answer.days[0])
        if answer.signed and signed.signed and answer.signed < signed.signed:
            yield _changed("backdated", signed, answer, old=signed.signed, new=answer.signed)
        last = last if answer.without else answer
        dated = answer if answer.days else dated
        signed = answer if answer.signed else signed
        without = answer.without


def _listed_earlier(rows: Iterable[LookLead]) -> Iterator[KnownFinding]:
    """An earlier date than before beside the same link on the same listing."""
    last: dict[tuple[str, str], LookLead] = {}
    for row in rows:
        day = row.lead.listed
        if day is None:
            continue
        before = last.get((row.lead.listing, row.address), row)
        if row.link.listed != before.link.listed and day < (before.lead.listed or date.min):
            yield _changed("backdated", _listed(before), _listed(row), old=before.lead.listed, new=day)
        last[row.lead.listing, row.address] = row


def _dropped_addresses(rows: Sequence[LookLead], whole: Collection[str]) -> Iterator[Answer]:
    """Addresses that no listing links any more, from a look on which the report stands under a new one."""
    last_on = {(row.lead.listing, row.address): row.at for row in rows}
    latest = {row.address: row.at for row in rows}
    first = {row.address: row.at for row in reversed(rows)}
    for (listing, address), at in last_on.items():
        # not one that stood beside it all along
        fresh = (one for one in rows if one.look in whole and one.lead.listing == listing and first[one.address] > at)
        after = next(fresh, None)
        if after is not None and latest[address] == at:
            yield replace(_listed(after), address=address, led_to=address)
