"""What became of problems of operating: appended, never changed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from storage import rows
from storage.home import Home
from storage.records import Alarm
from storage.tables import AlarmRow


class Alarms:
    """The repository of alarms of one archive."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def add(self, alarms: Iterable[Alarm]) -> None:
        """Append rows, in one transaction."""
        made = [{name: getattr(alarm, name) for name in Alarm.__slots__} for alarm in alarms]
        if made:
            with self.home.truth.begin() as connection:
                connection.execute(rows.table(AlarmRow).insert(), made)

    def all(self) -> tuple[Alarm, ...]:
        """Every row in the order in which it was added."""
        table = rows.table(AlarmRow)
        with self.home.truth.read() as connection:
            found = connection.execute(select(table).order_by(table.c.no)).mappings()
            return tuple(Alarm(**{name: row[name] for name in Alarm.__slots__}) for row in found)
