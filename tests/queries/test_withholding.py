"""What a ruling withholds is given out nowhere, and again when it is lifted; names and numbers are masked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_archive import SmallSite, new_archive, report_page, title

from archive.parser.masking import mask
from archive.parser.reader import read
from archive.projection.update import update
from archive.queries.reports import diff, documents_of, show
from archive.queries.withheld_content import outgoing
from archive.queries.withholding import withheld, withholdings
from storage.captures import CaptureStore
from storage.home import open_home
from storage.records import CaptureRole, Finding, Severity
from tests.case_tables import read_cases
from tests.played import nianbao

SFJ = "汶上县司法局"
LATER = "including later editions"
SECRET = "申请人张三电话13812345678。"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "archive"
    with new_archive(path) as home:
        site = SmallSite(home, first_year=2025)
        site.agency("sfj", SFJ)
        for day, total in (("2026-02-09", 3), ("2026-03-09", 4)):
            cells = {"applications.received.natural_person": total, "applications.received.total": total}
            site.publish(day, "nb/1.html", SFJ, listed="2026-02-05", cells=cells, text=SECRET)
        update(home)
    return path


def withhold(path: Path, *words: str) -> str:
    reason = ("--by", "archivist", "--reason", "an applicant asked for it")
    return nianbao("withhold", *words, *reason, archive=path, code=0).out


def test_every_document_of_a_report_is_withheld_and_given_out_again(archive: Path) -> None:
    assert withhold(archive, SFJ, "2025").startswith("2 documents withheld")
    with open_home(archive) as home:
        documents = documents_of(home, SFJ, 2025)
        assert set(withheld(home).documents) == set(documents)
        assert set(withheld(home).reports) == {("wenshang/sfj", 2025)}
        for edition in ("1", "2"):
            found = show(home, SFJ, 2025, edition)
            assert (found.withheld, found.cells, found.sections, found.title) == (True, (), (), "")
        assert (diff(home, SFJ, 2025).cells, diff(home, SFJ, 2025).paragraphs) == ((), ())
        assert CaptureStore(home).body(documents[0])  # its bytes stay
    asked = nianbao("status", SFJ, "2025", archive=archive).out
    assert "an applicant asked for it" in asked  # the ruling is named
    assert "（申请" not in asked
    compared = nianbao("diff", SFJ, "2025", archive=archive, code=1)
    assert "so the differences are not shown" in compared.err
    assert "none" not in compared.out
    leads = nianbao("export", "leads", "--format", "jsonl", archive=archive).rows()
    assert {row["title"] for row in leads if row["year"] == 2025} == {"（已隐藏）"}
    said = nianbao("show", SFJ, "2025", "--text", "--json", archive=archive).out
    assert "张" not in said
    assert not re.search(r"138[\d*]{4}5678", said)
    (capture, *_) = CaptureStore(home).by_document(documents[0])
    nianbao("show-capture", capture.id, "--save", str(archive / "x.html"), archive=archive, code=1)
    assert not (archive / "x.html").exists()
    assert withhold(archive, SFJ, "2025", "--lift").startswith("2 documents shown again")
    with open_home(archive) as home:
        assert show(home, SFJ, 2025).cells
        assert [bool(one.decision.get("lifted")) for one in withholdings(home)] == [True, True, True]
        text = " ".join(section.text for section in show(home, SFJ, 2025).sections)
    assert "张**" in text
    assert "138****5678" in text


def test_a_later_edition_of_a_withheld_report_is_withheld_read_or_not(archive: Path) -> None:
    """The ruling has the report itself as its subject; what its address shows next is hidden before it is read."""
    assert f"the report wenshang/sfj/2025 is withheld, {LATER}" in withhold(archive, SFJ, "2025")
    with open_home(archive) as home:
        site = SmallSite(home, first_year=2025)
        later = site.fetch("2026-03-20 09:01", "nb/1.html", report_page(SFJ, 2025, text=f"又{SECRET}"))
    assert nianbao("show-capture", later.id, "--save", str(archive / "x"), archive=archive).code == 1
    with open_home(archive) as home:
        update(home)
        assert later.document in documents_of(home, SFJ, 2025)
        assert show(home, SFJ, 2025).edition.main == later.document
        assert show(home, SFJ, 2025).withheld
        assert later.document not in withheld(home).documents  # by the report alone
    assert nianbao("show-capture", later.id, "--save", str(archive / "x"), archive=archive).code == 1
    asked = nianbao("status", SFJ, "2025", "--as-of", "2026-02-20", "--json", archive=archive)
    (told_then,) = json.loads(asked.out)
    assert len(told_then["editions"]) == 1  # what was known then; what is given out is a matter of today
    assert "wenshang/sfj/2025" in {one["subject"] for one in told_then["rulings"]}
    assert withhold(archive, SFJ, "2025").startswith("1 document withheld, 2 were already")
    lifted = withhold(archive, SFJ, "2025", "--lift")
    assert lifted.startswith("3 documents shown again")
    assert f"the report wenshang/sfj/2025 is shown again, {LATER}" in lifted
    with open_home(archive) as home:
        assert not withheld(home)
        assert show(home, SFJ, 2025).title
        assert len(withholdings(home)) == 4  # nothing is forgotten
    assert nianbao("show-capture", later.id, "--save", str(archive / "x"), archive=archive).code == 0


def test_one_edition_can_be_withheld_and_the_title_that_the_other_bears_is_given_out(archive: Path) -> None:
    assert withhold(archive, SFJ, "2025", "--edition", "1").startswith("1 document withheld")
    with open_home(archive) as home:
        assert [show(home, SFJ, 2025, one).withheld for one in ("1", "2")] == [True, False]
    leads = nianbao("export", "leads", "--format", "jsonl", archive=archive).rows()
    (row,) = (one for one in leads if one["year"] == 2025)
    assert row["title"] == title(SFJ)
    withhold(archive, SFJ, "2025")
    assert "lift that without --edition" in withhold(archive, SFJ, "2025", "--edition", "1", "--lift")
    with open_home(archive) as home:
        assert show(home, SFJ, 2025, "1").withheld


def test_findings_quote_nothing_of_what_is_withheld_nor_figures_of_the_year_beside(archive: Path) -> None:
    def finding(code: str) -> Finding:
        said = "一句：“申请人张三电话13812345678”，9"
        return Finding(code=code, severity=Severity.INFO, zh=said, en=said, cells=(), expected="9", found="13")

    with open_home(archive) as home:
        out = outgoing(home)
    both = [finding("year_slip"), finding("stock_differs")]
    assert [one.zh for one in out.findings(both, withheld=False)] == ["一句：“申请人张**电话138****5678”，9"] * 2
    assert [(one.zh, one.found) for one in out.findings(both, withheld=True)] == [("（已隐藏）", None)] * 2
    slip, stock = out.findings(both, withheld=False, beside=True)
    assert (slip.found, stock.found, stock.en) == ("13", None, "(withheld)")


def test_what_says_the_same_as_what_is_withheld_is_not_given_out_either(archive: Path) -> None:
    """The same page with another visit counter, and what a browser made of it."""
    cells = {"applications.received.natural_person": 3, "applications.received.total": 3}
    page = report_page(SFJ, 2025, cells, text=SECRET)
    with open_home(archive) as home:
        site = SmallSite(home, first_year=2025)
        (first,) = CaptureStore(home).by_document(documents_of(home, SFJ, 2025)[0])
        counted = page.replace(b"</body>", "<p>访问次数：77</p></body>".encode())
        again = site.fetch("2026-02-10 09:01", "nb/1.html", counted)
        seen = site.fetch(
            "2026-02-10 09:02",
            "nb/1.png",
            b"a picture of it",
            role=CaptureRole.RESOURCE,
            via=first.id,
            mime="image/png",
        )
        style = [
            site.fetch("2026-02-10 09:03", "a.css", b"body {}", role=CaptureRole.RESOURCE, via=via, mime="text/css")
            for via in (first.id, None)
        ]
        update(home)
        assert first.document in documents_of(home, SFJ, 2025)
    withhold(archive, first.document or "")
    for name in (first.id, again.id, seen.id):
        refused = nianbao("show-capture", name, "--save", str(archive / "x"), archive=archive)
        assert (refused.code, (archive / "x").exists()) == (1, False)
        assert "a ruling withholds this document" in refused.err
    assert nianbao("show-capture", style[0].id, "--save", str(archive / "x.css"), archive=archive).code == 0
    index = nianbao("warc", "index", archive=archive)
    assert "3 left out" in index.out
    lines = (archive / "indexes" / "wenshang.cdxj").read_text()
    assert "a.css" in lines
    assert "1.png" not in lines


def test_a_relative_link_names_what_is_withheld_only_where_it_leads_there(archive: Path) -> None:
    """The same bytes in two folders: "nb/1.html" is the withheld report below the first alone."""
    page = '<html><body><p>有关栏目</p><a href="nb/1.html">查看</a></body></html>'.encode()
    withhold(archive, SFJ, "2025")
    with open_home(archive) as home:
        site = SmallSite(home, first_year=2025)
        captures = [site.fetch("2026-03-20 09:05", name, page) for name in ("other/index.html", "index.html")]
        out = outgoing(home)
        assert [out.hides(one) for one in captures] == [False, True]


# ------------------------------------------------------------------------------------------------ masking


@pytest.mark.parametrize(("text", "expected"), read_cases(__file__, "masked"))
def test_mobile_numbers_and_applicants_are_masked_and_nothing_else(text: str, expected: str) -> None:
    assert mask(text) == expected


def test_real_reports_lose_nothing(shared: Path) -> None:
    """Reports as published name no applicant: what masking changes in them is mobile numbers."""
    texts = [section.text for path in sorted((shared / "corpus").iterdir()) if path.suffix in {".html", ".txt", ".docx"}
             for section in read(path.read_bytes()).sections]  # fmt: skip
    assert texts
    for text in texts:
        assert mask(text).count("**") == 2 * mask(text).count("****")
