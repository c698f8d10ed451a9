"""Repair rows before they are placed: each repair mends one way in which tables come out of real documents.

They stand in their order in ``REPAIRS``; a repair that finds nothing to mend changes nothing.
``make ablation`` switches each off and tells which documents need it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from archive.forms.model import Form
from archive.parser.blank_line_grids import keep_places
from archive.parser.cells import Placement
from archive.parser.form_editions import follow_editions
from archive.parser.merged_rows import share_out
from archive.parser.padded_rows import by_printed_headings
from archive.parser.reordered_columns import assign_printed_orders
from archive.parser.row_order import fill_alike, fill_by_sums
from archive.parser.rows_cut_by_pages import join_cut_rows
from archive.parser.subtotals import leave_subtotals
from archive.parser.unknown_headers import by_misnamed_headings
from archive.parser.unlabelled_rows import fill_blocks, fill_gaps, take_label_fragments
from archive.parser.walk import Candidate


@dataclass(slots=True)
class TableRows:
    """The rows of the form's tables on their way to their places; repairs change ``candidates``, ``remedies_rows`` and
    what ``result`` tells.

    ``beside``, ``printed``: columns of another form in a table of this one (``form_detection``). ``label_fragments``:
    torn labels in running text that are no rows where these are found elsewhere.
    """

    forms: Mapping[str, Form]
    result: Placement
    candidates: list[Candidate]
    remedies_rows: list[Candidate]
    beside: Mapping[str, tuple[str, ...]]
    printed: tuple[str, ...]
    label_fragments: list[Candidate] = field(default_factory=list)

    @property
    def form(self) -> Form:
        """The form of the applications table."""
        return self.forms["applications"]

    @property
    def unnamed(self) -> bool:
        """Whether rows are there whose label names none of the form."""
        return any(candidate.plan is None for candidate in self.candidates)


class Repair(NamedTuple):
    """One repair: its name, the case it is there for, and what it does."""

    name: str
    case: str
    apply: Callable[[TableRows], None]


def _editions(rows: TableRows) -> None:
    if rows.beside and "proactive" in rows.forms:
        follow_editions(rows.candidates, rows.forms["proactive"], rows.beside, rows.printed)


def _misnamed(rows: TableRows) -> None:
    if not rows.beside:  # a table with columns of two forms is told as such
        by_misnamed_headings(rows.candidates, rows.result)


def _spaced(rows: TableRows) -> None:
    remedies = rows.form.table("remedies").rows
    keep_places(rows.candidates, rows.remedies_rows, len(remedies), len(remedies[0].columns))


def _join_cut_rows(rows: TableRows) -> None:
    if rows.unnamed:
        join_cut_rows(rows.candidates)


def _label_fragments(rows: TableRows) -> None:
    rows.label_fragments = take_label_fragments(rows.candidates)


def _by_sums(rows: TableRows) -> None:
    if rows.unnamed:
        fill_by_sums(rows.candidates, rows.form, rows.result)


def _fill_alike(rows: TableRows) -> None:
    if rows.unnamed:
        fill_alike(rows.candidates, rows.forms.get("proactive", rows.form).table("proactive"), rows.result)


def _blocks(rows: TableRows) -> None:
    if rows.unnamed:
        fill_blocks(rows.candidates, rows.forms.get("proactive", rows.form).table("proactive"), rows.result)


def _subtotals(rows: TableRows) -> None:
    leave_subtotals(rows.candidates, rows.forms)


def _padded(rows: TableRows) -> None:
    by_printed_headings(rows.candidates, rows.result)


def _reordered(rows: TableRows) -> None:
    assign_printed_orders(rows.candidates, rows.remedies_rows, rows.form, rows.result)


def _gaps(rows: TableRows) -> None:
    fill_gaps(rows.candidates, rows.form.table("applications"), rows.result)


def _overfull(rows: TableRows) -> None:
    share_out(rows.candidates, rows.form, rows.result)


REPAIRS: tuple[Repair, ...] = (
    Repair("editions", "a table of one form with some columns of another", _editions),
    Repair("subtotals", "小计 of a group, printed as 合计 between its rows", _subtotals),
    Repair("padded", "rows with more cells than headings", _padded),
    Repair("misnamed", "a heading that no form has among known ones", _misnamed),
    Repair("reordered", "columns in another order than the form's", _reordered),
    Repair("spaced", "blank lines for blank cells where a table became lines", _spaced),
    Repair("torn labels", "torn labels with a stray figure in the text beside a table", _label_fragments),
    Repair("cut", "a row that the end of a page cut in two within its label", _join_cut_rows),
    Repair("gaps", "a row whose label cannot be read between two that can", _gaps),
    Repair("sums", "several rows without a label, told by the form's sums", _by_sums),
    Repair("alike", "one row with a label that is like the missing one", _fill_alike),
    Repair("blocks", "a row of a block table whose label is missing", _blocks),
    Repair("overfull", "several rows that ran together into one of text", _overfull),
)
