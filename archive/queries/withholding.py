"""What rulings withhold: documents, and reports with all their editions, are given out nowhere; their bytes stay.

A ruling on a report holds for what is found later, too. A ruling holds whatever instant is asked about: it says what is
given out, not what was known then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from storage.capture_store import CaptureStore
from storage.home import Home
from storage.observations import Observations
from storage.records import Edition, Ruling, RulingKind

Report = tuple[str, int]  #: an agency's id and a reporting year
DIGEST = 64  #: letters of a document's SHA-256: a subject of another length is a report


@dataclass(frozen=True, slots=True)
class Withheld:
    """The rulings that withhold something now, by what they name: documents (SHA-256) and reports."""

    documents: Mapping[str, Ruling]
    reports: Mapping[Report, Ruling]

    def __bool__(self) -> bool:
        return bool(self.documents or self.reports)

    def because(self, edition: Edition) -> Ruling | None:
        """The ruling that withholds an edition: on its report, or on one of its documents; None: it is given out."""
        documents = (edition.main, edition.cells_from or edition.main, *edition.documents)
        ruled = (self.documents[name] for name in documents if name in self.documents)
        return self.reports.get((edition.agency, edition.year)) or next(ruled, None)

    def hides(self, edition: Edition) -> bool:
        """Whether an edition is withheld."""
        return self.because(edition) is not None

    def hides_any(self, report: Report, editions: Iterable[Edition]) -> bool:
        """Whether a report or one of its editions is withheld."""
        return report in self.reports or any(map(self.hides, editions))


def subject_of(agency: str, year: int) -> str:
    """The subject of a ruling on the report of an agency (its id) on a year."""
    return f"{agency}/{year}"


def report_of(subject: str) -> Report | None:
    """The report that the subject of a withholding names; None where it is a document's digest."""
    agency, slash, year = subject.rpartition("/")
    return (agency, int(year)) if slash else None


def withheld(home: Home) -> Withheld:
    """What is withheld now."""
    documents: dict[str, Ruling] = {}
    reports: dict[Report, Ruling] = {}
    for ruling in withholdings(home):
        if not ruling.decision.get("lifted"):
            if report := report_of(ruling.subject):
                reports[report] = ruling
            else:
                documents[ruling.subject] = ruling
    return Withheld(documents, reports)


def portals_concerned(home: Home, ruled: Withheld) -> frozenset[str]:
    """The portals of which anything is withheld: most are not among them."""
    captures = CaptureStore(home).by_documents(ruled.documents)
    return frozenset({one.portal for one in captures} | {agency.partition("/")[0] for agency, _ in ruled.reports})


def withholdings(home: Home) -> tuple[Ruling, ...]:
    """The ruling that holds for each document or report on which there is one, in the order in which they were made.

    One whose decision says ``lifted`` gives it out again.
    """
    latest: dict[str, Ruling] = {}
    for ruling in Observations(home).rulings():
        if ruling.kind is RulingKind.WITHHOLD:
            latest.pop(ruling.subject, None)
            latest[ruling.subject] = ruling
    return tuple(latest.values())
