"""``agencies import`` and ``export``: what changes is shown before it is made, and an exported list changes nothing."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from small_archive import SmallSite, new_archive

from storage.home import open_home
from storage.records import Agency, AgencyKind
from storage.registry import Registry
from tests.played import nianbao


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with new_archive(tmp_path / "archive") as home:
        site = SmallSite(home)
        site.agency("gov", "汶上县人民政府", AgencyKind.GOVERNMENT)
        site.agency("sfj", "汶上县司法局", code="011370830", parent="wenshang/gov", aliases=("县司法局",))
        site.agency("odd", "=HYPERLINK(1)", guessed=True)
    return tmp_path / "archive"


def held(archive: Path) -> tuple[Agency, ...]:
    with open_home(archive) as home:
        return Registry(home).agencies()


def test_what_was_exported_changes_nothing_when_it_is_brought_in(archive: Path, tmp_path: Path) -> None:
    before, file = held(archive), tmp_path / "list.csv"
    assert nianbao("agencies", "export", str(tmp_path / "list.xlsx"), archive=archive).code == 2  # it would be a CSV
    assert "3 agencies written" in nianbao("agencies", "export", str(file), archive=archive).out
    done = nianbao("agencies", "import", str(file), "--yes", archive=archive)
    assert (done.code, done.out) == (0, "0 new, 0 changed, 3 unchanged\n")
    assert held(archive) == before


def test_changes_are_shown_field_by_field_and_only_made_when_asked_for(archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        "name,kind,code,valid_to,ended,source\n司法局,部门,B2,2025-12-31,撤销,http://a/\n汶上县新局,部门,,,,guessed\n",
        encoding="gb18030",
    )
    before = held(archive)
    words = ("agencies", "import", str(file), "--portal", "wenshang")
    shown = nianbao(*words, "--dry-run", archive=archive, code=0)
    assert shown.out.splitlines() == [
        "new: 汶上县新局 (department) - guessed",
        "changed: 汶上县司法局: code 011370830 -> B2; valid_to none -> 2025-12-31; source test -> import of list.csv: "
        "http://a/; ended none -> abolished",
        "not in the file: 汶上县人民政府、=HYPERLINK(1); left unchanged (to end an agency, give valid_to)",
        "1 new, 1 changed, 0 unchanged, 2 not in the file; nothing was changed (--dry-run)",
    ]
    assert held(archive) == before
    told = json.loads(nianbao(*words, "--json", archive=archive).out)
    assert {(row["change"], row["id"], row["field"]) for row in told} == {
        ("new", told[0]["id"], None),
        ("changed", "wenshang/sfj", "code"),
        ("changed", "wenshang/sfj", "valid_to"),
        ("changed", "wenshang/sfj", "source"),
        ("changed", "wenshang/sfj", "ended"),
        ("not_listed", "wenshang/gov", None),
        ("not_listed", "wenshang/odd", None),
    }
    assert len(held(archive)) == 4
    with open_home(archive) as home:
        assert len(Registry(home).agency_history("wenshang/sfj")) == 2


def test_a_name_that_could_mean_a_known_agency_waits_for_a_person(archive: Path, tmp_path: Path) -> None:
    """Two rows for one agency would call one of them missing every year."""
    file = tmp_path / "list.csv"
    for local, code, wanted in (
        ("", 1, "to check: 汶上县司法行政局: perhaps 汶上县司法局 (sfj); not taken in."),
        ("sfj", 0, "name 汶上县司法局 -> 汶上县司法行政局"),
        ("sfxzj", 0, "new: 汶上县司法行政局 (department)"),
    ):
        file.write_text(f"id,name,kind\n{local},汶上县司法行政局,部门\n", encoding="utf-8")
        done = nianbao("agencies", "import", str(file), "--portal", "wenshang", "--dry-run", archive=archive)
        assert (done.code, wanted in done.out) == (code, True), done.out
    # the list names both, as one of 汶上 did with 教体局 and 教育体育局, where the registry had 教育和体育局
    file.write_text("name,kind\n汶上县司法行政局,部门\n汶上县司法局,部门\n", encoding="utf-8")
    nianbao("agencies", "import", str(file), "--portal", "wenshang", archive=archive)
    assert len(held(archive)) == 3


def test_a_list_of_several_portals_says_whose_each_body_is(archive: Path, tmp_path: Path) -> None:
    with open_home(archive) as home:
        SmallSite(home, name="yiyuan", place="沂源县", division="370323").agency("sfj", "沂源县司法局")
    file = tmp_path / "all.csv"
    nianbao("agencies", "export", str(file), archive=archive)
    assert "4 unchanged" in nianbao("agencies", "import", str(file), "--yes", archive=archive).out
    one = nianbao("agencies", "import", str(file), "--portal", "yiyuan", archive=archive)
    assert one.out == "0 new, 0 changed, 1 unchanged\n"
    file.with_suffix(".csv").write_text("name,kind\n甲局,部门\n", encoding="utf-8")
    unsaid = nianbao("agencies", "import", str(file.with_suffix(".csv")), archive=archive)
    assert (unsaid.code, "give --portal NAME" in unsaid.err) == (2, True)


def test_agencies_of_a_portal_that_was_never_crawled_are_found_and_unknown(archive: Path, tmp_path: Path) -> None:
    """Their portal is registered with them: ``find`` ended with a KeyError."""
    file = tmp_path / "list.csv"
    file.write_text("portal,name,kind\njiyuan,济源市司法局,部门\n", encoding="utf-8")
    nianbao("agencies", "import", str(file), archive=archive)
    assert "济源市司法局  jiyuan/" in nianbao("find", "济源市司法局", archive=archive).out
    assert "It is not known where" in nianbao("status", "济源市司法局", "2024", archive=archive).out


def workbook(path: Path, rows: list[list[object]], *, first: str = "说明") -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet(first).write_string(0, 0, "2026年单位名单")
        sheet = book.add_worksheet("名单")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, cells in enumerate(rows, 1):
            for col, cell in enumerate(cells):
                sheet.write(number, col, cell, day if isinstance(cell, float) else None)
    return path


def test_a_workbook_as_an_office_fills_it_in_is_read(archive: Path, tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "x.xlsx", [["机关名称", "类别", "设立日期"], ["汶上县审计局", "部门", 36955.0], [None, None, None]]
    )
    done = nianbao("agencies", "import", str(file), "--portal", "wenshang", archive=archive)
    assert "1 new" in done.out, done.err
    (found,) = [one for one in held(archive) if one.name == "汶上县审计局"]
    assert str(found.valid_from) == "2001-03-05"


def test_what_is_no_list_or_too_large_is_refused_before_anything_is_changed(archive: Path, tmp_path: Path) -> None:
    empty = workbook(tmp_path / "no.xlsx", [["甲", "乙"]])
    torn = tmp_path / "torn.xlsx"
    torn.write_bytes(empty.read_bytes()[:400])
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as stream:
        stream.truncate((16 << 20) + 1)
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(empty) as source, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data.replace(b"</sheetData>", b" " * (80 << 20) + b"</sheetData>"))
    for file, words in (
        (empty, "no visible sheet has the columns name and kind"),
        (torn, "cannot be read as a workbook"),
        (huge, "huge.csv is larger than 16 MB"),
        (bomb, "cannot be read as a workbook (too_large)"),
        (tmp_path / "none.csv", "No such file"),
    ):
        done = nianbao("agencies", "import", str(file), "--portal", "wenshang", archive=archive, code=2)
        assert words in done.err
        assert "nothing was changed" in done.err
