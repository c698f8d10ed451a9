"""A day's truth for tests of what keeps whole archives: one row at least of each kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from storage_making import AT, URL, exchange, keep, run, sample

from storage.captures import CaptureWriter
from storage.home import Home
from storage.observations import Observations
from storage.records import Agency, Extraction, Link, Listing, Look, LookOutcome, Portal, Ruling
from storage.registry import Registry


def fill(home: Home, day: int = 0) -> None:
    """A day's truth: one row at least of each kind."""
    at, name = AT + timedelta(days=day), f"run-{day}"
    with CaptureWriter(home, replace(run(name), started=at)) as writer:
        page = keep(writer, exchange(f"list of day {day}".encode(), at=at))
    registry, observations = Registry(home), Observations(home)
    registry.put_portal(sample(Portal, name="wenshang", first_year=2019 + day, recorded_at=at))
    registry.put_listings([sample(Listing, id="wenshang:nb", portal="wenshang", year=2019 + day, recorded_at=at)])
    registry.put_agencies([sample(Agency, id="wenshang/1", portal="wenshang", source=f"day {day}", recorded_at=at)])
    seen = {"listing": "wenshang:nb", "started": at, "finished": at + timedelta(minutes=1), "outcome": LookOutcome.OK}
    look = sample(Look, id=f"look-{day}", run=name, portal="wenshang", captures=(page.id,), control=None, **seen)
    links = (Link(url=f"{URL}?{day}", text="汶上县司法局2025年年报", capture=page.id),)
    observations.add_look(look, Extraction(look=look.id, extractor="4", made_at=at, links=links))
    observations.finish_run(name, finished=at + timedelta(minutes=2), outcome="done")
    observations.add_ruling(sample(Ruling, id=f"ruling-{day}", made_at=at))
