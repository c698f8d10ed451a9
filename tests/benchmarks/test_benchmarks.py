"""Every benchmark says what it measures when asked, without measuring."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def ran(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=240
    )


NAMES = ran("benchmarks").stdout.split()


def test_there_are_benchmarks() -> None:
    assert {"finding", "keeping", "reading", "crash", "crawling"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_help_says_what_is_measured_and_an_unknown_option_what_is_known(name: str) -> None:
    shown = ran(f"benchmarks.{name}", "--help")
    assert shown.returncode == 0
    assert "--short" in shown.stdout
    assert "usage:" in shown.stdout
    assert ran(f"benchmarks.{name}", "--no-such-thing").returncode == 2
