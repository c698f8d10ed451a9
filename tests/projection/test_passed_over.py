"""A printed day is not believed against a look, read in part, that showed others' reports of the year and not this."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.exports.duty_and_lead_rows import duty_rows
from archive.projection.update import update
from storage.records import LookOutcome
from tests.projection.small_archive import Site, at, new_archive, report_page


def title(name: str, year: int = 2025) -> str:
    return f"{name}{year}年政府信息公开工作年度报告"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ([("2.html", title("汶上县财政局"), "2026-01-20")], ("undetermined", "conflict", "dates_conflict")),
        ([("3.html", title("汶上县财政局", 2024), "2025-01-20")], ("on_time", "claimed", "dated_in_time")),
        ([], ("on_time", "claimed", "dated_in_time")),
    ],
    ids=["another body of the year", "another body of another year", "nobody"],
)
def test_a_back_dated_report(tmp_path: Path, shown: list[tuple[str, str, str]], expected: tuple[str, ...]) -> None:
    site = Site(new_archive(tmp_path / "archive"))
    site.agency("sfj", "汶上县司法局")
    site.agency("czj", "汶上县财政局")
    listing = site.column()
    site.look("2026-02-02 09:00", listing, shown, LookOutcome.PARTIAL)
    whole = [("2.html", title("汶上县财政局"), "2026-01-20"), ("1.html", title("汶上县司法局"), "2026-01-22")]
    site.look("2026-02-12 09:00", listing, whole)
    for path, name in (("1.html", "汶上县司法局"), ("2.html", "汶上县财政局")):
        site.fetch("2026-02-12 09:05", path, report_page(name, 2025, published="2026-01-22"))
    update(site.home, workers=1)
    rows = duty_rows(site.home, as_of=at("2026-02-13 09:00"))
    row = next(row for row in rows if (row["agency"], row["year"]) == ("汶上县司法局", 2025))
    assert (row["status"], row["evidence"], row["reason"]) == expected
    assert ("date_conflict" in row["findings"]) is (expected[0] == "undetermined")
