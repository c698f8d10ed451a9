"""A list read over a certificate that does not hold proves no absence, until a person says that it was the portal's."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.projection.update import update
from archive.queries.verdict import status
from storage.home import Home
from tests.played import nianbao
from tests.projection.small_archive import Site, at, new_archive, report_page

JUSTICE, EDUCATION = "汶上县司法局", "汶上县教育局"
CHAIN = "5a" * 32
DAYS = ("2026-02-01 09:00", "2026-02-09 09:00")
TITLE = f"{EDUCATION}2025年政府信息公开工作年度报告"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two looks over an expired certificate that show the report of one body and not that of the other."""
    home = new_archive(tmp_path / "archive")
    site = Site(home)
    site.agency("sfj", JUSTICE)
    site.agency("jyj", EDUCATION)
    listing = site.column()
    site.fetch("2026-01-31 08:00", "1.html", report_page(EDUCATION, 2025), tls=f"expired sha256:{CHAIN}")
    for day in DAYS:
        site.look(day, listing, [("1.html", TITLE)], tls=f"expired sha256:{CHAIN}")
    update(home, workers=1)
    return home


def told(home: Home, agency: str, when: str) -> tuple[str, str, str]:
    update(home, workers=1)
    found = status(home, agency, 2025, as_of=at(when)).duty
    return str(found.status), str(found.evidence), found.reason


def test_nothing_is_missing_by_looks_of_which_nobody_knows_who_answered(home: Home) -> None:
    assert told(home, JUSTICE, "2026-03-01 09:00") == ("unknown", "none", "unverified")
    shown = status(home, JUSTICE, 2025, as_of=at("2026-03-01 09:00")).looks
    assert [look.reason for look in shown] == ["certificate:expired"] * 2
    assert {capture.tls for look in shown for capture in look.captures} == {f"expired sha256:{CHAIN}"}


def test_what_is_shown_is_shown_all_the_same(home: Home) -> None:
    assert told(home, EDUCATION, "2026-03-01 09:00")[0] == "on_time"
    for command in ("show", "cite"):
        printed = nianbao(command, EDUCATION, "2025", archive=home.path, now="2026-03-01T09:00:00+08:00").out
        assert f"over a certificate that does not hold: expired sha256:{CHAIN}" in printed


def test_a_person_who_knows_the_certificate_rules_so(home: Home) -> None:
    archive, now = home.path, "2026-03-02T09:00:00+08:00"
    look = status(home, JUSTICE, 2025, as_of=at("2026-03-01 09:00")).looks[0]
    printed = nianbao("show-capture", look.captures[0].id, archive=archive, now=now).out
    assert f"expired sha256:{CHAIN}" in printed
    words = ("--by", "archivist", "--reason", "the portal's own, it said by telephone")
    refused = nianbao("rule", "certificate", "6b" * 32, "holds=true", *words, archive=archive, now=now)
    assert (refused.code, "nothing came over" in refused.err) == (2, True)
    assert nianbao("rule", "certificate", CHAIN, "holds=true", *words, archive=archive, now=now).code == 0
    assert told(home, JUSTICE, "2026-03-01 09:00") == ("unknown", "none", "unverified")
    assert told(home, JUSTICE, "2026-03-02 10:00") == ("missing", "proven", "absent_twice")
