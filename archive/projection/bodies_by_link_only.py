"""Find bodies that nothing but links names: titles on a list of many bodies, or files on a notice. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from archive.identity.addresses import same_address
from archive.identity.matching import is_one_name, shortens
from archive.identity.names import complete
from storage.records import Agency, AgencyKind, Listing

_BY_AN_OPERATOR = "import of "  # begins the source of a row that an operator's list gave


def shared_lists(listings: Iterable[Listing]) -> frozenset[str]:
    """Return the addresses of lists that are not one body's own."""
    return frozenset(same_address(one.url) for one in listings if one.agency is None)


def sourced_from(rows: Sequence[Agency], lists: Collection[str], place: str) -> datetime | None:
    """Return since when a source other than a link names a body; None if none does.

    ``rows``: its registry rows, oldest first; ``lists``: as :func:`shared_lists` gives them. A row names a link where
    its source is one of these, or where it is guessed and its source is the page on which the link stands. A code or
    column of its own says that the portal knows the body, and the ``place`` of the portal has a government.
    """
    named = (row.recorded_at for row in rows if not _is_by_link(row, lists) or _governs(row, place))
    return min(named, default=None)


def everyday_names(histories: Mapping[str, Sequence[Agency]], lists: Collection[str], place: str) -> frozenset[str]:
    """Return the ids of bodies that are but the everyday name, in a link, of exactly one body that a source names
    (交通局 on a list, 交通运输局 in the operator's): these owe nothing beside it.

    ``histories``: the registry rows of each body, oldest first.
    """
    sourced = {name for name, rows in histories.items() if sourced_from(rows, lists, place) is not None}
    full = [histories[name][-1] for name in sourced]
    return frozenset(
        name
        for name, rows in histories.items()
        if name not in sourced
        and sum(row.kind is rows[-1].kind and shortens(rows[-1].name, row.name, place) for row in full) == 1
    )


def _is_by_link(row: Agency, lists: Collection[str]) -> bool:
    url = row.source[row.source.find("http") :] if "http" in row.source else ""
    if not url or row.code or row.source.startswith(_BY_AN_OPERATOR):
        return False
    return row.guessed or same_address(url) in lists


def _governs(row: Agency, place: str) -> bool:
    """Whether a body is the government of the place."""
    return row.kind is AgencyKind.GOVERNMENT and is_one_name(complete(row.name, place), complete(place))
