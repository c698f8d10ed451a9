"""What every question is narrowed by: places, portals, kinds, families, evidence, years, as of when; the same words
and the same answers to wrong ones everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from archive.exports.files import PlaceError, safe_place
from archive.queries.bounds import QueryError
from archive.queries.choices import Which
from archive.queries.nearest import NotKnownError, portal_named
from archive.queries.where import Where
from nianbao.cli import common
from nianbao.cli.times import grade_of, kind_of, year_of
from storage.home import Home
from storage.records import AgencyKind, EvidenceGrade
from storage.registry import Registry

STDOUT = Path("-")
_Answer = TypeVar("_Answer")


class Lang(StrEnum):
    """Language of sentences."""

    EN = "en"
    ZH = "zh"


PlaceArgument = Annotated[
    str | None,
    typer.Argument(
        help="Division code or its beginning, a place's name, or a portal's: 3708, 汶上县.", show_default=False
    ),
]
YearArgument = Annotated[
    int, typer.Argument(parser=year_of, metavar="YEAR", help="Reporting year: the year a report is about.")
]
YearsOption = Annotated[str | None, typer.Option("--years", help="2019-2025, 2023 or 2019,2021.", show_default=False)]
DivisionOption = Annotated[
    str | None,
    typer.Option(
        "--place",
        help="Division code or its beginning, or a place's name: 3708, 济宁市, 汶上县.",
        show_default=False,
    ),
]
AgencyOption = Annotated[
    str | None, typer.Option("--agency", help="Only bodies with this in their name.", show_default=False)
]
EditionOption = Annotated[
    Which, typer.Option("--edition", help="Which edition counts: the last or the first known by then.")
]
CodesOption = Annotated[
    int | None,
    typer.Option("--codes", help="Division codes as they were at the end of this year: 2024.", show_default=False),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of", help="What was known at the end of that day (2025-02-10) or at that instant.", show_default=False
    ),
]
KindOption = Annotated[
    list[AgencyKind] | None,
    typer.Option(
        "--kind",
        parser=kind_of,
        metavar="KIND",
        help=f"Only agencies of this kind ({', '.join(AgencyKind)}); may be repeated.",
        show_default=False,
    ),
]
FamilyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--family", help="Only portals on this CMS (nianbao portal list shows it); may be repeated.", show_default=False
    ),
]
EvidenceOption = Annotated[
    list[EvidenceGrade] | None,
    typer.Option(
        "--evidence",
        parser=grade_of,
        metavar="GRADE",
        help=f"Only what is founded so ({', '.join(EvidenceGrade)}); may be repeated.",
        show_default=False,
    ),
]
LangOption = Annotated[Lang, typer.Option("--lang", help="Language of reasons.")]


def where_of(
    place: str | None,
    portal: str | None,
    kinds: Iterable[AgencyKind] | None = None,
    families: Iterable[str] | None = None,
    agency: str | None = None,
) -> Where:
    """The choice that the options make."""
    return Where(
        place=place,
        portal=portal,
        kinds=frozenset(kinds) if kinds else None,
        families=frozenset(families) if families else None,
        agency=agency,
    )


def grades(evidence: Iterable[EvidenceGrade] | None) -> frozenset[EvidenceGrade] | None:
    """The grades of evidence asked for; None: all."""
    return frozenset(evidence) if evidence else None


def portal_of(home: Home, name: str | None) -> str | None:
    """The portal meant by ``--portal``, of those the archive knows; ends with the nearest names where there is none."""
    if name is None:
        return None
    return asked(lambda: portal_named(name, {one.name: one.place for one in Registry(home).portals()}))


def place_of(home: Home, path: Path) -> Path:
    """Where a file named on the command line is written; ``-`` as it is. Ends with why where nothing is written."""
    if path == STDOUT:
        return path
    try:
        place = safe_place(home, path)
        place.parent.mkdir(parents=True, exist_ok=True)  # the archive's own ``exports`` is made when it is first used
    except PlaceError as error:
        common.fail_of(error)
    except OSError as error:
        common.fail(f"{path} cannot be written ({error.strerror})", common.UNFINISHED)
    return place


def asked(question: Callable[[], _Answer]) -> _Answer:
    """The answer; where the question names something unknown the nearest names, where it asks for too much how much is
    answered.
    """
    try:
        return question()
    except (NotKnownError, QueryError) as error:
        common.fail_of(error)
