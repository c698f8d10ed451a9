"""Two small portals on loopback, and archives in the states from which a round begins."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from imitation.records import ImPortal, Scenario
from imitation.scenario import load
from imitation.server import ImitationPortals

COLUMNS, ADDRESSED = "luoyang", "wenshang"  # one portal reads lists with pages, the other asks agency by year
PORTALS = (COLUMNS, ADDRESSED)
_BODIES = {COLUMNS: ("czj", "sfj", "jtj"), ADDRESSED: ("xzfb", "cqz")}


def scenario() -> Scenario:
    """Reports of a few bodies only, some with attachments; lists of several pages."""
    whole = load()
    return replace(whole, portals=tuple(_small(whole.portal(name), _BODIES[name]) for name in PORTALS))


def _small(portal: ImPortal, bodies: tuple[str, ...]) -> ImPortal:
    return replace(
        portal,
        page_size=4,
        agencies=tuple(agency for agency in portal.agencies if agency.id in bodies),
        reports=tuple(report for report in portal.reports if report.agency.id in bodies),
        faults=(),
    )


class Web:
    """The portals, serving one archive after the other on a day that does not go on between rounds."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.portals = ImitationPortals(folder, scenario())
        self.day = self.portals.scenario.days[1]

    def __enter__(self) -> Web:
        self.portals.start()
        self.portals.set_now(self.day)
        return self

    def __exit__(self, *error: object) -> None:
        self.portals.stop()

    def serve(self, archive: Path) -> None:
        """Let an archive find the portals."""
        shutil.copy(self.folder / "imitation.json", archive / "imitation.json")
        self.portals.set_now(self.day)

    def count(self) -> int:
        """Return how many requests came since :meth:`asked` was last called."""
        return len(self.portals.log)

    def asked(self) -> list[tuple[str, str]]:
        """(host, path) of each request since this was last called."""
        told = [(one.host, one.path) for one in self.portals.log]
        self.portals.log.clear()
        return told
