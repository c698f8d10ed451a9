"""Write agencies as the rows of a list, which ``agency_csv`` reads back unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterable

from storage.records import Agency

#: what an export says of every body
ALL_COLUMNS = (
    "id", "name", "kind", "code", "parent", "valid_from", "valid_to", "aliases", "source", "ended", "successors",
    "guessed",
)  # fmt: skip
PORTAL = "portal"  #: the column of a list of several portals' bodies
GUESSED = "guessed"
# A spreadsheet runs a cell that begins with one of these; one more apostrophe before it, and it is text.
_RUN = re.compile(r"'*[=+\-@\t\r＝＋－＠]")


def list_rows(agencies: Iterable[Agency], *, with_portal: bool = False) -> list[list[str]]:
    """Agencies as the rows of a list, the headings first; cells that a spreadsheet would run are text."""
    columns = (PORTAL, *ALL_COLUMNS) if with_portal else ALL_COLUMNS
    rows = [[_shielded(_cell(agency, column)) for column in columns] for agency in agencies]
    return [list(columns), *rows]


def _cell(agency: Agency, column: str) -> str:
    own = f"{agency.portal}/"
    if column == "id":
        return agency.id.removeprefix(own)
    if column == "parent":
        return (agency.parent or "").removeprefix(own)
    if column == "successors":
        return "|".join(one.removeprefix(own) for one in agency.successors)
    if column == "aliases":
        return "|".join(agency.aliases)
    if column == GUESSED:
        return "yes" if agency.guessed else "no"
    value = getattr(agency, column)
    return "" if value is None else str(value)


def _shielded(text: str) -> str:
    return f"'{text}" if _RUN.match(text) else text


def unshielded(text: str) -> str:
    """A cell without the apostrophe that kept a spreadsheet from running it."""
    return text[1:] if text.startswith("'") and _RUN.match(text) else text
