"""Register the agencies of the imitation portals, as an operator would import them; the scenario is their source.

The CSV files of the real portals contain only agencies with a source; the imitation has more of them, and invents organ
codes for those whose real code is unknown. Such codes exist only in simulated archives.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

from archive.identity.agency_csv import COLUMNS
from crawler.errors import UnknownPortal
from crawler.portals import agencies, find
from imitation.records import ImPortal, Scenario
from imitation.scenario import load
from storage.home import Home
from storage.records import Agency
from storage.registry import Registry

SOURCE = "imitation"


def agencies_csv(portal: ImPortal) -> str:
    """Return the CSV of a portal's agencies, with the columns of a portal's own file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for a in portal.agencies:
        writer.writerow({"id": a.id, "name": a.name, "kind": a.kind.value, "code": a.code, "source": SOURCE})
    return out.getvalue()


def register_agencies(home: Home, scenario: Scenario | None = None) -> None:
    """Add the imitation's agencies to the registry, recorded on the day before the first look.

    Rows of the portals' own files stay if they are complete. Portals without a spider are left to the operator. Raises
    ValueError for an archive that is not simulated.
    """
    if not home.simulated:
        raise ValueError(f"{home.path} is a real archive; agencies of the imitation have no place in it.")
    scenario = scenario or load()
    rows = [agency for portal in scenario.portals if not portal.new for agency in _rows_to_add(home, portal, scenario)]
    Registry(home).put_agencies(rows)


def _rows_to_add(home: Home, portal: ImPortal, scenario: Scenario) -> list[Agency]:
    """Return the rows that a portal's own file lacks, or has without the code."""
    known_since = scenario.days[0] - timedelta(days=1)
    try:
        own_rows = {a.id: a for a in agencies(find(portal.name, home.path), known_since)}
    except UnknownPortal:
        own_rows = {}
    rows = []
    for agency in portal.agencies:
        row = own_rows.get(f"{portal.name}/{agency.id}")
        if row is None:
            row = Agency(
                id=f"{portal.name}/{agency.id}",
                portal=portal.name,
                name=agency.name,
                kind=agency.kind,
                recorded_at=known_since,
            )
        elif row.code or not agency.code:
            continue
        rows.append(replace(row, code=agency.code or None, source=SOURCE))
    return rows
