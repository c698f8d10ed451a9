"""What programs import that tests run, beside what crawls do."""

from __future__ import annotations

import gc
from importlib import import_module
from pathlib import Path

from archive.projection import confinement
from tests import shortcuts

shortcuts.take()
shortcuts.migrated_database()

for _name in ("crawler.onboarding.probe", "archive.parser.reader"):
    import_module(_name)
confinement.calls_confined()  # loads what confines reading processes
_program = import_module("nianbao.cli.command_table").program()
for _name in _program.all_names():
    _program.get_command(None, _name)
_case = Path(__file__).with_name("cases") / "reports.html"
import_module("archive.parser.reader").read(_case.read_bytes())  # what is made for the first document is made
gc.collect()
gc.freeze()  # no process that is forked looks through this for garbage, or has a copy of it
