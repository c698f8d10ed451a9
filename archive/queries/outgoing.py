"""How text that came from outside goes out, through whatever door: the one rule for persons and for withheld titles.

A report that a ruling withholds is named by other pages, too: by the text that links it, by a finding that quotes it.
Its titles and addresses (:attr:`archive.queries.hidden.Hidden.secrets`) are hidden there as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from archive.queries.hidden import hidden_by_portal
from archive.queries.masking import HIDDEN, NO_SECRETS, Secrets
from archive.queries.stored import open_projections
from archive.queries.withholding import Withheld, portals_concerned, withheld
from storage.change_mark import last_change
from storage.home import Home
from storage.records import Finding

#: Findings that give figures of the year before or after as well.
BETWEEN_YEARS = frozenset({"carry_over", "stock_differs"})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What rulings withhold (``ruled``), and what no text bears that goes out (``secrets``)."""

    ruled: Withheld
    secrets: Secrets = NO_SECRETS

    def text(self, text: str) -> str:
        """A text as it may go out."""
        return self.secrets.text(text)

    def address(self, url: str) -> str:
        """An address as it may go out."""
        return self.secrets.address(url)

    def maybe(self, text: str | None) -> str | None:
        """The same of a text that may be missing."""
        return None if text is None else self.text(text)

    def findings(self, findings: Iterable[Finding], *, withheld: bool, beside: bool = False) -> tuple[Finding, ...]:
        """Findings once each, as they may go out, for their sentences quote the text.

        ``withheld``: of the document only that there are such; ``beside``: so of those that speak of the year before or
        after too, for that report is withheld.
        """
        return tuple(
            dict.fromkeys(
                replace(f, zh=HIDDEN, en="(withheld)", expected=None, found=None)
                if withheld or (beside and f.code in BETWEEN_YEARS)
                else replace(
                    f,
                    zh=self.text(f.zh),
                    en=self.text(f.en),
                    expected=self.maybe(f.expected),
                    found=self.maybe(f.found),
                )
                for f in findings
            )
        )


class _Remembered:
    """The rule as it was last made, and of what: the mark of the archive's state, and the rulings."""

    def __init__(self) -> None:
        self.held: tuple[object, Outgoing] | None = None

    def close(self) -> None:
        """Forget it."""
        self.held = None


def outgoing(home: Home) -> Outgoing:
    """The rule as it is now. Reads what is known of the portals of which anything is withheld, and nothing else, and
    that once for each state of the archive.

    Raises ProjectionError where the projections have to be made again first.
    """
    ruled = withheld(home)
    if not ruled:
        return Outgoing(ruled)
    memory, state = home.kept("outgoing", _Remembered), (last_change(home).mark, ruled)
    held = memory.held
    if held is not None and held[0] == state:
        return held[1]
    made = _outgoing(home, ruled)
    if not home.truth.is_together:  # a transaction may show a state before that of the mark
        memory.held = (state, made)
    return made


def _outgoing(home: Home, ruled: Withheld) -> Outgoing:
    with open_projections(home) as store:
        concerned = hidden_by_portal(home, store, portals_concerned(home, ruled), ruled)
    return Outgoing(ruled, next((one.secrets for one in concerned.values()), NO_SECRETS))
