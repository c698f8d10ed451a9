"""Whose report a document says it is, and for which year: the cases of ``cases/documents.toml``, and every real one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from identity_making import TITLE, cases, check, summary

from archive.findings import finding
from archive.identity.evidence import best_title, identify
from archive.identity.titles import judge
from storage.records import SHANGHAI, DatedWitness, IdentityEvidence


def evidence_of(given: dict[str, Any]) -> IdentityEvidence:
    dates = [text.rpartition(" ") for text in given.get("dates", ())]
    return IdentityEvidence(
        titles=(given["title"],) if "title" in given else (),
        meta=given.get("meta", {}),
        breadcrumb=tuple(given.get("column", ())),
        statements=tuple(given.get("statements", ())),
        running=tuple(given.get("running", ())),
        period=tuple(given.get("period", ())),
        dates=tuple(
            DatedWitness(origin=origin or "metadata", at=at if at.tzinfo else at.replace(tzinfo=SHANGHAI), text="")
            for origin, _, day in dates
            for at in (datetime.fromisoformat(day),)
        ),
    )


@pytest.mark.parametrize("case", cases("documents.toml"))
def test_what_a_document_says(case: dict[str, Any]) -> None:
    found = identify(evidence_of(case), place=case.get("place"))
    told = {
        "agency": found.agency,
        "at": found.place,
        "year": found.year,
        "kind": found.report_kind,
        "basis": dict(found.basis),
    }
    check(told, case)
    assert summary(found.findings, case.get("findings", ())) == list(case.get("findings", ()))


def test_a_sentence_names_its_evidence_in_both_languages() -> None:
    found = finding("agency_conflict", basis="listing", found="甲局", expected="乙局")
    assert found.zh == "机关名称不一致：所在栏目或地址为“甲局”，而采用的是“乙局”。"
    assert found.en == "The agency is named differently: the column or address says 甲局; 乙局 was taken."


def test_a_year_in_doubt_says_what_was_taken() -> None:
    said = {
        "period": finding("year_conflict", case="taken", basis="period", found=2023, expected=2024),
        "title": finding("year_conflict", case="open", basis="title", found="2021、2022"),
        "page": finding("year_conflict", case="dated_before", basis="title", found=2024),
    }
    assert "统计期限为2023年，采用2024年" in said["period"].zh
    assert said["period"].en.endswith("the stated period says 2023; 2024 was taken.")
    assert said["title"].en.endswith("the title says 2021、2022; it cannot be told which.")
    assert said["page"].en.endswith("the title says 2024; the page is dated before that year was over.")


def test_the_title_that_says_more_goes_before_the_one_that_says_less() -> None:
    less = ["政府信息公开年报", "汶上县司法局2024年政府信息公开工作年…", "2024年政府信息公开年报"]
    more = ["汶上县司法局政府信息公开工作年度报告", TITLE, f"汶上县司法局{TITLE}"]
    for size in range(1, 7):
        titles = [*less, *more][:size]
        assert best_title(titles[::-1]) == best_title(titles) == judge(titles[-1])
