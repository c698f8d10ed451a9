"""The entry point of ``nianbao``; ``command_table.py`` has its commands."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the typed command."""
    from nianbao.cli.running import run, stopping_signals

    run(sys.argv[1:], stopping_signals())


if __name__ == "__main__":
    main()
