"""What must hold for any title at all, hostile ones included."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.identity.classification import classify
from archive.identity.evidence import identify
from archive.identity.titles import judge_title
from storage.records import IdentityEvidence

WORDS = st.sampled_from([
    "政府信息公开", "工作", "年度", "报告", "年报", "2022年", "二〇二二年", "汶上县", "司法局", "关于", "的", "通知",
    "解读", "(", ")", "《", "》", "...", "-", "_", "市", "区", "镇", "省", "人民政府", "办公室", "系统", "附件1:",
    ".pdf", "#", "<b>", "&nbsp;", "[", "]", "2021-01-02", "\u200b", "\u3000", "\ud800", "\x00", "ﷺ",
])  # fmt: skip
TEXTS = st.one_of(st.none(), st.text(max_size=80), st.lists(WORDS, max_size=14).map("".join))
URLS = st.one_of(
    TEXTS, st.sampled_from(["http://a.gov.cn/t20240129_1.html", "http://[", "http://a.gov.cn/?fbtime=2022"])
)
HOSTILE = [
    "政府信息公开" * 200_000, "2022年" * 400_000, "(" * 1_000_000, "《" * 500_000 + "年度报告", "<" * 1_000_000,
    "\u200b" * 1_000_000 + "汶上县2022年政府信息公开年报", "关于" * 500_000, "a" * 2_000_000 + "!", "省市县区" * 9_000,
    "政府信息公开年报" * 29, "(2022)" * 40, "政务公开年报_" * 34, "\x00" * 100 + "\ud800" * 100,
]  # fmt: skip


def evidence_of(text: str) -> IdentityEvidence:
    return IdentityEvidence(
        titles=(text,) * 3, statements=(text,), running=(text,), breadcrumb=(text,), meta={"来源": text}
    )


@settings(max_examples=250, deadline=None)
@given(title=TEXTS, url=URLS, place=TEXTS, column=TEXTS)
def test_no_text_makes_it_fail(title: str | None, url: str | None, place: str | None, column: str | None) -> None:
    found = classify(title, url, place=place, column=column)
    assert 0 <= found.confidence <= 1
    assert found.reason
    (found.agency_name or "").encode()  # nothing that could not be written out
    assert identify(evidence_of(title or ""), place=place).agency != ""


@pytest.mark.timeout(60)  # a regular expression gone astray would take hours
@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_no_title_can_make_it_slow(title: str) -> None:
    found = classify(title, "http://a.gov.cn/" + title[:100_000], place=title, column=title)
    assert len(found.agency_name or "") < 400
    judge_title(title)
    judge_title(title, in_column=True)
    identify(evidence_of(title), place=title)
