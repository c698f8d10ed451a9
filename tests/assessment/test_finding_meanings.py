"""The data file of findings: every code that docs/findings.md describes has its meaning in both languages."""

import re
from pathlib import Path

from archive.assessment.contradictions import codes
from archive.findings import finding_meanings, meanings_by_code

DESCRIBED = Path("docs/findings.md").read_text("utf-8").partition("## How often they are wrong")[0]


def test_every_finding_that_is_described_has_its_meaning_and_no_other() -> None:
    assert set(meanings_by_code()) == set(re.findall(r"^\| `([a-z_0-9]+)`", DESCRIBED, re.MULTILINE))
    assert set(codes()) <= set(meanings_by_code())
    assert sum(map(len, finding_meanings().values())) == len(meanings_by_code())


def test_a_finding_is_as_grave_as_its_description_says_first() -> None:
    said = dict(re.findall(r"^\| `([a-z_0-9]+)` \| ([a-z]+)", DESCRIBED, re.MULTILINE))
    assert {code: one.severity.value for code, one in meanings_by_code().items()} == said
