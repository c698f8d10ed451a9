"""That a page does not link an address is said only where it could not."""

from __future__ import annotations

import pytest

from archive.projection.linked_folders import marks_of, may_link
from tests.case_tables import read_cases

HOST = "http://www.x.gov.cn"


@pytest.mark.parametrize(
    ("url", "marks"),
    [
        (f"{HOST}/zfxxgk/nb/n2025n.htm", {"n2025n.htm"}),
        (f"{HOST}/zfxxgk/nb/2025n/index.html", {"2025n"}),
        (f"{HOST}/col/col40391/index.html", {"40391"}),  # a script may put the rest around the number
        (f"{HOST}/xxgk/list.jsp?cid=8812&tag=swj", {"list.jsp", "8812", "swj"}),
        (f"{HOST}/xxgk/%E5%B9%B4%E6%8A%A5/", set()),  # a name that may be written in several ways
    ],
)
def test_what_no_link_can_do_without(url: str, marks: set[str]) -> None:
    assert marks_of(url) == marks


@pytest.mark.parametrize(("page", "linked"), read_cases(__file__, "unlinked"))
def test_a_link_however_written_is_one(page: str, *, linked: bool) -> None:
    assert may_link(page.encode("gb18030"), marks_of(f"{HOST}/nb/n2025n.htm")) is linked


def test_nothing_is_said_of_what_cannot_be_searched() -> None:
    assert may_link("<a>2024年</a>".encode("utf-16"), frozenset({"n2025n.htm"}))
    assert may_link(b"<a>", frozenset())
    # a link from within a folder does not name it
    assert marks_of(f"{HOST}/nb/index.html", f"{HOST}/nb/bm/index.html") == {"index.html"}
