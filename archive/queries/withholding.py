"""What rulings withhold: documents whose contents are given out nowhere, while their bytes stay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from archive.queries.masking import mask
from storage.home import Home
from storage.observations import Observations
from storage.records import Edition, Finding, Ruling, RulingKind


def withheld_documents(home: Home) -> set[str]:
    """Give the SHA-256 of each document that is withheld now."""
    return {ruling.subject for ruling in withholdings(home) if not ruling.decision.get("lifted")}


def withheld_any(home: Home, editions: Iterable[Edition]) -> bool:
    """Whether any document of these editions is withheld."""
    return bool(withheld_documents(home) & {document for edition in editions for document in edition.documents})


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


#: Findings that give figures of the year before or after as well.
BETWEEN_YEARS = frozenset({"carry_over", "stock_differs"})


def told(findings: Iterable[Finding], *, withheld: bool, beside: bool = False) -> tuple[Finding, ...]:
    """Give findings once each, as they may go out: their sentences quote the text, so people in them are masked.

    ``withheld``: of the document only that there are such; ``beside``: so of those that speak of the year before or
    after too, for that report is withheld.
    """
    return tuple(
        dict.fromkeys(
            replace(f, zh="（已隐藏）", en="(withheld)", expected=None, found=None)
            if withheld or (beside and f.code in BETWEEN_YEARS)
            else replace(f, zh=mask(f.zh), en=mask(f.en))
            for f in findings
        )
    )
