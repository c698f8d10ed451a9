"""The instant a question is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from archive.queries.bounds import QueryError
from archive.queries.nearest import NotKnownError
from storage.home import Home
from storage.observations import Observations

_CHINA = ZoneInfo("Asia/Shanghai")
_SECOND = timedelta(seconds=1)  # what is told to the second is as of the end of the second in which it was asked


class NotYetError(NotKnownError):
    """An instant that has not come: nobody can say what will be known then."""

    def __init__(self, asked: datetime, now: datetime) -> None:
        at, today = f"{asked:%Y-%m-%d %H:%M}", f"{now.astimezone(_CHINA):%Y-%m-%d %H:%M}"
        super().__init__(code="not_known.not_yet", asked=at, now=today)


def instant_of_question(home: Home, as_of: datetime | None) -> datetime:
    """``as_of``, or now; now, too, for a later instant of this day (in China), so that no answer bears an instant of
    which nothing is known. Raises :class:`NotYetError` for a day that has not come, and as :func:`aware`.

    In an imitation archive NIANBAO_NOW starts the clock anew with every command, so that a question may be asked
    seconds before what the command before it recorded; now is then the newest of that.
    """
    if as_of is None:
        now = home.clock.now()
        return _with_observed(home, now) if home.simulated else now
    aware("as_of", as_of)
    if as_of <= home.clock.now() + _SECOND:
        return as_of
    now = _with_observed(home, home.clock.now())
    if as_of <= now + _SECOND:
        return as_of
    if _day(as_of) == _day(now):
        return now
    raise NotYetError(as_of, now)


def aware(name: str, instant: datetime) -> None:
    """Raise QueryError for an instant without a zone, and for a day: nobody can say which instant is meant; and for one
    that is before the year 1 or after 9999 in another zone than its own.
    """
    if not isinstance(instant, datetime) or instant.tzinfo is None:
        raise QueryError(code="query.no_zone", name=name)
    try:
        instant.astimezone(UTC)
    except OverflowError:
        raise QueryError(code="query.far_instant", name=name) from None


def _with_observed(home: Home, now: datetime) -> datetime:
    """The newest of now and of all that is recorded."""
    newest = Observations(home).newest_instant()
    return now if newest is None else max(now, newest)


def _day(instant: datetime) -> tuple[int, ...]:
    """The day of an instant in China; of one so late that no zone can tell it, none that can be now."""
    try:
        return instant.astimezone(_CHINA).timetuple()[:3]
    except OverflowError:
        return ()
