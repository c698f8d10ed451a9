"""Office packages whose parts lie in a folder of the zip, or bear backslashes, are read as their programs pack them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from archive.documents.kinds import read_pages, sniff
from archive.documents.package_folders import plain_names
from imitation.documents.sheets import xlsx
from imitation.documents.word import docx
from tests.documents.helpers import lines

REPORT = ("一、总体情况", "二、主动公开政府信息情况", "全年未收到政府信息公开申请。" * 5)
PACKAGES = {"docx": docx("某局报告", REPORT), "xlsx": xlsx("某局报告", REPORT)}


def repacked(data: bytes, called: Callable[[str], str], **more: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in more.items():
            new.writestr(name, content)
        for name in sorted(old.namelist()):  # the list of types first, as Office has it
            info = zipfile.ZipInfo("x")
            info.filename = called(name)  # as it is said: the library would turn backslashes
            new.writestr(info, old.read(name))
    return out.getvalue()


@pytest.mark.parametrize("kind", list(PACKAGES))
@pytest.mark.parametrize(
    "called",
    [lambda name: f"2024年报/{name}", lambda name: name.replace("/", "\\"), lambda name: f"a\\{name}"],
    ids=["folder", "backslashes", "both"],
)
def test_a_package_packed_otherwise_is_the_same_document(kind: str, called: Callable[[str], str]) -> None:
    usual = read_pages(PACKAGES[kind])
    more = {"__MACOSX/a/._b.xml": b"x"} if "/" in called("a") else {}
    data = repacked(PACKAGES[kind], called, **more)
    assert sniff(data) == kind
    assert read_pages(data).blocks == usual.blocks
    assert usual.blocks


def test_files_beside_the_folder_make_it_a_collection() -> None:
    data = repacked(PACKAGES["docx"], lambda name: f"a/{name}", **{"b.txt": b"x"})
    assert sniff(data) == "zip"
    assert "一、总体情况" not in lines(read_pages(data))


def test_names() -> None:
    assert plain_names(["a/[Content_Types].xml", "a/word\\x.xml"]) == {
        "[Content_Types].xml": "a/[Content_Types].xml",
        "word/x.xml": "a/word\\x.xml",
    }
    assert not plain_names(["[Content_Types].xml", "word/x.xml"])  # as usual
    assert not plain_names(["a/[Content_Types].xml", "b/[Content_Types].xml"])  # two of them
