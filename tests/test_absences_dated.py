"""No door states an absence as of an instant at which nobody had looked: the demo's archive, asked long after."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from lxml import html

from nianbao.messages import LANGUAGES
from nianbao.python_api import open_archive
from tests.played import nianbao
from tests.served import NOW, asking

TODAY = NOW[:10]
ABSENT = ("missing", "not_found")


@pytest.fixture(scope="module")
def web(played: Path) -> Iterator[httpx.Client]:
    with asking(played) as client:
        yield client


@pytest.fixture(scope="module")
def absences(played: Path) -> dict[tuple[str, int], datetime]:
    """Agency and year of every absence → when the last complete look that supports it began."""
    with open_archive(played) as archive:
        lines = [line for row in archive.coverage().rows for line in row.cells.values()]
        found = {
            (one.agency.id, one.year): max(look.started for look in archive.status(one.agency.id, one.year).looks)
            for one in lines
            if one.status in ABSENT
        }
    assert len(found) > 2
    assert max(found.values()).isoformat() < NOW
    return found


def test_every_list_of_duties_states_an_absence_as_of_its_last_look(
    web: httpx.Client, absences: dict[tuple[str, int], datetime], played: Path
) -> None:
    lists: dict[str, list[Any]] = {"missing": [], "agency_duties": [], "status": []}
    for year in {year for _, year in absences}:
        lists["missing"] += web.get(f"/api/v1/missing?year={year}&limit=500").json()["items"]
    for agency, year in absences:
        asked: dict[str, str | int] = {"agency": agency, "year": year}
        lists["agency_duties"] += web.get("/api/v1/agency_duties", params={"agency": agency}).json()["duties"]
        lists["status"].append(web.get("/api/v1/status", params=asked).json()["duty"])
    for door, lines in lists.items():
        told = {(one["agency"]["id"], one["year"]): one for one in lines if one["status"] in ABSENT}
        assert told, door
        for duty, one in told.items():
            assert datetime.fromisoformat(one["absent_as_of"]) <= absences[duty], (door, duty)
    exported = nianbao("export", "duties", archive=played, now=NOW).rows()
    served = csv.DictReader(io.StringIO(web.get("/api/v1/duties.csv").text.removeprefix("\ufeff")))
    for table in (exported, [*served]):
        rows = {(str(one["agency_id"]), int(str(one["year"]))): one for one in table}
        for duty, last in absences.items():
            assert datetime.fromisoformat(str(rows[duty]["absent_as_of"])) <= last, duty
        unseen = [one for one in rows.values() if one["status"] == "unknown" and "not seen" in str(one["en"])]
        assert unseen
        assert all(str(one["absent_as_of"])[:10] < TODAY for one in unseen)


def test_the_page_of_an_absence_dates_it_by_the_last_look(
    web: httpx.Client, absences: dict[tuple[str, int], datetime]
) -> None:
    for number, (agency, year) in enumerate(absences):
        lang = LANGUAGES[number % 2]
        page = html.fromstring(web.get(f"/{lang}/duty/{quote(agency)}/{year}").content)
        for address in page.iter("code", "pre"):  # a lasting link says what was known when, and states nothing
            address.text = ""
        assert TODAY not in "".join(page.itertext()), (agency, year)
        assert page.xpath("//*[local-name()='rect'][@class='span-unchecked']"), (agency, year)
    [missing, *_] = html.fromstring(web.get("/en/").content).find_class("named")
    assert TODAY not in missing.text_content()  # nor does the first page say it of those that it names
    days = re.findall(r"<content[^>]*>[^<]*?(\d{4}-\d\d-\d\d)", web.get("/en/news.atom").text)
    assert max(days) < TODAY  # nor does the feed


def test_the_terminal_and_its_pages_date_an_absence_by_the_last_look(
    absences: dict[tuple[str, int], datetime], played: Path
) -> None:
    for lang in LANGUAGES:
        agency, year = next(iter(absences))
        texts = set()
        for words in (["status", agency, str(year)], ["status", f"nianbao:{agency}/{year}"]):
            texts.add(nianbao(*words, archive=played, now=NOW, NIANBAO_LANG=lang).out)
        assert len(texts) == 1  # an identifier means its report
        for words in (["cite"], ["status", "--html", "-"]):
            texts.add(nianbao(words[0], agency, str(year), *words[1:], archive=played, now=NOW, NIANBAO_LANG=lang).out)
        for text in texts:
            assert text
            assert TODAY not in text
