"""Visits at the addresses of a report → what each answer said: that edition, no longer this report, or nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from archive.assessment.aftermath import Answer, ListedLink, aftermath
from archive.assessment.facts import KnownFinding
from archive.assessment.suspicion import LookJudgement
from archive.projection.binding import Bound
from archive.projection.dates import days_of
from archive.projection.leads import LookLead
from archive.projection.sightings import Report
from archive.projection.truth import PortalTruth
from archive.projection.versions import LINKED
from archive.projection.visits import stands_in
from storage.records import CaptureOutcome, Edition, LookOutcome, Reading, RulingKind

#: Answers that say that there is no such page; errors, challenges and empty pages say nothing.
_GONE = frozenset({CaptureOutcome.NOT_FOUND, CaptureOutcome.SOFT_404})
_SENT_AWAY = "sent_elsewhere"  # a soft 404 that says nothing itself
#: What says nothing itself counts when it stands there for this long, from one weekly visit to the next.
STANDS_FOR = timedelta(days=6)


class Answers:
    """All visits of a portal by address, asked report by report."""

    def __init__(
        self,
        truth: PortalTruth,
        bounds: Iterable[Bound],
        editions: Iterable[Edition],
        looks: Iterable[LookJudgement],
    ) -> None:
        self._whole = frozenset(
            one.look.id
            for one in looks
            if one.fact.outcome is LookOutcome.OK and not one.suspect and one.fact.voided_at is None
        )
        self._imports = truth.imports
        self._voided = frozenset(one.subject for one in truth.rulings if one.kind is RulingKind.VOID_LOOK)
        self._of_address: dict[str, list[Bound]] = {}
        for bound in bounds:
            if bound.visit.main.run not in self._imports:
                self._of_address.setdefault(bound.visit.address, []).append(bound)
        self._shown_in: dict[str, set[str]] = {}  # addresses that answered with a report, by run
        self._stands_at: dict[str, set[str]] = {}  # addresses at which a page stood in for what was linked, by page
        for bound in bounds:
            if bound.report is not None:
                self._shown_in.setdefault(bound.visit.main.run, set()).add(bound.visit.address)
            elif bound.foreign and bound.reading is not None:
                for key in _marks(bound.reading):
                    self._stands_at.setdefault(key, set()).add(bound.visit.address)
        self._edition_of = {
            (edition.agency, edition.year, capture): edition for edition in editions for capture in edition.captures
        }

    def aftermath(self, report: Report, held: Sequence[Bound], listed: Sequence[LookLead]) -> tuple[KnownFinding, ...]:
        """Give what became of the pages of ``report``, whose visits are ``held``, after they were read.

        ``listed``: its leads on all looks.
        """
        addresses = dict.fromkeys(bound.visit.address for bound in held)
        titles = {bound.reading.title for bound in held if bound.reading is not None}
        answers = [answer for address in addresses for answer in self._at(address, report, titles, addresses)]
        return aftermath(answers, self._listed(listed))

    def _at(
        self, address: str, report: Report, titles: Collection[str], addresses: Collection[str]
    ) -> Iterator[Answer]:
        """What the answers at an address say, oldest first.

        One that does not say that the page is gone, and bears nothing of the report, counts when it stood there for
        :data:`STANDS_FOR`, if at both times another address showed its report; one that stands in several places never.
        """
        since: datetime | None = None
        found = self._of_address.get(address, ())
        own = {bound.visit.main.id for bound in found if bound.report == report}
        for bound in found:
            if bound.report != report and bound.visit.main.id in own:
                continue  # the same answer, as the report of another body that shares it
            answer = self._answer(bound, report)
            if answer is None:
                continue
            if answer.edition is not None or not _is_mute(bound, titles):
                since = None if answer.edition is not None else since
                yield answer
            elif self._shown_in.get(bound.visit.main.run, set()) - set(addresses) and not self._is_general(bound):
                since = since or answer.at
                if answer.at - since >= STANDS_FOR:
                    yield answer

    def _is_general(self, bound: Bound) -> bool:
        marks = _marks(bound.reading) if bound.foreign and bound.reading is not None else ()
        return any(len(self._stands_at.get(mark, ())) > 1 for mark in marks)

    def _answer(self, bound: Bound, report: Report) -> Answer | None:
        main, visit = bound.visit.main, bound.visit
        if bound.report == report:
            edition = self._edition_of.get((*report, main.id))
            if edition is None or bound.reading is None or bound.reading.unreadable:
                return None
            days, signed = days_of(bound.reading, "metadata"), days_of(bound.reading, "signature")
            return Answer(
                at=visit.at,
                capture=main.id,
                address=visit.address,
                led_to=visit.moved,
                edition=edition.id,
                days=frozenset(days),
                declared=days[0] if days else None,
                signed=signed[-1] if signed else None,
                without=bound.cells_from is None and edition.cells_from is not None and _without(bound, bound.reading),
            )
        other = bound.binding is not None and main.outcome is CaptureOutcome.PAGE
        if other or main.outcome in _GONE:
            return Answer(at=visit.at, capture=main.id, address=visit.address, led_to=visit.moved, edition=None)
        return None

    def _listed(self, rows: Sequence[LookLead]) -> list[ListedLink]:
        if len({(row.address, row.link.listed) for row in rows}) < 2:
            return []  # always the same link with the same date: the common case, of which there is nothing to tell
        return [
            ListedLink(
                at=row.at,
                capture=row.link.capture,
                listing=row.lead.listing,
                address=row.address,
                day=row.lead.listed,
                text=row.link.listed or "",
                whole=row.look in self._whole,
            )
            for row in rows
            if row.look not in self._voided
        ]


def _is_mute(bound: Bound, titles: Collection[str]) -> bool:
    """Whether an answer without the report neither says that it is gone nor bears its title."""
    if bound.visit.main.outcome in _GONE:
        return bound.visit.main.reason == _SENT_AWAY
    return bound.foreign and bound.reading is not None and stands_in(bound.reading, titles)


def _marks(page: Reading) -> tuple[str, ...]:
    """What tells that a page is the same as one at another address, whatever numbers it gives: content, or title."""
    return (page.content_digest, page.title) if page.title else (page.content_digest,)


def _without(bound: Bound, page: Reading) -> bool:
    """Whether a page links and shows nothing that may hold the figures, or only what is not there."""
    linked = [part for part in page.parts if part.kind in LINKED or part.kind == "image"]
    asked = bound.visit.parts
    return not linked or (len(asked) >= len(linked) and all(part.outcome in _GONE for part in asked))
