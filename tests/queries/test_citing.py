"""Citations: an address means the same edition and cell after a rebuild and on another machine, whatever was added."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from small_archive import Site, new_archive, report_page

from archive.exports.citations import bibtex, gbt7714
from archive.projection.update import update
from archive.queries.bounds import NotKnownError
from archive.queries.citing import parse
from nianbao.python_api import Archive
from storage.home import Home
from storage.records import RulingKind
from storage.registry import Registry

SFJ = "汶上县司法局"
TOTAL = "applications.received.total"
PATH = "nb/t20260205_1.html"


def page(total: int) -> bytes:
    cells = {"applications.received.natural_person": total, TOTAL: total}
    return report_page(SFJ, 2025, cells, published="2026-02-05")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Three editions: 3, then 4, then 3 again."""
    with new_archive(tmp_path / "archive") as home:
        site = Site(home, first_year=2025)
        site.agency("sfj", SFJ)
        column = site.column()
        link = [(PATH, f"{SFJ}2025年政府信息公开工作年度报告", "2026-02-05")]
        for day, total in (("2026-02-09", 3), ("2026-03-09", 4), ("2026-03-20", 3)):
            site.look(f"{day} 09:00", column, link)
            site.fetch(f"{day} 09:01", PATH, page(total))
        update(home)
        yield home


def test_a_figure_is_cited_with_its_bytes(home: Home) -> None:
    found = Archive(home).cite(SFJ, 2025, edition="1", cell=TOTAL)
    assert re.fullmatch(rf"nianbao:{SFJ}/2025@[0-9a-f]{{12}}#{TOTAL}", found.address)
    assert found.cell is not None
    assert found.cell.value == 3
    assert found.record is not None
    assert found.digest == found.record.document
    assert gbt7714(found) == (
        f"{SFJ}. （演示数据 SIMULATED）{SFJ}2025年政府信息公开工作年度报告[R/OL]. (2026-02-05)[2026-02-09]. "
        f"http://www.wenshang.gov.cn/{PATH}. 存档: {found.address}, SHA-256 {found.digest}."
    )
    assert gbt7714(replace(found, simulated=False)).startswith(f"{SFJ}. {SFJ}2025年")
    assert "  year = {2026},\n" in bibtex(found)
    assert f"\\url{{http://www.wenshang.gov.cn/{PATH}}}" in bibtex(found)


def test_an_address_outlives_the_name_of_its_agency(tmp_path: Path) -> None:
    with new_archive(tmp_path / "renamed") as home:
        site = Site(home, first_year=2025)
        agency = site.agency("sfj", SFJ)
        site.ask("2026-02-09 09:00", site.addressed(agency, 2025), page(3))
        update(home)
        before = Archive(home).cite(SFJ, 2025, cell=TOTAL)
        later = agency.recorded_at + timedelta(days=1)
        Registry(home).put_agencies([replace(agency, name="汶上县法治局", recorded_at=later)])
        site.rule("2026-03-01 09:00", RulingKind.BINDING, before.record.url, agency=agency.id, year=2025)  # type: ignore[union-attr]
        update(home)
        after = Archive(home).cite(before.address)
        assert (after.agency, after.digest, after.cell) == ("汶上县法治局", before.digest, before.cell)
        assert Archive(home).cite(after.address).digest == before.digest
        with pytest.raises(NotKnownError, match="has no cell"):
            Archive(home).cite(before.address.replace(TOTAL, "no.such"))


@pytest.mark.parametrize(
    "text",
    [
        "nianbao:",
        "nianbao:x/2025",
        f"nianbao:{SFJ}/2025@xyz123",
        f"nianbao:{SFJ}/25@abcdef",
        "汶上县司法局",
        "nianbao:a\n/2025@abcdef",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a citation address"):
        parse(text)


def test_what_is_not_held_is_told_with_what_is(home: Home) -> None:
    archive = Archive(home)
    held = archive.cite(SFJ, 2025).address
    with pytest.raises(NotKnownError, match="no edition 000000000000 of") as told:
        archive.cite(f"nianbao:{SFJ}/2025@{'0' * 12}")
    assert held in told.value.suggestions
    with pytest.raises(NotKnownError, match=r"s 2012 report"):
        archive.cite(f"nianbao:{SFJ}/2012@{'0' * 12}")
    with pytest.raises(NotKnownError, match=r"belongs to another archive.*Did you mean: .*汶上县司法局"):
        archive.cite(f"nianbao:汶上县司法/2025@{'0' * 12}")
    with pytest.raises(NotKnownError, match=r"has no cell 'applications.recieved.totl'.*Did you mean: .*received"):
        archive.cite(SFJ, 2025, cell="applications.recieved.totl")
    with pytest.raises(NotKnownError, match=f"Did you mean: .*{TOTAL}"):
        archive.cite(SFJ, 2025, cell="applications.total")
    with pytest.raises(ValueError, match="needs a reporting year"):
        archive.cite(SFJ)


def test_a_hostile_title_cannot_leave_its_field(home: Home) -> None:
    found = Archive(home).cite(SFJ, 2025)
    assert found.record is not None
    url = "http://www.wenshang.gov.cn/a}\\input{/etc/passwd}%41 b"
    evil = replace(found, title="报告}}, evil={\\input{x}} $%&~^", record=replace(found.record, url=url))
    entry = bibtex(evil)
    assert entry.count("\n") == 7
    assert entry.count("{") == entry.count("}")
    assert all(line.count("{") == line.count("}") for line in entry.splitlines()[1:-1])
    assert "\\input" not in entry
    assert "evil={" not in entry
