"""The last news there are: of the last month, or of the last period that has any."""

from __future__ import annotations

from datetime import datetime, timedelta

from archive.queries.news import News
from nianbao.questions import question
from storage.home import Home

RECENT = timedelta(days=30)
MAX_DUTIES = 5_000  #: up to which the news of all years are read for one page
_PERIODS = (RECENT, timedelta(days=365), timedelta(days=36_500))


def latest_news(home: Home, place: str | None, until: datetime) -> tuple[News, News]:
    """Return the news of the last 30 days, and those of the shortest of a few periods that has any."""
    one = question("news")
    last = recent = None
    for period in _PERIODS:
        values = {"place": place, "since": until - period, "until": until}
        last = one.ask(home, one.parameters.model_validate(values))
        recent = recent or last
        if last.items:
            break
    assert isinstance(last, News)
    assert isinstance(recent, News)
    return recent, last
