"""Tables of an archive as files: what stands in them, what stands beside them, and what is never in them."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from small_archive import SmallSite, at, report_page, title

from archive.assessment.measures import measures
from archive.exports.writing import NotWritableError, safe_folder, safe_place
from archive.forms.loader import form
from archive.projection.update import update
from archive.queries.reports import show
from nianbao.answer_tables import sheet_of_answer
from nianbao.cli.commands import export as exporting
from nianbao.python_api import Archive
from nianbao.questions import question
from storage.home import Home
from storage.observations import Observations
from storage.records import AgencyKind, CaptureRole, EvidenceGrade, Run, Status
from tests.case_tables import read_cases
from tests.played import nianbao

SFJ, CZJ = "汶上县司法局", "汶上县财政局"
TOTAL = "applications.received.total"
BLANK, MARK, GONE = (
    "applications.carried_in.total",
    "applications.carried_out.total",
    "proactive.admin_coercion.decided",
)
SECRET = "申请人张三电话13812345678。"


def odd_page() -> bytes:
    """A report with a blank, a mark, a text, an amount, and a row that is not printed."""
    cells = {TOTAL: 7001, BLANK: 7002, MARK: 7003, GONE: 7004, "applications.received.research": 7005}
    page = report_page(SFJ, 2025, cells, text=SECRET).decode()
    page = (
        page.replace(">7002<", "><").replace(">7003<", ">/<").replace(">7005<", ">-1.5(注)<").replace(">7001<", ">12<")
    )
    return re.sub(r"<tr>(?:(?!</tr>).)*>7004<.*?</tr>", "", page).encode()


def play(home: Home) -> None:
    site = SmallSite(home, first_year=2025)
    site.departments(sfj=SFJ, czj=CZJ)
    column = site.column()
    links = [(f"nb/{at}.html", title(name)) for at, name in enumerate((SFJ, CZJ))]
    for day, total in (("2026-01-20", 3), ("2026-03-09", 4)):
        site.look(f"{day} 09:00", column, links)
        site.fetch(f"{day} 09:01", "nb/0.html", odd_page())
        site.fetch(f"{day} 09:02", "nb/1.html", report_page(CZJ, 2025, {TOTAL: total}))


def rows_of(home: Home, table: str, *names: str, **more: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in Archive(home).export(table, *names, **more)]


def test_every_cell_is_the_one_that_is_shown(home: Home) -> None:
    found = rows_of(home, "cells", agency="司法局")
    assert [row["indicator"] for row in found] == list(form("2021").places)
    by_id = {row["indicator"]: row for row in found}
    for cell in show(home, SFJ, 2025).cells:
        row = by_id.pop(cell.id)
        place = (row["section"], row["form_row"], row["form_column"], row["unit"])
        assert place == (cell.section, cell.row, cell.column, cell.unit)
        assert row["label_en"] == measures()[cell.id].en
        assert (row["value"], row["raw"], row["flags"]) == (cell.value, cell.raw, list(cell.flags))
    assert by_id
    assert {row["state"] for row in by_id.values()} == {"not_printed"}


def test_blank_mark_text_and_not_printed_are_four_things(home: Home) -> None:
    states = {row["indicator"]: (row["value"], row["state"]) for row in rows_of(home, "cells", agency="司法局")}
    assert states[TOTAL] == (Decimal(12), "printed")
    assert states[BLANK] == (None, "blank")
    assert states[MARK] == (None, "mark")
    assert states[GONE] == (None, "not_printed")
    assert states["applications.received.research"] == (None, "text")
    (wide,) = rows_of(home, "cells", agency="司法局", wide=True)
    for name, (value, state) in states.items():
        assert (wide[name], wide[f"{name}.state"]) == (value, state)
    asked = ("derived.applications.denied_all.total", BLANK)
    (figures,) = rows_of(home, "figures", *asked, agency="司法局", wide=True)
    assert (figures[f"{asked[0]}.state"], figures[f"{BLANK}.state"]) == ("computed", "blank")


def test_editions_say_which_one_stands_and_an_earlier_instant_knows_no_later_one(home: Home) -> None:
    found = [(row["agency"], row["is_last"]) for row in rows_of(home, "editions")]
    assert found == [(CZJ, False), (CZJ, True), (SFJ, True)]
    then = datetime.fromisoformat("2026-02-01T00:00:00+08:00")
    (earlier,) = rows_of(home, "editions", agency="财政局", as_of=then)
    assert (earlier["is_last"], earlier["captures"]) == (True, 1)
    values = [row["value"] for row in rows_of(home, "figures", TOTAL, agency="财政局", as_of=then)]
    assert values == [3]
    [line] = rows_of(home, "figures", TOTAL, agency="司法局")
    assert (line["label"], line["label_en"]) == (measures()[TOTAL].zh, measures()[TOTAL].en)
    (revised,) = rows_of(home, "revisions")
    assert (revised["agency"], revised["cells_changed"]) == (CZJ, 1)


def run(home: Home, **more: Any) -> None:
    exporting.export_command("cells")(archive=home.path, **more)


def test_beside_a_file_stand_its_dictionary_and_descriptor(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "out" / "cells.csv"
    path.parent.mkdir()
    run(home, indicator=[TOTAL], output=path, bom=True, licence="CC0-1.0")
    assert sorted(one.name for one in path.parent.iterdir()) == [
        "cells.csv", "cells.csv.datapackage.json", "cells.csv.dictionary.csv"
    ]  # fmt: skip
    package = json.loads((path.parent / "cells.csv.datapackage.json").read_text(encoding="utf-8"))
    (resource,) = package["resources"]
    assert resource["hash"] == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    assert (resource["bytes"], resource["rows"]) == (path.stat().st_size, 3)
    assert resource["schema"]["primaryKey"] == ["edition", "indicator"]
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        head = next(reader)
        lines = list(reader)
    assert head == [one["name"] for one in resource["schema"]["fields"]]
    assert len(lines) == 3
    assert package["licenses"] == [{"name": "CC0-1.0"}]
    assert package["sources"] == [{"title": "汶上县 wenshang", "path": "http://www.wenshang.gov.cn/"}]
    assert package["nianbao"]["simulated"] is True
    with (path.parent / "cells.csv.dictionary.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["column"] for row in csv.DictReader(stream)] == head


@pytest.mark.parametrize("is_real", [False, True])
def test_only_tables_of_imitation_portals_say_in_each_row_that_they_are(
    home: Home, is_real: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CSV from ``make demo`` was passed on under another name, and nothing in it said that it was invented."""
    monkeypatch.setattr(home, "simulated", not is_real)
    marks = [row.get("simulated") for name in ("duties", "panel") for row in rows_of(home, name)]
    assert set(marks) == {None if is_real else True}
    by_question = sheet_of_answer(home, question("missing"), Archive(home).missing(2025))
    assert [one.name for one in by_question.columns].count("simulated") == (not is_real)


