"""Lists of agencies as operators write them: what each column means, and what is refused with its line."""

from __future__ import annotations

from datetime import date

import pytest
from identity_making import NOW, agency

from archive.identity.agency_csv import AgencyListError, parse_agencies
from storage.records import Agency, AgencyKind

HEAD = "id,name,kind,code,parent,valid_from,valid_to,aliases,source\n"


def parsed(text: str, known: dict[str, Agency] | None = None) -> tuple[Agency, ...]:
    return parse_agencies(text, portal="wenshang", origin="list.csv", now=NOW, known=known)


def test_every_column_is_read() -> None:
    [found] = parsed(
        HEAD
        + " sfj , 汶上县司法局 , 部门 , A1 , gov , 2019-01-01 , 2024-12-31 , 县司法局 | 司法局 || , http://a.gov.cn/ \n"
    )
    assert found == Agency(
        id="wenshang/sfj",
        portal="wenshang",
        name="汶上县司法局",
        kind=AgencyKind.DEPARTMENT,
        code="A1",
        parent="wenshang/gov",
        valid_from=date(2019, 1, 1),
        valid_to=date(2024, 12, 31),
        aliases=("县司法局", "司法局"),
        source="list.csv: http://a.gov.cn/",
        guessed=False,
        recorded_at=NOW,
    )


def test_columns_left_blank_say_nothing() -> None:
    [found] = parsed("id,name,kind\nsfj,汶上县司法局,department\n")
    assert (found.code, found.parent, found.valid_from, found.valid_to, found.aliases) == (None, None, None, None, ())
    assert (found.source, found.guessed) == ("list.csv: ", True)


@pytest.mark.parametrize(
    ("printed", "kind"),
    [
        ("政府", AgencyKind.GOVERNMENT),
        ("办公室", AgencyKind.OFFICE),
        ("部门", AgencyKind.DEPARTMENT),
        ("乡镇", AgencyKind.TOWNSHIP),
        ("街道", AgencyKind.SUBDISTRICT),
        ("其他", AgencyKind.OTHER),
        ("Government", AgencyKind.GOVERNMENT),
        ("OTHER", AgencyKind.OTHER),
    ],
)
def test_kinds_in_both_languages(printed: str, kind: AgencyKind) -> None:
    [found] = parsed(f"id,name,kind\nx,甲,{printed}\n")
    assert found.kind is kind


@pytest.mark.parametrize(("source", "guessed"), [("guessed", True), ("", True), ("seen", False)])
def test_a_body_that_no_source_attests_is_marked(source: str, guessed: bool) -> None:
    [found] = parsed(HEAD + f"x,甲局,部门,,,,,,{source}\n")
    assert found.guessed is guessed


def test_a_list_of_bodies_known_already_needs_neither_ids_nor_codes() -> None:
    known = {"汶上县司法局": agency("sfj", "汶上县司法局", code="A1", parent="wenshang/gov")}
    known["汶上县人民政府"] = agency("gov", "汶上县人民政府", AgencyKind.GOVERNMENT)
    same, new = parsed("name,kind,source\n汶上县司法局,部门,\n汶上县新局,部门,guessed\n", known)
    assert (same.id, same.code, same.parent, same.guessed) == ("wenshang/sfj", "A1", "wenshang/gov", False)
    assert (new.code, new.parent, new.guessed) == (None, None, True)
    slug = new.id.removeprefix("wenshang/")
    assert (slug[0], len(slug)) == ("n", 13)
    [again] = parsed("name,kind\n汶上县新局,部门\n", known)
    assert again.id == new.id
    [changed] = parsed("id,name,kind,code,parent\nother,汶上县别局,部门,B2,sfj\n", known)
    assert (changed.id, changed.code, changed.parent) == ("wenshang/other", "B2", "wenshang/sfj")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,name\nx,甲\n", "list.csv: the column 'kind' is missing; columns are id,name,kind,code,parent"),
        ("", "list.csv: the column 'id' is missing"),
        (
            "id,name,kind\nx,甲\u202e局,部门\n",
            "list.csv:2: name holds a character that nobody sees (U+202E); type it anew",
        ),
        (
            "id,name,kind\nx,\x1b[31m局,部门\n",
            "list.csv:2: name holds a character that nobody sees (U+001B); type it anew",
        ),
        (
            "id,name,kind\nx,甲\x00局,部门\n",
            "list.csv:2: name holds a character that nobody sees (U+0000); type it anew",
        ),
        ("id,name,kind\nx,,部门\n", "list.csv:2: the name must be not empty, and of at most 200 characters"),
        ("id,name,kind\na,甲,部门\nx," + "长" * 201 + ",部门\n", "list.csv:3: the name must be"),
        ("id,name,kind\nx,甲,局\n", "list.csv:2: unknown kind '局'; one of 政府, 办公室"),
        ("id,name,kind\nX-1,甲,部门\n", "list.csv:2: id must be [a-z0-9_]+ (at most 60), is 'X-1'"),
        ("id,name,kind\n,甲,部门\n", "list.csv:2: id must be"),
        ("id,name,kind\n" + "x" * 61 + ",甲,部门\n", "list.csv:2: id must be"),
        ("id,name,kind\nx,甲,部门\nx,乙,部门\n", "list.csv: the id 'x' (乙) stands there twice"),
        ("id,name,kind,valid_from\nx,甲,部门,2024\n", "list.csv:2: valid_from must be YYYY-MM-DD, is '2024'"),
        ("id,name,kind,valid_to\nx,甲,部门,2024-13-01\n", "list.csv:2: valid_to must be YYYY-MM-DD"),
        ('id,name,kind\nx,"甲"乙,部门\n', "list.csv:1: this is no CSV (',' expected"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(AgencyListError) as refused:
        parsed(text)
    assert str(refused.value).startswith(message)


def test_names_and_ids_may_be_as_long_as_allowed() -> None:
    [found] = parsed(f"id,name,kind\n{'x' * 60},{'长' * 200},部门\n")
    assert (len(found.id), len(found.name)) == (len("wenshang/") + 60, 200)


def test_parents_must_be_known_where_the_registry_is() -> None:
    known = {"汶上县人民政府": agency("gov", "汶上县人民政府", AgencyKind.GOVERNMENT)}
    assert parsed("name,kind,parent\n甲局,部门,gov\n", known)[0].parent == "wenshang/gov"
    own = parsed("id,name,kind,parent\nup,甲局,部门,\nx,乙局,部门,up\n", known)
    assert own[1].parent == "wenshang/up"
    with pytest.raises(AgencyListError, match=r"list\.csv: 乙局 names a parent 'wenshang/none' that nobody knows"):
        parsed("name,kind,parent\n甲局,部门,gov\n乙局,部门,none\n", known)
    assert parsed("id,name,kind,parent\nx,乙局,部门,none\n")[0].parent == "wenshang/none"
