"""Compare a list of agencies with a registry, field by field. A list never removes anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields

from storage.records import Agency

_FIELDS = tuple(field.name for field in fields(Agency) if field.name not in {"id", "portal", "recorded_at"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a body, before and after."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class AgencyChange:
    """A body whose row in the list differs from the registry."""

    before: Agency
    after: Agency
    fields: tuple[FieldChange, ...]

    @property
    def loses_its_name(self) -> bool:
        """Tell whether the former name no longer means this body, so that reports with that name are not its own."""
        return self.before.name not in (self.after.name, *self.after.aliases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a list says against a registry.

    ``gone``: bodies that the registry holds as living and the list does not name; a list closes one by ``valid_to``
    alone. ``closed``: how many others it does not name that have ended already.
    """

    added: tuple[Agency, ...] = ()
    changed: tuple[AgencyChange, ...] = ()
    gone: tuple[Agency, ...] = ()
    closed: int = 0
    unchanged: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed)


def changes(agencies: Iterable[Agency], listed: Iterable[Agency]) -> Changes:
    """Hold a list against the registry's agencies (of the portals it speaks of), in the order of the list."""
    known: Mapping[str, Agency] = {agency.id: agency for agency in agencies}
    rows = {agency.id: agency for agency in listed}
    changed = [
        AgencyChange(known[row.id], row, tuple(_differences(known[row.id], row)))
        for row in rows.values()
        if row.id in known
    ]
    left = [agency for name, agency in sorted(known.items()) if name not in rows]
    return Changes(
        added=tuple(row for row in rows.values() if row.id not in known),
        changed=tuple(change for change in changed if change.fields),
        gone=tuple(agency for agency in left if agency.valid_to is None),
        closed=sum(agency.valid_to is not None for agency in left),
        unchanged=sum(not change.fields for change in changed),
    )


def _differences(before: Agency, after: Agency) -> Iterator[FieldChange]:
    for name in _FIELDS:
        former, now = getattr(before, name), getattr(after, name)
        if former != now:
            yield FieldChange(name, former, now)
