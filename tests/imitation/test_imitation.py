"""Imitation portals never mix with a real archive, and their figures and addresses are those of real reports.

That they publish what their scenario says is shown by the crawls of it (tests/test_whole_way.py).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from imitation.registry import register_agencies
from imitation.server import MAP, ImitationPortals, main
from storage.home import init_home, open_home
from storage.registry import Registry


def test_a_real_archive_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with init_home(tmp_path / "archive") as home, pytest.raises(ValueError, match="real archive"):
        register_agencies(home)
    with pytest.raises(ValueError, match="real archive"):
        ImitationPortals(tmp_path / "archive").start()
    assert not (tmp_path / "archive" / MAP).exists()
    assert main([str(tmp_path / "archive")]) == 2
    assert "real archive" in capsys.readouterr().err
    with open_home(tmp_path / "archive") as home:
        assert Registry(home).agencies() == ()
