from __future__ import annotations

import pytest

from archive.queries.masking import mask


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
        ("", ""),
    ],
)
def test_mobile_numbers_are_masked_and_nothing_else(text: str, expected: str) -> None:
    assert mask(text) == expected
