"""``nianbao warc``: the WARC files checked against the database, and indexed for other programs."""

from __future__ import annotations

from archive.queries.withheld_content import outgoing
from nianbao.cli import common
from nianbao.cli.archive_command import archive_command
from nianbao.cli.options import portal_of, portals_of
from nianbao.cli.output import Output, tell, values_of
from nianbao.sentences import note_sentence, sentence
from storage.cdxj import write_index
from storage.home import Home
from storage.warc_check import Mismatch
from storage.warc_check import check as compare


@archive_command("json", "csv", whole=True)
def check(home: Home, out: Output, portal: common.PortalOption = None) -> None:
    """Compare every digest, length and offset with the database, both ways; nothing is changed."""
    found: list[Mismatch] = []
    progress = common.progress_line(sentence("progress.checking"))
    done = compare(home, found.append, portal=portal_of(home, portal), progress=progress)
    rows = [
        {"code": one.code, "fault": one.is_fault}
        | {"place": one.file if one.offset is None else f"{one.file}:{one.offset}"}
        | values_of(one, "file", "offset", "capture")
        | {"said": note_sentence(one.note), "note": one.note.plain, "todo": note_sentence(one.todo)}
        for one in found
    ]
    if rows or not out.is_for_people:
        out.table("warc", rows)
    if out.is_for_people:
        verdict = sentence("warc.faults", number=done.faults) if done.faults else sentence("warc.agree")
        counts = values_of(done, "files", "live", "records", "rows", "revisits")
        tell("warc.compared", bytes=f"{done.bytes:,}", verdict=verdict, **counts)
    common.attention(done.faults)


@archive_command()
def index(home: Home, portal: common.PortalOption = None) -> None:
    """Write the CDXJ index of the WARC files anew: one sorted file per portal, for pywb and its like."""
    out = outgoing(home)
    made = [write_index(home, name, leave_out=out.hides) for name in portals_of(home, portal)]
    for one in made:
        key = "warc.index_left" if one.left_out else "warc.index"
        tell(key, path=one.path, records=one.lines, left=one.left_out)
        for problem in one.problems:
            common.write_error(note_sentence(problem))
    common.attention(any(one.problems for one in made))
