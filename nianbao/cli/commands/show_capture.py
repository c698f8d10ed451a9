"""``nianbao show-capture``: one fetch as it lies in its WARC file, verified and saved without any other program."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from archive.exports.files import file_name
from archive.exports.plain_values import cell_text, jsonable
from archive.queries.one_capture import DigestCheck, KeptCapture, find_capture
from archive.queries.one_capture import verify as verify_digests
from archive.queries.withheld_content import Outgoing, Why, outgoing
from nianbao.cli import common
from nianbao.cli.archive_command import archive_command
from nianbao.cli.output import Output, say, tell, values_of
from nianbao.sentences import look_reason, note_sentence, notes_sentence, sentence, word
from storage.captures import CaptureStore
from storage.home import Home
from storage.records import Capture
from storage.warc_fields import CAPTURE_FIELD, one_line
from storage.warc_reader import RecordHead

_FIELDS = (
    "id", "portal", "role", "url", "requested", "fetched_at", "outcome", "status", "reason", "mime", "size", "document",
    "payload_digest", "revisit_of", "via", "etag", "last_modified", "server_date", "location", "link_text", "tls",
    "run",
)  # fmt: skip
_ADDRESSES = ("url", "requested", "location")
_HIDDEN = {Why.WITHHELD: "withheld", Why.NAMES: "names"}  # keys of the catalogue


@archive_command("json")
def show_capture_command(
    home: Home,
    out: Output,
    name: Annotated[str, typer.Argument(metavar="ID|DIGEST|URL")],
    save: Annotated[Path | None, typer.Option("--save", show_default=False)] = None,
    headers: Annotated[bool, typer.Option("--headers")] = False,
    verified: Annotated[bool, typer.Option("--verify")] = False,
) -> None:
    """Show one fetch: its row, where its record lies, its heads; verify its digests; save its bytes."""
    kept, rule = find_capture(home, name), outgoing(home)
    why, fields = rule.why(kept.capture), _public_fields(kept.capture, rule)
    checks = verify_digests(home, kept) if verified else []
    heads = [kept.record, kept.request] if headers and why is None else None  # they repeat its addresses
    if save is not None and why is not None:
        common.fail(sentence(f"capture.refused_{_HIDDEN[why]}"), common.ATTENTION)
    saved = None if save is None else _save(home, kept, save)
    if saved != "-" and not out.record(_row(kept, checks, heads, why, saved, fields)):
        _tell(kept, checks, heads, why, fields)
        if saved is not None:
            tell("capture.saved", file=saved)
    common.attention(kept.damage or any(check.wrong for check in checks))


def _public_fields(capture: Capture, out: Outgoing) -> dict[str, object]:
    """The fields of a capture as they may go out."""
    found = values_of(capture, *_FIELDS)
    addresses = {name: out.address(str(found[name])) for name in _ADDRESSES if found[name]}
    text = out.title(capture.requested, capture.link_text) if capture.link_text else ""
    return found | addresses | {"link_text": text}


def _row(
    kept: KeptCapture, checks: list[DigestCheck], heads: list[RecordHead | None] | None, why: Why | None,
    saved: str | None, fields: Mapping[str, object],
) -> dict[str, object]:  # fmt: skip
    holder, place = kept.holder, kept.capture.warc
    row: dict[str, object] = {
        **fields,
        "warc": asdict(place) if place else None,
        "bytes": asdict(holder.warc) if holder is not None and holder.warc else None,
        "withheld": why is Why.WITHHELD, "names_withheld": why is Why.NAMES, "others": kept.others,
        "damage": note_sentence(kept.damage) if kept.damage is not None else "", "saved": saved,
        "verified": [
            {"what": one.what, "value": one.value, "wrong": notes_sentence(one.wrong)}
            | {"notes": [note.plain for note in one.wrong]}
            for one in checks
        ],
    }  # fmt: skip
    return row | (dict(zip(("record", "request"), map(_head_row, heads), strict=True)) if heads is not None else {})


def _head_row(head: RecordHead | None) -> dict[str, Any] | None:
    """A record's head, without its copy of the row: that is shown as the row, its text masked."""
    if head is None:
        return None
    fields = {name: value for name, value in head.fields.items() if name != CAPTURE_FIELD.lower()}
    return {"fields": fields, "first_line": head.first_line, "headers": [list(one) for one in head.headers]}


def _tell(
    kept: KeptCapture, checks: list[DigestCheck], heads: list[RecordHead | None] | None, why: Why | None,
    fields: Mapping[str, object],
) -> None:  # fmt: skip
    for name, value in fields.items():
        if value not in (None, "") and not (name == "requested" and value == fields["url"]):
            tell("table.titled", title=word("capture_field", name), text=_on_one_line(_in_words(name, value)))
    place = kept.capture.warc
    if place is None:
        tell("capture.no_record")
    else:
        tell("capture.record", **asdict(place))
    if kept.capture.revisit_of is not None and kept.holder is not None and kept.holder.warc is not None:
        tell("capture.bytes", **asdict(kept.holder.warc))
    if why is not None:
        tell(f"capture.is_{_HIDDEN[why]}")
    if kept.others:
        tell("capture.others", number=kept.others)
    if kept.damage is not None:
        tell("capture.damaged", damage=note_sentence(kept.damage))
    for title, head in zip(("record", "request"), map(_head_row, heads or ()), strict=False):
        if head is not None:
            _tell_head(sentence(f"capture.{title}_head"), head)
    for check in checks:
        key = "capture.check_wrong" if check.wrong else "capture.check_right"
        tell(key, wrong=notes_sentence(check.wrong), what=word("capture_check", check.what), value=check.value)


def _in_words(name: str, value: object) -> object:
    """The value of a field as people say it."""
    if name == "reason":
        return look_reason(str(value))
    return word(f"capture_{name}", value) if name in {"outcome", "role"} else value


def _tell_head(title: str, head: Mapping[str, Any]) -> None:
    say(f"-- {title}")
    lines = [*head["fields"].items(), *([None, (head["first_line"],)] if head["first_line"] else []), *head["headers"]]
    for line in lines:
        say("" if line is None else ": ".join(map(_on_one_line, line)))


def _on_one_line(value: object) -> str:
    """A value on one line, whatever a portal sent."""
    text = cell_text(jsonable(value)) if isinstance(value, datetime) else cell_text(value)  # to the second
    return one_line(text.replace("\t", " "))


def _save(home: Home, kept: KeptCapture, target: Path) -> str:
    """Write the document, verified against its digest, where nothing is yet."""
    body = CaptureStore(home).body(kept.capture)
    if target == Path("-"):
        if sys.stdout.isatty():
            common.fail(sentence("capture.terminal"))
        sys.stdout.buffer.write(body)
        return "-"
    path = target / file_name(kept.capture) if target.is_dir() else target
    key = "capture.not_made"
    try:
        with path.open("xb") as out:
            key = "capture.not_written"
            out.write(body)
    except FileExistsError:
        common.fail(sentence("capture.exists", path=path))
    except OSError as error:
        if key == "capture.not_written":
            path.unlink(missing_ok=True)
        common.fail(sentence(key, path=path, cause=error.strerror), common.UNFINISHED)
    return str(path)
