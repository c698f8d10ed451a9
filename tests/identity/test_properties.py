"""What must hold for any title at all, hostile ones included."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.identity.classification import Classification, classify
from archive.identity.evidence import identify
from archive.identity.names import complete, normalise
from archive.identity.titles import judge, judge_in_column
from storage.records import IdentityEvidence, ReportKind

WORDS = st.sampled_from([
    "政府信息公开", "工作", "年度", "报告", "年报", "2022年", "二〇二二年", "汶上县", "司法局", "关于", "的", "通知",
    "解读", "(", ")", "《", "》", "...", "-", "_", "市", "区", "镇", "省", "人民政府", "办公室", "系统", "附件1:",
    ".pdf", "#", "<b>", "&nbsp;", "[", "]", "2021-01-02", "\u200b", "\u3000", "\ud800", "\x00", "ﷺ",
])  # fmt: skip
TITLES = st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=14).map("".join))
URLS = st.one_of(
    st.none(),
    st.text(max_size=60),
    st.sampled_from(["http://a.gov.cn/t20240129_1.html", "http://[", "http://a.gov.cn/?fbtime=2022&area=1"]),
)


@settings(max_examples=250, deadline=None)
@given(
    title=st.one_of(st.none(), TITLES),
    url=URLS,
    place=st.one_of(st.none(), TITLES),
    column=st.one_of(st.none(), TITLES),
)
def test_classify_never_raises(title: str | None, url: str | None, place: str | None, column: str | None) -> None:
    found = classify(title, url, place=place, column=column)
    assert isinstance(found, Classification)
    assert 0 <= found.confidence <= 1
    assert found.reason
    assert found.agency is None
    assert found.report_kind is None or found.report_kind in ReportKind
    (found.agency_name or "").encode()  # nothing that could not be written out


@settings(max_examples=150, deadline=None)
@given(texts=st.lists(TITLES, max_size=4), place=st.one_of(st.none(), TITLES))
def test_identify_never_raises(texts: list[str], place: str | None) -> None:
    evidence = IdentityEvidence(
        titles=tuple(texts),
        statements=tuple(texts),
        running=tuple(texts),
        breadcrumb=tuple(texts),
        meta={"来源": "".join(texts)},
    )
    found = identify(evidence, place=place)
    assert found.agency != ""
    assert found.place != ""


SPACES = st.sampled_from([" ", "\u200b", "　", "\t", "\n", "\ufeff", "\xa0", "\u2060"])
REAL = st.sampled_from([
    "汶上县司法局2022年政府信息公开工作年度报告", "2023年陇县水利局信息公开工作年度报告", "2024年政府信息公开年报",
    "图解：未央区2019年政府信息公开工作年度报告", "关于报送《2020年政府信息公开工作年度报告》的函",
    "道里区2025年政府信息公开年报(残联)", "县教育局二〇二三年度政府信息公开工作年度报告（更正）",
])  # fmt: skip
WIDE = str.maketrans("0123456789():-", "０１２３４５６７８９（）：－")


@settings(max_examples=150, deadline=None)
@given(title=REAL, data=st.data())
def test_blanks_and_widths_never_change_the_verdict(title: str, data: st.DataObject) -> None:
    plain = classify(title, None, place="汶上县")
    spread = "".join(c + data.draw(st.one_of(st.just(""), SPACES), label="space") for c in title)
    assert classify(spread, None, place="汶上县") == plain
    assert classify(title.translate(WIDE), None, place="汶上县") == plain
    assert classify(spread, None, place="\u200b汶上 县　") == plain


@settings(max_examples=100, deadline=None)
@given(name=TITLES)
def test_putting_a_name_in_order_is_done_once(name: str) -> None:
    assert normalise(normalise(name)) == normalise(name)
    once = complete(name, "汶上县")
    assert complete(once.text, "汶上县").text == once.text or not once.text or "(" in name


HOSTILE = [
    "政府信息公开" * 200_000, "2022年" * 400_000, "(" * 1_000_000, "《" * 500_000 + "年度报告", "<" * 1_000_000,
    "\u200b" * 1_000_000 + "汶上县2022年政府信息公开年报", "关于" * 500_000, "a" * 2_000_000 + "!",
    "省市县区" * 9_000,
    "政府信息公开年报" * 29, "(2022)" * 40, "政务公开年报_" * 34, "\x00" * 100 + "\ud800" * 100,
]  # fmt: skip


@pytest.mark.timeout(60)  # a regular expression gone astray would take hours
@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_no_title_can_make_it_slow(title: str) -> None:
    found = classify(title, "http://a.gov.cn/" + title[:100_000], place=title, column=title)
    assert len(found.agency_name or "") < 400
    judge(title)
    judge_in_column(title)
    identify(
        IdentityEvidence(titles=(title,) * 3, statements=(title,), running=(title,), meta={"来源": title}), place=title
    )
