"""The Python entrance: it cannot write, and its answers are frames by choice in which a blank is missing, not 0."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from small_archive import SmallSite, new_archive, report_page
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from archive import Archive, open_archive
from archive.projection.update import update
from archive.queries.stored import open_projections
from nianbao import QueryError
from storage.errors import ReadOnlyError
from storage.home import open_home
from storage.observations import Observations
from storage.records import Ruling, RulingKind, Status

SFJ, CZJ = "汶上县司法局", "汶上县财政局"
TOTAL, BLANK = "applications.received.total", "applications.carried_in.total"


def build(path: Path) -> None:
    with new_archive(path) as home:
        site = SmallSite(home, first_year=2025)
        site.departments(sfj=SFJ, czj=CZJ)
        column = site.column()
        for day in ("2026-01-20", "2026-02-01", "2026-02-09", "2026-02-20"):
            site.look(f"{day} 09:00", column, [("nb/0.html", f"{SFJ}2025年政府信息公开工作年度报告")])
            page = report_page(SFJ, 2025, {TOTAL: 12, BLANK: 7002}).replace(b">7002<", b"><")
            site.fetch(f"{day} 09:01", "nb/0.html", page)
        update(home)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("opened") / "archive"
    build(folder)
    return folder


@pytest.fixture(scope="module")
def held(path: Path) -> Iterator[Archive]:
    with open_archive(path) as opened_archive:
        yield opened_archive


def files(folder: Path) -> dict[str, str]:
    """What lies in an archive, but for what SQLite keeps beside a file that somebody reads."""
    found = (one for one in folder.rglob("*") if one.is_file() and not one.name.endswith(("-shm", "-wal")))
    return {str(one): hashlib.sha256(one.read_bytes()).hexdigest() for one in found}


def every_question(held: Archive) -> Iterator[Any]:
    yield held.coverage("汶上县", years=[2025])
    yield held.missing(year=2025, place="汶上县")
    yield held.status(SFJ, 2025)
    yield held.show(SFJ, 2025)
    yield held.cite(SFJ, 2025)
    yield held.revisions()
    yield held.news(held.show(SFJ, 2025).edition.first_seen)
    yield held.series(TOTAL, BLANK, years=[2025])
    yield held.table(TOTAL, kind=["department"])
    yield held.rank(TOTAL, 2025, kind=["department"])
    yield held.compare(TOTAL, SFJ, CZJ)
    yield held.compare(TOTAL, [SFJ, CZJ])
    yield from (held.portals(), held.runs(), held.non_reports(), held.indicators("不予公开"))
    yield from (held.export(table) for table in ("duties", "cells"))


def test_no_question_changes_anything_and_every_answer_is_a_frame(path: Path) -> None:
    before = files(path)
    with open_archive(path) as held:
        for answer in every_question(held):
            one, other = answer.to_pandas(), answer.to_polars()
            assert list(one.columns) == other.columns
            assert len(one) == len(other)
            assert len(one.columns) == len(set(one.columns)) > 0
            # an archive of imitation portals: every frame says so, in each row and beside them
            assert (one.columns[-1], one.attrs["simulated"]) == ("simulated", True)
            assert datetime.fromisoformat(one.attrs["as_of"]).tzinfo is not None
    assert files(path) == before


def test_nothing_can_be_written_through_it(path: Path) -> None:
    with open_archive(path) as held:
        home = held.home
        ruling = Ruling(
            id="0" * 32, made_at=home.clock.now(), by="x", kind=RulingKind.WITHHOLD, subject="a" * 64, reason="x"
        )
        with pytest.raises(ReadOnlyError, match="opened for questions only"):
            Observations(home).add_ruling(ruling)
        store = open_projections(home)
        with pytest.raises(ReadOnlyError):
            store.set_meta("reader", "0")
        with store.read() as connection, pytest.raises(DBAPIError, match=r"read-?only"):
            connection.execute(text("DELETE FROM editions"))
        with pytest.raises(ReadOnlyError):
            update(home)
    with open_home(path) as home:
        assert Observations(home).rulings() == ()


def test_a_blank_is_missing_and_never_0(held: Archive) -> None:
    for frame in (
        held.series(TOTAL, BLANK, years=[2025]).to_pandas(),
        held.export("figures", TOTAL, BLANK).to_pandas(),
    ):
        values = frame[frame["value"].notna()]
        assert values["value"].tolist() == [12.0]
        assert frame["value"].dtype == "Float64"
        assert sorted(frame["state"]) == ["blank", "missing", "missing", "printed"]
        assert frame["value"].sum() == 12
    series = held.series(TOTAL, BLANK, years=[2025]).to_polars()
    assert series["value"].null_count() == 3
    assert series["value"].is_nan().sum() == 0


def test_an_identifier_that_a_page_prints_is_taken_in_place_of_agency_and_year(held: Archive) -> None:
    status = held.status(CZJ, 2025)
    identifier = held.cite(CZJ, 2025).address  # of an absence, as no report is held
    assert held.status(identifier).duty == held.status(CZJ, 2025, as_of=identifier[-10:]).duty
    assert held.cite_absence(identifier).address == identifier
    assert held.status("wsxczj", 2025).duty == status.duty  # a name that fits it alone
    assert [one["agency"] for one in held.export("duties", agency="wsxczj")] == [CZJ]
    assert held.status(f"nianbao:{CZJ}/2025").duty == status.duty
    assert held.status(identifier, as_of="2026-01-25").duty.status is Status.NOT_YET_DUE
    assert held.status(held.cite(SFJ, 2025).address).duty.agency.name == SFJ  # of an edition
    for agency, year in ((identifier, 2025), (CZJ, None), ("nianbao:x", None)):
        with pytest.raises(QueryError):
            held.status(agency, year)
    with pytest.raises(QueryError, match="must be one of: find"):
        held.page("status")


def test_codes_are_text_and_instants_bear_their_zone(held: Archive) -> None:
    import polars as pl

    frame, other = held.missing(2025).to_pandas(), held.missing(2025).to_polars()
    assert frame["agency"].tolist() == [CZJ]
    assert frame["division"].tolist() == ["370830"]
    assert frame["division"].dtype == "string"
    assert str(frame["last_absent"].dtype) == "datetime64[us, Asia/Shanghai]"
    assert frame["first_shown"].isna().all()
    assert frame["days_late"].dtype == "Int64"
    assert frame["due"].dt.strftime("%Y-%m-%d").tolist() == ["2026-01-31"]
    assert frame["list"].tolist() == ["duties"]
    assert other.schema["last_absent"] == pl.Datetime("us", "Asia/Shanghai")
    assert other.schema["due"] == pl.Date
