"""The requests by which a listing goes on, where an address alone does not say them (pure)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One request to an interface behind a list. ``form``: fields of a POST (None: GET); ``script``: the request is
    one that the page's own script makes, and says so (``X-Requested-With``), as some systems demand.
    """

    url: str
    form: tuple[tuple[str, str], ...] | None = None
    script: bool = True


def step_of(following: str | Step) -> Step:
    """A plain address is a page that is asked for as any other."""
    return following if isinstance(following, Step) else Step(following, script=False)
