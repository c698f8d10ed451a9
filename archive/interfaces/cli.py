"""The archive's commands: ``nianbao.cli.command_table`` mounts them beside its own.

The module of a command is imported when it is mounted: whoever asks one question does not wait for the others.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer

from archive.interfaces.common import example

#: name, module of this room and function in it, example; each example works on the archive that `make demo` leaves (a
#: test runs them).
COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("init", "keeping:init", "nianbao init my-archive"),
    ("reread", "keeping:reread", "nianbao reread"),
    ("rebuild", "keeping:rebuild", "nianbao rebuild"),
    ("coverage", "asking:coverage_command", "nianbao coverage 370830 --years 2022-2025"),
    ("missing", "asking:missing_command", "nianbao missing 2025 汶上县"),
    ("late", "asking:late_command", "nianbao late 2025 --min-days 1"),
    ("status", "asking:status_command", "nianbao status 汶上县司法局 2025"),
    ("show", "showing:show_command", "nianbao show 汶上县司法局 2022"),
    (
        "series",
        "figuring:series_command",
        "nianbao series applications.received.total --division 370830 --years 2021-2025 --wide",
    ),
    ("table", "figuring:table_command", "nianbao table applications.received.total --bodies --by portal"),
    ("rank", "figuring:rank_command", "nianbao rank applications.received.total 2024 --bodies --top 5"),
    ("compare", "figuring:compare_command", "nianbao compare applications.received.total 2022 2023 --bodies"),
    ("indicators", "figuring:indicators_command", "nianbao indicators 不予公开"),
    ("check", "checking:check_command", "nianbao check 370830 --years 2022-2025 --severity warning"),
    ("rollup", "rolling_up:rollup_command", "nianbao rollup 汶上县 2025"),
    (
        "search",
        "searching:search_command",
        "nianbao search 行政复议 --year 2024-2025 --division 3708 --limit 3",
    ),
    ("diff", "differing:diff_command", "nianbao diff 济宁市生态环境局汶上县分局 2025"),
    ("revisions", "following:revisions_command", "nianbao revisions --year 2025 --since 2026-02-01"),
    ("news", "following:news_command", "nianbao news --since 2026-02-01 --until 2026-03-01"),
    (
        "show-capture",
        "capturing:show_capture_command",
        "nianbao show-capture http://www.yiyuan.gov.cn/robots.txt --verify --headers",
    ),
    ("cite", "citing:cite_command", "nianbao cite 汶上县司法局 2022 --cell applications.received.total"),
    (
        "rule",
        "keeping:rule",
        "nianbao rule duty 汶上县司法局/2022 status=expected --by archivist --reason 'in the county list'",
    ),
    ("review", "reviewing:review_command", "nianbao review --portal wenshang"),
    ("read", "reading:read", "nianbao read imitation/goldens/jiyuan_czj_2025.doc --place 济源市"),
    (
        "classify",
        "reading:classify_command",
        "nianbao classify --title 司法局2022年政府信息公开工作年度报告 --place 汶上县",
    ),
    (
        "withhold",
        "withholding:withhold_command",
        "nianbao withhold 汶上县司法局 2022 --by archivist --reason 'an applicant is named in it'",
    ),
    ("seal", "sealing:seal", "nianbao seal"),
    ("verify", "sealing:verify", "nianbao verify"),
    ("backup", "backing_up:backup", "nianbao backup my-copy"),
    ("restore", "backing_up:restore", "nianbao restore demo-archive my-archive"),
    ("replay", "replaying:replay", "nianbao replay --portal jiyuan --dry-run"),
    ("config", "configuring:config_command", "nianbao config"),
    ("doctor", "doctor:doctor", "nianbao doctor"),
)


#: Groups of commands, likewise.
GROUPS: tuple[tuple[str, str], ...] = (
    ("agencies", "agencies:agencies"),
    ("export", "exporting:export"),
    ("release", "releasing:release"),
    ("warc", "warcs:warc"),
)


def mount(app: typer.Typer, wanted: str | None = None) -> bool:
    """Add the command or group ``wanted`` to ``app``, every one of the archive if None; whether anything was added."""
    found = False
    for name, place, text in COMMANDS:
        if wanted in {None, name}:
            app.command(name, epilog=example(text))(_found(place))
            found = True
    for name, place in GROUPS:
        if wanted in {None, name}:
            app.add_typer(_found(place), name=name)
            found = True
    return found


def _found(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(f"archive.interfaces.{module}"), name)
