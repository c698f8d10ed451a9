"""Draws docs/coverage.svg from the demo's archive: ``python scripts/picture.py demo-archive``."""

import re
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from archive.queries.overview import coverage
from archive.queries.where import Where
from nianbao.cli.answers.duties import painted, sign
from storage.home import open_home


def main(folder: str) -> None:
    """Draw two portals; the picture names no font host."""
    console = Console(record=True, width=122, file=Path("/dev/null").open("w"))  # noqa: SIM115 - ends with the process
    table = Table(
        title="nianbao coverage --years 2022-2025  (imitation portals: the events are invented)", title_justify="left"
    )
    with open_home(Path(folder)) as home:
        for place in ("汶上县", "尧都区"):
            found = coverage(home, Where(place=place), years=[2022, 2023, 2024, 2025])
            if not table.columns:
                for title in ("agency", *map(str, found.years)):
                    table.add_column(title)
            for row in found.rows:
                cells = [row.cells[year] for year in found.years]
                shown = (Text(sign(c), painted(sign(c))) for c in cells)
                table.add_row(row.agency.name, *shown)
    console.print(table)
    svg = console.export_svg(title="nianbao")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    # Chinese glyphs take their natural width; a text length made for Latin ones would squeeze them
    svg = re.sub(r' textLength="[^"]*"(?=[^>]*>[^<]*[\u4e00-\u9fff])', "", svg)
    Path("docs/coverage.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
