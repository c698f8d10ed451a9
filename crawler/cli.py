"""``nianbao`` starts here; its commands are those of ``commands.py``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command that was typed. The version is told at once, by programs asked for often."""
    words = sys.argv[1:]
    if words == ["--version"]:
        from importlib.metadata import version

        print(f"nianbao {version('nianbao')}")  # noqa: T201
        return
    from crawler.commands import run

    run(words)


if __name__ == "__main__":
    main()
