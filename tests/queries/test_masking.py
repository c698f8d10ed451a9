from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.parser.reader import read
from archive.queries.masking import mask
from tests.test_corpus import CORPUS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("联系人：王某，电话13812345678。", "联系人：王某，电话138****5678。"),
        ("手机 138 1234 5678", "手机 138****5678"),
        ("手机138-1234-5678转", "手机138****5678转"),
        ("电话：１３８１２３４５６７８", "电话：138****5678"),
        ("13812345678、15912345678", "138****5678、159****5678"),
        ("电话 0537-7233005", "电话 0537-7233005"),
        ("统一社会信用代码 11370830004335465W", "统一社会信用代码 11370830004335465W"),
        ("金额 13812345678.50 元", "金额 13812345678.50 元"),
        ("新收申请12345678901件", "新收申请12345678901件"),
        ("身份证号370830199001011234", "身份证号370830***********4"),
        ("37083019900101123X。", "370830***********X。"),
        ("统一代码 370830199013011234", "统一代码 370830199013011234"),
        ("", ""),
    ],
)
def test_mobile_numbers_are_masked_and_nothing_else(text: str, expected: str) -> None:
    assert mask(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("申请人张三向我局提出申请", "申请人张**向我局提出申请"),
        ("收到申请人王小明的申请", "收到申请人王**的申请"),
        ("申请人：于洋，住址不详", "申请人：于**，住址不详"),
        ("欧阳修文（申请人）不服", "欧阳**（申请人）不服"),
        ("申请人欧阳锋不服", "申请人欧阳**不服"),
        ("原告李四诉我局一案，第三人赵五。", "原告李**诉我局一案，第三人赵**。"),
        ("李某某（申请人）", "李某某（申请人）"),
        ("申请人张某向我局", "申请人张某向我局"),
        ("申请人于2023年提出", "申请人于2023年提出"),
        ("申请人向我单位提出", "申请人向我单位提出"),
        ("申请人对答复不服", "申请人对答复不服"),
        ("申请人方便，及时答复", "申请人方便，及时答复"),
        ("其中自然人3件，法人或其他组织0件", "其中自然人3件，法人或其他组织0件"),
        ("未按照要求补正、申请人逾期不补正", "未按照要求补正、申请人逾期不补正"),
        ("申请人无正当理由", "申请人无正当理由"),
        ("其中，自然人申请3493件", "其中，自然人申请3493件"),
        ("被申请人田家镇政府", "被申请人田家镇政府"),
        ("切实保障公民、法人和其他组织的合法权益", "切实保障公民、法人和其他组织的合法权益"),
        ("公民高度关注", "公民高度关注"),
        ("满足申请人合理需求", "满足申请人合理需求"),
        ("对申请人的答复", "对申请人的答复"),
        ("申请人姓名、联系方式", "申请人姓名、联系方式"),
        ("局长张三签发", "局长张三签发"),
    ],
)
def test_applicants_are_masked_and_nothing_else(text: str, expected: str) -> None:
    assert mask(text) == expected


def test_real_reports_lose_nothing() -> None:
    """Reports as published name no applicant: what masking changes in them is mobile numbers."""
    texts = [section.text for path in sorted(CORPUS.iterdir()) if path.suffix in {".html", ".txt", ".docx"}
             for section in read(path.read_bytes()).sections]  # fmt: skip
    assert texts
    for text in texts:
        assert mask(text).count("**") == 2 * mask(text).count("****")


@given(st.text(alphabet="申请人原告张王于向（）：13859，。的 ", max_size=60))
def test_masking_is_stable_and_keeps_other_words(text: str) -> None:
    once = mask(text)
    assert mask(once) == once
    assert len(once) <= len(text) + 2 * text.count("人") + 2 * text.count("告") + 22
