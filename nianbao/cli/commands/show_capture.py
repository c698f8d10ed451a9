"""``nianbao show-capture``: one fetch as it lies in its WARC file, verified and saved without any other program."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from archive.exports.files import file_name
from archive.exports.plain_values import cell_text, jsonable
from archive.queries.one_capture import DigestCheck, KeptCapture, find_capture, verify
from archive.queries.withheld_content import Hidden, Why, hidden, outgoing
from nianbao.cli import common
from nianbao.cli.output import Format, emit, say
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


def show_capture_command(
    name: Annotated[str, typer.Argument(metavar="ID|DIGEST|URL")],
    save: Annotated[Path | None, typer.Option("--save", show_default=False)] = None,
    headers: Annotated[bool, typer.Option("--headers")] = False,
    verified: Annotated[bool, typer.Option("--verify")] = False,
    archive: common.ArchiveOption = None,
    as_json: common.JsonOption = False,
) -> None:
    """Show one fetch: its row, where its record lies, its heads; verify its digests; save its bytes."""
    with common.opened(archive) as home:
        kept = find_capture(home, name)
        secret = hidden(home, kept.capture.portal)
        why = secret.why(kept.capture)
        headers = headers and why is None  # they repeat its addresses
        fields = _capture_fields(home, kept.capture, secret)
        checks = verify(home, kept) if verified else []
        saved = None
        if save is not None:
            if why is not None:
                common.fail(sentence(f"capture.refused_{_HIDDEN[why]}"), common.ATTENTION)
            saved = _save(home, kept, save)
    quiet = save == Path("-")
    if as_json and not quiet:
        emit([_row(kept, checks, headers, why, saved, fields)], (), Format.JSON)
    elif not quiet:
        _tell(kept, checks, headers, why, fields)
        if saved is not None:
            say(sentence("capture.saved", file=saved))
    common.attention(kept.damage or any(check.wrong for check in checks))


def _capture_fields(home: Home, capture: Capture, secret: Hidden) -> dict[str, object]:
    """The fields of a capture as they may go out."""
    found: dict[str, object] = {name: getattr(capture, name) for name in _FIELDS}
    out = outgoing(home)
    addresses = {name: out.address(str(found[name])) for name in _ADDRESSES if found[name]}
    text = secret.title(capture.requested, capture.link_text) if capture.link_text else ""
    return found | addresses | {"link_text": text}


def _in_words(name: str, value: object) -> object:
    """The value of a field as people say it."""
    if name == "outcome":
        return word("capture_outcome", value)
    if name == "reason":
        return look_reason(str(value))
    return word("capture_role", value) if name == "role" else value


def _tell(
    kept: KeptCapture, checks: list[DigestCheck], headers: bool, why: Why | None, fields: Mapping[str, object]
) -> None:
    capture = kept.capture
    for name, value in fields.items():
        if value not in (None, "") and not (name == "requested" and value == fields["url"]):
            shown = _in_words(name, value)
            say(sentence("table.titled", title=word("capture_field", name), text=_plain(shown)))
    if capture.warc is None:
        say(sentence("capture.no_record"))
    else:
        say(sentence("capture.record", file=capture.warc.file, length=capture.warc.length, offset=capture.warc.offset))
    if capture.revisit_of is not None and kept.holder is not None and kept.holder.warc is not None:
        place = kept.holder.warc
        say(sentence("capture.bytes", file=place.file, length=place.length, offset=place.offset))
    if why is not None:
        say(sentence(f"capture.is_{_HIDDEN[why]}"))
    if kept.others:
        say(sentence("capture.others", number=kept.others))
    if kept.damage is not None:
        say(sentence("capture.damaged", damage=note_sentence(kept.damage)))
    if headers and kept.record is not None:
        _heads(sentence("capture.record_head"), kept.record)
    if headers and kept.request is not None:
        _heads(sentence("capture.request_head"), kept.request)
    for check in checks:
        key = "capture.check_wrong" if check.wrong else "capture.check_right"
        say(sentence(key, wrong=notes_sentence(check.wrong), what=word("capture_check", check.what), value=check.value))


def _heads(what: str, heads: RecordHead) -> None:
    say(f"-- {what}")
    for name, value in _fields(heads).items():
        say(f"{_plain(name)}: {_plain(value)}")
    if heads.first_line:
        say()
        say(_plain(heads.first_line))
        for name, value in heads.headers:
            say(f"{_plain(name)}: {_plain(value)}")


def _fields(heads: RecordHead) -> dict[str, str]:
    """The fields of a record but its copy of the row, which is shown as the row, its text masked."""
    return {name: value for name, value in heads.fields.items() if name != CAPTURE_FIELD.lower()}


def _plain(value: object) -> str:
    """On one line, whatever a portal sent."""
    text = cell_text(jsonable(value)) if isinstance(value, datetime) else cell_text(value)  # to the second
    return one_line(text.replace("\t", " "))


def _row(
    kept: KeptCapture,
    checks: list[DigestCheck],
    headers: bool,
    why: Why | None,
    saved: str | None,
    fields: Mapping[str, object],
) -> dict[str, object]:
    capture = kept.capture
    row = dict(fields)
    place, bytes_at = capture.warc, kept.holder.warc if kept.holder is not None else None
    row["warc"] = {"file": place.file, "offset": place.offset, "length": place.length} if place else None
    row["bytes"] = {"file": bytes_at.file, "offset": bytes_at.offset, "length": bytes_at.length} if bytes_at else None
    row |= {
        "withheld": why is Why.WITHHELD,
        "names_withheld": why is Why.NAMES,
        "others": kept.others,
        "damage": note_sentence(kept.damage) if kept.damage is not None else "",
        "saved": saved,
    }
    row["verified"] = [
        {"what": one.what, "value": one.value}
        | {"wrong": notes_sentence(one.wrong), "notes": [note.plain for note in one.wrong]}
        for one in checks
    ]
    if headers:
        row["record"], row["request"] = _head_row(kept.record), _head_row(kept.request)
    return row


def _head_row(heads: RecordHead | None) -> dict[str, object] | None:
    if heads is None:
        return None
    headers = [list(one) for one in heads.headers]
    return {"fields": _fields(heads), "first_line": heads.first_line, "headers": headers}


def _save(home: Home, kept: KeptCapture, target: Path) -> str:
    """Write the document, verified against its digest, where nothing is yet."""
    body = CaptureStore(home).body(kept.capture)
    if target == Path("-"):
        if sys.stdout.isatty():
            common.fail(sentence("capture.terminal"))
        sys.stdout.buffer.write(body)
        return "-"
    path = target / file_name(kept.capture) if target.is_dir() else target
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    except FileExistsError:
        common.fail(sentence("capture.exists", path=path))
    except OSError as error:
        common.fail(sentence("capture.not_made", path=path, cause=error.strerror), common.UNFINISHED)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(body)
    except OSError as error:
        path.unlink(missing_ok=True)
        common.fail(sentence("capture.not_written", path=path, cause=error.strerror), common.UNFINISHED)
    return str(path)
