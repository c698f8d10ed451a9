"""Visits at the addresses of a report → what each answer said: that edition, no longer this report, or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class Answers:
    """All visits of a portal by address. ``editions``: by report and capture. ``shown_in``: addresses that answered
    with a report, by run. ``stands_at``: addresses at which a page stood in for what was linked, by page. ``whole``:
    looks that were read to their end and are believed; ``voided``: those that a ruling voids.
    """

    visits: Mapping[str, Sequence[Bound]]
    editions: Mapping[tuple[str, int, str], Edition]
    shown_in: Mapping[str, set[str]]
    stands_at: Mapping[str, set[str]]
    whole: frozenset[str]
    voided: frozenset[str]


def answers_of(
    truth: PortalTruth, bounds: Iterable[Bound], editions: Iterable[Edition], looks: Iterable[LookJudgement]
) -> Answers:
    """Sort the visits of a portal by address; what people brought in says nothing of when."""
    visits, shown_in, stands_at = defaultdict(list), defaultdict(set), defaultdict(set)
    for bound in bounds:
        if bound.visit.main.run not in truth.imports:
            visits[bound.visit.address].append(bound)
        if bound.report is not None:
            shown_in[bound.visit.main.run].add(bound.visit.address)
        elif bound.foreign and bound.reading is not None:
            for key in _marks(bound.reading):
                stands_at[key].add(bound.visit.address)
    whole = (one for one in looks if one.fact.outcome is LookOutcome.OK and not one.suspect)
    return Answers(
        visits=visits,
        editions={(one.agency, one.year, capture): one for one in editions for capture in one.captures},
        shown_in=shown_in,
        stands_at=stands_at,
        whole=frozenset(one.look.id for one in whole if one.fact.voided_at is None),
        voided=frozenset(one.subject for one in truth.rulings if one.kind is RulingKind.VOID_LOOK),
    )


def report_aftermath(
    known: Answers, report: Report, held: Sequence[Bound], listed: Sequence[LookLead]
) -> tuple[KnownFinding, ...]:
    """Give what became of the pages of ``report``, whose visits are ``held``, after they were read.

    ``listed``: its leads on all looks.
    """
    addresses = dict.fromkeys(bound.visit.address for bound in held)
    titles = {bound.reading.title for bound in held if bound.reading is not None}
    answers = [answer for address in addresses for answer in _at(known, address, report, titles, addresses)]
    return aftermath(answers, _listed(known, listed))


def _at(
    known: Answers, address: str, report: Report, titles: Collection[str], addresses: Collection[str]
) -> Iterator[Answer]:
    """What the answers at an address say, oldest first.

    One that does not say that the page is gone, and bears nothing of the report, counts when it stood there for
    :data:`STANDS_FOR`, if at both times another address showed its report; one that stands in several places never.
    """
    since: datetime | None = None
    found = known.visits.get(address, ())
    own = {bound.visit.main.id for bound in found if bound.report == report}
    for bound in found:
        if bound.report != report and bound.visit.main.id in own:
            continue  # the same answer, as the report of another body that shares it
        answer = _answer(known, bound, report)
        if answer is None:
            continue
        if answer.edition is not None or not _is_mute(bound, titles):
            since = None if answer.edition is not None else since
            yield answer
        elif known.shown_in.get(bound.visit.main.run, set()) - set(addresses) and not _is_general(known, bound):
            since = since or answer.at
            if answer.at - since >= STANDS_FOR:
                yield answer


def _is_general(known: Answers, bound: Bound) -> bool:
    marks = _marks(bound.reading) if bound.foreign and bound.reading is not None else ()
    return any(len(known.stands_at.get(mark, ())) > 1 for mark in marks)


def _answer(known: Answers, bound: Bound, report: Report) -> Answer | None:
    main, visit = bound.visit.main, bound.visit
    gone = Answer(at=visit.at, capture=main.id, address=visit.address, led_to=visit.moved, edition=None)
    if bound.report != report:
        other = bound.binding is not None and main.outcome is CaptureOutcome.PAGE
        return gone if other or main.outcome in _GONE else None
    edition = known.editions.get((*report, main.id))
    if edition is None or bound.reading is None or bound.reading.unreadable:
        return None
    days, signed = days_of(bound.reading, "metadata"), days_of(bound.reading, "signature")
    return replace(
        gone,
        edition=edition.id,
        days=frozenset(days),
        declared=days[0] if days else None,
        signed=signed[-1] if signed else None,
        without=bound.cells_from is None and edition.cells_from is not None and _without(bound, bound.reading),
    )


def _listed(known: Answers, rows: Sequence[LookLead]) -> list[ListedLink]:
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
            whole=row.look in known.whole,
        )
        for row in rows
        if row.look not in known.voided
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
