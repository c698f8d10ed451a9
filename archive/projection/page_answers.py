"""What became of a report's pages after they were read: gone, moved, replaced, redated, without an attachment.

Visits at the addresses of a report become answers: that edition, no longer this report, or nothing. Every finding lies
between two answers, the last with it and the first without it; an answer that failed, was blocked or could not be read
says nothing. ``archive.assessment.presence`` judges what listings show.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from archive.assessment.aftermath import Answer, ListedLink, aftermath
from archive.assessment.facts import KnownFinding
from archive.assessment.suspicion import LookJudgement
from archive.projection.binding import Bound, Report
from archive.projection.dates import days_of
from archive.projection.leads import LookLead
from archive.projection.truth import PortalTruth
from archive.projection.versions import LINKED
from archive.projection.visits import stands_in
from storage.records import CaptureOutcome, Edition, LookOutcome, RulingKind

#: Answers that say that there is no such page; errors, challenges and empty pages say nothing.
_GONE = frozenset({CaptureOutcome.NOT_FOUND, CaptureOutcome.SOFT_404})
_SENT_AWAY = "sent_elsewhere"  # a soft 404 that says nothing itself
#: What says nothing itself counts when it stands there for this long, from one weekly visit to the next.
STANDS_FOR = timedelta(days=6)


class PageAnswers:
    """All visits of a portal by address; what people brought in says nothing of when."""

    def __init__(
        self, truth: PortalTruth, bounds: Iterable[Bound], editions: Iterable[Edition], looks: Iterable[LookJudgement]
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
        self._whole = {one.look.id for one in looks if one.fact.outcome is LookOutcome.OK and not one.fact.suspect}

    def aftermath(
        self, report: Report, held: Sequence[Bound], listed: Sequence[LookLead]
    ) -> tuple[KnownFinding, ...]:
        """Find what happened to the pages of ``report``, whose visits are ``held``; ``listed``: its leads on looks."""
        addresses = dict.fromkeys(bound.visit.address for bound in held)
        titles = {bound.reading.title for bound in held if bound.reading is not None}
        answers = [one for address in addresses for one in self._answers_at(address, report, titles, addresses)]
        # most often it is always the same link with the same date, of which there is nothing to tell
        is_changed = len({(row.address, row.link.listed) for row in listed}) > 1
        links = [
            ListedLink(
                at=row.at,
                capture=row.link.capture,
                listing=row.lead.listing,
                address=row.address,
                day=row.lead.listed,
                text=row.link.listed or "",
                whole=row.look in self._whole,
            )
            for row in (listed if is_changed else ())
            if row.look not in self._voided
        ]
        return aftermath(answers, links)

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
        gone = Answer(at=visit.at, capture=main.id, address=visit.address, led_to=visit.moved, edition=None)
        if bound.report != report:
            is_other_page = bound.binding is not None and main.outcome is CaptureOutcome.PAGE
            return gone if is_other_page or main.outcome in _GONE else None
        edition = self._editions.get((*report, main.id))
        if edition is None or page is None or page.unreadable:
            return None
        days, signed = days_of(page, "metadata"), days_of(page, "signature")
        linked = [part for part in page.parts if part.kind in LINKED or part.kind == "image"]
        all_gone = len(visit.parts) >= len(linked) and all(part.outcome in _GONE for part in visit.parts)
        return replace(
            gone,
            edition=edition.id,
            days=frozenset(days),
            declared=days[0] if days else None,
            signed=signed[-1] if signed else None,
            # the page links and shows nothing that may hold the figures, or only what is not there
            without=bound.cells_from is None and edition.cells_from is not None and (not linked or all_gone),
        )


def _is_mute(bound: Bound, titles: Collection[str]) -> bool:
    """Whether an answer without the report neither says that it is gone nor has its title."""
    if bound.visit.main.outcome in _GONE:
        return bound.visit.main.reason == _SENT_AWAY
    return bound.foreign and bound.reading is not None and stands_in(bound.reading, titles)


def _marks(bound: Bound) -> tuple[str, ...]:
    """What tells that a page without the report is the same as one at another address: its content, or its title."""
    if not bound.foreign or bound.reading is None:
        return ()
    return tuple(filter(None, (bound.reading.content_digest, bound.reading.title)))
