"""A day's truth for tests of what keeps whole archives: one row at least of each kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from storage_making import AT, URL, exchange, keep, run

from storage.captures import CaptureWriter
from storage.home import Home
from storage.observations import Observations
from storage.records import (
    Agency,
    AgencyKind,
    Extraction,
    Link,
    Listing,
    ListingForm,
    Look,
    LookOutcome,
    Portal,
    Ruling,
    RulingKind,
)
from storage.registry import Registry


def fill(home: Home, day: int = 0) -> None:
    """A day's truth: one row at least of each kind."""
    at, name = AT + timedelta(days=day), f"run-{day}"
    with CaptureWriter(home, replace(run(name), started=at)) as writer:
        page = keep(writer, exchange(f"list of day {day}".encode(), at=at))
    registry, observations = Registry(home), Observations(home)
    portal = Portal(
        name="wenshang",
        place="汶上县",
        division="370830",
        hosts=("www.wenshang.gov.cn",),
        family="hanweb_jcms",
        first_year=2019 + day,
        recorded_at=at,
    )
    registry.put_portal(portal)
    listing = Listing(
        id="wenshang:nb",
        portal="wenshang",
        url=URL,
        form=ListingForm.COLUMN,
        column="政府信息公开年报",
        covers=(AgencyKind.DEPARTMENT,),
        year=2019 + day,
        recorded_at=at,
    )
    registry.put_listings([listing])
    agency = Agency(
        id="wenshang/司法局",
        portal="wenshang",
        name="汶上县司法局",
        kind=AgencyKind.DEPARTMENT,
        source=f"list of day {day}",
        recorded_at=at,
    )
    registry.put_agencies([agency])
    look = Look(
        id=f"look-{day}",
        run=name,
        portal="wenshang",
        listing="wenshang:nb",
        started=at,
        finished=at + timedelta(minutes=1),
        outcome=LookOutcome.OK,
        captures=(page.id,),
        clock_skew=0.25,
    )
    links = (Link(url=f"{URL}?{day}", text="汶上县司法局2025年年报", capture=page.id),)
    observations.add_look(look, Extraction(look=look.id, extractor="4", made_at=at, links=links))
    observations.finish_run(name, finished=at + timedelta(minutes=2), outcome="done")
    observations.add_ruling(
        Ruling(id=f"ruling-{day}", made_at=at, by="archivist", kind=RulingKind.VOID_LOOK, subject="look-x", reason="r")
    )