def test_nothing_is_written_over_the_archive_itself(home: Home, tmp_path: Path) -> None:
    before = (home.path / "archive.sqlite").read_bytes()
    (tmp_path / "link.csv").symlink_to(home.path / "archive.sqlite")
    (tmp_path / "circle.csv").symlink_to(tmp_path / "circle.csv")
    nowhere = (tmp_path / "not" / "there" / "x.csv", tmp_path / "circle.csv", tmp_path / ("x" * 5000 + ".csv"))
    ours = (home.path / "archive.sqlite", home.path / "warc" / "x.csv", tmp_path / "link.csv")
    for place in (*ours, *nowhere, tmp_path, Path("/dev/null")):
        with pytest.raises(NotWritableError):
            safe_place(home, place)
        with pytest.raises(NotWritableError):
            run(home, output=place, fmt="csv")
    for place in (home.path / "warc" / "release", tmp_path / "not" / "release"):
        with pytest.raises(NotWritableError):
            safe_folder(home, place)
    assert not (tmp_path / "not").exists()
    assert safe_folder(home, home.path / "releases" / "x").name == "x"
    assert safe_place(home, home.path / "exports" / "x.csv").name == "x.csv"
    assert (home.path / "archive.sqlite").read_bytes() == before


def test_what_a_ruling_withholds_is_in_no_table(home: Home) -> None:
    nianbao("withhold", SFJ, "2025", "--by", "archivist", "--reason", "asked for", archive=home.path, code=0)
    assert {row["agency"] for row in rows_of(home, "cells")} == {CZJ}
    (edition,) = (row for row in rows_of(home, "editions") if row["agency"] == SFJ)
    assert edition["withheld"] is True
    held = {
        name for name in ("url", "record", "warc_file", "document", "content_digest", "track", "form") if edition[name]
    }
    assert held == set()
    (figure,) = (row for row in rows_of(home, "figures", TOTAL) if row["agency"] == SFJ)
    assert (figure["value"], figure["state"], figure["url"]) == (None, "withheld", None)
    (wide,) = (row for row in rows_of(home, "cells", TOTAL, wide=True) if row["agency"] == SFJ)
    assert (wide[TOTAL], wide[f"{TOTAL}.state"], wide["doubted_cells"]) == (None, "withheld", [])
    said = [row for row in rows_of(home, "findings") if row["agency"] == SFJ]
    assert all(row["zh"] == "（已隐藏）" and row["found"] is None for row in said if row["subject_kind"] != "duty")
    assert [row["gap"] for row in rows_of(home, "gaps") if row["gap"] == "withheld"] == ["withheld"]


