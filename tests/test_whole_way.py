"""Loopback portals → crawl → keep → read → late and missing, by commands only, against one ground truth."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imitation.scenario import load
from tests.played import PORTALS, copy_of, nianbao


@pytest.fixture(scope="module")
def duties(played: Path) -> dict[str, dict[str, object]]:
    rows = nianbao("export", "duties", archive=played, code=0).rows()
    return {f"{row['agency_id']}/{row['year']}": row for row in rows}


def test_every_stated_duty_has_the_status_that_the_ground_truth_demands(duties: dict[str, dict[str, object]]) -> None:
    wrong = []
    expected = {key: want for key, want in load().expected().items() if key.partition("/")[0] in PORTALS}
    for key, want in expected.items():
        got = duties.get(key)
        if got is None:
            wrong.append(f"{key}: no duty")
            continue
        if got["status"] != want.status or (want.evidence and got["evidence"] != want.evidence):
            wrong.append(
                f"{key}: {got['status']}/{got['evidence']}, must be {want.status}/{want.evidence}: {got['sentence']}"
            )
        lacking = set(want.findings) - set(got["findings"])  # type: ignore[call-overload]
        if lacking:
            wrong.append(f"{key}: lacks findings {sorted(lacking)}, has {got['findings']}")
    assert len(expected) > 100
    assert not wrong, "\n".join(wrong)


def test_nobody_is_accused_who_published(duties: dict[str, dict[str, object]]) -> None:
    published = {report.key for report in load().reports() if report.periods}
    accused = {key for key, row in duties.items() if row["status"] in {"missing", "not_found"}}
    held = {key for key in accused & published if not duties[key]["withdrawn"]}
    assert not held


def test_a_portal_that_was_down_says_so_and_accuses_nobody(played: Path) -> None:
    said = (played.parent / "crawl-0201.txt").read_text(encoding="utf-8")
    assert said.startswith("1\n")
    assert "yaodu\tunreachable" in said
    as_of = nianbao("missing", "2025", "--portal", "yaodu", "--as-of", "2026-02-02", "--json", archive=played)
    assert json.loads(as_of.out) == []


def test_only_what_was_revised_has_a_second_edition(duties: dict[str, dict[str, object]]) -> None:
    """Counters, tokens, dates of the day and related links change on every fetch of these portals."""
    several = {key for key, row in duties.items() if len({e["content_digest"] for e in row["editions"]}) > 1}  # type: ignore[attr-defined]
    assert several == set(load().revised())


def test_a_ruling_changes_what_it_names(played: Path, tmp_path: Path) -> None:
    copy, now = copy_of(played, tmp_path / "copy"), "2026-04-02T09:00:00+08:00"

    def statuses() -> dict[object, object]:
        rows = nianbao("export", "duties", archive=copy, now=now).rows()
        return {(row["agency_id"], row["year"]): row["status"] for row in rows}

    before, by = statuses(), ("--by", "archivist", "--reason", "reports in its own system")
    nianbao("rule", "duty", "济源市公安局/2025", "status=not_expected", *by, archive=copy, now=now, code=0)
    now = "2026-04-02T10:00:00+08:00"
    after = statuses()
    assert {key: after[key] for key in before if before[key] != after[key]} == {("jiyuan/gaj", 2025): "not_expected"}
