"""Ask the text of a report whether it bears out a figure that recognition read, beside the sums.

Reports print sums that do not hold. Where a sentence counts just what was read in the table, the table is printed so,
whatever its sums ask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from archive.forms.model import Form
from archive.identity.evidence import undisputed
from archive.parser.narrative import check_text
from storage.records import Cell, IdentityEvidence, Section

_CONFLICT = "narrative_conflict"


@dataclass(frozen=True, slots=True)
class TextEvidence:
    """The sections of a report's text, with the evidence of whose report it is and on which year."""

    parts: Sequence[Section] = ()
    evidence: IdentityEvidence = field(default_factory=IdentityEvidence)

    def agrees(self, form: Form, cells: Mapping[str, Cell], name: str, value: int) -> bool:
        """Whether the text counts what a cell says now, and would contradict it if it said ``value``."""
        if not self.parts:
            return False
        changed = {**cells, name: replace(cells[name], value=Decimal(value))}
        return self._contradicts(form, changed, name) and not self._contradicts(form, cells, name)

    def _contradicts(self, form: Form, cells: Mapping[str, Cell], name: str) -> bool:
        agencies, year = undisputed(self.evidence)
        found = check_text(form, cells, self.parts, year, agencies)
        return any(one.code == _CONFLICT and name in one.cells for one in found)