# ------------------------------------------------------------------------------------------------ what is promised


def objects(home: Home, table: str) -> list[dict[str, Any]]:
    place = home.path.parent / f"{table}.jsonl"
    Archive(home).export(table).write(place)
    return [json.loads(line) for line in place.read_text(encoding="utf-8").splitlines()]


def test_duties_and_leads_hold_what_other_programs_are_written_against(own: Home) -> None:
    site = SmallSite(own, first_year=2025)
    site.departments(sfj=SFJ, czj=CZJ, mzj="汶上县民政局")
    site.agency("gcz", "汶上县郭仓镇人民政府", AgencyKind.TOWNSHIP)
    column = site.column(covers=(AgencyKind.DEPARTMENT, AgencyKind.TOWNSHIP))
    links = [("nb/t20260119_1.html", title(SFJ), "2026-01-20"), ("nb/9.html", "=HYPERLINK(1)")]
    site.look("2026-01-25 09:00", column, links)
    body = f"<html><title>x</title><body><h1>{title(SFJ)}</h1><a href='1.htm'>附件.htm</a></body></html>"
    page = site.fetch("2026-01-25 09:01", "nb/t20260119_1.html", body.encode())
    site.fetch("2026-01-25 09:02", "nb/1.htm", report_page(SFJ, 2025), role=CaptureRole.ATTACHMENT, via=page.id)
    for when in ("2026-02-01 09:00", "2026-02-09 09:00", "2026-02-20 09:00"):
        site.look(when, column, links[1:])
    update(own)
    rows = {row["agency"]: row for row in objects(own, "duties")}
    assert len(rows) == 4
    for row in rows.values():
        assert set(read_cases(__file__, "promised_of_duties")) <= set(row)
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
    leads = objects(own, "leads")
    assert all(set(read_cases(__file__, "promised_of_leads")) <= set(lead) for lead in leads)
    found = {lead["url"].rpartition("/")[2]: lead for lead in leads}
    report = found["t20260119_1.html"]
    assert (report["agency"], report["year"], report["listed_date"]) == (SFJ, 2025, "2026-01-20")
    assert (report["is_report"], found["9.html"]["is_report"]) == (True, False)


def test_a_report_that_a_person_brought_in_has_its_address_although_no_time_is_proven(home: Home) -> None:
    site = SmallSite(home, "byhand", first_year=2025)
    site.departments(sfj=SFJ)
    by_hand = Run(id="b" * 32, portal=site.name, purpose="import", started=at("2026-01-20 09:00"))
    Observations(home).start_run(by_hand)
    site.fetch("2026-01-20 09:01", "nb/0.html", report_page(SFJ, 2025, {TOTAL: 3}), run=by_hand)
    update(home)
    duty = next(one for one in rows_of(home, "duties") if one["portal"] == site.name)
    assert (duty["first_shown"], duty["urls"]) == (None, [site.url("nb/0.html")])
