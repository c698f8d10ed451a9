"""What rulings withhold: documents whose contents are given out nowhere, while their bytes stay."""

from __future__ import annotations

from storage.home import Home
from storage.observations import Observations
from storage.records import Ruling, RulingKind


def withheld_documents(home: Home) -> set[str]:
    """Give the SHA-256 of each document that is withheld now."""
    return {ruling.subject for ruling in withholdings(home) if not ruling.decision.get("lifted")}


def withholdings(home: Home) -> tuple[Ruling, ...]:
    """Give the ruling that holds for each document on which there is one, in the order in which they were made.

    One whose decision says ``lifted`` gives the document out again.
    """
    latest: dict[str, Ruling] = {}
    for ruling in Observations(home).rulings():
        if ruling.kind is RulingKind.WITHHOLD:
            latest.pop(ruling.subject, None)
            latest[ruling.subject] = ruling
    return tuple(latest.values())
