"""Days, instants and years as people write them on a command line; what is not understood is answered with how to."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from typing import NoReturn

import typer

from archive.interfaces import common
from archive.interfaces.output import CHINA
from archive.queries.bounds import FIRST_YEAR, LAST_YEAR

_YEAR = re.compile(r"(\d{4})(?:年度?)?")
_YEARS = re.compile(r"(\d{4})(?:年度?)?(?:(?:-+|~|至|到|\.\.)(\d{4}|\d{2})(?:年度?)?)?")
#: 2025-2-1, 2025/02/01, 2025.2.1, 2025年2月1日, 20250201: the year first, so that none can mean another day.
_DAY = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－", "-") | {"～": "~", "〜": "~", "，": ",", "、": ",", ";": ","})


def year_of(text: str) -> int:
    """The reporting year meant by ``2024``, ``２０２４`` or ``2024年``. Raises BadParameter: how to write it."""
    plain = _plain(text)
    match = _YEAR.fullmatch(plain)
    if match is not None and FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        return int(match[1])
    if match is not None:
        raise typer.BadParameter(f"{text!r} is no reporting year: they lie between {FIRST_YEAR} and {LAST_YEAR}.")
    if _YEARS.fullmatch(plain) or "," in plain:
        raise typer.BadParameter(f"{text!r} is more than one year; ask for one, or: nianbao coverage --years {plain}")
    raise typer.BadParameter(f"{text!r} is no reporting year; here stands the year that a report is about, as 2024.")


def is_year(text: str) -> bool:
    """Whether a word is a reporting year, and no name."""
    match = _YEAR.fullmatch(_plain(text))
    return match is not None and FIRST_YEAR <= int(match[1]) <= LAST_YEAR


def years_of(text: str | None) -> list[int] | None:
    """The years meant by ``2019-2025``, ``2023`` or ``2019,2021``, in order, each once."""
    if text is None:
        return None
    years: set[int] = set()
    for part in filter(None, _plain(text).split(",")):
        match = _YEARS.fullmatch(part)
        if match is None:
            common.fail(f"--years {text!r} is not understood; write 2023, 2019-2025 or 2019,2021")
        first = int(match[1])
        last = first if match[2] is None else int(match[1][: 4 - len(match[2])] + match[2])
        if last < first:
            common.fail(f"--years {text!r} runs backwards; write {last}-{first}")
        if not (first >= FIRST_YEAR and last <= LAST_YEAR):
            common.fail(f"--years {text!r}: reporting years lie between {FIRST_YEAR} and {LAST_YEAR}")
        years.update(range(first, last + 1))
    if not years:
        common.fail(f"--years {text!r} names no year; write 2023, 2019-2025 or 2019,2021")
    return sorted(years)


def instant(text: str | None) -> datetime | None:
    """The instant meant by ``--as-of``: the end of a day, or an instant (Asia/Shanghai if it names no zone)."""
    return moment("--as-of", text, end=True)


def moment(option: str, text: str | None, *, end: bool) -> datetime | None:
    """The instant meant by an option: a day is its beginning or its ``end``; Asia/Shanghai if no zone is named."""
    if text is None:
        return None
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).strip()
    try:
        day = _DAY.fullmatch("".join(plain.split()))
        if day is not None:
            said = date(*(int(part) for part in day.groups() if part is not None))
            return datetime.combine(said, time.max if end else time.min, tzinfo=CHINA)
        found = datetime.fromisoformat(plain)
        found = found if found.tzinfo else found.replace(tzinfo=CHINA)
        found.astimezone(CHINA)  # a year of which no time zone knows
    except (ValueError, OverflowError):
        _no_date(option, text)
    return found


def _no_date(option: str, text: str) -> NoReturn:
    common.fail(f"{option} {text!r} is no date; write 2025-02-01, or an instant: 2025-02-01T09:00:00+08:00")


def day_of(option: str, text: str) -> date:
    """The day meant by an option."""
    found = moment(option, text, end=False)
    assert found is not None
    return found.date()


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())
