from __future__ import annotations

from pathlib import Path

import pytest

from archive.parser.reader import read
from archive.queries.withholding import mask


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("联系人：王某，电话13812345678。", "联系人：王某，电话138****5678。"),
        ("手机 138 1234 5678", "手机 138****5678"),
        ("电话：１３８１２３４５６７８", "电话：138****5678"),
        ("13812345678、15912345678", "138****5678、159****5678"),
        ("138\u00a01234\u00a05678", "138****5678"),
        ("+86 13812345678", "+86 138****5678"),
        ("8613812345678", "86138****5678"),
        ("身份证 370830 19900101 1234", "身份证 370830***********4"),
        ("身份证号：370830900101123", "身份证号：370830********3"),
        ("电话 0537-7233005", "电话 0537-7233005"),
        ("统一社会信用代码 11370830004335465W", "统一社会信用代码 11370830004335465W"),
        ("金额 13812345678.50 元", "金额 13812345678.50 元"),
        ("身份证号370830199001011234", "身份证号370830***********4"),
        ("37083019900101123X。", "370830***********X。"),
        ("looks b70fa17827154311b966b468258bf844, 7a41", "looks b70fa17827154311b966b468258bf844, 7a41"),
        ("x" + "b70fa17827154311b966b468258bf844", "xb70fa178****4311b966b468258bf844"),
        ("", ""),
    ],
)
def test_mobile_numbers_are_masked_and_nothing_else(text: str, expected: str) -> None:
    assert mask(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("申请人张三向我局提出申请", "申请人张**向我局提出申请"),
        ("申请人：于洋，住址不详", "申请人：于**，住址不详"),
        ("欧阳修文（申请人）不服", "欧阳**（申请人）不服"),
        ("申请人欧阳锋不服", "申请人欧阳**不服"),
        ("原告李四诉我局一案，第三人赵五。", "原告李**诉我局一案，第三人赵**。"),
        ("申请人张某向我局", "申请人张某向我局"),
        ("申请人于2023年提出", "申请人于2023年提出"),
        ("申请人向我单位提出", "申请人向我单位提出"),
        ("申请人方便，及时答复", "申请人方便，及时答复"),
        ("未按照要求补正、申请人逾期不补正", "未按照要求补正、申请人逾期不补正"),
        ("其中，自然人申请3493件", "其中，自然人申请3493件"),
        ("被申请人田家镇政府", "被申请人田家镇政府"),
        ("公民高度关注", "公民高度关注"),
        ("申请人姓名、联系方式", "申请人姓名、联系方式"),
        ("局长张三签发", "局长张三签发"),
        ("申请人：张三、李四和王五", "申请人：张**、李**和王**"),
        ("申请人为张三，", "申请人为张**，"),
        ("姓名：张三，男", "姓名：张**，男"),
        ("当事人陈述、申辩", "当事人陈述、申辩"),
        ("申请人为江苏某公司", "申请人为江苏某公司"),
    ],
)
def test_applicants_are_masked_and_nothing_else(text: str, expected: str) -> None:
    assert mask(text) == expected


def test_real_reports_lose_nothing(shared: Path) -> None:
    """Reports as published name no applicant: what masking changes in them is mobile numbers."""
    texts = [section.text for path in sorted((shared / "corpus").iterdir()) if path.suffix in {".html", ".txt", ".docx"}
             for section in read(path.read_bytes()).sections]  # fmt: skip
    assert texts
    for text in texts:
        assert mask(text).count("**") == 2 * mask(text).count("****")
