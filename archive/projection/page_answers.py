"""Find out what happened to a report's pages after they were read: gone, moved, replaced, redated, lost attachments.

The visits at the addresses of a report become answers: an edition of the report, or the report is not there. A finding
lies between two answers, the last before the change and the first after it. A visit that failed, was blocked or could
not be read is no answer. What listings show is judged in ``archive.assessment.absences``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from archive.assessment.absences import SAME_ROUND
from archive.assessment.facts import KnownFinding
from archive.assessment.sentences import in_words
from archive.findings import finding
from archive.projection.binding import BoundVisit, lacks_titles
from archive.projection.dates import days_of
from archive.projection.editions import LINKED, without_scheme
from archive.projection.leads import LookLead
from archive.projection.look_trust import JudgedLook
from archive.projection.truth import PortalTruth
from storage.records import CaptureOutcome, Edition, LookOutcome, ReportKey, RulingKind

#: Outcomes that mean that the page does not exist; errors, challenges and empty pages do not mean that.
_GONE = frozenset({CaptureOutcome.NOT_FOUND, CaptureOutcome.SOFT_404})
_SENT_ELSEWHERE = "sent_elsewhere"  # reason of a soft 404 that only redirected to another page
#: An unclear answer counts once it has lasted so long, from one weekly visit to the next.
UNCLEAR_FOR = timedelta(days=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAnswer:
    """One answer at an address of the report.
    ``capture``: of the answer, or of the list page that no longer links the address. ``edition``: None if the page is
    gone or is another page now. ``led_to``: the address that answered. ``days``: dates in the page's metadata, the
    declared one first; ``signed``: the date below the text. ``lacks_part``: the page was read, but the attachment with
    the edition's cells is no longer linked or no longer there.
    """

    at: datetime
    capture: str
    address: str
    led_to: str
    edition: str | None
    days: tuple[date, ...] = ()
    signed: date | None = None
    lacks_part: bool = False


class PageAnswers:
    """All visits of a portal by address, without imported files: these have no time, or others than we fetched them."""

    def __init__(
        self, truth: PortalTruth, bounds: Iterable[BoundVisit], editions: Iterable[Edition], looks: Iterable[JudgedLook]
    ) -> None:
        """Prepare to tell what happened to the pages of reports: gone, moved, replaced. ``truth``: all that is recorded
        of the portal; ``bounds``: its visits (fetched pages), each with the report that it showed; as answers of the
        site only those count that we fetched ourselves. ``editions``: versions of the reports; ``looks``: readings of
        lists. Pages that showed no report tell which are placeholders: a site sends them instead of any page, so that
        they stand at several addresses.
        """
        self._visits: dict[str, list[BoundVisit]] = defaultdict(list)
        self._shown_in: dict[str, set[str]] = defaultdict(set)  # run → addresses that answered with a report
        self._placeholder_at: dict[str, set[str]] = defaultdict(set)  # mark of a placeholder page → its addresses
        for bound in (one for one in bounds if not one.visit.is_copy):
            if bound.visit.main.run not in truth.imports:
                self._visits[bound.visit.address].append(bound)
            if bound.report is not None:
                self._shown_in[bound.visit.main.run].add(bound.visit.address)
            else:
                for mark in _marks(bound):
                    self._placeholder_at[mark].add(bound.visit.address)
        self._editions = {(*one.report, capture): one for one in editions for capture in one.captures}
        self._voided = {one.subject for one in truth.rulings if one.kind is RulingKind.VOID_LOOK}
        #: trusted looks that were read to their end
        facts = (one.fact for one in looks if not one.fact.on_parent_list)
        self._ok_looks = {one.id for one in facts if one.outcome is LookOutcome.OK and not one.lost}

    def findings_about(
        self, report: ReportKey, bounds: Sequence[BoundVisit], listed: Sequence[LookLead]
    ) -> tuple[KnownFinding, ...]:
        """Return the findings about the pages of ``report``: gone, moved, replaced, redated. ``bounds``: its visits;
        ``listed``: the links to it on looks (readings of lists); links on voided looks do not count.
        """
        addresses = dict.fromkeys(bound.visit.address for bound in bounds)
        titles = {bound.reading.title for bound in bounds if bound.reading is not None}
        answers = [one for address in addresses for one in self._answers_at(address, report, titles, addresses)]
        # usually all looks show the same link with the same date, and nothing can be found in them
        has_changes = len({(row.address, row.link.listed) for row in listed}) > 1
        links = [row for row in listed if row.look not in self._voided] if has_changes else []
        return page_findings(answers, links, self._ok_looks)

    def _answers_at(
        self, address: str, report: ReportKey, titles: Collection[str], addresses: Collection[str]
    ) -> Iterator[PageAnswer]:
        """Yield the answers at an address, oldest first. An unclear answer (it may be a placeholder page, see
        ``_is_unclear``) counts once it has lasted :data:`UNCLEAR_FOR`, and only in runs in which another address showed
        a report, so that the site was working. A placeholder that stands at several addresses never counts. ``titles``,
        ``addresses``: all of ``report``.
        """
        unclear_since: datetime | None = None
        visits = self._visits.get(address, ())
        own = {bound.visit.main.id for bound in visits if bound.report == report}
        for bound in visits:
            if bound.report != report and bound.visit.main.id in own:
                continue  # the same answer, bound to another agency that shares the report
            answer = self._answer(bound, report)
            if answer is None:
                continue
            if answer.edition is not None:
                unclear_since = None
            elif _is_unclear(bound, titles):
                is_general = any(len(self._placeholder_at[mark]) > 1 for mark in _marks(bound))
                if is_general or not self._shown_in[bound.visit.main.run] - set(addresses):
                    continue
                unclear_since = unclear_since or answer.at
                if answer.at - unclear_since < UNCLEAR_FOR:
                    continue
            yield answer

    def _answer(self, bound: BoundVisit, report: ReportKey) -> PageAnswer | None:
        """Return a visit as an answer about ``report``, None if it proves nothing: an error, a page that could not be
        read, or one of no known edition. An answer without ``edition`` says that another page, or none, is there now.
        """
        main, visit, page = bound.visit.main, bound.visit, bound.reading
        absence = PageAnswer(at=visit.at, capture=main.id, address=visit.address, led_to=visit.moved, edition=None)
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
            # the page links nothing that may contain the figures, or only files that do not exist
            lacks_part=bound.cells_from is None and edition.cells_from is not None and (not linked or all_gone),
        )


def _is_unclear(bound: BoundVisit, titles: Collection[str]) -> bool:
    """True if an answer without the report may be a placeholder: it does not say "not found" and lacks the title."""
    if bound.visit.main.outcome in _GONE:
        return bound.visit.main.reason == _SENT_ELSEWHERE
    return bound.is_placeholder and bound.reading is not None and lacks_titles(bound.reading, titles)


def _marks(bound: BoundVisit) -> tuple[str, ...]:
    """Return the content digest and title of a placeholder page, to recognise the same page at other addresses."""
    if not bound.is_placeholder or bound.reading is None:
        return ()
    return tuple(filter(None, (bound.reading.content_digest, bound.reading.title)))


def page_findings(
    answers: Iterable[PageAnswer], listed: Iterable[LookLead], ok_looks: Collection[str]
) -> tuple[KnownFinding, ...]:
    """Return the findings about what happened to the pages of one report; of several ``redated`` only the last.
    ``answers``: from its addresses; one that left the lists counts as gone, too. ``listed``: its links on looks
    (readings of lists); ``ok_looks``: trusted looks read to the end.
    """
    rows = sorted(listed, key=lambda row: (row.at, row.lead.listing, row.address, row.link.listed or ""))
    ordered = [*answers, *_dropped_addresses(rows, ok_looks)]
    ordered.sort(key=lambda answer: (answer.at, answer.address, answer.edition or ""))
    with_report: dict[str, list[PageAnswer]] = {}
    for answer in ordered:
        if answer.edition is not None:
            with_report.setdefault(answer.address, []).append(answer)
    findings = [
        *_address_changes(ordered),
        *(one for page_answers in with_report.values() for one in _page_changes(page_answers)),
        *_listed_earlier(rows),
    ]
    last = max((one.known_from for one in findings if one.finding.code == "redated"), default=None)
    return tuple(one for one in findings if one.finding.code != "redated" or one.known_from == last)


def _changed(code: str, before: PageAnswer, after: PageAnswer, **values: object) -> KnownFinding:
    """Make a finding about a change between two answers: with their times and captures."""
    between = {"from": before.at, "to": after.at, "before": before.capture, "after": after.capture}
    return KnownFinding(known_from=after.at, finding=finding(code, in_words(between | values)))


def _answer_of_look(row: LookLead) -> PageAnswer:
    """Return a lead on a look as an answer without an edition, at the address of the lead."""
    return PageAnswer(at=row.at, capture=row.link.capture, address=row.address, led_to=row.address, edition=None)


# ---------------------------------------------------------------------------------- gone, moved, replaced, back


def _address_changes(answers: Sequence[PageAnswer]) -> Iterator[KnownFinding]:
    """Yield when the report moved, was replaced, was gone from all its addresses and came back. ``answers``: from all
    its addresses, oldest first. The first answer without the report (``edition`` None) at an address that had it is
    ``moved`` if another address took over, ``page_gone`` if none is left. A new address with other content than all
    before is ``replaced`` if the old ones are lost.
    """
    last: dict[str, PageAnswer] = {}  # address → the last answer there with the report
    lost_addresses: set[str] = set()
    editions: set[str] = set()
    loss: PageAnswer | None = None  # the answer since which no address shows the report
    for answer in answers:
        if answer.edition is None:
            if answer.address not in last or answer.address in lost_addresses:
                continue
            lost_addresses.add(answer.address)
            new_address = _new_address(answer, last, lost_addresses, _same_round(answer, answers))
            if new_address is not None and without_scheme(new_address) != without_scheme(answer.address):
                yield _changed("moved", last[answer.address], answer, old=answer.address, new=new_address)
            if new_address is None and loss is None and lost_addresses == last.keys():
                yield _changed("page_gone", _latest(last), answer, old=answer.address)
                loss = answer
            continue
        if loss is not None:
            yield _changed("page_back", loss, answer, new=answer.address)
            loss = None
        if last and answer.address not in last and answer.edition not in editions:
            later = (one for one in _same_round(answer, answers) if one.at > answer.at)
            lost = lost_addresses | {one.address for one in later if one.edition is None}
            yield from _replacement(answer, last, lost)
        if not answer.lacks_part or answer.address not in last:
            last[answer.address] = answer
        lost_addresses.discard(answer.address)
        editions.add(answer.edition)


def _replacement(answer: PageAnswer, last: Mapping[str, PageAnswer], lost: set[str]) -> Iterator[KnownFinding]:
    """Yield ``replaced`` if all addresses in ``last`` are in ``lost`` when ``answer`` shows another edition at a new
    one. ``lost``: lost by then, or in the same round.
    """
    if last.keys() <= lost:
        before = _latest(last)
        yield _changed("replaced", before, answer, old=before.address, new=answer.address)


def _same_round(answer: PageAnswer, answers: Iterable[PageAnswer]) -> list[PageAnswer]:
    """Return the answers within 48 hours from ``answer`` on."""
    return [one for one in answers if answer.at <= one.at <= answer.at + SAME_ROUND]


def _new_address(
    answer: PageAnswer, last: Mapping[str, PageAnswer], lost_addresses: set[str], same_round: Sequence[PageAnswer]
) -> str | None:
    """Return the address that now shows the edition (content for a time) which ``answer``'s address lost; None if none
    does. It is the lost address itself if other addresses soon show other content, which is reported as ``replaced``.
    ``last``: address → the last answer there with the report; ``same_round``: answers within 48 hours.
    """
    edition, others = last[answer.address].edition, [one for one in same_round if one.address != answer.address]
    soon = [one for one in others if one.at > answer.at and one.edition is not None]
    current = (one for address, one in last.items() if address not in lost_addresses)
    same = next((one for one in (*current, *soon) if one.edition == edition), None)
    if same is None:
        return answer.address if soon else None
    return same.address if all(one.edition is not None for one in others if one.address == same.address) else None


def _latest(last: Mapping[str, PageAnswer]) -> PageAnswer:
    return max(last.values(), key=lambda one: one.at)


# ---------------------------------------------------------------------------------- one address, one listing


def _page_changes(answers: Sequence[PageAnswer]) -> Iterator[KnownFinding]:
    """Yield what changed in the ``answers`` of one address with the report: redirects, lost attachments, dates."""
    last, lacks_part = answers[0], False
    dated = signed = last
    for answer in answers:
        own = without_scheme(answer.address)
        if last is not answer and without_scheme(answer.led_to) != own == without_scheme(last.led_to):
            yield _changed("moved", last, answer, old=answer.address, new=answer.led_to)
        if answer.lacks_part and not lacks_part:
            yield _changed("part_gone", last, answer, old=answer.address)
        if dated.days and answer.days and set(dated.days).isdisjoint(answer.days):
            # an earlier date always counts; a later one only if the edition is the same
            code = "backdated" if answer.days < dated.days else "redated"
            if code == "backdated" or answer.edition == dated.edition:
                yield _changed(code, dated, answer, old=dated.days[0], new=answer.days[0])
        if answer.signed and signed.signed and answer.signed < signed.signed:
            yield _changed("backdated", signed, answer, old=signed.signed, new=answer.signed)
        last = last if answer.lacks_part else answer
        dated = answer if answer.days else dated
        signed = answer if answer.signed else signed
        lacks_part = answer.lacks_part


def _listed_earlier(rows: Iterable[LookLead]) -> Iterator[KnownFinding]:
    """Yield a finding where a list dates a link earlier than before: the report may have been backdated."""
    last: dict[tuple[str, str], LookLead] = {}
    for row in rows:
        day = row.lead.listed
        if day is None:
            continue
        before = last.get((row.lead.listing, row.address), row)
        if row.link.listed != before.link.listed and day < (before.lead.listed or date.min):
            yield _changed("backdated", _answer_of_look(before), _answer_of_look(row), old=before.lead.listed, new=day)
        last[row.lead.listing, row.address] = row


def _dropped_addresses(rows: Sequence[LookLead], ok_looks: Collection[str]) -> Iterator[PageAnswer]:
    """Yield an answer without the report, as if its page were gone, for each address that left a list when a new one
    came. ``rows``: the report's links on looks (readings of lists), oldest first; ``ok_looks``: trusted ones.
    """
    last_on = {(row.lead.listing, row.address): row.at for row in rows}
    last_at = {row.address: row.at for row in rows}
    first = {row.address: row.at for row in reversed(rows)}
    for (listing, address), at in last_on.items():
        # not an address that was listed beside it before
        new = (one for one in rows if one.look in ok_looks and one.lead.listing == listing and first[one.address] > at)
        after = next(new, None)
        if after is not None and last_at[address] == at:
            yield replace(_answer_of_look(after), address=address, led_to=address)
