from __future__ import annotations

from pathlib import Path

import pytest

from archive.parser.masking import mask
from archive.parser.reader import read
from tests.case_tables import read_cases


@pytest.mark.parametrize(("text", "expected"), read_cases(__file__, "numbers"))
def test_mobile_numbers_are_masked_and_nothing_else(text: str, expected: str) -> None:
    assert mask(text) == expected


@pytest.mark.parametrize(("text", "expected"), read_cases(__file__, "applicants"))
def test_applicants_are_masked_and_nothing_else(text: str, expected: str) -> None:
    assert mask(text) == expected


def test_real_reports_lose_nothing(shared: Path) -> None:
    """Reports as published name no applicant: what masking changes in them is mobile numbers."""
    texts = [section.text for path in sorted((shared / "corpus").iterdir()) if path.suffix in {".html", ".txt", ".docx"}
             for section in read(path.read_bytes()).sections]  # fmt: skip
    assert texts
    for text in texts:
        assert mask(text).count("**") == 2 * mask(text).count("****")
