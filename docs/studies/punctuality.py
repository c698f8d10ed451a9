"""Count how many reports were not on time, by level and year, with bounds.

``python punctuality.py RELEASE FIGURE.svg``: RELEASE is the folder of a release of the panel.
"""

import sys
from pathlib import Path

import pandas as pd
from bar_chart import draw

DAYS = ["days_late_least", "days_late_most"]
OPEN = ["undetermined", "unknown", "elsewhere"]  # statuses that leave open whether a report was on time


def table(release: Path) -> pd.DataFrame:
    """Return a row for each level and year."""
    panel = pd.read_csv(release / "data/panel.csv", usecols=["level", "year", "due", "status", *DAYS])
    owed = panel["due"].notna() & ~panel["status"].isin(["not_expected", "not_yet_due"])
    counts = panel[owed].groupby(["level", "year"])["status"].value_counts().unstack(fill_value=0)
    counts = counts.reindex(columns=["on_time", "late", "missing", *OPEN], fill_value=0)
    result = counts[["on_time", "late", "missing"]].assign(open=counts[OPEN].sum(axis=1))
    result.insert(0, "reports", counts.sum(axis=1))
    result["not_on_time_low"] = (result["late"] + result["missing"]) / result["reports"]
    result["not_on_time_high"] = 1 - result["on_time"] / result["reports"]
    late = panel[owed & panel["status"].eq("late")]
    # half of the late reports are late by at least the first number of days, and half by at most the second
    return result.join(late.groupby(["level", "year"])[DAYS].median()).reset_index()


def main(release: Path, figure: Path) -> None:
    """Print the table and draw the figure."""
    rows = table(release)
    rows.round(3).to_csv(sys.stdout, index=False, lineterminator="\n")
    bars = [
        (
            f"{row.level} {row.year}",
            {"not on time": row.not_on_time_low, "not known": row.not_on_time_high - row.not_on_time_low},
        )
        for row in rows.itertuples()
    ]
    draw(figure, "Reports not on time, by level and year (simulated)", ["not on time", "not known"], bars)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
