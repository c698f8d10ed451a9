"""A list of agencies against the registry: what it would change, field by field; an exported one changes nothing."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity_making import NOW, agency

from archive.identity.agency_csv import (
    AgencyListError,
    FieldChange,
    changes,
    csv_lines,
    list_rows,
    parse_agencies,
)
from storage.records import Agency, AgencyEnd, AgencyKind

LATER = datetime(2026, 6, 1, tzinfo=UTC)
GOV = agency("gov", "汶上县人民政府", AgencyKind.GOVERNMENT, source="list.csv: http://a.gov.cn/")
SFJ = agency(
    "sfj", "汶上县司法局", code="A1", parent="wenshang/gov", aliases=("县司法局",), valid_from=date(2008, 5, 1),
    source="wenshang.csv: guessed: http://a.gov.cn/", guessed=True,
)  # fmt: skip
GSJ = agency(
    "gsj", "汶上县工商行政管理局", valid_to=date(2019, 1, 31), ended=AgencyEnd.MERGED, successors=("wenshang/scj",),
    source="import of a.csv: http://a.gov.cn/",
)  # fmt: skip
SCJ = agency("scj", "汶上县市场监督管理局", valid_from=date(2019, 2, 1))
REGISTRY = (GOV, GSJ, SCJ, SFJ)


def text_of(rows: list[list[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def listed(text: str, held: tuple[Agency, ...] = REGISTRY, origin: str = "import of b.csv") -> tuple[Agency, ...]:
    known = {one.id: one for one in held}
    return parse_agencies(text, portal="wenshang", origin=origin, now=LATER, known=known)


def test_what_was_exported_changes_nothing() -> None:
    found = changes(REGISTRY, listed(text_of(list_rows(REGISTRY))))
    assert not found
    assert (found.gone, found.unchanged) == ((), 4)


def test_a_list_brings_the_whole_registry_to_another_archive() -> None:
    for one, other in zip(REGISTRY, listed(text_of(list_rows(REGISTRY)), held=()), strict=True):
        assert replace(one, source="", recorded_at=LATER) == replace(other, source="")
        assert other.source == f"import of b.csv: {one.source}"


def test_every_change_is_told_field_by_field_and_nothing_is_removed() -> None:
    text = "id,name,kind,valid_to,ended,successors,source\n" + (
        "sfj,汶上县司法局,部门,2025/12/31,更名,汶上县市场监督管理局,http://b.gov.cn/\nnew,汶上县新局,部门,,,,guessed\n"
    )
    found = changes(REGISTRY, listed(text))
    assert [one.id for one in found.added] == ["wenshang/new"]
    (changed,) = found.changed
    assert changed.fields == (
        FieldChange("valid_to", None, date(2025, 12, 31)),
        FieldChange("source", SFJ.source, "import of b.csv: http://b.gov.cn/"),
        FieldChange("guessed", True, False),
        FieldChange("ended", None, AgencyEnd.RENAMED),
        FieldChange("successors", (), ("wenshang/scj",)),
    )
    assert (changed.after.code, changed.after.parent, changed.after.aliases) == (SFJ.code, SFJ.parent, SFJ.aliases)
    assert ([one.id for one in found.gone], found.closed) == (["wenshang/gov", "wenshang/scj"], 1)


def test_a_blank_cell_says_nothing_and_a_dash_takes_away() -> None:
    head = "id,name,kind,code,parent,valid_from,aliases,source\n"
    (blank,) = listed(f"{head}sfj,汶上县司法局,部门,,,,,{SFJ.source}\n")
    assert not changes([SFJ], [blank])
    (dash,) = listed(f"{head}sfj,汶上县司法局,部门,-,-,-,-,{SFJ.source}\n")
    assert (dash.code, dash.parent, dash.valid_from, dash.aliases) == (None, None, None, ())
    # somebody else's list says so now, so that the next crawl does not take it back
    assert dash.source == f"import of b.csv: {SFJ.source}"


def test_a_body_that_was_brought_in_keeps_one_origin() -> None:
    (changed,) = listed(f"id,name,kind,code,source\ngsj,汶上县工商行政管理局,部门,B7,{GSJ.source}\n")
    assert changed.source == "import of b.csv: http://a.gov.cn/"


def test_a_former_name_that_is_no_alias_is_told() -> None:
    (without,) = changes([SFJ], listed("id,name,kind\nsfj,汶上县法治局,部门\n")).changed
    (kept,) = changes([SFJ], listed("id,name,kind,aliases\nsfj,汶上县法治局,部门,县司法局|汶上县司法局\n")).changed
    assert (without.loses_its_name, kept.loses_its_name) == (True, False)


def test_headings_may_be_chinese_and_days_as_spreadsheets_show_them() -> None:
    (found,) = listed("名称,类别,设立日期,撤销日期,变更方式\n汶上县旧局,部门,2001年3月5日,2019-01-31 00:00:00,撤销\n")
    assert (found.valid_from, found.valid_to, found.ended) == (date(2001, 3, 5), date(2019, 1, 31), AgencyEnd.ABOLISHED)


def test_bodies_of_other_portals_are_named_whole() -> None:
    (found,) = listed("name,kind,parent\n济宁市生态环境局汶上县分局,部门,jining/sthjj\n")
    assert found.parent == "jining/sthjj"
    assert list_rows([found])[1][4] == "jining/sthjj"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("甲局,部门,2020-01-01,2019-01-01,,", r"甲局 would end \(2019-01-01\) before it began \(2020-01-01\)"),
        ("甲局,部门,,,合并,scj", "甲局 has an end or successors, but no day of it: fill in valid_to"),
        ("甲局,部门,,2019-01-01,更名,", "say in successors what 甲局 is called now"),
        ("甲局,部门,,2019-01-01,合并,scj|gov", "甲局 was merged into one body; several: divided"),
        ("甲局,部门,,2019-01-01,没了,", "unknown end '没了'; one of 合并"),
        ("甲局,部门,,2019-01-01,合并,none", "甲局 names a successor 'none' that nobody knows"),
        ("汶上县市场监督管理局,部门,,2019-03-01,合并,scj", "汶上县市场监督管理局 cannot be its own successor"),
    ],
)
def test_an_end_that_cannot_be_is_refused(row: str, message: str) -> None:
    with pytest.raises(AgencyListError, match=message):
        listed(f"name,kind,valid_from,valid_to,ended,successors\n{row}\n")


def test_a_name_of_several_bodies_needs_an_id() -> None:
    twice = (SFJ, replace(GSJ, name=SFJ.name))
    with pytest.raises(AgencyListError, match=r"list\.csv:2: 汶上县司法局 is the name of several .* the id: gsj, sfj"):
        listed("name,kind\n汶上县司法局,部门\n", held=twice, origin="list.csv")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("甲局,x1,\n甲局,x2,", r"list\.csv:2: 甲局 is the name of x2 already; give that id to change it"),
        ("汶上县司法局,sfj2,", r"list\.csv:2: 汶上县司法局 is the name of sfj already"),
        ("汶上县工商行政管理局,gs2,", ""),  # the former one ended in 2019, and this one began later
    ],
)
def test_a_second_body_of_one_name_at_the_same_time_is_refused(rows: str, message: str) -> None:
    begun = "2020-01-01" if not message else ""
    text = "name,id,valid_from,kind\n" + "".join(f"{row}{begun},部门\n" for row in rows.split("\n"))
    if message:
        with pytest.raises(AgencyListError, match=message):
            listed(text, origin="list.csv")
    else:
        assert len(listed(text, origin="list.csv")) == 1


def test_two_bodies_of_one_name_that_the_registry_has_are_let_be() -> None:
    twice = (GOV, SFJ, replace(GSJ, name=SFJ.name, valid_to=None, ended=None, successors=()))
    assert len(listed("name,id,kind\n汶上县司法局,sfj,部门\n汶上县司法局,gsj,部门\n", held=twice)) == 2


def test_a_list_without_end_is_refused() -> None:
    with pytest.raises(AgencyListError, match="more than 50000 rows"):
        csv_lines("name,kind\n" + "甲,部门\n" * 50_001, "list.csv")
    with pytest.raises(AgencyListError, match="source is longer than 4000 characters"):
        listed(f"name,kind,source\n甲局,部门,{'x' * 4001}\n")


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Z")), min_size=1, max_size=12)
NAMES = st.one_of(WORDS, st.sampled_from(["=1+1", "'=x", "+86", "@x", "-", "''@", "甲,乙", '"局"']))
PARTS = WORDS.filter(lambda text: "|" not in text)
DAYS = st.none() | st.dates(date(1950, 1, 1), date(2100, 1, 1))


@st.composite
def bodies(draw: st.DrawFn) -> tuple[Agency, ...]:
    ids = draw(st.lists(st.from_regex(r"\A[a-z0-9_]{1,8}\Z"), min_size=1, max_size=6, unique=True))
    made = []
    for one in ids:
        others = [f"wenshang/{other}" for other in ids if other != one]
        days = sorted(day for day in (draw(DAYS), draw(DAYS)) if day is not None)
        begins, ends = [*days, None, None][:2] if draw(st.booleans()) else (None, [*days, None][0])
        ended = draw(st.none() | st.sampled_from([AgencyEnd.DIVIDED, AgencyEnd.ABOLISHED])) if ends else None
        made.append(
            Agency(
                id=f"wenshang/{one}",
                portal="wenshang",
                name=draw(NAMES),
                kind=draw(st.sampled_from(AgencyKind)),
                code=draw(st.none() | NAMES.filter(lambda text: text != "-")),
                parent=draw(st.none() | st.sampled_from([*others, "jining/gov"])),
                valid_from=begins,
                valid_to=ends,
                aliases=tuple(draw(st.lists(PARTS.filter(lambda text: text != "-"), max_size=3))),
                source=draw(st.just("") | NAMES.filter(lambda text: text != "-")),
                guessed=draw(st.booleans()),
                ended=ended,
                successors=tuple(draw(st.lists(st.sampled_from(others), unique=True, max_size=2)))
                if ends and others
                else (),
                recorded_at=NOW,
            )
        )
    return tuple(made)


@given(bodies())
def test_any_registry_comes_back_as_it_was_exported(registry: tuple[Agency, ...]) -> None:
    found = changes(registry, listed(text_of(list_rows(registry)), held=registry))
    assert not found
    assert found.unchanged == len(registry)
