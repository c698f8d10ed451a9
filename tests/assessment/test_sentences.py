"""The words of verdicts, where a time that they could name is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from fact_making import t

from archive.assessment.sentences import sentence, verdict_findings
from archive.assessment.status_inputs import Verdict
from storage.records import AgencyKind, Duty, EvidenceGrade, Status

DUTY = Duty(
    agency="w/sfj", year=2025, kind=AgencyKind.DEPARTMENT, due=date(2026, 1, 31), practice=None, basis="", holiday=None
)


def verdict(reason: str, **more: object) -> Verdict:
    values = {"rule": 9, "status": Status.PUBLISHED, "evidence": EvidenceGrade.CLAIMED, "declared": date(2026, 2, 5)}
    return Verdict(reason=reason, days_late=5, **{**values, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("reason", ["shown", "dated_late", "dated_in_time", "dates_conflict"])
def test_a_first_sight_that_nothing_proves_is_said_in_words(reason: str) -> None:
    zh, en = sentence(verdict(reason), DUTY, "汶上县司法局")
    assert "无从证明何时首次见到" in zh
    assert "at an unproven time" in en
    assert "—" not in zh + en


def test_a_duty_that_is_only_guessed_says_so_and_what_is_not_owed_need_not() -> None:
    guessed = replace(DUTY, guessed=True)
    zh, en = sentence(verdict("dated_late"), guessed, "汶上县司法局")
    assert zh.endswith("（该机关没有来源证明，其义务仅为推测。）")
    assert en.endswith("(No source attests this agency; that it must report is a guess.)")
    assert "guess" not in sentence(verdict("dated_late"), DUTY, "汶上县司法局")[1]
    assert "guess" not in sentence(verdict("not_valid", rule=1), guessed, "汶上县司法局")[1]


def test_a_conflict_of_dates_says_what_there_is_not() -> None:
    (found,) = verdict_findings(verdict("dates_conflict", conflict=True), DUTY)
    assert "—" not in found.zh + found.en
    assert found.zh.endswith("无从证明何时首次见到，此前未见：无记录）。")
    (found,) = verdict_findings(
        verdict("dates_conflict", conflict=True, first_shown=t("2026-02-09 09:00"), last_absent=t("2026-02-01 09:00")),
        DUTY,
    )
    assert "2026-02-09 09:00首次见到，此前未见：2026-02-01 09:00" in found.zh
