"""A small registry and the shared folder of real titles and documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from identity_making import agency, portal_of

from storage.records import Agency, AgencyKind, Portal


@pytest.fixture
def agencies() -> tuple[Agency, ...]:
    return (
        agency("gov", "汶上县人民政府", AgencyKind.GOVERNMENT),
        agency("office", "汶上县人民政府办公室", AgencyKind.OFFICE),
        agency("sfj", "汶上县司法局", code="11370830004335289X"),
        agency("czj", "汶上县财政局"),
        agency("fgj", "汶上县发展和改革局"),
        agency("jtj", "汶上县教育和体育局", aliases=("县教体局",)),
        agency("wlj", "汶上县文化和旅游局"),
        agency("zrj", "汶上县自然资源和规划局"),
        agency("sthj", "济宁市生态环境局汶上县分局"),
        agency("guocang", "郭仓镇人民政府", AgencyKind.TOWNSHIP, code="11370830004335465W"),
        agency("zhongdu", "中都街道办事处", AgencyKind.SUBDISTRICT),
    )


@pytest.fixture
def portal() -> Portal:
    return portal_of("wenshang", "汶上县", "www.wenshang.gov.cn", "wenshang.gov.cn", division="370830")


@pytest.fixture(scope="session")
def shared_lines(shared: Path) -> Callable[[str], list[dict[str, Any]]]:
    def read(name: str) -> list[dict[str, Any]]:
        path = shared / "domain" / name
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    return read


@pytest.fixture(scope="session")
def corpus(shared: Path) -> Path:
    return shared / "corpus"
