"""Exports have the shapes that other programs are written against."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from small_archive import Site, new_archive, report_page, title

from archive.projection.update import update
from nianbao.python_api import Archive
from storage.home import Home
from storage.records import AgencyKind, CaptureOutcome, CaptureRole, EvidenceGrade, Status

SFJ = "汶上县司法局"
PROMISED_OF_DUTIES = (
    *("portal", "host", "division", "agency", "kind", "year", "due", "status", "evidence", "reason", "first_shown"),
    *("last_absent", "absent_as_of", "declared", "witnesses", "withdrawn", "urls", "editions", "findings"),
)
PROMISED_OF_LEADS = ["portal", "listing", "title", "url", "listed_date", "agency", "year", "is_report", "confidence"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with new_archive(tmp_path_factory.mktemp("export") / "archive") as home:
        site = Site(home, first_year=2025)
        site.departments(sfj=SFJ, czj="汶上县财政局")
        site.agency("gcz", "汶上县郭仓镇人民政府", AgencyKind.TOWNSHIP)
        site.agency("mzj", "汶上县民政局")
        column = site.column(covers=(AgencyKind.DEPARTMENT, AgencyKind.TOWNSHIP))
        links = [
            ("nb/t20260119_1.html", title(SFJ, 2025), "2026-01-20"),
            ("nb/3.html", title("汶上县民政局", 2025)),
            ("nb/9.html", "=HYPERLINK(1)"),
        ]
        site.look("2026-01-25 09:00", column, links)
        body = f"<html><title>x</title><body><h1>{title(SFJ, 2025)}</h1><a href='1.htm'>附件.htm</a></body></html>"
        page = site.fetch("2026-01-25 09:01", "nb/t20260119_1.html", body.encode())
        part = report_page(SFJ, 2025)
        site.fetch("2026-01-25 09:02", "nb/1.htm", part, role=CaptureRole.ATTACHMENT, via=page.id)
        site.fetch("2026-01-25 09:03", "nb/3.html", None, outcome=CaptureOutcome.UNREACHABLE)
        for when in ("2026-02-01 09:00", "2026-02-09 09:00", "2026-02-20 09:00"):
            site.look(when, column, links[1:])
        update(home)
        yield home


def exported(home: Home, table: str, fmt: str = "jsonl") -> str:
    place = home.path.parent / f"{table}.{fmt}"
    Archive(home).export(table).write(place)
    return place.read_text(encoding="utf-8")


def objects(home: Home, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in exported(home, table).splitlines()]


def test_duties_hold_what_is_promised(home: Home) -> None:
    rows = {row["agency"]: row for row in objects(home, "duties")}
    assert len(rows) == 4
    for row in rows.values():
        assert set(PROMISED_OF_DUTIES) <= set(row)
        assert row["status"] in set(Status)
        assert row["evidence"] in set(EvidenceGrade)
    row = rows[SFJ]
    assert (row["portal"], row["host"], row["division"]) == ("wenshang", "www.wenshang.gov.cn", "370830")
    assert (row["kind"], row["year"], row["due"]) == ("department", 2025, "2026-01-31")
    assert (row["status"], row["evidence"], row["declared"]) == ("on_time", "proven", "2026-01-20")
    assert row["first_shown"] == "2026-01-25T09:00:00+08:00"
    assert [url.rpartition("/")[2] for url in row["urls"]] == ["t20260119_1.html", "1.htm"]
    [edition] = row["editions"]
    assert {"id", "first_seen", "last_seen", "content_digest", "captures"} <= set(edition)
    assert len(edition["captures"]) == 2
    assert {witness["origin"] for witness in row["witnesses"]} == {"url", "listing"}


def test_leads_hold_what_is_promised(home: Home) -> None:
    rows = objects(home, "leads")
    assert all(set(PROMISED_OF_LEADS) <= set(row) for row in rows)
    found = {row["url"].rpartition("/")[2]: row for row in rows}
    assert (found["t20260119_1.html"]["agency"], found["t20260119_1.html"]["year"]) == (SFJ, 2025)
    assert found["t20260119_1.html"]["listed_date"] == "2026-01-20"
    assert found["t20260119_1.html"]["is_report"] is True
    assert found["9.html"]["is_report"] is False
