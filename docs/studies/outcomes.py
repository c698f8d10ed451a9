"""Compare outcomes of applications before and after the reform of 2019, for governments of counties.

``python outcomes.py RELEASE FIGURE.svg``: RELEASE is the folder of a release of the panel.
"""

import sys
from pathlib import Path

import pandas as pd
from bar_chart import draw

RESULTS = "joined.applications.result.total.total"
OUTCOMES = {
    "granted": "joined.applications.result.granted.total",
    "partial": "joined.applications.result.partial.total",
    "denied": "joined.derived.applications.denied_all.total",
    "not held": "joined.applications.result.unable.not_held.total",
}
NAMES = [*OUTCOMES.values(), RESULTS]


def table(release: Path) -> pd.DataFrame:
    """Return a row for each group of governments and each period."""
    used = ["agency_id", "level", "kind", "form", *(name + end for name in NAMES for end in ("", ".class", ".doubt"))]
    panel = pd.read_csv(release / "data/panel.csv", usecols=used, dtype={"form": "string"})
    counties = panel[panel["kind"].eq("government") & panel["level"].eq("county")]
    # only reports with all five numbers and no doubt: a sum with a gap is no sum
    read = counties[counties[NAMES].notna().all(axis=1)]
    read = read[read[[name + ".doubt" for name in NAMES]].eq(0).all(axis=1)]
    read = read.assign(period=read["form"].map(lambda form: "before" if form == "pre2019" else "after"))
    both = read.groupby("agency_id")["period"].transform("nunique").eq(2)
    return pd.concat([_shares(read, "all"), _shares(read[both], "in both periods")], ignore_index=True)


def _shares(read: pd.DataFrame, governments: str) -> pd.DataFrame:
    groups = read.groupby("period", sort=False)
    sums = groups[NAMES].sum().rename(columns={name: word for word, name in OUTCOMES.items()})
    shares = sums[[*OUTCOMES]].div(sums[RESULTS], axis=0)
    shares["other"] = 1 - shares.sum(axis=1)
    near = read[[name + ".class" for name in NAMES]].eq("near").any(axis=1)
    counts = groups.size().rename("reports").to_frame()
    counts["near"], counts["results"] = near.groupby(read["period"]).sum(), sums[RESULTS].astype(int)
    result = counts.join(shares).sort_index(ascending=False).reset_index()
    result.insert(0, "governments", governments)
    return result


def main(release: Path, figure: Path) -> None:
    """Print the table and draw the figure."""
    rows = table(release)
    rows.round(3).to_csv(sys.stdout, index=False, lineterminator="\n")
    parts = [*OUTCOMES, "other"]
    bars = [(f"{row['governments']}: {row['period']} 2019", row[parts].to_dict()) for _, row in rows.iterrows()]
    draw(figure, "Outcomes of applications, governments of counties (simulated)", parts, bars)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
