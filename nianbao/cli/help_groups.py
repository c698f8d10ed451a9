"""The commands as ``nianbao --help`` shows them: in groups, by what one wants to do. No command is loaded for it."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

#: Title of a group → its commands, each with what it does in a few words.
HELP_GROUPS: dict[str, dict[str, str]] = {
    "Ask (start here: coverage, then missing, status, show)": {
        "coverage": "who published, was late, is missing: agencies by years",
        "missing": "reports that were looked for after their date and not found",
        "late": "reports that came after their date",
        "search": "reports that contain some words",
        "series": "figures of bodies over the years",
        "table": "sums of figures by place, kind or portal",
        "rank": "bodies in the order of one figure",
        "compare": "two years, or a few bodies, side by side",
        "rollup": "whether a government's report is the sum of its bodies'",
        "check": "figures that contradict themselves or the text",
        "news": "what became known in some time",
        "revisions": "reports that changed after they were published",
        "indicators": "every figure that can be asked for, with its meaning",
        "agencies": "who owes reports",
        "export": "whole tables as CSV, XLSX, Parquet, Stata, JSON lines",
        "release": "freeze a data set that can be cited and checked",
    },
    "Evidence": {
        "status": "one report owed: its status, every look, every edition",
        "show": "one report: its cells, findings and source",
        "diff": "what changed between two editions of a report",
        "cite": "cite a report, a figure or its absence",
        "show-capture": "one fetch: its record, headers and bytes",
        "replay": "see what was captured in a browser",
        "review": "what needs a person's decision",
        "rule": "write down such a decision",
        "withhold": "hide a report in all answers; its bytes are kept",
    },
    "Keep and prove": {
        "seal": "seal what was captured, looked at and ruled",
        "verify": "compare every seal with the files and rows",
        "warc": "the files of captures, byte for byte",
        "backup": "copy the archive while it is in use",
        "restore": "make an archive from a copy",
        "copy": "move between SQLite and PostgreSQL, folder and object store",
    },
    "Crawl": {
        "up": "crawl what is due, until asked to end",
        "worker": "the same, shared by several processes and machines",
        "crawl": "crawl portals now",
        "portal": "list, add, probe and retire portals",
        "schedule": "when each portal is crawled, and why",
        "runs": "crawls that were made, and those under way",
        "health": "portals that fail, refuse or have changed",
        "import": "take in what a person saved from a portal",
        "relook": "read stored list pages again",
    },
    "Read and administer": {
        "read": "read reports from files, without an archive",
        "classify": "whether a title or address is an annual report",
        "init": "make an archive, or bring one up to this version",
        "doctor": "look the installation and the archive over",
        "config": "every setting, and where it comes from",
        "reread": "read and judge again what changed",
        "rebuild": "make all that is derived again from the captures",
    },
}


class HelpGroup(TyperGroup):
    """The program's commands, shown in groups."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 — typer names neither type
        """Write each group with its commands in their order."""
        width = max(len(name) for commands in HELP_GROUPS.values() for name in commands)
        for title, commands in HELP_GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), does) for name, does in commands.items()])
