"""Count which kinds of agencies changed reports after publication, with bounds.

``python revisions.py RELEASE FIGURE.svg``: RELEASE is the folder of a release of the panel.
"""

import sys
from pathlib import Path

import pandas as pd
from bar_chart import draw


def table(release: Path) -> pd.DataFrame:
    """Return a row for each kind of agency."""
    used = ["kind", "editions_held", "revisions", "revisions_silent", "revised_cells"]
    panel = pd.read_csv(release / "data/panel.csv", usecols=used, dtype={"revised_cells": "string"})
    held = panel[panel["editions_held"].gt(0)]
    # `revisions` is empty where a report was fetched on one day only: it is not known then
    facts = pd.DataFrame(
        {
            "kind": held["kind"],
            "held": 1,
            "fetched_again": held["revisions"].notna(),
            "changed": held["revisions"].gt(0),
            "silently": held["revisions_silent"].gt(0),
            "cells": held["revised_cells"].str.split().str.len().fillna(0),
        }
    )
    result = facts.groupby("kind").sum().astype(int)
    result["changed_low"] = result["changed"] / result["held"]
    result["changed_high"] = (result["changed"] + result["held"] - result["fetched_again"]) / result["held"]
    return result.reset_index()


def main(release: Path, figure: Path) -> None:
    """Print the table and draw the figure."""
    rows = table(release)
    rows.round(3).to_csv(sys.stdout, index=False, lineterminator="\n")
    bars = [
        (f"{row.kind} ({row.held})", {"changed": row.changed_low, "not known": row.changed_high - row.changed_low})
        for row in rows.itertuples()
    ]
    draw(figure, "Reports changed after publication, by kind of agency (simulated)", ["changed", "not known"], bars)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
