"""What programs import that tests run, beside what crawls do."""

from __future__ import annotations

from importlib import import_module

for _name in ("crawler.onboarding.probing.__main__", "crawler.onboarding.probing.probe_spider"):
    import_module(_name)
_program = import_module("nianbao.cli.command_table").program()
for _name in _program.known():
    _program.get_command(None, _name)
