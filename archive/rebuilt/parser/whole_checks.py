"""What is checked on a whole report, be it of one document or of several: its sums, its rows, its text and its years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from storage.records import Cell, Finding, IdentityEvidence, Section

#: codes of the findings below: made again where documents are combined
CODES_OF_THE_WHOLE = frozenset({"tables_absent", "table_missing", "rows_missing", "identity_broken"})


def check_whole(
    form: str | None, cells: Mapping[str, Cell], identity: IdentityEvidence, sections: Sequence[Section]
) -> list[Finding]:
    """Return the findings on a report."""
    return []
